"""Durable steps per second: `python -m tests.bench.durable [--steps 1000] [--normal]`.

One process, one database, every step committed before the run says that it is done. A pure step
need not wait for the disk; one that is not pure waits before it is called. SQLite with
`synchronous=FULL` unless `--normal`; `DATABASE_URL` measures PostgreSQL.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

CONCURRENT = (1, 10, 100)
TOOLS = ("trial.count_async", "trial.touch_async", "trial.count", "trial.touch")
"""Pure and idempotent, on the loop; then both in threads."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1000, help="of all runs together, at least")
    parser.add_argument("--normal", action="store_true", help="SQLite with synchronous=NORMAL")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="treadle-bench-") as folder, _studio(folder, options):
        print("tool                  runs   steps   steps/s   µs/step  CPU µs  commits")
        for tool in TOOLS:
            for concurrent in CONCURRENT:
                _measure(tool, concurrent, options.steps)


@contextmanager
def _studio(folder: str, options: argparse.Namespace) -> Iterator[None]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["TREADLE_DATA_DIR"] = folder
    os.environ["TREADLE_DRIVERS"] = "100"
    if options.normal:
        os.environ["TREADLE_SQLITE_SYNCHRONOUS"] = "NORMAL"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    yield


def _measure(tool: str, concurrent: int, steps: int) -> None:
    from studio.actions.runs import start_run
    from studio.execution.service import Service, use
    from studio.models import Run, RunEvent
    from tests.studio import build, tools  # noqa: F401 - registers the tools

    each = max(10, steps // concurrent)
    version = build.published(build.loop(tool, each))
    runs = [start_run(user=None, version=version, state={"n": 0}) for _ in range(concurrent)]
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
    assert done == each * concurrent, "a step is missing or doubled"
    assert not Run.objects.exclude(status="completed").exists()
    print(
        f"{tool:20} {concurrent:5} {done:7} {done / took:9,.0f} {took / done * 1e6:9,.1f}"
        f" {cpu / done * 1e6:7,.0f} {commits:8}"
    )


def _commits(service: Any) -> int:
    return int(service._engine.pool._writer.commits)


if __name__ == "__main__":
    main()
