"""kill -9 around the commit of transactional tools: each books exactly once, whenever it comes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.journal import integrity
from studio.models import Run
from tests.studio import booking, build
from tests.studio.execution.test_crash import Drivers, until

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = 3
PLACES = ("before_tool", "after_tool", "before_commit", "after_commit")


@pytest.fixture
def drivers(tmp_path: Path) -> Iterator[Drivers]:
    made = Drivers(tmp_path)
    yield made
    made.stop()


def crashed(drivers: Drivers, alice: User, place: str, **environment: str) -> Run:
    """A chain of bookings of which a driver was killed at a place, driven to its end by another."""
    version = build.published(build.chain("trial.book", STEPS), alice)
    run = start_run(user=alice, version=version, state={"user": alice.pk})
    quick = {"TRIAL_SLOW_S": "0", **environment}
    first = drivers.start(TRIAL_FAILPOINT=place, **quick)
    until(lambda: first.poll() is not None, drivers)
    assert first.returncode == -9, drivers.log()
    drivers.start(**quick)
    until(lambda: Run.objects.get(pk=run.pk).status == "completed", drivers)
    run.refresh_from_db()
    return run


def assert_booked_once(run: Run) -> None:
    assert booking.rows() == [f"s{number}" for number in range(1, STEPS + 1)]
    assert list(integrity.flaws_of_run(run)) == []


@pytest.mark.parametrize("number", [1, 2, STEPS])
@pytest.mark.parametrize("place", PLACES)
def test_killed_at(drivers: Drivers, alice: User, place: str, number: int) -> None:
    run = crashed(drivers, alice, f"transaction.{place}:{number}")

    assert_booked_once(run)


def test_killed_again_while_it_recovers(drivers: Drivers, alice: User) -> None:
    """Three drivers die, each at another place of the same step or the next."""
    version = build.published(build.chain("trial.book", STEPS), alice)
    run = start_run(user=alice, version=version, state={"user": alice.pk})
    for place in ("before_commit:2", "after_tool:1", "after_commit:1"):
        process = drivers.start(TRIAL_FAILPOINT=f"transaction.{place}", TRIAL_SLOW_S="0")
        until(lambda process=process: process.poll() is not None, drivers)  # type: ignore[misc]
        assert process.returncode == -9, drivers.log()
    drivers.start(TRIAL_SLOW_S="0")
    until(lambda: Run.objects.get(pk=run.pk).status == "completed", drivers)
    run.refresh_from_db()

    assert_booked_once(run)


def test_killed_in_the_tool(drivers: Drivers, alice: User) -> None:
    """The row is written and not committed; the tool is still at work."""
    version = build.published(build.chain("trial.book_waiting", 1), alice)
    run = start_run(user=alice, version=version, state={"user": alice.pk})
    flag = drivers.ledger.with_name("inside")
    first = drivers.start(TRIAL_INSIDE=str(flag))
    until(flag.exists, drivers)
    first.kill()
    first.wait(10)
    assert booking.rows() == []

    drivers.start(TRIAL_INSIDE=str(flag), TRIAL_GATE="open")
    until(lambda: Run.objects.get(pk=run.pk).status == "completed", drivers)

    assert booking.rows() == ["s1"]
    run.refresh_from_db()
    assert list(integrity.flaws_of_run(run)) == []


@pytest.mark.parametrize("place", ["after_tool", "before_commit"])
def test_the_control_with_two_transactions_is_caught(
    drivers: Drivers, alice: User, place: str
) -> None:
    """A test of these tests: where tool and step commit apart, they see a row too many."""
    run = crashed(drivers, alice, f"transaction.{place}:2", TRIAL_TWO_TRANSACTIONS="1")

    with pytest.raises(AssertionError):
        assert_booked_once(run)
    assert booking.rows() == ["s1", "s2", "s2", "s3"]
