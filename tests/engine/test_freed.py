"""A run that has ended is freed when its last user drops it, without the collector of circles."""

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from engine import Driver, MemoryJournal, arun, fold, new_run, run
from engine.driving.attempts import Attempts
from tests.engine.helpers import graph_of, registry_of

LeftOver = Callable[[], list[object]]

CHAIN = graph_of({"a": "a", "b": "b"}, [("a", "b")], "a")


@pytest.fixture
def left_over() -> Iterator[LeftOver]:
    """What there is more of than at first, while nobody collects circles."""
    gc.collect()
    before = alive()
    gc.disable()
    try:
        yield lambda: [each for each in alive() if not any(each is old for old in before)]
    finally:
        gc.enable()


def alive() -> list[object]:
    return [each for each in gc.get_objects() if type(each) in {Driver, Attempts}]


def count(n: int = 0) -> dict[str, int]:
    return {"n": n + 1}


async def count_async(n: int = 0) -> dict[str, int]:
    return {"n": n + 1}


def slowly(n: int = 0) -> dict[str, int]:
    time.sleep(0.01)
    return {"n": n + 1}


@pytest.mark.parametrize("tool", [count, count_async, slowly])
async def test_nothing_is_left_of_a_driven_run(tool: object, left_over: LeftOver) -> None:
    result = await arun(CHAIN, {"n": 0}, registry=registry_of({"a": tool, "b": tool}))

    assert result.state == {"n": 2}
    assert left_over() == []


def test_nothing_is_left_of_a_run_without_a_loop(left_over: LeftOver) -> None:
    result = run(CHAIN, {"n": 0}, registry=registry_of({"a": count, "b": count}))

    assert result.state == {"n": 2}
    assert left_over() == []


async def test_one_that_has_ended_hears_nothing_more() -> None:
    journal = MemoryJournal()
    created = new_run(CHAIN, {"n": 0})
    journal.append([created])
    registry = registry_of({"a": count, "b": count})
    driver = Driver(CHAIN, registry, journal, folded=fold(CHAIN, [created]))
    ended = await driver.drive()
    events = len(journal.events)

    driver.wake()
    driver.cancel("too late")
    driver.pause()
    driver.stop()
    driver.break_off(RuntimeError("too late as well"))

    assert driver.result() == ended
    assert driver.activations == {"a": 1, "b": 1}
    assert len(journal.events) == events
