"""A Treadle server beside the demo's FastAPI server: requests a second, CPU per request.

    python -m tests.bench.http [ROUNDS]

Both run under uvicorn with uvloop and httptools, one process each, and Treadle also with a process
for each core, which the demo could not: its runs are in the memory of one. 16 connections ask for
the state of a finished run, then run five pure steps. Treadle authenticates each request and has
written every step to SQLite (WAL, synchronous FULL) before it answers; the demo keeps runs in a
dict. CPU time is read from /proc, so this bench needs Linux.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.live import LiveStudio

from . import venv
from .load import Load, drive, request_bytes
from .peers import with_demo
from .timing import rounds_from, skip
from .tools import GRAPH, INITIAL

CONNECTIONS = 16
SECONDS = 3.0
DEMO = "the demo"
ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Server:
    """A server under measure, with a graph of five steps and a finished run of it."""

    name: str
    port: int
    pid: int
    token: str = ""
    graph_id: str = ""
    run_id: str = ""
    rounds: dict[str, list[tuple[Load, float]]] = field(default_factory=dict)
    """Per kind of request: what the load found, and the CPU seconds the server used."""

    def call(self, method: str, path: str, content: Any = None) -> Any:
        """One request, answered as JSON."""
        body = json.dumps(content).encode() if content is not None else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=body, method=method
        )
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def prepare(self) -> None:
        """Make the graph and run it once, looking at what comes out."""
        self.graph_id = self.call("POST", "/graph/create", GRAPH)["graph_id"]
        ended = self.call("POST", "/graph/run", self.run_body())
        if ended["status"] != "COMPLETED" or ended["final_state"]["ok"] is not True:
            raise AssertionError(f"{self.name}: {ended}")
        if len(ended["log"]) != len(GRAPH["nodes"]):
            raise AssertionError(f"{self.name} logged {len(ended['log'])} steps")
        self.run_id = ended["run_id"]

    def run_body(self) -> dict[str, Any]:
        """What starts a run."""
        return {"graph_id": self.graph_id, "initial_state": INITIAL}

    def requests(self) -> dict[str, bytes]:
        """The requests that are measured."""
        body = json.dumps(self.run_body()).encode()
        return {
            "GET /graph/state": request_bytes("GET", f"/graph/state/{self.run_id}", self.token),
            "POST /graph/run": request_bytes("POST", "/graph/run", self.token, body),
        }

    def measure(self, kind: str) -> None:
        """One round of load."""
        before = cpu_seconds(self.pid)
        load = drive(self.port, self.requests()[kind], CONNECTIONS, SECONDS)
        self.rounds.setdefault(kind, []).append((load, cpu_seconds(self.pid) - before))


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, of the children it waited for and of those that live, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = sum(int(field) for field in fields[11:15]) / TICKS
    return own + sum(cpu_seconds(int(child)) for child in children)


@contextmanager
def treadle_server(folder: Path, processes: int = 1) -> Iterator[Server]:
    """`manage.py up` with the bench's tools and a data folder of its own."""
    studio = LiveStudio(
        folder / f"data{processes}",
        TREADLE_WEB_PROCESSES=str(processes),
        TREADLE_TOOLS="tests.bench.studio_tools",
        TREADLE_SQLITE_SYNCHRONOUS="FULL",
        TREADLE_LOG_LEVEL="WARNING",
        TREADLE_RATE_STARTS="off",
    )
    studio.start()
    try:
        name = "Treadle" if processes == 1 else f"Treadle, {processes} processes"
        yield Server(name, studio.port, studio.pid, studio.token)
    finally:
        studio.stop()


@contextmanager
def demo_server(folder: Path) -> Iterator[Server]:
    """The demo under the same uvicorn."""
    port = _free_port()
    command = [venv.python(), "-m", "uvicorn", "tests.bench.demo_server:application"]
    command += ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield Server(DEMO, port, process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/docs", timeout=1).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"no server on port {port}")


def figures(server: Server, kind: str) -> dict[str, float]:
    """The medians over the rounds."""
    rounds = server.rounds[kind]
    return {
        "per_second": statistics.median(load.per_second for load, _ in rounds),
        "cpu_us": statistics.median(cpu / load.requests * 1e6 for load, cpu in rounds),
        "p50_ms": statistics.median(load.percentile(0.5) for load, _ in rounds),
        "p99_ms": statistics.median(load.percentile(0.99) for load, _ in rounds),
    }


def show(servers: list[Server]) -> dict[str, Any]:
    """Print the table; the same as a dict."""
    print(f"\n== http: {CONNECTIONS} connections, {SECONDS:.0f} s a round, medians")
    print(f"{'':40} {'per s':>8} {'CPU µs':>8} {'p50 ms':>8} {'p99 ms':>8}")
    found: dict[str, Any] = {}
    for kind in servers[0].rounds:
        print(f"\n{kind}")
        for server in servers:
            one = figures(server, kind)
            found.setdefault(kind, {})[server.name] = {k: round(v, 2) for k, v in one.items()}
            values = f"{one['per_second']:8.0f} {one['cpu_us']:8.0f}"
            print(f"  {server.name:38} {values} {one['p50_ms']:8.1f} {one['p99_ms']:8.1f}")
        for server in servers[:-1] if servers[-1].name == DEMO else ():
            ours, theirs = figures(server, kind), figures(servers[-1], kind)
            rate, cpu = (ours[key] / theirs[key] for key in ("per_second", "cpu_us"))
            print(f"  {f'{server.name} : {DEMO}':38} {rate:8.2f} {cpu:8.2f}")
    print()
    return found


def main() -> None:
    """Start the servers, measure them in turn, report."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        counts = sorted({1, max(2, os.cpu_count() or 1)})
        servers = [stack.enter_context(treadle_server(Path(name), count)) for count in counts]
        if with_demo.folder():
            servers.append(stack.enter_context(demo_server(Path(name))))
        else:
            skip(DEMO, "TREADLE_BENCH_DEMO names no folder")
        for server in servers:
            server.prepare()
        for number in range(rounds_from(sys.argv, 3) + 1):
            for kind in servers[0].requests():
                for server in servers:
                    server.measure(kind)
            if number == 0:  # the warm-up
                for server in servers:
                    server.rounds.clear()
        found = show(servers)
    folder = os.environ.get("TREADLE_BENCH_JSON")
    if folder:
        path = Path(folder) / "http.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"bench": "http", "cases": found}, indent=1))


if __name__ == "__main__":
    main()
