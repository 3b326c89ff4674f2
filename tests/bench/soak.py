"""A studio at work for half an hour: does its memory, do its descriptors and connections stay flat?

    python -m tests.bench.soak [--minutes 30] [--per-second 5] [--postgres [SERVER]]

Runs are started at a steady pace through the API (loops, a fan-out, timers, waits that a signal
ends, some that fail), pages are read, and watchers come and go. Every ten seconds the process is
looked at. The last third is compared with the third before it; the first one is left to warm up.
Reads /proc, so it needs Linux.
"""

import argparse
import asyncio
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import database
from tests.bench.process import descriptors, memory_mib, threads
from tests.live import LiveStudio
from tests.studio.sockets.watching import Watcher

LOOK_S = 10.0
SEED = 20261127
FLAT = 0.05
"""By how much the last third may lie above the one before."""
PAGES = ("/api/v1/runs?limit=20", "/api/v1/workflows", "/runs/", "/metrics", "/healthz")


def _tool(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "tool", "tool": name, **more}


def _document(key: str, entry: str, nodes: dict[str, Any], *edges: dict[str, Any]) -> Any:
    numbered = [{"id": f"e{at}", **edge} for at, edge in enumerate(edges)]
    return {
        "format": "treadle/1",
        "key": key,
        "name": key,
        "entry": [entry],
        "nodes": nodes,
        "edges": numbered,
    }


DONE = {"type": "end"}
DOCUMENTS = {
    "loop": _document(
        "soak-loop",
        "talk",
        {"talk": _tool("bench.talk"), "done": DONE},
        {"from": "talk", "to": "talk", "when": "n < 10", "max": 20},
        {"from": "talk", "to": "done", "else": True},
    ),
    "fan": _document(
        "soak-fan",
        "start",
        {
            "start": {"type": "noop"},
            **{f"b{at}": _tool("text.count", inputs={"text": "text"}) for at in range(3)},
            "done": DONE,
        },
        *({"from": "start", "to": f"b{at}"} for at in range(3)),
        *({"from": f"b{at}", "to": "done"} for at in range(3)),
    ),
    "timer": _document(
        "soak-timer",
        "rest",
        {"rest": {"type": "wait", "for": "2s"}, "done": DONE},
        {"from": "rest", "to": "done"},
    ),
    "signal": _document(
        "soak-signal",
        "ask",
        {"ask": {"type": "wait", "signal": "go"}, "done": DONE},
        {"from": "ask", "to": "done"},
    ),
    "fails": _document(
        "soak-fails",
        "count",
        {"count": _tool("text.count", inputs={"text": "missing"}), "done": DONE},
        {"from": "count", "to": "done"},
    ),
}


@dataclass(slots=True)
class Look:
    at: float
    memory: float
    descriptors: int
    threads: int
    connections: int


@dataclass(slots=True)
class Soak:
    studio: LiveStudio
    connections: Callable[[], int]
    workflows: dict[str, str] = field(default_factory=dict)
    started: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    running: list[str] = field(default_factory=list)
    watched: int = 0
    looks: list[Look] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def prepare(self) -> None:
        for name, document in DOCUMENTS.items():
            status, made = self.studio.call("POST", "/api/v1/workflows", {"document": document})
            assert status == 201, made
            path = f"/api/v1/workflows/{made['id']}/publish"
            status, answer = self.studio.call("POST", path, {"note": "soak"})
            assert status < 300, answer
            self.workflows[name] = made["id"]

    async def work(self, minutes: float, per_second: float) -> None:
        until = time.monotonic() + minutes * 60
        doing = [
            self._again(until, 1 / per_second, self._start),
            self._again(until, 0.5, self._read),
            self._again(until, 1.0, self._watch),
            self._again(until, LOOK_S, self._look),
        ]
        await asyncio.gather(*doing)

    async def _again(self, until: float, pause: float, do: Callable[[], Any]) -> None:
        while time.monotonic() < until:
            began = time.monotonic()
            await do()
            await asyncio.sleep(max(0.0, pause - (time.monotonic() - began)))

    async def _call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        return await asyncio.to_thread(self.studio.call, method, path, body)

    async def _start(self) -> None:
        kind = self.chance.choice(list(DOCUMENTS))
        state = {"n": 0, "text": "one two two"}
        body = {"workflow": self.workflows[kind], "state": state}
        status, run = await self._call("POST", "/api/v1/runs", body)
        if status >= 300:
            self.refused += 1
            return
        self.started[kind] += 1
        self.running = [*self.running[-20:], run["id"]]
        if kind == "signal":
            await self._call("POST", f"/api/v1/runs/{run['id']}/signals", {"name": "go"})

    async def _read(self) -> None:
        status, _ = await asyncio.to_thread(_fetch, self.studio, self.chance.choice(PAGES))
        assert status < 500, status

    async def _watch(self) -> None:
        if not self.running:
            return
        watcher = Watcher(self.studio, self.chance.choice(self.running), self.studio.token)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.chance.uniform(0.2, 3)):
                await watcher.follow()
        self.watched += 1

    async def _look(self) -> None:
        pid = self.studio.pid
        look = Look(
            time.monotonic(), memory_mib(pid), descriptors(pid), threads(pid), self.connections()
        )
        self.looks.append(look)
        if len(self.looks) % 6 == 1:
            print(
                f"  {len(self.looks) * LOOK_S / 60:5.1f} min {sum(self.started.values()):7,} runs"
                f" {look.memory:7.1f} MiB {look.descriptors:4} descriptors {look.threads:3} threads"
                f" {look.connections:3} connections",
                flush=True,
            )


def _fetch(studio: LiveStudio, path: str) -> tuple[int, Any]:
    import urllib.error
    import urllib.request

    headers = {"Authorization": f"Bearer {studio.token}"}
    try:
        request = urllib.request.Request(studio.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def report(soak: Soak) -> int:
    looks = soak.looks[len(soak.looks) // 3 :]
    half = len(looks) // 2
    before, after = looks[:half], looks[half:]
    print(f"\n== soak: {sum(soak.started.values()):,} runs, {dict(soak.started)}")
    print(f"refused {soak.refused}, watchers that came and went {soak.watched:,}")
    print(f"{'':14} {'middle third':>13} {'last third':>11} {'grown':>8}")
    grown = 0
    for name in ("memory", "descriptors", "threads", "connections"):
        one = statistics.fmean(getattr(look, name) for look in before)
        other = statistics.fmean(getattr(look, name) for look in after)
        share = other / one - 1 if one else 0.0
        grown += share > FLAT
        print(f"{name:14} {one:13.1f} {other:11.1f} {share * 100:7.1f}%")
    _, runs = soak.studio.call("GET", "/api/v1/runs?status=queued&limit=100")
    print(f"still queued: {len(runs['items'])}")
    return 1 if grown or soak.refused else 0


def _connections_to(url: str) -> Callable[[], int]:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    name = url.rpartition("/")[2]

    def count() -> int:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name,)
        ).fetchone()
        assert found is not None
        return int(found[0]) - 1

    return count


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--per-second", type=float, default=5)
    parser.add_argument("--postgres", nargs="?", const=database.SERVER, metavar="SERVER")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="treadle-soak-")))
        environment = {"TREADLE_TOOLS": "tests.bench.studio_tools"}
        connections: Callable[[], int] = lambda: 0  # noqa: E731 - SQLite has none to count
        if options.postgres:
            environment["DATABASE_URL"] = stack.enter_context(
                database.new_database(options.postgres)
            )
            connections = _connections_to(environment["DATABASE_URL"])
        studio = LiveStudio(folder / "data", **environment)
        studio.start()
        stack.callback(studio.stop)
        soak = Soak(studio, connections)
        soak.prepare()
        asyncio.run(soak.work(options.minutes, options.per_second))
        return report(soak)


if __name__ == "__main__":
    sys.exit(main())
