"""What the children of the nursery do. Each is a process of its own, forked for one of these."""

import signal
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection, connections

from studio.actions.runs import start_run
from studio.actions.workflows import create_workflow, publish
from studio.execution import dispatch
from studio.execution.broker import ByBroker
from studio.execution.service import Service, use
from studio.execution.sweeper import Sweeper
from studio.journal import integrity
from studio.journal.raw_connection import Unavailable
from studio.models import Version
from tests.faults import arms, fenceless
from tests.faults.ledger import note
from tests.faults.operator import decide

NAME = "tester"


def prepare() -> None:
    """Make the tables, the user, and the table of bookings."""
    with connection.cursor() as cursor:
        # There is nothing yet that a power cut could take.
        cursor.execute(
            "PRAGMA synchronous = OFF"
            if connection.vendor == "sqlite"
            else "SET synchronous_commit = off"
        )
    call_command("migrate", verbosity=0, interactive=False)
    User.objects.create_user(NAME)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE trial_booking (run TEXT, node TEXT, act INTEGER)")


def publish_all(documents: list[dict[str, Any]]) -> list[str]:
    """Publish these; the public ids of the versions."""
    user = User.objects.get(username=NAME)
    found = []
    for document in documents:
        version = publish(user=user, workflow=create_workflow(user=user, document=document))
        found.append(str(version.public_id))
    return found


def start(runs: list[dict[str, Any]], drivers: int = 0) -> list[str]:
    """Start runs {version, key, state} as a web process does; their public ids. Ends once the
    hints, if there is a broker, are on their way."""
    arms.take_up()
    service = Service(drivers=drivers, sweeps=False)
    use(service)
    user = User.objects.get(username=NAME)
    found = [_start(user, **wish) for wish in runs]
    dispatcher = dispatch.dispatcher()
    if isinstance(dispatcher, ByBroker):
        deadline = time.monotonic() + 10
        while sum(dispatcher.health().values()) < len(runs) and time.monotonic() < deadline:
            time.sleep(0.002)
    return found


def _start(user: User, version: str, key: str, state: dict[str, Any]) -> str:
    note("asked", key=key)
    run = start_run(
        user=user,
        version=Version.objects.get(public_id=UUID(version)),
        state=state,
        idempotency_key=key,
    )
    note("told", key=key, run=str(run.public_id))
    return str(run.public_id)


def drive(
    queue: str,
    drivers: int = 8,
    runs: list[dict[str, Any]] | None = None,
    fence: bool = True,
    sweeps: bool = True,
) -> None:
    """Drive runs of a queue until SIGTERM, having started some first. Without `sweeps` only the
    quick looks between two sweeps find runs."""
    if not sweeps:
        Sweeper.sweep = lambda self: None  # type: ignore[method-assign]
    if not fence:
        fenceless.take_away()
    arms.take_up()
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    service = Service(drivers=drivers, queues=(queue,))
    use(service)
    service.start()
    user = User.objects.get(username=NAME)
    for wish in runs or []:
        _start_patiently(user, wish)
    while not told.wait(0.2):
        pass
    service.stop(20.0)


def _start_patiently(user: User, wish: dict[str, Any]) -> None:
    """As a client does: again with the same key until it is answered."""
    while True:
        try:
            _start(user, **wish)
            return
        except (OperationalError, InterfaceError, Unavailable):
            connections.close_all()
            time.sleep(0.05)


def start_many(runs: list[dict[str, Any]], every_s: float) -> None:
    """Start runs one after the other until SIGTERM or the last of them, as patient clients do."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    use(Service(drivers=0, sweeps=False))
    user = User.objects.get(username=NAME)
    for wish in runs:
        _start_patiently(user, wish)
        if told.wait(every_s):
            return


def worker(drivers: int) -> None:
    """`manage.py worker`."""
    call_command("worker", "--drivers", str(drivers))


def flaws() -> list[str]:
    """What `manage.py fsck` finds."""
    return [f"{flaw.code} {flaw.subject}: {flaw.message}" for flaw in integrity.flaws()][:50]


DEEDS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (prepare, publish_all, start, start_many, drive, worker, decide, flaws)
}
