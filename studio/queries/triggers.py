"""What lists and pages show of schedules and webhooks, and what started a run."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from studio.journal import codec, database_clock
from studio.journal.raw_connection import DjangoConnection
from studio.models import Delivery, Firing, Run, Schedule, Webhook
from studio.queries import visible
from studio.queries.items import Item, moment
from studio.queries.visible import Viewer
from studio.triggers import cron

UPCOMING = 5
TRIGGERED = frozenset({"schedule", "webhook"})
"""Sources of runs that nobody started by hand."""


def listed_schedules(rows: QuerySet[Schedule]) -> QuerySet[Schedule]:
    """With everything that `schedule_item` reads, in one query."""
    return rows.select_related("workflow", "version", "owner").defer(
        "workflow__draft", "version__document"
    )


def schedule_item(schedule: Schedule, now: datetime) -> Item:
    return {
        **_trigger_item(schedule),
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "state": codec.decode(schedule.state),
        "catch_up": schedule.catch_up,
        "overlap": schedule.overlap,
        "jitter_s": schedule.jitter_s,
        "next": [moment(at) for at in upcoming(schedule, now)],
        "last_at": moment(schedule.last_at),
        "failures": schedule.failures,
        "problem": schedule.problem,
    }


def _trigger_item(trigger: Schedule | Webhook) -> Item:
    """What schedules and webhooks have in common."""
    version = trigger.version
    return {
        "id": str(trigger.public_id),
        "name": trigger.name,
        "workflow": {"id": str(trigger.workflow.public_id), "name": trigger.workflow.name},
        "version": version and {"id": str(version.public_id), "number": version.number},
        "tags": trigger.tags,
        "enabled": trigger.enabled,
        "owner": trigger.owner.get_username(),
        "created_at": moment(trigger.created_at),
    }


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
        "run": _run_brief(firing.run),
    }


def listed_firings(schedule: Schedule) -> QuerySet[Firing]:
    return schedule.firings.select_related("run").defer("run__final_state", "run__error")


def origin(user: Viewer, run: Run) -> Item | None:
    """The trigger that started a run, if there is one that this user sees."""
    if run.source not in TRIGGERED:
        return None
    trigger: Any
    if run.source == "schedule":
        trigger = visible.schedules(user).filter(firings__run=run).first()
    else:
        trigger = visible.webhooks(user).filter(deliveries__run=run).first()
    if trigger is None:
        return None
    return {"kind": run.source, "id": str(trigger.public_id), "name": trigger.name}


def listed_webhooks(rows: QuerySet[Webhook]) -> QuerySet[Webhook]:
    """With everything that `webhook_item` reads, in one query."""
    accepted = Delivery.objects.filter(webhook=OuterRef("pk"), status=Delivery.ACCEPTED)
    return (
        rows.select_related("workflow", "version", "owner")
        .defer("workflow__draft", "version__document")
        .annotate(last_at=Subquery(accepted.order_by("-id").values("at")[:1]))
    )


def webhook_item(webhook: Webhook, now: datetime) -> Item:
    """Of `listed_webhooks`. The secret is not in it, sealed or not."""
    has_old = webhook.old_until is not None and webhook.old_until > now
    return {
        **_trigger_item(webhook),
        "path": f"/hooks/{webhook.public_id}",
        "scheme": webhook.scheme,
        "action": webhook.action,
        "signal": webhook.signal,
        "mapping": webhook.mapping,
        "headers": webhook.headers,
        "last_at": moment(webhook.last_at),  # type: ignore[attr-defined]
        "old_secret_until": moment(webhook.old_until) if has_old else None,
    }


def delivery_item(delivery: Delivery) -> Item:
    return {
        "at": moment(delivery.at),
        "status": delivery.status,
        "reason": delivery.reason,
        "delivery_id": delivery.delivery_id,
        "size": delivery.size,
        "run": _run_brief(delivery.run),
    }


def listed_deliveries(webhook: Webhook) -> QuerySet[Delivery]:
    return webhook.deliveries.select_related("run").defer("run__final_state", "run__error")


def _run_brief(run: Run | None) -> Item | None:
    return None if run is None else {"id": str(run.public_id), "status": run.status}


def now() -> datetime:
    """The database's clock, the one that triggers go by."""
    return database_clock.now(DjangoConnection())
