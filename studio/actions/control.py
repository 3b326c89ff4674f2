"""What people and programs do to runs on their way: pause them, let them go on, try again."""

import time
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from engine import Event, EventKind, RunStatus
from engine.limits import LimitRefused, Limits, changed
from engine.said import Said, joined, quoted, say
from studio import rights
from studio.actions import audit
from studio.actions.errors import ActionError, forgotten
from studio.actions.permission import require
from studio.actions.run_verbs import STANDS, Verb, does, refusal
from studio.actions.values import limit_refused
from studio.execution.dispatch import dispatcher
from studio.journal import codec
from studio.journal.append import append_as_other
from studio.journal.raw_connection import Conflict, DjangoConnection, Unavailable
from studio.live import hub
from studio.models import Run, Wait
from studio.waits.outcome_rows import OUTCOME

MAX_REASON = 500
MAX_TRIES = 5
MOST_NAMED = 5
"""Calls of unknown outcome that one message names; its details have all."""


class _Moved(Exception):
    """The run's status changed between the look and the change."""


def pause_run(*, user: User | None, run: Run, reason: str = "") -> Run:
    """Start nothing new; what runs finishes and is kept. A paused run stays as it is."""
    said = codec.clean(reason[:MAX_REASON])[0] or "paused on request"
    data = {"code": "E_PAUSED", "reason": said, "by": _name(user)}
    error: dict[str, Any] = {
        "code": "E_PAUSED",
        "message": said,
        "node": None,
        "edge": None,
        "details": {},
    }
    # The lease stays with the driver until what runs has finished.
    columns = {
        "status": RunStatus.PAUSED.value,
        "error": codec.encode(error),
        "error_code": "E_PAUSED",
    }
    return _do(Verb.PAUSE, user, run, Event(EventKind.RUN_PAUSED, data), columns, reason=said)


def resume_run(*, user: User | None, run: Run, limits: Mapping[str, Any] | None = None) -> Run:
    """Let a paused run go on, with limits raised if that is what stopped it."""
    return _go_on(Verb.RESUME, user, run, limits)


def retry_run(*, user: User | None, run: Run, limits: Mapping[str, Any] | None = None) -> Run:
    """Let a failed run go on where it failed: what failed is tried again, the rest is kept."""
    return _go_on(Verb.RETRY, user, run, limits)


def _go_on(verb: Verb, user: User | None, run: Run, limits: Mapping[str, Any] | None) -> Run:
    raised = _checked(limits)
    data: dict[str, Any] = {"by": _name(user)}
    if raised:
        data["limits"] = raised
    event = Event(EventKind.RUN_RESUMED, data)
    return _do(verb, user, run, event, _columns_of_going_on(), limits=raised)


def going_on(user: User | None, now: Run) -> None:
    """Let a paused run go on, in the caller's transaction, in which `now` was read.

    Raises Conflict when its status changed since.
    """
    try:
        _change(now, Event(EventKind.RUN_RESUMED, {"by": _name(user)}), _columns_of_going_on())
    except _Moved as error:
        raise Conflict(str(error)) from error


def _columns_of_going_on() -> dict[str, Any]:
    return {
        "status": Case(
            When(Q(lease_owner="") | Q(lease_until__lt=Now()), then=Value(RunStatus.QUEUED.value)),
            # Its driver still waits for what ran when it was paused, and goes on by itself.
            default=Value(RunStatus.RUNNING.value),
        ),
        "error": "",
        "error_code": "",
        "finished_at": None,
        "final_state": None,
        "lost_attempts": 0,
    }


def _do(
    verb: Verb, user: User | None, run: Run, event: Event, columns: dict[str, Any], **noted: Any
) -> Run:
    """The verb, if the run's status calls for it. Raises ActionError when it forbids it."""
    require(user, rights.Verb.STEER, run)
    tries = 0
    while True:
        try:
            with transaction.atomic():
                now = Run.objects.get(pk=run.pk)
                if _is_wanted(verb, now, noted.get("limits")):
                    _change(now, event, columns)
                    audit.record(user, f"run.{verb}", run.public_id, **noted)
                    transaction.on_commit(lambda: tell(run.pk))
                    now = Run.objects.get(pk=run.pk)
                return now
        except _Moved:
            continue
        except (OperationalError, Unavailable):
            # A driver that claims the run at this moment locks in another order: PostgreSQL ends
            # one of both. Inside a caller's transaction there is nothing left to try again.
            tries += 1
            if tries == MAX_TRIES or connection.in_atomic_block:
                raise


def _is_wanted(verb: Verb, now: Run, limits: Mapping[str, Any] | None) -> bool:
    if now.forgotten_at is not None:
        raise forgotten(now.public_id)
    status = RunStatus(now.status)
    instead = refusal(verb, status)
    if instead is not None:
        raise ActionError("E_STATE", not_so(now, status, instead), 409)
    if not does(verb, status):
        if limits:
            raise ActionError(
                "E_STATE",
                say(
                    "Run {run} is {status}: pause it first, then resume it with the limits.",
                    run=str(now.public_id),
                    status=STANDS[status],
                ),
                409,
            )
        return False
    if verb is not Verb.PAUSE:
        _check_outcomes(now)
        _check_budget(now, limits or {})
    return True


def _check_outcomes(now: Run) -> None:
    """Refuse to go on while nobody has said what became of a call: it may have been made."""
    undecided = Wait.objects.filter(run=now, kind=OUTCOME, closed_at=None).order_by("id")
    calls = [(wait.ref, codec.decode(wait.data)) for wait in undecided]
    if not calls:
        return
    names: str = joined(_call_named(data) for _, data in calls[:MOST_NAMED])
    if len(calls) > MOST_NAMED:
        names = say("{names} and {n} more", names=names, n=len(calls) - MOST_NAMED)
    details = [
        {
            "pointer": f"/nodes/{data['node']}",
            "code": "E_OUTCOME_UNKNOWN",
            "message": say("Nobody knows whether {call} acted.", call=_call_named(data)),
            "hint": f"POST /api/v1/outcomes/{now.public_id}.{ref}/decide",
        }
        for ref, data in calls
    ]
    raise ActionError(
        "E_UNDECIDED",
        say(
            "Run {run} has calls of unknown outcome: {calls}. Say first what became of each, on its"
            " page, in the inbox or with POST /api/v1/outcomes/{id}/decide; the run goes on with"
            " the last one.",
            run=str(now.public_id),
            calls=names,
            id="{id}",
        ),
        409,
        details,
    )


def _call_named(data: Mapping[str, Any]) -> Said:
    step, attempt = quoted(data["node"]), data["att"]
    if data.get("item") is None:
        return say("{step}, attempt {n}", step=step, n=attempt)
    item = data["item"]
    return say("item {item} of {step}, attempt {n}", item=item, step=step, n=attempt)


def not_so(run: Run, status: RunStatus, instead: Said) -> Said:
    """How a run stands that cannot be changed so, and what to do instead."""
    stands = STANDS[status]
    said = say("Run {run} is {status}.", run=str(run.public_id), status=stands)
    return say("{one} {other}", one=said, other=instead)


def _check_budget(now: Run, limits: Mapping[str, Any]) -> None:
    """Refuse to go on with no steps left: it would stop at once."""
    if now.error_code != "E_STEP_BUDGET":
        return
    used = codec.decode(now.error).get("details", {}).get("max_steps", 0)
    if limits.get("max_steps", 0) <= used:
        raise ActionError(
            "E_STATE",
            say(
                "Run {run} has used its {used} steps: send limits with more, such as {example}.",
                run=str(now.public_id),
                used=used,
                example=f'{{"max_steps": {used * 2}}}',
            ),
            409,
        )


def _change(now: Run, event: Event, columns: dict[str, Any]) -> None:
    """Append, then the row: drivers lock in that order too. Raises _Moved."""
    event.time = time.time()
    append_as_other(DjangoConnection(), now.pk, [event])
    same = Run.objects.filter(pk=now.pk, status=now.status, forgotten_at=None)
    if not same.update(**columns):
        raise _Moved


def tell(run_id: int) -> None:
    """Who drives the run, and who watches it, look at what was written."""
    dispatcher().changed(run_id)
    hub.wake(run_id)


def _checked(limits: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        changed(Limits(), limits or {})
    except LimitRefused as error:
        raise limit_refused(error) from error
    return dict(limits or {})


def _name(user: User | None) -> str | None:
    return user.get_username() if user else None
