"""What comes to waiting runs from outside: answers of people, and signals."""

import time
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import TERMINAL_RUN_STATUSES, Event, RunStatus, ValueRefused
from engine.jsonvalue import clean
from engine.waits import answer_problems, answered, signalled
from studio import codec
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.append import append_as_other
from studio.execution.dispatch import dispatcher
from studio.models import Run, Wait
from studio.raw_connection import DjangoConnection

MAX_NAME = 200


def answer_wait(*, user: User | None, wait: Wait, answer: Any) -> None:
    """Answer what a run asks people. The caller found the wait through `queries.visible`.

    The first answer counts: a second one is refused with 409.
    """
    data = codec.decode(wait.data)
    given = _checked(answer, "The answer")
    problems = answer_problems(data["form"], given)
    if problems:
        details = [
            {"pointer": pointer, "code": "E_FORM", "message": message, "hint": ""}
            for pointer, message in problems
        ]
        said = "; ".join(f"{pointer[1:] or 'answer'}: {message}" for pointer, message in problems)
        raise ActionError("E_FORM", f"The form refuses this answer: {said}.", 400, details)
    event = answered(data["node"], data, given, user.get_username() if user else None)
    with transaction.atomic():
        _refuse_ended(wait.run_id)
        # A driver writes in this order too: journal, run, waits.
        _bring(wait.run_id, event)
        now = codec.moment_of(codec.column("postgresql", event.time))
        if not Wait.objects.filter(pk=wait.pk, closed_at=None).update(closed_at=now):
            raise ActionError(
                "E_CLOSED", "This was answered or ended before: nothing is open.", 409
            )
        audit.record(user, "wait.answer", wait.run.public_id, node=data["node"])


def send_signal(
    *, user: User | None, run: Run, name: str, key: Any = None, payload: Any = None
) -> None:
    """Send a run a signal; it is kept until a wait takes it."""
    if not 0 < len(name) <= MAX_NAME:
        raise ActionError("E_INVALID", f"The name of a signal has 1 to {MAX_NAME} characters.")
    by = user.get_username() if user else None
    event = signalled(name, _checked(key, "The key"), _checked(payload, "The payload"), by)
    with transaction.atomic():
        _refuse_ended(run.pk)
        _bring(run.pk, event)
        audit.record(user, "run.signal", run.public_id, name=name)


def _checked(value: Any, what: str) -> Any:
    try:
        return clean(codec.clean(value)[0], "")
    except ValueRefused as error:
        raise ActionError("E_VALUE", f"{what} is refused: {error}.") from error


def _refuse_ended(run_id: int) -> None:
    status = Run.objects.values_list("status", flat=True).get(pk=run_id)
    if status in {*TERMINAL_RUN_STATUSES, RunStatus.CANCELLING}:
        raise ActionError("E_CLOSED", f"The run is {status}: it waits for nothing any more.", 409)


def _bring(run_id: int, event: Event) -> None:
    """Append the event, and have a waiting run driven again."""
    event.time = time.time()
    append_as_other(DjangoConnection(), run_id, [event])
    Run.objects.filter(pk=run_id, status=RunStatus.WAITING.value).update(
        status=RunStatus.RUNNING.value
    )
    transaction.on_commit(lambda: dispatcher().changed(run_id))
