"""What people do to schedules: make, change, delete, run now."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from studio import codec, cron, database_clock
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.actions.targets import checked_version, version_to_start
from studio.models import Firing, Run, Schedule, Version, Workflow
from studio.raw_connection import DjangoConnection
from studio.schedule_plan import CatchUp, Overlap, Timing

NAME_MAX = 200
MAX_JITTER_S = 3600
UPCOMING = 5
MOST_OF_ONE = 500
"""Schedules, and webhooks, of one user."""
SOURCE = "schedule"


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
    settled = _checked(user, workflow, wanted)
    refuse_too_many(Schedule.objects.filter(owner=user).count(), "schedules")
    schedule = Schedule(workflow=workflow, owner=user)
    _take(schedule, settled)
    _aim(schedule, now())
    schedule.save()
    audit.record(user, "schedule.create", schedule.public_id, workflow=str(workflow.public_id))
    return schedule


@transaction.atomic
def change_schedule(*, user: User, schedule: Schedule, changes: dict[str, Any]) -> Schedule:
    """Change the named fields of `ScheduleFields`. Nothing changed is nothing recorded."""
    head = _locked(schedule)
    before = _fields_of(head)
    after = replace(before, **changes)
    if after == before:
        return head
    if after.enabled:
        after = _checked(head.owner, head.workflow, after)
    else:
        after = _shaped(after)
    changed = [
        each.name
        for each in fields(ScheduleFields)
        if getattr(before, each.name) != getattr(after, each.name)
    ]
    _take(head, after)
    if set(changed) & {"cron", "time_zone", "jitter_s", "enabled"}:
        _aim(head, now())
    if "enabled" in changed or "version" in changed or "state" in changed:
        head.failures, head.problem = 0, ""
    head.save()
    if not head.enabled:
        drop_queued(head, "The schedule was switched off.")
    audit.record(user, "schedule.change", head.public_id, fields=changed)
    return head


@transaction.atomic
def delete_schedule(*, user: User, schedule: Schedule) -> None:
    """End a schedule. The runs that it started stay."""
    head = _locked(schedule)
    audit.record(user, "schedule.delete", head.public_id, name=head.name)
    head.delete()


@transaction.atomic
def run_now(*, user: User, schedule: Schedule, idempotency_key: str | None = None) -> Run:
    """Start a run of this user as the schedule would, whatever the time and the overlap."""
    head = _locked(schedule)
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


def now() -> datetime:
    """The database's clock, the only one that schedules go by."""
    return database_clock.now(DjangoConnection())


def read_cron(text: str, time_zone: str) -> cron.Cron:
    try:
        return cron.read(text, time_zone)
    except cron.CronRefused as error:
        raise _refused(error.field, str(error)) from error


def _checked(owner: User, workflow: Workflow, wanted: ScheduleFields) -> ScheduleFields:
    """Refuse what could never start a run."""
    settled = _shaped(wanted)
    if read_cron(settled.cron, settled.time_zone).after(now()) is None:
        raise _refused("cron", "This cron text never comes true: look at its day and month.")
    checked_version(owner, workflow, settled.version, settled.state)
    return settled


def _shaped(wanted: ScheduleFields) -> ScheduleFields:
    name = codec.clean(wanted.name.strip())[0]
    if not 0 < len(name) <= NAME_MAX:
        raise _refused("name", f"A schedule needs a name of 1 to {NAME_MAX} characters.")
    read_cron(wanted.cron, wanted.time_zone)
    if not 0 <= wanted.jitter_s <= MAX_JITTER_S:
        raise _refused("jitter_s", f"Write 0 to {MAX_JITTER_S} seconds.")
    for member, known in (("catch_up", CatchUp), ("overlap", Overlap)):
        if getattr(wanted, member) not in list(known):
            raise _refused(member, f"Write one of {', '.join(known)}.")
    return replace(
        wanted,
        name=name,
        cron=" ".join(wanted.cron.split()),
        state=codec.clean(wanted.state)[0],
        tags=checked_tags(wanted.tags),
    )


def checked_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) > 20 or not all(0 < len(tag) <= 40 for tag in tags):
        raise _refused("tags", "Write at most 20 tags of 1 to 40 characters each.")
    return tuple(dict.fromkeys(codec.clean(tag)[0] for tag in tags))


def _refused(member: str, message: str) -> ActionError:
    detail = {"pointer": f"/{member}", "code": "E_INVALID", "message": message, "hint": ""}
    code = {"cron": "E_CRON", "time_zone": "E_TIME_ZONE"}.get(member, "E_INVALID")
    return ActionError(code, message, 400, [detail])


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


def refuse_too_many(count: int, what: str) -> None:
    if count >= MOST_OF_ONE:
        raise ActionError(
            "E_LIMIT", f"One user has at most {MOST_OF_ONE} {what}: delete one first.", 409
        )


def _locked(schedule: Schedule) -> Schedule:
    """The row as it is now, locked until the transaction ends."""
    rows = Schedule.objects.select_for_update(of=("self",)).filter(pk=schedule.pk)
    found = rows.select_related("workflow", "version", "owner").first()
    if found is None:
        raise ActionError("E_NOT_FOUND", "The schedule was deleted a moment ago.", 404)
    return found
