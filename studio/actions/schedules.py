"""What people do to schedules: make, change, delete, run now."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine.said import say
from studio.actions import audit
from studio.actions.permission import require
from studio.actions.runs import start_run
from studio.actions.targets import checked_version, version_to_start
from studio.actions.trigger_fields import (
    changed,
    checked_choice,
    checked_name,
    checked_tags,
    locked,
    now,
    refuse_too_many,
    refused,
)
from studio.journal import codec
from studio.models import Firing, Run, Schedule, Version, Workflow
from studio.rights import Verb
from studio.triggers import cron
from studio.triggers.schedule_plan import CatchUp, Overlap, Timing

MAX_JITTER_S = 3600
UPCOMING = 5
SOURCE = "schedule"
_CODES = {"cron": "E_CRON", "time_zone": "E_TIME_ZONE"}


@dataclass(frozen=True, slots=True)
class ScheduleFields:
    """What a person says about a schedule."""

    name: str
    cron: str
    time_zone: str = "UTC"
    version: Version | None = None
    """None: whatever is published when a run starts."""
    state: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    catch_up: str = CatchUp.ONE.value
    overlap: str = Overlap.ALLOW.value
    jitter_s: int = 0
    enabled: bool = True


@transaction.atomic
def create_schedule(*, user: User, workflow: Workflow, wanted: ScheduleFields) -> Schedule:
    """A new schedule of this user. The caller found workflow and version through `visible`."""
    require(user, Verb.TRIGGER, workflow)
    settled = _checked(user, workflow, wanted)
    refuse_too_many(Schedule.objects.filter(owner=user).count(), say("schedules"))
    schedule = Schedule(workflow=workflow, owner=user)
    _take(schedule, settled)
    _aim(schedule, now())
    schedule.save()
    audit.record(user, "schedule.create", schedule.public_id, workflow=str(workflow.public_id))
    return schedule


@transaction.atomic
def change_schedule(*, user: User, schedule: Schedule, changes: dict[str, Any]) -> Schedule:
    """Change the named fields of `ScheduleFields`. Nothing changed is nothing recorded."""
    require(user, Verb.TRIGGER, schedule)
    head = locked(schedule)
    before = _fields_of(head)
    after = replace(before, **changes)
    if after == before:
        return head
    if after.enabled:
        after = _checked(head.owner, head.workflow, after)
    else:
        after = _shaped(after)
    named = changed(before, after)
    _take(head, after)
    if set(named) & {"cron", "time_zone", "jitter_s", "enabled"}:
        _aim(head, now())
    if set(named) & {"enabled", "version", "state"}:
        head.failures, head.problem = 0, ""
    head.save()
    if not head.enabled:
        drop_queued(head, "The schedule was switched off.")
    audit.record(user, "schedule.change", head.public_id, fields=named)
    return head


@transaction.atomic
def delete_schedule(*, user: User, schedule: Schedule) -> None:
    """End a schedule. The runs that it started stay."""
    require(user, Verb.TRIGGER, schedule)
    head = locked(schedule)
    audit.record(user, "schedule.delete", head.public_id, name=head.name)
    head.delete()


@transaction.atomic
def run_now(*, user: User, schedule: Schedule, idempotency_key: str | None = None) -> Run:
    """Start a run of this user as the schedule would, whatever the time and the overlap."""
    head = locked(schedule)
    run = start_run(
        user=user,
        version=version_to_start(user, head.workflow, head.version),
        state=codec.decode(head.state),
        source=SOURCE,
        tags=head.tags,
        idempotency_key=idempotency_key,
    )
    if not run.is_repeat:
        at = now()
        Schedule.objects.filter(pk=head.pk).update(last_at=at)
        Firing.objects.create(
            schedule=head,
            due_at=at,
            at=at,
            status=Firing.STARTED,
            reason=f"Started by {user.get_username()}.",
            run=run,
        )
    return run


def preview(cron_text: str, time_zone: str, count: int = UPCOMING) -> list[datetime]:
    """The next times of a cron text that nobody saved yet. Raises ActionError."""
    return read_cron(cron_text, time_zone).upcoming(now(), count)


def timing_of(schedule: Schedule) -> Timing:
    """When a stored schedule fires. Raises CronRefused when its zone is gone from the machine."""
    return Timing(
        cron.read(schedule.cron, schedule.time_zone),
        CatchUp(schedule.catch_up),
        schedule.jitter_s,
        str(schedule.public_id),
    )


def drop_queued(schedule: Schedule, reason: str) -> None:
    """Nothing that waits for its turn starts any more."""
    schedule.firings.filter(status=Firing.QUEUED).update(status=Firing.SKIPPED, reason=reason)


def read_cron(text: str, time_zone: str) -> cron.Cron:
    try:
        return cron.read(text, time_zone)
    except cron.CronRefused as error:
        raise refused(error.field, error.said, _CODES.get(error.field, "E_INVALID")) from error


def _checked(owner: User, workflow: Workflow, wanted: ScheduleFields) -> ScheduleFields:
    """Refuse what could never start a run."""
    settled = _shaped(wanted)
    if read_cron(settled.cron, settled.time_zone).after(now()) is None:
        raise refused(
            "cron",
            say("This cron text never comes true: look at its day and month."),
            _CODES["cron"],
        )
    checked_version(owner, workflow, settled.version, settled.state)
    return settled


def _shaped(wanted: ScheduleFields) -> ScheduleFields:
    name = checked_name(wanted.name, say("schedule"))
    read_cron(wanted.cron, wanted.time_zone)
    if not 0 <= wanted.jitter_s <= MAX_JITTER_S:
        raise refused("jitter_s", say("Write 0 to {most} seconds.", most=MAX_JITTER_S))
    checked_choice("catch_up", wanted.catch_up, list(CatchUp))
    checked_choice("overlap", wanted.overlap, list(Overlap))
    return replace(
        wanted,
        name=name,
        cron=" ".join(wanted.cron.split()),
        state=codec.clean(wanted.state)[0],
        tags=checked_tags(wanted.tags),
    )


def _take(schedule: Schedule, wanted: ScheduleFields) -> None:
    for each in fields(ScheduleFields):
        setattr(schedule, each.name, getattr(wanted, each.name))
    schedule.state = codec.encode(wanted.state)
    schedule.tags = list(wanted.tags)


def _fields_of(schedule: Schedule) -> ScheduleFields:
    stored = {each.name: getattr(schedule, each.name) for each in fields(ScheduleFields)}
    stored |= {"state": codec.decode(schedule.state), "tags": tuple(schedule.tags)}
    return ScheduleFields(**stored)


def _aim(schedule: Schedule, moment: datetime) -> None:
    """Wait for the next time after this moment; for none while it is switched off."""
    timing = timing_of(schedule)
    aim_at(schedule, timing, timing.cron.after(moment) if schedule.enabled else None)


def aim_at(schedule: Schedule, timing: Timing, due: datetime | None) -> None:
    """Wait for that due time. The caller saves the row."""
    schedule.due_at = due
    schedule.next_at = timing.at(due) if due else None
