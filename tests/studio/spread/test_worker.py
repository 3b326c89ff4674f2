"""`manage.py worker`: drives what a web process starts, hears what it says, leaves without loss."""

import signal
import time

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from studio.actions.runs import cancel_run, start_run
from studio.execution.service import Service
from studio.models import Run
from tests.studio import build
from tests.studio.spread.processes import Processes, drivers_of, status

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_drives_what_a_web_process_starts_and_leaves_without_loss(
    processes: Processes, web: Service, alice: User
) -> None:
    version = build.published(build.chain("trial.ledger", 3), alice)
    waiting = start_run(user=alice, version=version)
    assert (status(waiting), web.driving()) == ("queued", 0)

    worker = processes.worker("--drivers", "4")
    assert web.wait_ended_blocking(waiting.public_id, 60), processes.said()
    assert (status(waiting), drivers_of(waiting)) == ("completed", [worker.pid])

    # Started while it runs, and cancelled from here: nothing but the table is between them.
    long = build.published(build.chain("trial.ledger", 200, key="long"), alice)
    doomed = start_run(user=alice, version=long)
    processes.until(lambda: status(doomed) == "running")
    asked = time.monotonic()
    cancel_run(user=alice, run=doomed)
    processes.until(lambda: status(doomed) == "cancelled")
    assert time.monotonic() - asked < 4, "the cancel came with a sweep only"

    # A stop: the step in hand is finished, its run handed back and driven on by another worker.
    before = len(processes.calls())
    slow = start_run(user=alice, version=version)
    processes.until(lambda: len(processes.calls()) > before)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0, processes.said()
    rest = Run.objects.get(pk=slow.pk)
    assert (rest.status, rest.lease_owner) == ("running", "")

    second = processes.worker()
    processes.until(lambda: status(slow) == "completed")
    assert drivers_of(slow) == [worker.pid, second.pid]
    assert processes.calls()[before:] == ["0", "1", "2"], "a step was called twice, or never"


@pytest.mark.parametrize(
    ("drivers", "options", "said"),
    [(32, ["--drivers", "0"], "1 or more"), (0, [], "a worker needs --drivers")],
)
def test_a_worker_without_drivers_is_refused(
    db: None, settings: object, drivers: int, options: list[str], said: str
) -> None:
    settings.DRIVERS = drivers  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match=said):
        call_command("worker", *options)
