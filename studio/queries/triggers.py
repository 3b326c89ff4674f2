"""What lists and pages show of schedules, and what started a run."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from studio import codec, cron, database_clock
from studio.models import Firing, Run, Schedule
from studio.queries import visible
from studio.queries.items import Item, moment
from studio.queries.visible import Viewer
from studio.raw_connection import DjangoConnection

UPCOMING = 5
TRIGGERED = frozenset({"schedule", "webhook"})
"""Sources of runs that nobody started by hand."""


def listed_schedules(rows: QuerySet[Schedule]) -> QuerySet[Schedule]:
    """With everything that `schedule_item` reads, in one query."""
    return rows.select_related("workflow", "version", "owner").defer(
        "workflow__draft", "version__document"
    )


def schedule_item(schedule: Schedule, now: datetime) -> Item:
    version = schedule.version
    return {
        "id": str(schedule.public_id),
        "name": schedule.name,
        "workflow": _workflow(schedule),
        "version": version and {"id": str(version.public_id), "number": version.number},
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "state": codec.decode(schedule.state),
        "tags": schedule.tags,
        "catch_up": schedule.catch_up,
        "overlap": schedule.overlap,
        "jitter_s": schedule.jitter_s,
        "enabled": schedule.enabled,
        "next": [moment(at) for at in upcoming(schedule, now)],
        "last_at": moment(schedule.last_at),
        "failures": schedule.failures,
        "problem": schedule.problem,
        "owner": schedule.owner.get_username(),
        "created_at": moment(schedule.created_at),
    }


def _workflow(trigger: Schedule) -> Item:
    return {"id": str(trigger.workflow.public_id), "name": trigger.workflow.name}


def upcoming(schedule: Schedule, now: datetime, count: int = UPCOMING) -> list[datetime]:
    """Its next times, without the jitter; none while it is switched off."""
    if not schedule.enabled:
        return []
    try:
        return cron.read(schedule.cron, schedule.time_zone).upcoming(now, count)
    except cron.CronRefused:
        return []


def firing_item(firing: Firing) -> Item:
    return {
        "due_at": moment(firing.due_at),
        "at": moment(firing.at),
        "status": firing.status,
        "reason": firing.reason,
        "run": firing.run and {"id": str(firing.run.public_id), "status": firing.run.status},
    }


def listed_firings(schedule: Schedule) -> QuerySet[Firing]:
    return schedule.firings.select_related("run").defer("run__final_state", "run__error")


def origin(user: Viewer, run: Run) -> Item | None:
    """The trigger that started a run, if there is one that this user sees."""
    if run.source not in TRIGGERED:
        return None
    schedule = visible.schedules(user).filter(firings__run=run).first()
    return None if schedule is None else _origin("schedule", schedule)


def _origin(kind: str, trigger: Any) -> Item:
    return {"kind": kind, "id": str(trigger.public_id), "name": trigger.name}


def now() -> datetime:
    """The database's clock, the one that triggers go by."""
    return database_clock.now(DjangoConnection())
