"""The figures of this process and of the table of runs, in the text format of Prometheus."""

from collections.abc import Iterator
from typing import Any

from studio import meters
from studio.execution.dispatch import dispatcher
from studio.execution.service import service
from studio.journal import codec
from studio.journal.database_clock import now
from studio.journal.raw_connection import DjangoConnection, Raw
from studio.live import hub
from studio.meters import figure

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LIVE = ("queued", "running", "waiting", "paused", "cancelling")

_QUEUED = (
    "SELECT queue, COUNT(*), MIN(created_at) FROM studio_run WHERE status = 'queued' GROUP BY queue"
)
_LATE = (
    "SELECT MIN(lease_until) FROM studio_run"
    " WHERE status IN ('running', 'cancelling') AND lease_until < %s"
)


def exposition() -> str:
    """All of them. Raises what the database raises."""
    connection = DjangoConnection()
    lines = [line for meter in meters.METERS for line in meter.lines()]
    lines += [*_of_process(), *_of_runs(connection)]
    return "\n".join(lines) + "\n"


def _of_process() -> Iterator[str]:
    health = service().health()
    for key, about in _PROCESS.items():
        value = float(health.get(key) or 0)
        yield from figure(f"treadle_{key}", about, "gauge", [({}, value)])
    about = "Runs that are watched in this process."
    yield from figure("treadle_watched_runs", about, "gauge", [({}, hub.watched())])
    hints = dispatcher().health()
    about = "Hints to the broker, by what became of them."
    values = [({"outcome": key}, count) for key, count in hints.items()]
    yield from figure("treadle_hints_total", about, "counter", values)


_PROCESS = {
    "running": "1 while the engine of this process runs.",
    "claiming": "1 while this process takes up runs.",
    "storage_full": "1 while the database's disk has no room for what runs have done.",
    "driving": "Runs that this process drives.",
    "drivers": "Runs that this process may drive at once.",
    "leaked_threads": "Tool threads busy with calls that nobody waits for.",
    "loop_blocked": "How often a tool kept the engine's loop from turning for over a second.",
}


def _of_runs(connection: Raw) -> Iterator[str]:
    moment = now(connection)
    rows = connection.execute(
        "SELECT status, COUNT(*) FROM studio_run"
        f" WHERE status IN ({', '.join(['%s'] * len(LIVE))}) GROUP BY status",
        LIVE,
    )
    counts: dict[str, Any] = dict.fromkeys(LIVE, 0) | dict(rows)
    about = "Runs that have not ended."
    values = [({"status": status}, counts[status]) for status in LIVE]
    yield from figure("treadle_runs", about, "gauge", values)
    queued = connection.execute(_QUEUED)
    depths = [({"queue": queue}, count) for queue, count, _ in queued]
    yield from figure("treadle_queue_depth", "Queued runs.", "gauge", depths)
    ages = [({"queue": queue}, _age(moment, since)) for queue, _, since in queued]
    about = "Age of the oldest queued run."
    yield from figure("treadle_oldest_queued_seconds", about, "gauge", ages)
    late = connection.execute(_LATE, (codec.column_of(connection.vendor, moment),))[0][0]
    about = "For how long the oldest run whose driver went silent has waited for another one."
    yield from figure(
        "treadle_oldest_orphan_seconds",
        about,
        "gauge",
        [({}, 0 if late is None else _age(moment, late))],
    )


def _age(moment: Any, since: object) -> float:
    return max(0.0, round(float((moment - codec.moment_of(since)).total_seconds()), 3))
