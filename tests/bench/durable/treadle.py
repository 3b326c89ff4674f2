"""Treadle's loop: a service in this process drives runs that stand in the database."""

import time
from functools import partial
from typing import Any

from tests.bench.peers.treadle import carried

from .subject import Round, Subject

TOOLS = {
    "trial.count_async": "pure, async",
    "trial.count": "pure, sync",
    "trial.touch_async": "waits for the disk, async",
    "trial.touch": "waits for the disk, sync",
}
PATIENCE_S = 600


def subjects() -> list[Subject]:
    return [Subject(f"Treadle, {word}", partial(run, tool)) for tool, word in TOOLS.items()]


def run(tool: str, steps: int, runs: int = 1, size: int = 0) -> Round:
    """The runs are made before the clock starts; they are claimed, driven and ended within it."""
    from studio.execution.service import Service, use

    made = _make(tool, steps, runs, size)
    before = _stored()
    service = Service()
    use(service)
    service.start()
    commits_before = _commits(service)
    began, cpu_before = time.perf_counter(), time.process_time()
    for each in made:
        assert service.wait_ended_blocking(each.public_id, PATIENCE_S)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu_before
    commits = _commits(service) - commits_before
    service.stop()
    _check(made, steps)
    return Round(took, cpu, _stored() - before, commits)


def one(tool: str, steps: int) -> Any:
    """The public id of a run of so many steps that has ended."""
    from studio.models import Run

    run(tool, steps)
    return Run.objects.latest("pk").public_id


def _make(tool: str, steps: int, runs: int, size: int) -> list[Any]:
    from studio.actions.runs import start_run
    from tests.studio import build, tools  # noqa: F401 - registers the tools

    document = build.loop(tool, steps)
    document["limits"] = {**document["limits"], "max_state_bytes": 4_000_000}
    version = build.published(document)
    state = {"n": 0, **carried(size)}
    return [start_run(user=None, version=version, state=state) for _ in range(runs)]


def _check(made: list[Any], steps: int) -> None:
    from studio.models import Run, RunEvent

    keys = [each.pk for each in made]
    rows = RunEvent.objects.filter(run__in=keys, kind="attempt.succeeded").exclude(node="done")
    assert rows.count() == steps * len(made), "a step is missing or doubled"
    assert Run.objects.filter(pk__in=keys, status="completed").count() == len(made)


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
