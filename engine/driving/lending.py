"""An event loop that lends its turn to a thread while it sleeps.

A tool that was called in a thread has ended. What follows is decided on the loop, and often it is
one more call in a thread: two changes of thread, each longer than all that has to be done. So the
thread may do the loop's part itself, as long as the loop has nothing else to do: it borrows the
turn, does what is to be done at once, and gives the turn back. Nobody but the holder of the turn
touches what lives on the loop; the loop holds it whenever it is awake.
"""

import asyncio
import contextlib
import math
import selectors
import threading
import time
from collections.abc import Callable
from contextvars import Context
from functools import cache
from typing import Any, Protocol, TypeVarTuple, cast, runtime_checkable

Given = TypeVarTuple("Given")


@runtime_checkable
class Lender(Protocol):
    """A loop whose turn a thread may borrow."""

    def borrow(self) -> bool:
        """Take the turn if the loop sleeps and nobody has called it; never waits for it."""

    def give_back(self) -> None:
        """The loop may wake again. It is woken if something was left to it."""


def lender(loop: asyncio.AbstractEventLoop) -> Lender | None:
    """The loop, if threads may borrow its turn."""
    kind: Any = type(loop)
    return cast(Lender, loop) if _lends(kind) else None


@cache
def _lends(kind: type) -> bool:
    # Every run asks, and to look through a protocol takes as long as a step.
    return issubclass(kind, Lender)


class _Turn:
    """Whose turn it is, and until when the loop means to sleep."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()  # the loop has it first
        self.wakes_at = -math.inf
        """When the loop wakes by itself, by its own clock; in the past while it is awake."""
        self.is_wanted = False
        """Whether the loop is awake and waits for its turn."""
        self.is_called = False
        """Whether some thread has called the loop since it last looked."""

    def take(self) -> None:
        """The loop is awake: it goes on when nobody else has its turn."""
        if self.wakes_at > -math.inf:
            self.wakes_at = -math.inf
            self.is_wanted = True
            self.lock.acquire()
            self.is_wanted = False


class _Sleep(selectors.DefaultSelector):
    """Waits for files as usual, and leaves the turn to others meanwhile."""

    def __init__(self, turn: _Turn) -> None:
        super().__init__()
        self._turn = turn

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        turn = self._turn
        if timeout is None or timeout > 0:
            turn.wakes_at = math.inf if timeout is None else time.monotonic() + timeout
            turn.lock.release()
        try:
            return super().select(timeout)
        finally:
            turn.take()
            # Whoever calls from now on is not heard by this waking: before the loop looks what
            # there is to do, so that nothing is overlooked.
            turn.is_called = False


class LendingLoop(asyncio.SelectorEventLoop):
    """The loop. It lends nothing in debug mode, which wants to see everything on one thread."""

    def __init__(self) -> None:
        self._turn = _Turn()
        self._is_lent = False
        self._left: list[asyncio.Handle] = []
        """What whoever has borrowed the turn leaves to the loop, before it would wake by itself."""
        super().__init__(_Sleep(self._turn))

    def borrow(self) -> bool:
        """Take the turn if the loop sleeps and nobody has called it; never waits for it.

        Until `give_back` this thread counts as running the loop.
        """
        turn = self._turn
        if turn.is_called or turn.is_wanted or self.get_debug():
            return False
        if not turn.lock.acquire(blocking=False):
            return False
        self._is_lent = True
        asyncio._set_running_loop(self)
        return True

    def give_back(self) -> None:
        """The loop may wake again. It is woken if something was left to it."""
        asyncio._set_running_loop(None)
        self._is_lent = False
        left, self._left = self._left, []
        self._turn.lock.release()
        if any(not handle.cancelled() for handle in left):
            with contextlib.suppress(RuntimeError):  # it is closed: nothing is done any more
                self.call_soon_threadsafe(_nothing)

    def call_soon(
        self, callback: Callable[[*Given], object], *args: *Given, context: Context | None = None
    ) -> asyncio.Handle:
        handle = super().call_soon(callback, *args, context=context)
        if self._is_lent:
            self._left.append(handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Given], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, context=context)
        if self._is_lent and when < self._turn.wakes_at:
            self._left.append(handle)
        return handle

    def _write_to_self(self) -> None:
        # One call is enough to wake it: each is a change of hands of the interpreter's lock.
        if not self._turn.is_called:
            self._turn.is_called = True
            super()._write_to_self()  # type: ignore[misc]


def _nothing() -> None:
    """Wakes the loop."""
