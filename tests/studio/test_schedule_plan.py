"""What a schedule does with due times that came, and with those that passed while nothing ran."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.triggers import cron
from studio.triggers.schedule_plan import (
    CATCH_UP_MOST,
    MISSED_AFTER,
    CatchUp,
    Step,
    Timing,
    pause_after,
    step,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def timing(catch_up: CatchUp, text: str = "0 * * * *", jitter_s: int = 0) -> Timing:
    return Timing(cron.read(text, "UTC"), catch_up, jitter_s, "key")


def hours(count: int) -> datetime:
    return NOON + timedelta(hours=count)


@pytest.mark.parametrize("catch_up", CatchUp)
@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=20), MISSED_AFTER])
def test_a_time_that_came_fires(catch_up: CatchUp, late: timedelta) -> None:
    assert step(timing(catch_up), NOON, NOON + late) == Step(NOON, None, hours(1))


def test_skip_passes_over_what_was_missed() -> None:
    found = step(timing(CatchUp.SKIP), NOON, hours(3) + timedelta(minutes=20))

    assert found == Step(None, (NOON, hours(3)), hours(4))


def test_skip_still_fires_the_time_that_came_just_now() -> None:
    found = step(timing(CatchUp.SKIP), NOON, hours(3) + timedelta(seconds=5))

    assert found == Step(hours(3), (NOON, hours(2)), hours(4))


def test_one_makes_up_for_all_with_the_latest() -> None:
    found = step(timing(CatchUp.ONE), NOON, hours(3) + timedelta(minutes=20))

    assert found == Step(hours(3), (NOON, hours(2)), hours(4))


def test_all_fires_one_after_the_other() -> None:
    now, due, fired = hours(3) + timedelta(minutes=20), NOON, []
    while due <= now:
        found = step(timing(CatchUp.ALL), due, now)
        assert found.passed is None
        assert found.due is not None
        fired.append(found.fire)
        due = found.due

    assert fired == [hours(number) for number in range(4)]
    assert due == hours(4)


def test_all_is_bounded_and_says_what_it_leaves_out() -> None:
    now, due, fired, passed = hours(1000), NOON, [], []
    while due <= now:
        found = step(timing(CatchUp.ALL), due, now)
        passed.append(found.passed)
        fired.append(found.fire)
        assert found.due is not None
        due = found.due

    assert fired == [hours(number) for number in range(1001 - CATCH_UP_MOST, 1001)]
    assert passed[0] == (NOON, hours(1000 - CATCH_UP_MOST))
    assert set(passed[1:]) == {None}


def test_the_jitter_delays_each_time_by_its_own_and_always_the_same() -> None:
    jittered = timing(CatchUp.ONE, jitter_s=600)
    delays = [jittered.at(hours(number)) - hours(number) for number in range(50)]

    assert delays == [jittered.at(hours(number)) - hours(number) for number in range(50)]
    assert len(set(delays)) > 20
    assert all(timedelta(0) <= delay <= timedelta(seconds=600) for delay in delays)


def test_a_delayed_time_fires_although_the_next_one_is_delayed_still() -> None:
    every_minute = timing(CatchUp.ONE, "* * * * *", jitter_s=600)
    due = min((NOON + timedelta(minutes=n) for n in range(60)), key=lambda at: every_minute.at(at))

    found = step(every_minute, due, every_minute.at(due))

    assert found.fire is not None
    assert found.due is not None
    assert found.due > found.fire >= due


def test_rests_grow() -> None:
    assert [pause_after(failures).seconds // 60 for failures in (1, 2, 3, 4)] == [1, 2, 4, 8]
