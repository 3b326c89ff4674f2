"""What runs that wait hold in memory: in a studio, in the engine, and in LangGraph.

    python -m tests.bench.memory [ROUNDS]

A run that waits for a signal is a row in a studio, and nothing drives it. In the engine alone it is
a driver that a script holds on to. LangGraph's is a thread of InMemorySaver that was interrupted.
Reads /proc, so this bench needs Linux. ROUNDS is the number of batches of runs, one by default.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

from tests.live import LiveStudio

from . import venv
from .timing import rounds_from

RUNS = 1_000
"""Waiting runs of one batch."""
STATE = {
    "order": 4711,
    "customer": "somebody",
    "lines": [{"sku": i, "count": 1} for i in range(20)],
}
DOCUMENT: dict[str, Any] = {
    "format": "treadle/1",
    "key": "waits",
    "name": "waits",
    "entry": ["ask"],
    "nodes": {
        "ask": {"type": "wait", "signal": "go"},
        "done": {"type": "end"},
    },
    "edges": [{"id": "e", "from": "ask", "to": "done"}],
}


def main() -> None:
    batches = rounds_from(sys.argv, 1)
    print(f"\n== memory: {batches * RUNS:,} runs that wait for a signal, KiB per run")
    print(f"{'Treadle, a studio (SQLite)':44} {in_a_studio(batches):8.2f}")
    print(f"{'Treadle, the engine alone':44} {in_the_engine(RUNS):8.2f}")
    command = [venv.python(), "-m", "tests.bench.peers.waiting_langgraph", str(RUNS)]
    found = subprocess.run(
        command, cwd=venv.ROOT, input=json.dumps(STATE), capture_output=True, text=True, check=True
    )
    print(f"{'LangGraph, InMemorySaver, interrupted':44} {float(found.stdout):8.2f}")


def in_a_studio(batches: int) -> float:
    """KiB by which a studio's process grows per waiting run, after a batch to warm up."""
    with tempfile.TemporaryDirectory(prefix="treadle-bench-") as folder:
        limits = {"TREADLE_RATE_STARTS": "off", "TREADLE_RATE_WRITES": "off"}
        studio = LiveStudio(Path(folder) / "data", TREADLE_LOG_LEVEL="WARNING", **limits)
        studio.start()
        try:
            graph = studio.call("POST", "/graph/create", DOCUMENT)[1]["graph_id"]
            _park(studio, graph, RUNS)
            before = _resident(studio.pid)
            for number in range(batches):
                _park(studio, graph, (number + 2) * RUNS)
            return (_resident(studio.pid) - before) / 1024 / (batches * RUNS)
        finally:
            studio.stop()


def _park(studio: LiveStudio, graph: str, until: int) -> None:
    """Start a batch of runs, and return when so many wait."""
    for _ in range(RUNS):
        status, answer = studio.call(
            "POST", "/graph/run_async", {"graph_id": graph, "initial_state": STATE}
        )
        assert status == 200, answer
    for _ in range(600):
        if _waiting(studio) >= until:
            return
        time.sleep(0.1)
    raise AssertionError(f"only {_waiting(studio)} of {until} runs wait")


def _waiting(studio: LiveStudio) -> int:
    import sqlite3

    with sqlite3.connect(studio.data_dir / "treadle.sqlite3") as connection:
        row = connection.execute("SELECT COUNT(*) FROM studio_run WHERE status = 'waiting'")
        return int(row.fetchone()[0])


def _resident(pid: int) -> int:
    """Bytes of a process in memory, shared files aside."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1]) * 1024


def in_the_engine(count: int) -> float:
    """KiB per driver that somebody holds on to, with its journal and its state."""
    from engine import Driver, Graph, MemoryJournal, ToolRegistry, fold, new_run

    graph, registry = Graph.from_dict(DOCUMENT), ToolRegistry()

    async def parked() -> list[Any]:
        held = []
        for _ in range(count):
            created = new_run(graph, json.loads(json.dumps(STATE)), now=time.time())
            journal = MemoryJournal([created])
            driver = Driver(graph, registry, journal, folded=fold(graph, [created]))
            assert (await driver.drive()).status == "waiting"
            held.append((driver, journal))
        return held

    asyncio.run(parked())
    gc.collect()
    tracemalloc.start()
    held = asyncio.run(parked())
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(held) == count
    return size / 1024 / count


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main()
