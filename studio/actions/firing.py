"""Schedules at work: every process looks after them, each due time starts one run.

One due time is one transaction: the row of the schedule is locked, the run is started, what came of
it is written, and the schedule moves on. Whoever is killed in between leaves nothing behind, and
whoever comes second finds that the schedule has moved on. The run's dedupe key, made of the
schedule and the due time, would stop a second run even then.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from engine import TERMINAL_RUN_STATUSES
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.actions.schedules import SOURCE, aim_at, drop_queued, timing_of
from studio.actions.targets import version_to_start
from studio.actions.trigger_fields import now
from studio.journal import codec
from studio.models import Firing, Run, Schedule
from studio.triggers.schedule_plan import MAX_FAILURES, Overlap, Timing, pause_after, step

MOST_AT_ONCE = 500
"""Due times acted on before the thread looks at other things."""
MOST_QUEUED = 100
MAX_REASON = 1000
KEPT = 200
"""What is remembered of a schedule: its last firings."""

log = logging.getLogger(__name__)


def fire_due() -> float | None:
    """Act on everything that is due. Returns the seconds until the next time, None for none."""
    broken: set[int] = set()
    for _ in range(MOST_AT_ONCE):
        due = Schedule.objects.filter(next_at__lte=now()).exclude(pk__in=broken)
        found = due.order_by("next_at", "pk").values_list("pk", flat=True).first()
        if found is None:
            break
        if not _done(act, found):
            broken.add(found)
    for pk in _with_queue():
        _done(start_queued, pk)
    coming = Schedule.objects.exclude(next_at=None).exclude(pk__in=broken).order_by("next_at")
    next_at = coming.values_list("next_at", flat=True).first()
    return None if next_at is None else (next_at - now()).total_seconds()


def _done(work: Callable[[int], None], schedule_id: int) -> bool:
    """One schedule that cannot be worked on must not stand in the way of the others."""
    try:
        work(schedule_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("schedule %s could not be acted on", schedule_id)
        return False
    return True


@transaction.atomic
def act(schedule_id: int) -> None:
    """Act on one due time of a schedule, if one has come."""
    schedule = _locked(schedule_id)
    moment = now()
    if schedule is None or not (schedule.next_at and schedule.due_at):
        return
    if schedule.next_at > moment:
        return
    timing = timing_of(schedule)
    move = step(timing, schedule.due_at, moment)
    if move.passed:
        _note_passed(schedule, *move.passed, moment)
    aim_at(schedule, timing, move.due)
    if move.fire is not None:
        _fire(schedule, timing, move.fire, moment)
    schedule.save()
    _prune(schedule)


def _fire(schedule: Schedule, timing: Timing, due: datetime, moment: datetime) -> None:
    """Start a run for a due time, or say why none starts."""
    if schedule.firings.filter(due_at=due).exists():
        # Only after the database's clock was set back.
        return
    if schedule.overlap != Overlap.ALLOW and _is_busy(schedule):
        _note_overlap(schedule, due, moment)
        return
    try:
        run = _start(schedule, due)
    except ActionError as error:
        _note_refusal(schedule, timing, due, moment, error.message)
        return
    _note(schedule, due, moment, Firing.STARTED, run=run)
    _note_success(schedule, moment)


def _start(schedule: Schedule, due: datetime) -> Run:
    return start_run(
        user=schedule.owner,
        version=version_to_start(schedule.owner, schedule.workflow, schedule.version),
        state=codec.decode(schedule.state),
        source=SOURCE,
        tags=schedule.tags,
        idempotency_key=f"schedule:{schedule.public_id}:{due:%Y-%m-%dT%H:%M:%SZ}",
    )


def _with_queue() -> list[int]:
    rows = Firing.objects.filter(status=Firing.QUEUED).order_by("schedule_id")
    return list(rows.values_list("schedule_id", flat=True).distinct()[:MOST_AT_ONCE])


@transaction.atomic
def start_queued(schedule_id: int) -> None:
    """Start the oldest due time that waits for its turn, if the run before it has ended."""
    schedule = _locked(schedule_id)
    if schedule is None or _is_busy(schedule):
        return
    oldest = schedule.firings.filter(status=Firing.QUEUED).order_by("due_at").first()
    if oldest is None:
        return
    moment = now()
    try:
        run = _start(schedule, oldest.due_at)
    except ActionError as error:
        oldest.delete()
        _note_refusal(schedule, timing_of(schedule), oldest.due_at, moment, error.message)
    else:
        Firing.objects.filter(pk=oldest.pk).update(
            status=Firing.STARTED, reason="", at=moment, run=run
        )
        _note_success(schedule, moment)
    schedule.save()


def _is_busy(schedule: Schedule) -> bool:
    """Whether a run of it has not ended yet. A paused or waiting one has not."""
    rows = schedule.firings.filter(status=Firing.STARTED, run__isnull=False)
    return rows.exclude(run__status__in=TERMINAL_RUN_STATUSES).exists()


def _note_success(schedule: Schedule, moment: datetime) -> None:
    schedule.last_at = moment
    schedule.failures, schedule.problem = 0, ""


def _note_overlap(schedule: Schedule, due: datetime, moment: datetime) -> None:
    reason = "A run of this schedule was still active."
    waiting = schedule.firings.filter(status=Firing.QUEUED).count()
    if schedule.overlap == Overlap.SKIP:
        _note(schedule, due, moment, Firing.SKIPPED, reason)
    elif waiting >= MOST_QUEUED:
        _note(schedule, due, moment, Firing.SKIPPED, f"{reason} {waiting} others wait already.")
    else:
        _note(schedule, due, moment, Firing.QUEUED, reason)


def _note_passed(schedule: Schedule, first: datetime, last: datetime, moment: datetime) -> None:
    """One row for all due times that are passed over."""
    until = "" if first == last else f", and those until {last:%Y-%m-%d %H:%M} UTC"
    reason = f"Nothing was running at this time{until}."
    _note(schedule, first, moment, Firing.SKIPPED, reason)


def _note_refusal(
    schedule: Schedule, timing: Timing, due: datetime, moment: datetime, reason: str
) -> None:
    """Rest for a while after a refused start, and give up after several in a row."""
    reason = codec.clean(reason[:MAX_REASON])[0]
    _note(schedule, due, moment, Firing.REFUSED, reason)
    schedule.failures += 1
    schedule.problem = reason
    if schedule.failures >= MAX_FAILURES:
        schedule.enabled = False
        schedule.due_at = schedule.next_at = None
        drop_queued(schedule, "The schedule was switched off.")
        audit.record(
            None, "schedule.disable", schedule.public_id, failures=schedule.failures, reason=reason
        )
        log.warning("schedule %s was switched off: %s", schedule.public_id, reason)
    else:
        later = timing.cron.after(moment + pause_after(schedule.failures) - timedelta(seconds=1))
        if schedule.due_at is not None and later is not None and later > schedule.due_at:
            aim_at(schedule, timing, later)


def _note(
    schedule: Schedule,
    due: datetime,
    moment: datetime,
    status: str,
    reason: str = "",
    run: Run | None = None,
) -> None:
    what = {"at": moment, "status": status, "reason": reason, "run": run}
    Firing.objects.get_or_create(schedule=schedule, due_at=due, defaults=what)


def _prune(schedule: Schedule) -> None:
    """Forget all but the last firings; those that wait or run are kept."""
    rows = schedule.firings.order_by("-due_at")
    oldest = rows.values_list("due_at", flat=True)[KEPT : KEPT + 1].first()
    if oldest is not None:
        old = schedule.firings.filter(due_at__lte=oldest).exclude(status=Firing.QUEUED)
        old.exclude(
            status=Firing.STARTED, run__isnull=False, run__finished_at__isnull=True
        ).delete()


def _locked(schedule_id: int) -> Schedule | None:
    rows = Schedule.objects.select_for_update(of=("self",)).filter(pk=schedule_id)
    rows = rows.select_related("workflow", "version", "owner")
    return rows.defer("workflow__draft", "version__document").first()
