"""kill -9 in the middle of a run, then a restart: the run ends right, nothing is done over."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.journal import codec
from studio.models import Run, RunEvent
from tests.studio import build
from tests.studio.database import database_url

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]
STEPS = 10
SLOW_S = 0.15


class Drivers:
    """Processes that drive, one after the other, on the tests' database."""

    def __init__(self, folder: Path) -> None:
        self.ledger = folder / "ledger"
        self.ledger.touch()
        self._log = folder / "log"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.studio.execution.driver_process"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DATABASE_URL": database_url(),
                    "DJANGO_SETTINGS_MODULE": "studio.settings",
                    "TREADLE_LOG_LEVEL": "WARNING",
                    "TRIAL_LEDGER": str(self.ledger),
                    "TRIAL_SLOW_S": str(SLOW_S),
                    **environment,
                },
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def calls(self) -> list[str]:
        """What the tool wrote: the value of `n` at each call."""
        return [line.split()[0] for line in self.ledger.read_text().splitlines()]

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                kill(process)

    def log(self) -> str:
        return self._log.read_text()


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@pytest.fixture
def drivers(tmp_path: Path) -> Iterator[Drivers]:
    made = Drivers(tmp_path)
    yield made
    made.stop()


def until(condition: Callable[[], Any], drivers: Drivers, timeout: float = 40) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, drivers.log()
        time.sleep(0.01)


def steps(run: Run) -> list[str]:
    rows = RunEvent.objects.filter(run=run, kind="attempt.succeeded").order_by("seq")
    return [str(node) for node in rows.values_list("node", flat=True)]


def assert_right(run: Run, drivers: Drivers, *, kills: int) -> None:
    """Every step committed once, in order; the journal whole; only cut steps were called again."""
    run.refresh_from_db()
    seqs = list(RunEvent.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    calls = Counter(drivers.calls())

    assert run.status == "completed", (run.error, drivers.log())
    assert steps(run) == [f"s{number}" for number in range(1, STEPS + 1)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert codec.decode(run.final_state or "")["n"] == STEPS
    assert set(calls) == {str(number) for number in range(STEPS)}
    assert sum(calls.values()) <= STEPS + kills
    assert run.fence == 1 + kills


@pytest.mark.parametrize("committed", [0, 4, 9])
def test_a_killed_run_goes_on_after_a_restart(
    drivers: Drivers, alice: User, committed: int
) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.ledger", STEPS), alice))
    first = drivers.start()
    until(lambda: len(steps(run)) >= committed and len(drivers.calls()) > committed, drivers)

    kill(first)
    kept = steps(run)
    began = time.monotonic()
    drivers.start()
    until(lambda: RunEvent.objects.filter(run=run, kind="run.claimed").count() == 2, drivers)
    recovered_s = time.monotonic() - began
    until(lambda: Run.objects.get(pk=run.pk).status == "completed", drivers)

    assert steps(run)[: len(kept)] == kept
    assert_right(run, drivers, kills=1)
    assert recovered_s < 15, "the dead process's lease was waited for"


def test_a_run_survives_being_killed_again_and_again(drivers: Drivers, alice: User) -> None:
    """Each kill comes one committed step after the last one."""
    run = start_run(user=alice, version=build.published(build.chain("trial.ledger", STEPS), alice))
    kills = 3
    for number in range(kills):
        process = drivers.start()
        until(
            lambda number=number: (  # type: ignore[misc]
                len(steps(run)) > number and len(drivers.calls()) > len(steps(run)) + number
            ),
            drivers,
        )
        kill(process)
    drivers.start()
    until(lambda: Run.objects.get(pk=run.pk).status == "completed", drivers)

    assert_right(run, drivers, kills=kills)


def test_a_tool_that_kills_its_process_does_not_take_down_the_fleet(
    drivers: Drivers, alice: User
) -> None:
    poison = start_run(user=alice, version=build.published(build.chain("trial.die", 1), alice))
    for _ in range(4):
        process = drivers.start()
        until(
            lambda process=process: (  # type: ignore[misc]
                process.poll() is not None or Run.objects.get(pk=poison.pk).status == "paused"
            ),
            drivers,
        )
    healthy = start_run(user=alice, version=build.published(build.chain("trial.count", 2), alice))
    until(lambda: Run.objects.get(pk=healthy.pk).status == "completed", drivers)

    poison.refresh_from_db()
    assert (poison.status, poison.error_code) == ("paused", "E_WORKER_LOST")
