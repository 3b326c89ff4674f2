"""Time as the engine sees it: the real one, and a virtual one for scripts and tests."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Timer(Protocol):
    """Something asked for later that can be called off."""

    def cancel(self) -> None:
        """Call it off. Harmless when it is too late."""


class Clock(Protocol):
    """What a driver needs of time."""

    def now(self) -> float:
        """Seconds since 1970."""

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call back on the running event loop after `delay_s` seconds."""


class SystemClock:
    """The time of this machine."""

    now = staticmethod(time.time)

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call back on the running event loop after `delay_s` seconds."""
        return asyncio.get_running_loop().call_later(delay_s, callback)


class _Alarm:
    __slots__ = ("callback", "due")

    def __init__(self, due: float, callback: Callable[[], object]) -> None:
        self.due = due
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


def _wake(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)


def _is_busy() -> bool:
    """Whether the running loop has callbacks that are to be called at once.

    Loops of others than asyncio do not tell: they get the benefit of `VirtualClock.PATIENCE` alone.
    """
    return bool(getattr(asyncio.get_running_loop(), "_ready", None))


class VirtualClock:
    """Time that jumps to the next alarm whenever the event loop has nothing else to do.

    A run with hour-long backoffs ends at once, and always in the same way. Tools under test sleep
    with `await clock.sleep(60)`. Work in threads takes no time at all: the clock stands still for
    as long as it is held.
    """

    PATIENCE = 5
    """Turns of the loop without anything new before time jumps."""
    RESTLESS = 1_000
    """Turns after which it jumps although something goes on: a tool may turn for ever."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start
        self._alarms: list[tuple[float, int, _Alarm]] = []
        self._order = itertools.count()
        self._quiet_turns = 0
        self._turns = 0
        self._watching = False
        self._held = 0

    def now(self) -> float:
        """Seconds since 1970, as far as this clock has been moved."""
        return self._now

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call back when the clock has moved by `delay_s` seconds."""
        alarm = _Alarm(self._now + max(0.0, delay_s), callback)
        heapq.heappush(self._alarms, (alarm.due, next(self._order), alarm))
        self._quiet_turns = 0
        if not self._watching:
            self._watching = True
            asyncio.get_running_loop().call_soon(self._turn)
        return alarm

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Let no time pass: something is under way that the event loop does not see."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._quiet_turns = 0

    async def sleep(self, delay_s: float) -> None:
        """Wait until the clock has moved by `delay_s` seconds."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.call_later(delay_s, lambda: _wake(done))
        await done

    def _turn(self) -> None:
        """One turn of the loop went by; after enough quiet ones the next alarm rings."""
        self._quiet_turns += 1
        if self._held:
            # Nothing can ring: look again a little later, and leave the processor to the threads.
            asyncio.get_running_loop().call_later(0.001, self._turn)
            return
        self._turns += 1
        if _is_busy() and self._turns <= self.RESTLESS:
            self._quiet_turns = 0
        if self._quiet_turns > self.PATIENCE:
            self._turns = 0
            self._ring()
        if self._alarms:
            asyncio.get_running_loop().call_soon(self._turn)
        else:
            self._watching = False

    def _ring(self) -> None:
        while self._alarms:
            due, _, alarm = heapq.heappop(self._alarms)
            if alarm.callback is not None:
                self._now = max(self._now, due)
                self._quiet_turns = 0
                alarm.callback()
                return
