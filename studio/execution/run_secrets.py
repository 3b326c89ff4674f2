"""What `ctx.secret` answers in a run: looked up when a tool asks, with the rights of the runner."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import DatabaseError, connections
from django.utils import timezone

from engine import Code, RunError, failing
from studio.models import Secret
from studio.queries import secrets
from studio.seals import sealing

WAIT_S = 10.0
# The column says roughly when a secret was used last: one write in this time is enough.
USED_STEP = timedelta(minutes=10)

log = logging.getLogger(__name__)

# Tools ask from the engine's loop too, where Django must not be called.
_looking = ThreadPoolExecutor(2, thread_name_prefix="treadle-secrets")
# Writing has a thread of its own that nobody waits for: the tool that asks may hold SQLite's one
# right to write, until it has its answer and is done.
_noting = ThreadPoolExecutor(1, thread_name_prefix="treadle-secrets-used")


def secrets_of(run_id: int) -> Callable[[str], str]:
    """The secrets that tools of this run may ask for, by name."""

    return _asking(lambda: secrets.runner_of(run_id))


def secrets_of_new(owner_id: int | None) -> Callable[[str], str]:
    """The same for a run of this user that may not be written yet."""
    return _asking(lambda: secrets.runner(owner_id))


def _asking(runner: Callable[[], int | None]) -> Callable[[str], str]:
    def get(name: str) -> str:
        return _looking.submit(_value, runner, name).result(WAIT_S)

    return get


def _value(runner: Callable[[], int | None], name: str) -> str:
    try:
        return _unsealed(runner, name)
    except DatabaseError as error:
        raise ConnectionError(f"the secret {name!r} cannot be read now: {error}") from None
    finally:
        connections.close_all()


def _unsealed(runner: Callable[[], int | None], name: str) -> str:
    try:
        secret = secrets.find(runner(), name)
    except LookupError as error:
        raise refused(name, str(error)) from None
    if secret is None:
        raise refused(name, failing.NOT_OF_STARTER)
    try:
        value = sealing.unseal(secret.sealed)
    except sealing.SealingError as error:
        raise refused(name, failing.CANNOT_OPEN(problem=str(error))) from None
    if secret.used_at is None or timezone.now() - secret.used_at >= USED_STEP:
        _noting.submit(_note_use, secret.pk)
    return value


def refused(name: str, why: str) -> RunError:
    """The error of a step that asked for a secret in vain."""
    shown = str(name)[:80]
    return RunError(
        Code.SECRET,
        failing.SECRET_REFUSED(name=shown, why=why),
        details={"secret": shown},
    )


def _note_use(pk: int) -> None:
    try:
        Secret.objects.filter(pk=pk).update(used_at=timezone.now())
    except DatabaseError as error:
        log.debug("the use of secret %s was not noted: %s", pk, error)
    finally:
        connections.close_all()
