"""Durable steps beside LangGraph's SqliteSaver with `durability="sync"`, in one run.

    python -m tests.bench.durable [ROUNDS] [--steps 1000] [--normal] [--quick]

The same loop in both: count to 1,000, every step in SQLite with `synchronous=FULL` before the run
says that it is done. A pure step of Treadle need not wait for the disk; one that is not pure waits
before its tool is called, as every step of LangGraph's does. Rounds are interleaved. `--normal`
shows `synchronous=NORMAL`, `DATABASE_URL` PostgreSQL; LangGraph is left out of both. `--quick`
leaves out all but the first table.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import django

from . import venv
from .peers.treadle import carried
from .timing import skip

CONCURRENT = (10, 100)
TOOLS = {
    "trial.count_async": "pure, async",
    "trial.count": "pure, sync",
    "trial.touch_async": "waits for the disk, async",
    "trial.touch": "waits for the disk, sync",
}
CARRIED = (0, 100_000, 1_000_000)
"""Bytes in a key that no step touches."""
LENGTHS = (100, 1_000, 10_000)
"""Steps of the runs that are taken up again."""

Round = tuple[float, float, int]
"""Seconds by the clock, CPU seconds, bytes that the database grew by."""


class Loop(Protocol):
    """A durable loop that is run once a round."""

    def __call__(self) -> Round: ...


@dataclass(slots=True)
class Durable:
    """One subject: µs and bytes per step."""

    name: str
    steps: int
    loop: Loop
    rounds: list[Round] = field(default_factory=list)

    def per_step(self, at: int, pick: Any = statistics.median) -> float:
        return float(pick([each[at] for each in self.rounds])) / self.steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--normal", action="store_true", help="SQLite with synchronous=NORMAL")
    parser.add_argument("--quick", action="store_true", help="only the first table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="treadle-bench-") as folder, _studio(folder, options):
        with_langgraph = _is_comparable(options)
        beside_each_other(Path(folder), options, with_langgraph)
        if not options.quick:
            many_runs(options.steps)
            carried_along(Path(folder), options, with_langgraph)
            taken_up_again()


@contextmanager
def _studio(folder: str, options: argparse.Namespace) -> Iterator[None]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["TREADLE_DATA_DIR"] = folder
    os.environ["TREADLE_DRIVERS"] = "100"
    os.environ["TREADLE_SQLITE_SYNCHRONOUS"] = "NORMAL" if options.normal else "FULL"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    yield


def _is_comparable(options: argparse.Namespace) -> bool:
    if options.normal or os.environ.get("DATABASE_URL"):
        skip("LangGraph", "SqliteSaver knows SQLite with synchronous=FULL only")
        return False
    return True


# The tables -------------------------------------------------------------------------------------


def beside_each_other(folder: Path, options: argparse.Namespace, with_langgraph: bool) -> None:
    """One run of 1,000 steps at a time."""
    steps = options.steps
    subjects = [
        Durable(f"Treadle, {word}", steps, _treadle(tool, steps)) for tool, word in TOOLS.items()
    ]
    with ExitStack() as stack:
        if with_langgraph:
            child = stack.enter_context(_langgraph(folder, steps, 0))
            subjects.append(Durable('LangGraph, SqliteSaver, "sync"', steps, child))
            subjects.append(Durable("the disk: a row and a COMMIT", steps, _bare(folder, steps)))
        _measure(subjects, options.rounds)
    base = next((each for each in subjects if each.name.startswith("LangGraph")), None)
    print(f"\n== durable: one run of {steps:,} steps, µs per step")
    print(f"{'':34} {'median':>9} {'best':>9} {'CPU':>9}  faster than LangGraph: by the clock, CPU")
    for each in subjects:
        figures = [each.per_step(0), each.per_step(0, min), each.per_step(1, min)]
        line = f"{each.name:34} " + " ".join(f"{value * 1e6:9.1f}" for value in figures)
        if base is not None and each is not base:
            times = base.per_step(0) / figures[0], base.per_step(1, min) / figures[2]
            line += f"  {times[0]:6.1f} {times[1]:6.1f}"
        print(line)


def many_runs(steps: int) -> None:
    """Ten and a hundred runs beside each other: their commits are shared."""
    print("\n== durable: runs beside each other, µs per step of all together")
    print(f"{'':34} {'runs':>6} {'steps/s':>9} {'clock':>8} {'CPU':>8} {'commits':>8}")
    for tool, word in TOOLS.items():
        for concurrent in CONCURRENT:
            each = max(10, steps // concurrent)
            (took, cpu, _), commits = _run_treadle(tool, each, concurrent)
            done = each * concurrent
            print(
                f"Treadle, {word:25} {concurrent:6} {done / took:9,.0f} {took / done * 1e6:8.1f}"
                f" {cpu / done * 1e6:8.1f} {commits:8}"
            )


def carried_along(folder: Path, options: argparse.Namespace, with_langgraph: bool) -> None:
    """The same loop beside a value that no step touches: time and bytes stored per step."""
    steps = options.steps
    print(f"\n== durable: {steps:,} steps beside a value that they do not touch")
    print(f"{'':34} {'bytes':>10} {'µs/step':>9} {'CPU':>9} {'stored per step':>16}")
    for size in CARRIED:
        with ExitStack() as stack:
            subjects = [
                Durable("Treadle, pure, async", steps, _treadle("trial.count_async", steps, size))
            ]
            if with_langgraph:
                child = stack.enter_context(_langgraph(folder, steps, size))
                subjects.append(Durable('LangGraph, SqliteSaver, "sync"', steps, child))
            _measure(subjects, 1)
        for each in subjects:
            print(
                f"{each.name:34} {size:10,} {each.per_step(0) * 1e6:9.1f}"
                f" {each.per_step(1) * 1e6:9.1f} {each.per_step(2):16,.0f}"
            )


def taken_up_again() -> None:
    """What it costs to claim and to read a run of many steps."""
    print("\n== durable: a long run, read again (ms)")
    print(f"{'steps':>8} {'events':>8} {'to go on with it':>17} {'to show it':>11}")
    from studio import graphs, leases
    from studio.execution import drive
    from studio.models import Run, RunEvent
    from studio.owner import new_owner
    from studio.queries.runs import fresh_view
    from studio.raw_connection import connect
    from studio.writer import Writer

    for length in LENGTHS:
        public_id = _run_treadle("trial.count_async", length, 1, read_back=True)
        run = Run.objects.select_related("version").get(public_id=public_id)
        graphs.of(run.version)
        began = time.perf_counter()
        fresh_view(run)
        shown = time.perf_counter() - began
        Run.objects.filter(pk=run.pk).update(status="queued", finished_at=None)
        connection = connect()
        began = time.perf_counter()
        [claimed] = leases.claim(connection, [run.pk], new_owner(), 30)
        drive._folded(graphs.of(run.version), claimed, connection)
        taken = time.perf_counter() - began
        assert Writer(connection, lambda _: None).commits == 0
        connection.close()
        events = RunEvent.objects.filter(run=run).count()
        print(f"{length:8,} {events:8,} {taken * 1e3:17.1f} {shown * 1e3:11.1f}")


# The subjects -----------------------------------------------------------------------------------


def _measure(subjects: list[Durable], rounds: int) -> None:
    """Once to warm up, then in turns: a slow minute of the machine hits everybody alike."""
    for number in range(rounds + 1):
        for each in subjects:
            found = each.loop()
            if number:
                each.rounds.append(found)


def _treadle(tool: str, steps: int, size: int = 0) -> Loop:
    return lambda: _run_treadle(tool, steps, 1, size)[0]


def _run_treadle(
    tool: str, steps: int, concurrent: int, size: int = 0, *, read_back: bool = False
) -> Any:
    """Run loops beside each other: the round, and the commits made; or the last run's id."""
    from studio.actions.runs import start_run
    from studio.execution.service import Service, use
    from studio.models import Run, RunEvent
    from tests.studio import build, tools  # noqa: F401 - registers the tools

    document = build.loop(tool, steps)
    document["limits"] = {**document["limits"], "max_state_bytes": 4_000_000}
    version = build.published(document)
    runs = [
        start_run(user=None, version=version, state={"n": 0, **carried(size)})
        for _ in range(concurrent)
    ]
    before = _stored()
    service = Service()
    use(service)
    service.start()
    commits_before = _commits(service)
    began, cpu_before = time.perf_counter(), time.process_time()
    for run in runs:
        assert service.wait_ended_blocking(run.public_id, 300)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu_before
    commits = _commits(service) - commits_before
    service.stop()
    rows = RunEvent.objects.filter(run__in=[run.pk for run in runs], kind="attempt.succeeded")
    done = rows.exclude(node="done").count()
    assert done == steps * concurrent, "a step is missing or doubled"
    ended = Run.objects.filter(pk__in=[run.pk for run in runs], status="completed")
    assert ended.count() == concurrent
    if read_back:
        return runs[-1].public_id
    return (took, cpu, _stored() - before), commits


def _stored() -> int:
    """Bytes of the database in SQLite, its log included; 0 elsewhere."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        return int(pages) * int(cursor.execute("PRAGMA page_size").fetchone()[0])


def _commits(service: Any) -> int:
    return int(service._engine.pool._writer.commits)


@contextmanager
def _langgraph(folder: Path, steps: int, size: int) -> Iterator[Loop]:
    """LangGraph's loop, in a process of the peers' environment."""
    path = folder / f"langgraph-{size}.sqlite3"
    command = [venv.python(), "-m", "tests.bench.peers.durable_langgraph"]
    child = subprocess.Popen(
        [*command, str(path), str(steps), str(size)],
        cwd=venv.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None

    def loop() -> Round:
        child.stdin.write("\n")
        child.stdin.flush()
        took, cpu, grown = child.stdout.readline().split()
        return float(took), float(cpu), int(grown)

    try:
        yield loop
    finally:
        child.stdin.close()
        child.wait(30)


def _bare(folder: Path, steps: int) -> Loop:
    """What the disk itself takes: one small row a transaction, nothing else."""
    import sqlite3

    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE step (id INTEGER PRIMARY KEY, data TEXT)")

    def loop() -> Round:
        cpu, began = time.process_time(), time.perf_counter()
        for _ in range(steps):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO step (data) VALUES (?)", ("x" * 300,))
            connection.execute("COMMIT")
        return time.perf_counter() - began, time.process_time() - cpu, 0

    return loop


if __name__ == "__main__":
    main()
