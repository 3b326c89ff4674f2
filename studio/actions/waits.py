"""What comes to waiting runs from outside: answers of people, and signals."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import TERMINAL_RUN_STATUSES, Event, RunStatus, ValueRefused
from engine.planning.waits import answer_problems, answered, fits, received, signalled
from engine.policies import WaitKind
from engine.said import Said, say
from engine.values.jsonvalue import clean
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.actions.run_verbs import STANDS
from studio.actions.values import refused_because
from studio.execution.dispatch import dispatcher
from studio.journal import codec
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, Wait
from studio.rights import Verb
from studio.waits import arrivals

MAX_NAME = 200


def answer_wait(*, user: User | None, wait: Wait, answer: Any) -> None:
    """Answer what a run asks people. The caller found the wait through `queries.visible`.

    The first answer counts: a second one is refused with 409.
    """
    require(user, Verb.STEER, wait.run)
    data = codec.decode(wait.data)
    given = checked(answer, say("The answer"))
    problems = answer_problems(data["form"], given)
    if problems:
        details = [
            {"pointer": pointer, "code": "E_FORM", "message": message, "hint": ""}
            for pointer, message in problems
        ]
        said = say("The form refuses this answer: {said}.", said=placed(problems, "answer"))
        raise ActionError("E_FORM", said, 400, details)
    event = answered(data["node"], data, given, user.get_username() if user else None)
    with transaction.atomic():
        _refuse_ended(wait.run_id)
        try:
            arrivals.bring(DjangoConnection(), wait.run_id, event, wait.pk)
        except arrivals.Closed:
            closed = say("This was answered or ended before: nothing is open.")
            raise ActionError("E_CLOSED", closed, 409) from None
        _tell(wait.run_id)
        audit.record(user, "wait.answer", wait.run.public_id, node=data["node"])


def send_signal(
    *, user: User | None, run: Run, name: str, key: Any = None, payload: Any = None
) -> None:
    """Send a run a signal: to its oldest open wait for it, else kept until a wait takes it."""
    require(user, Verb.STEER, run)
    checked_name(name)
    by = user.get_username() if user else None
    event = signalled(name, checked(key, say("The key")), checked(payload, say("The payload")), by)
    with transaction.atomic():
        _refuse_ended(run.pk)
        if not _taken(run.pk, event):
            arrivals.leave(DjangoConnection(), run.pk, event)
        _tell(run.pk)
        audit.record(user, "run.signal", run.public_id, name=name)


def placed(problems: Iterable[tuple[str, str]], whole: str) -> str:
    """Problems at their places, one after the other; `whole` is the place of all of it."""
    made: str = ""
    for pointer, message in problems:
        part = say("{key}: {problem}", key=pointer[1:] or whole, problem=message)
        made = say("{one}; {other}", one=made, other=part) if made else part
    return made


def checked_name(name: str) -> str:
    """The name of a signal. Raises ActionError."""
    if not 0 < len(name) <= MAX_NAME:
        raise ActionError(
            "E_INVALID", say("The name of a signal has 1 to {most} characters.", most=MAX_NAME)
        )
    return name


def checked(value: Any, what: Said) -> Any:
    """A value as JSON that a database takes. Raises ActionError."""
    try:
        return clean(codec.clean(value)[0], "")
    except ValueRefused as error:
        raise ActionError("E_VALUE", refused_because(what, error)) from error


def _refuse_ended(run_id: int) -> None:
    status = Run.objects.values_list("status", flat=True).get(pk=run_id)
    if status in {*TERMINAL_RUN_STATUSES, RunStatus.CANCELLING}:
        stands = STANDS[RunStatus(status)]
        said = say("The run is {status}: it waits for nothing any more.", status=stands)
        raise ActionError("E_CLOSED", said, 409)


def _taken(run_id: int, signal: Event) -> bool:
    """Whether a wait of the run was open for the signal, and has it now."""
    open_waits = Wait.objects.filter(
        run_id=run_id, kind=WaitKind.SIGNAL.value, signal=signal.data["name"], closed_at=None
    )
    for wait in open_waits.order_by("created_at", "id"):
        data = codec.decode(wait.data)
        if fits(data, signal.data):
            try:
                event = received(data["node"], data, signal)
                arrivals.bring(DjangoConnection(), run_id, event, wait.pk)
            except arrivals.Closed:
                continue
            return True
    return False


def _tell(run_id: int) -> None:
    transaction.on_commit(lambda: dispatcher().changed(run_id))
