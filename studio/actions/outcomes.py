"""What a person says of a call that was cut and must not be made twice."""

import time
from typing import Any

from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction

from engine import Event, EventKind, RunStatus
from engine.failing import reread
from engine.graph.schema import refusals
from engine.planning import outcomes
from engine.planning.evolve import evolve
from engine.planning.unknowns import is_all_decided
from engine.policies import OutcomeChoice
from engine.said import grouped, quoted, say
from studio import rights
from studio.actions import audit
from studio.actions.control import going_on, tell
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.actions.run_verbs import STANDS
from studio.actions.waits import checked, placed
from studio.journal import codec
from studio.journal.append import append_within
from studio.journal.raw_connection import Conflict, DjangoConnection, Unavailable
from studio.models import Run, Wait
from studio.queries.outcomes import Found, decision, look, returns_of
from studio.waits import outcome_rows

MAX_NOTE = 2_000
MAX_TRIES = 5
NOTHING: Any = object()
"""No output was given; null is one."""

_OPEN = (RunStatus.PAUSED, RunStatus.FAILED)
"""Statuses in which somebody may decide: the run rests."""


def decide_outcome(
    *,
    user: User | None,
    wait: Wait,
    choice: OutcomeChoice,
    output: Any = NOTHING,
    note: str = "",
) -> Run:
    """Say what became of a call of unknown outcome. The caller found it by `queries.outcomes`.

    The first decision counts: the same one again changes nothing, another one is refused with 409.
    It takes effect when the run goes on: at once if this was the last one that it waited for.
    """
    require(user, rights.Verb.STEER, wait.run)
    said = codec.clean(note)[0].strip()
    if len(said) > MAX_NOTE:
        raise ActionError(
            "E_INVALID", say("A note has at most {most} characters.", most=grouped(MAX_NOTE))
        )
    if (choice is OutcomeChoice.DONE) != (output is not NOTHING):
        raise ActionError(
            "E_OUTPUT",
            say(
                "Give an output with the choice done and with no other: what the tool would have"
                " returned; null for nothing."
            ),
        )
    given = None if output is NOTHING else checked(output, say("The output"))
    for tries in range(1, MAX_TRIES + 1):
        try:
            with transaction.atomic():
                return _decide(user, wait, choice, given, said)
        except Conflict:
            continue
        except (OperationalError, Unavailable):
            # As in `control`: PostgreSQL ends one of two that lock in another order.
            if tries == MAX_TRIES or connection.in_atomic_block:
                raise
    raise ActionError(
        "E_STATE",
        say("Run {run} changes all the time: try again.", run=str(wait.run.public_id)),
        409,
    )


def _decide(user: User | None, wait: Wait, choice: OutcomeChoice, output: Any, note: str) -> Run:
    """One try. Raises ActionError, and Conflict when somebody wrote to the run meanwhile."""
    wait.run = Run.objects.select_related("version").get(pk=wait.run_id)
    found = look(wait)
    event = _event(user, found, choice, output, note)
    if event is None:
        return wait.run
    event.time = time.time()
    database, run = DjangoConnection(), wait.run
    if append_within(database, run.pk, [event]) != found.folded.seq + 1:
        raise Conflict
    at = codec.column(database.vendor, event.time)
    database.execute(*outcome_rows.closing(run.pk, event.act, event.att, at))
    evolve(found.folded.marking, event)
    if is_all_decided(found.folded.marking):
        going_on(user, run)
    audit.record(
        user,
        "run.decide",
        run.public_id,
        node=event.node,
        activation=event.act,
        attempt=event.att,
        choice=choice.value,
        note=note,
    )
    transaction.on_commit(lambda: tell(run.pk))
    return Run.objects.get(pk=run.pk)


def _event(
    user: User | None, found: Found, choice: OutcomeChoice, output: Any, note: str
) -> Event | None:
    """What is written; None if the same was said before. Raises ActionError."""
    _refuse_another(found, choice, output)
    if decision(found) is not None:
        return None
    activation, run = found.activation, found.wait.run
    if RunStatus(run.status) not in _OPEN:
        raise ActionError(
            "E_STATE",
            say(
                "Run {run} is {status}: there is nothing to decide.",
                run=str(run.public_id),
                status=STANDS[RunStatus(run.status)],
            ),
            409,
        )
    if activation is None:
        raise ActionError("E_CLOSED", say("Nobody needs to decide about this call any more."), 409)
    late = found.late
    if choice is OutcomeChoice.ADOPT and late is None:
        raise ActionError(
            "E_NO_LATE_RESULT",
            say(
                "The call has brought nothing that could be adopted: choose done, retry, skip or"
                " fail."
            ),
            409,
        )
    if choice is OutcomeChoice.DONE:
        _check_output(activation.place.node.tool, output)
    event = outcomes.decided(
        activation,
        choice,
        output=output,
        late=None if late is None else late.data,
        by=user.get_username() if user else None,
        note=note,
    )
    problem = outcomes.problem(found.folded.marking, activation, event.data)
    if problem is not None:
        raise ActionError(
            "E_OUTPUT",
            say(
                "The step would fail with it: {problem}",
                problem=reread(problem.as_dict()) or problem.message,
            ),
            422,
        )
    return event


def _refuse_another(found: Found, choice: OutcomeChoice, output: Any) -> None:
    """Refuse a decision that is not the one which was taken. Raises ActionError."""
    before = decision(found)
    if before is None:
        return
    event = found.last(EventKind.OUTCOME_DECIDED)
    same = before["choice"] == choice.value
    if same and choice is OutcomeChoice.DONE and event is not None:
        same = codec.encode(event.data.get("output")) == codec.encode(output)
    if not same:
        at, what, by = str(before["at"]), str(before["choice"]), before["by"]
        said = (
            say(
                "This was decided by {by} at {at}: {choice}. The first decision counts.",
                by=by,
                at=at,
                choice=what,
            )
            if by
            else say(
                "This was decided at {at}: {choice}. The first decision counts.",
                at=at,
                choice=what,
            )
        )
        raise ActionError("E_DECIDED", said, 409)


def _check_output(tool: str | None, output: Any) -> None:
    """Hold an output against what the tool says that it returns. Raises ActionError."""
    schema = returns_of(tool)
    wrong = [] if schema is None else refusals(schema, output)
    if wrong:
        details = [
            {"pointer": f"/output{pointer}", "code": "E_OUTPUT", "message": message, "hint": ""}
            for pointer, message in wrong
        ]
        said = say(
            "The tool {tool} would not return this: {said}.",
            tool=quoted(str(tool)),
            said=placed(wrong, "output"),
        )
        raise ActionError("E_OUTPUT", said, 422, details)
