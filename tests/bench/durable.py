"""Every step on disk before the next one: our journal beside LangGraph's SqliteSaver.

    python -m tests.bench.durable [ROUNDS]

Both write SQLite with WAL and synchronous=FULL on the same disk, one commit per step at least: an
`idempotent` tool makes our driver wait for the disk before each call, as durability="sync" does.
The pure loop is what the studio does with pure tools: appended at once, committed within 10 ms. The
bare disk is one small INSERT and COMMIT per step through sqlite3, the bound for anybody.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from . import venv
from .timing import Case, Subject, measure, report, rounds_from, skip

STEPS = 200


def treadle_loop(steps: int, effect: str) -> Callable[[], None]:
    """A loop on the studio's journal, a new run each time."""
    from engine import Graph, ToolRegistry, run
    from studio.actions.workflows import create_workflow, publish
    from studio.store import DatabaseStore
    from studio.toolbox import registry as studio_registry

    registry: ToolRegistry = studio_registry()
    tool = f"bench_bump_{effect}"

    def bump(n: int) -> dict[str, int]:
        """Count one up."""
        return {"n": n + 1}

    registry.register(tool, bump, effect=effect)
    version = publish(
        user=None, workflow=create_workflow(user=None, document=_document(tool, steps))
    )
    graph = Graph.from_dict(json.loads(version.document))
    store = DatabaseStore(version)

    def work() -> None:
        run_id = str(uuid.uuid4())
        result = run(graph, {"n": 0}, registry=registry, store=store, run_id=run_id)
        assert (result.status, result.state["n"]) == ("completed", steps)

    return work


def _document(tool: str, steps: int) -> dict[str, Any]:
    return {
        "format": "treadle/1",
        "key": f"loop-{uuid.uuid4().hex[:8]}",
        "name": "loop",
        "entry": ["bump"],
        "limits": {"max_steps": steps + 10},
        "nodes": {"bump": {"type": "tool", "tool": tool}, "done": {"type": "end"}},
        "edges": [
            {
                "id": "again",
                "from": "bump",
                "to": "bump",
                "when": f"n < {steps}",
                "max": steps + 10,
            },
            {"id": "out", "from": "bump", "to": "done", "else": True},
        ],
    }


def bare_disk(steps: int, path: Path) -> Callable[[], None]:
    """One small row and one commit per step."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE step (id INTEGER PRIMARY KEY, data TEXT)")

    def work() -> None:
        for number in range(steps):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO step (data) VALUES (?)", (f'{{"n": {number}}}' * 20,))
            connection.execute("COMMIT")

    return work


class Child:
    """LangGraph in the peers' environment: `work` runs one loop there and takes its own time."""

    def __init__(self, path: Path, steps: int) -> None:
        command = [
            venv.python(),
            "-m",
            "tests.bench.peers.durable_langgraph",
            str(path),
            str(steps),
        ]
        self._process = subprocess.Popen(
            command, cwd=venv.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def work(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        if not self._process.stdout.readline():
            raise RuntimeError("LangGraph's process ended")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _django(folder / "data")
        subjects = [
            Subject(
                "Treadle, idempotent tool, step by step", STEPS, treadle_loop(STEPS, "idempotent")
            ),
            Subject("Treadle, pure tool", STEPS, treadle_loop(STEPS, "pure")),
            Subject("the bare disk", STEPS, bare_disk(STEPS, folder / "bare.sqlite3")),
        ]
        with ExitStack() as stack:
            try:
                child = stack.enter_context(closing(Child(folder / "langgraph.sqlite3", STEPS)))
                subjects.append(Subject("LangGraph, SqliteSaver, sync", STEPS, child.work))
            except FileNotFoundError as error:
                skip("LangGraph", str(error))
            cases = [Case(f"durable loop of {STEPS} steps", subjects)]
            measure(cases, rounds_from(sys.argv, 7))
    report("durable", cases, "step")


def _django(data_dir: Path) -> None:
    """Django on a new database, as the studio sets it up."""
    os.environ["TREADLE_DATA_DIR"] = str(data_dir)
    os.environ["TREADLE_SQLITE_SYNCHRONOUS"] = "FULL"
    os.environ["DJANGO_SETTINGS_MODULE"] = "studio.settings"
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main()
