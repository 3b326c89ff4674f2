"""A thread borrows the turn of a loop that sleeps: never both at once, and nothing is forgotten."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.driving.lending import LendingLoop


@pytest.fixture
def loop() -> Iterator[LendingLoop]:
    """A loop that turns in a thread of its own, with nothing to do."""
    made = LendingLoop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join(10)
    made.close()


def borrow(loop: LendingLoop) -> None:
    """Wait until the loop sleeps, and take its turn."""
    deadline = time.monotonic() + 10
    while not loop.borrow():
        assert time.monotonic() < deadline, "the loop does not lend its turn"
        time.sleep(0.001)


def test_a_loop_that_is_awake_lends_nothing(loop: LendingLoop) -> None:
    awake, go = threading.Event(), threading.Event()
    loop.call_soon_threadsafe(lambda: (awake.set(), go.wait(10)))
    assert awake.wait(10)

    lent = loop.borrow()
    go.set()

    assert not lent


def test_a_loop_lends_its_turn_once(loop: LendingLoop) -> None:
    borrow(loop)

    assert not loop.borrow()
    loop.give_back()


def test_whoever_has_the_turn_counts_as_running_the_loop(loop: LendingLoop) -> None:
    borrow(loop)
    running = asyncio.get_running_loop()
    loop.give_back()

    assert running is loop
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_a_loop_that_is_called_waits_for_its_turn(loop: LendingLoop) -> None:
    turned = threading.Event()
    borrow(loop)

    loop.call_soon_threadsafe(turned.set)
    while_lent = turned.wait(0.2)
    again = loop.borrow()
    loop.give_back()

    assert (while_lent, again) == (False, False)
    assert turned.wait(10)


@pytest.mark.parametrize("leave", [LendingLoop.call_soon, None])
def test_what_is_left_to_a_loop_wakes_it(
    loop: LendingLoop, leave: Callable[..., Any] | None
) -> None:
    turned = threading.Event()
    borrow(loop)

    if leave is None:
        loop.call_later(0.05, turned.set)
    else:
        leave(loop, turned.set)
    loop.give_back()

    assert turned.wait(10), "the loop slept on"


def test_what_was_called_off_again_does_not_wake_it(
    loop: LendingLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    borrow(loop)
    woken = []
    monkeypatch.setattr(loop, "_write_to_self", lambda: woken.append(True))

    loop.call_later(0.05, print).cancel()
    loop.give_back()
    monkeypatch.undo()

    assert not woken


def test_in_debug_mode_everything_stays_on_one_thread(loop: LendingLoop) -> None:
    time.sleep(0.05)
    loop.set_debug(True)

    lent = [loop.borrow() for _ in range(20)]
    loop.set_debug(False)

    assert not any(lent)


def test_of_many_calls_from_many_threads_none_is_lost_or_made_beside_another(
    loop: LendingLoop,
) -> None:
    rounds, callers, alone = 2_000, 3, 50
    inside: list[int] = []
    seen = {"calls": 0, "together": 0}
    over = threading.Event()

    def act() -> None:
        inside.append(1)
        seen["together"] += len(inside) > 1
        seen["calls"] += 1
        inside.pop()
        if seen["calls"] == wanted:
            over.set()

    def call() -> None:
        for _ in range(rounds):
            loop.call_soon_threadsafe(act)

    def act_here() -> None:
        act()
        loop.call_soon(act)
        loop.give_back()

    def take() -> None:
        for _ in range(rounds):
            if loop.borrow():
                act_here()
            else:
                loop.call_soon_threadsafe(act)
                loop.call_soon_threadsafe(act)
            time.sleep(0)
        for _ in range(alone):
            borrow(loop)
            act_here()

    wanted = rounds * callers + 2 * (rounds + alone)
    threads = [threading.Thread(target=call) for _ in range(callers)]
    threads.append(threading.Thread(target=take))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert over.wait(20), f"only {seen['calls']} of {wanted} calls were made"
    assert seen["together"] == 0
