"""Each due time starts one run, whoever is killed and however many look after it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from studio.actions import firing
from studio.actions.schedules import now
from studio.execution.service import Service
from studio.models import Delivery, Firing, Run, RunEvent, Schedule
from tests.studio.database import database_url
from tests.studio.execution.test_crash import ROOT
from tests.studio.triggers.conftest import Hook, Make, came

pytestmark = pytest.mark.django_db(transaction=True)

Process = subprocess.Popen[str]
MISSED = 12


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    """A process that is ready to fire and waits for `tmp_path/go`."""
    processes: list[Process] = []

    def one(where: str, *more: str) -> Process:
        module = "tests.studio.triggers.firing_process"
        process = subprocess.Popen(
            [sys.executable, "-m", module, where, tmp_path / "go", *more],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "DJANGO_SETTINGS_MODULE": "studio.settings",
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield one
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_killed_while_firing(
    where: str, make: Make, launch: Callable[[str], Process], tmp_path: Path
) -> None:
    """kill -9 leaves all or nothing, and the next process makes it one run."""
    schedule = make(cron="0 0 1 1 *")
    due = now().replace(second=0, microsecond=0)
    # No other minute of the year: however slow the processes are, one time has come.
    once = f"{due.minute} {due.hour} {due.day} {due.month} *"
    Schedule.objects.update(cron=once, due_at=due, next_at=due)
    killed = launch(where)
    (tmp_path / "go").touch()

    assert killed.wait(30) == -signal.SIGKILL
    assert Run.objects.count() == Firing.objects.count() == (1 if where == "after" else 0)
    firing.fire_due()

    assert Firing.objects.filter(due_at=due).count() == 1
    assert Run.objects.filter(firings__due_at=due).count() == 1
    assert Run.objects.count() == Firing.objects.count()
    run = Run.objects.get(firings__due_at=due)
    assert list(RunEvent.objects.filter(run=run).values_list("kind", flat=True)) == ["run.created"]
    schedule.refresh_from_db()
    assert schedule.due_at is not None
    assert schedule.due_at > due


def test_processes_that_race_start_each_due_time_once(
    make: Make, launch: Callable[[str], Process], tmp_path: Path
) -> None:
    made = [make(catch_up="all", name=f"number {number}") for number in range(3)]
    racing = [launch("nowhere") for _ in range(3)]
    for schedule in made:
        came(schedule, minutes_ago=MISSED)
    begin = made[0].due_at
    (tmp_path / "go").touch()
    for process in racing:
        assert process.wait(60) == 0

    for schedule in made:
        fired = list(schedule.firings.order_by("due_at").values_list("due_at", "status"))
        assert len(fired) >= MISSED + 1
        assert fired == [
            (begin + timedelta(minutes=number), "started")  # type: ignore[operator]
            for number in range(len(fired))
        ]
    assert Run.objects.count() == Firing.objects.count()
    assert Run.objects.values("dedupe_key").distinct().count() == Run.objects.count()


@pytest.mark.parametrize("where", ["between", "after"])
def test_killed_while_taking_a_delivery(
    where: str, hook: Hook, launch: Callable[..., Process], tmp_path: Path
) -> None:
    """Nothing or all of it; the sender got no answer, sends again, and there is one run."""
    sender = hook()
    killed = launch(where, str(sender.webhook.public_id))
    (tmp_path / "go").touch()

    assert killed.wait(30) == -signal.SIGKILL
    assert Run.objects.count() == Delivery.objects.count() == (1 if where == "after" else 0)
    answer = sender.send({}, delivery="d-1")

    assert answer.body["repeat"] is (where == "after")
    assert str(Run.objects.get().public_id) == answer.body["run_id"]
    assert Delivery.objects.get().run == Run.objects.get()


def test_the_dedupe_key_alone_stops_a_second_run(make: Make, alice: User) -> None:
    """The bookkeeping is lost, the run is not: the due time finds the run that it started."""
    schedule = make()
    came(schedule)
    due = schedule.due_at
    firing.fire_due()
    started = Run.objects.get(firings__due_at=due)
    Firing.objects.all().delete()
    Schedule.objects.update(due_at=due, next_at=due)

    firing.fire_due()

    assert Firing.objects.get(due_at=due).run == started
    assert Run.objects.filter(dedupe_key=started.dedupe_key).count() == 1


def test_the_engine_fires_by_itself_soon(engine: Service, make: Make) -> None:
    schedule = make()
    came(schedule)
    due = schedule.due_at
    deadline = time.monotonic() + 20
    while not Run.objects.filter(firings__due_at=due, status="completed").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)

    assert Run.objects.filter(firings__due_at=due).count() == 1
