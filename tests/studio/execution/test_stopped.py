"""A process is stopped in the middle of a transaction (SIGSTOP, a frozen machine): it keeps its
locks, and its kernel answers for it. Its runs are taken over all the same, and it does no harm when
it wakes. On SQLite nobody can write meanwhile: there is one lock."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from studio.actions.runs import start_run
from studio.journal import integrity
from studio.models import Run
from tests.studio import booking, build
from tests.studio.execution.test_crash import Drivers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks all or nothing"),
]

LEASE_S = 3
TAKEN_OVER_S = LEASE_S + 6
"""What the contract says of a take-over that has to wait for a lease."""
PLACES = {
    "a claim": ("claim.claiming", "trial.count"),
    "a commit": ("append.committing", "trial.count"),
    "a transactional step": ("transaction.before_commit", "trial.book"),
}


@pytest.fixture
def drivers(tmp_path: Path) -> Iterator[Drivers]:
    made = Drivers(tmp_path)
    yield made
    made.stop()


def start(drivers: Drivers, **environment: str) -> "subprocess.Popen[bytes]":
    return drivers.start(TREADLE_LEASE_SECONDS=str(LEASE_S), **environment)


def stands(process: "subprocess.Popen[bytes]") -> bool:
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"


def until(condition: Callable[[], Any], drivers: Drivers, timeout_s: float = 30) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s, f"{drivers.log()}\n{sessions()}"
        time.sleep(0.02)


def sessions() -> list[tuple[Any, ...]]:
    """What everybody does in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, application_name, state, wait_event, now() - xact_start, left(query, 60),"
            " pg_blocking_pids(pid) FROM pg_stat_activity WHERE datname = current_database()"
        )
        return list(cursor.fetchall())


def claims(run: Run) -> int:
    return run.events.filter(kind="run.claimed").count()


@pytest.mark.parametrize("where", PLACES)
def test_who_stands_still_in_a_transaction_loses_its_runs(
    drivers: Drivers, alice: User, where: str
) -> None:
    place, tool = PLACES[where]
    run = start_run(
        user=alice,
        version=build.published(build.chain(tool, 4), alice),
        state={"user": alice.pk},
    )
    sleeper = start(drivers, TRIAL_STOPPOINT=place)
    until(lambda: stands(sleeper), drivers)
    stopped = time.monotonic()
    before = claims(run)
    other = start(drivers)

    until(lambda: claims(run) > before, drivers)
    assert time.monotonic() - stopped < TAKEN_OVER_S, drivers.log()
    until(lambda: Run.objects.get(pk=run.pk).status == "completed", drivers)
    os.kill(sleeper.pid, signal.SIGCONT)
    os.killpg(other.pid, signal.SIGKILL)

    # It lost its connection like any other, and drives again.
    again = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    until(lambda: Run.objects.get(pk=again.pk).status == "completed", drivers)
    assert sleeper.poll() is None
    assert "Traceback" not in drivers.log()
    assert len(booking.rows()) == (4 if tool == "trial.book" else 0)
    for each in (run, again):
        assert list(integrity.flaws_of_run(each)) == []
