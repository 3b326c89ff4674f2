"""How soon 1,000 queued runs end with 1, 2 and 4 workers beside each other.

    python -m tests.bench.workers [--runs 1000] [--workers 1 2 4] [--celery]

Runs of three steps are put in the line of an own, empty PostgreSQL while nobody drives;
then the workers come. Counted is from the first claim to the last end, as the rows say. Once the
tools answer at once, so that the processor is what there is too little of; once each call waits for
a tenth of a second, as one that asks somebody else, and each worker drives eight runs at once.
With `--celery` Celery's workers drive, and hints go over a Redis of the bench's own.
"""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.crash.programs import chain
from tests.faults.postgres import OwnPostgres
from tests.faults.site import Child, Site, heed_sigterm
from tests.studio.spread.brokers import OwnRedis

AT_ONCE = 100
"""Runs that one process starts before the next one does."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.workers", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--celery", action="store_true")
    asked = parser.parse_args()
    heed_sigterm()
    for name, slow_s, drivers in (("at once", 0.0, 32), ("waits 0.1 s", 0.1, 8)):
        for workers in asked.workers:
            with site(asked.celery) as made:
                seconds, busiest = measured(made, asked, workers, slow_s, drivers)
            print(
                f"{name:13} {workers} workers x {drivers:2} drivers: {seconds:6.1f} s,"
                f" {asked.runs / seconds:6.0f} runs/s; the busiest drove {busiest} runs",
                flush=True,
            )


def measured(
    made: Site, asked: argparse.Namespace, workers: int, slow_s: float, drivers: int
) -> tuple[float, int]:
    """(seconds from the first claim to the last end, runs of the worker that drove most)."""
    (version,) = made.call("publish_all", documents=[chain("idempotent")])
    state = {"slow_s": slow_s}
    for first in range(0, asked.runs, AT_ONCE):
        count = min(AT_ONCE, asked.runs - first)
        wishes = [{"version": version, "key": str(first + n), "state": state} for n in range(count)]
        made.call("start", runs=wishes)
    drive = _celery if asked.celery else _worker
    living = [drive(made, drivers) for _ in range(workers)]
    made.until(lambda: not made.tables.under_way("default"), 600, "all runs end")
    for each in living:
        if isinstance(each, Child):
            each.kill()
    ended = made.tables.ask("SELECT COUNT(*) FROM studio_run WHERE status = 'completed'")[0][0]
    assert ended == asked.runs, made.said()
    [(took,)] = made.tables.ask(
        "SELECT EXTRACT(EPOCH FROM MAX(at) FILTER (WHERE kind = 'run.completed')"
        " - MIN(at) FILTER (WHERE kind = 'run.claimed')) FROM studio_runevent"
    )
    [(busiest,)] = made.tables.ask(
        "SELECT MAX(count) FROM (SELECT COUNT(*) AS count FROM studio_runevent"
        " WHERE kind = 'run.claimed' GROUP BY split_part(data, '\"', 4)) AS driven"
    )
    return float(took), int(busiest)


def _worker(made: Site, drivers: int) -> Any:
    return made.fork("worker", drivers=drivers)


def _celery(made: Site, drivers: int) -> Any:
    options = ("-P", "prefork", "-c", "1", "--without-gossip", "--without-mingle")
    environment = {"TREADLE_DRIVERS": str(drivers)}
    return made.start("celery", "-A", "studio", "worker", *options, **environment)


@contextlib.contextmanager
def site(celery: bool) -> Iterator[Site]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="treadle-bench-")))
        postgres = OwnPostgres()
        stack.callback(postgres.close)
        postgres.start()
        environment = {}
        if celery:
            redis = OwnRedis(folder)
            redis.start()
            stack.callback(redis.stop)
            environment["TREADLE_BROKER_URL"] = redis.url
        made = Site(folder, postgres.url, **environment)
        stack.callback(made.close)
        yield made


if __name__ == "__main__":
    main()
