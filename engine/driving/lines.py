"""Lines and progress of a run's tools, on their way to its journal: a few at a time.

A tool that prints ten thousand lines must not cost ten thousand appends, nor wake the loop as
often. What comes within a tenth of a second is written together, and always before the end of any
attempt.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable

from engine.driving.clock import Clock, Timer
from engine.driving.context import size_of
from engine.events import Event

LINGER_S = 0.1
"""How long a line may wait for others, in seconds."""
MAX_LINES = 64
MAX_BYTES = 64 * 1024
"""So many lines, or bytes of them, are written at once, without waiting."""


class LineBuffer:
    """Takes lines from any thread; gives them to `write` on the run's loop, in order.

    Without a loop the run is being driven by the very thread that calls: lines wait for the end of
    the call then, or for more of them.
    """

    __slots__ = ("_bytes", "_clock", "_events", "_is_asked", "_lock", "_loop", "_timer", "_write")

    def __init__(self, clock: Clock, write: Callable[[list[Event]], None]) -> None:
        self._clock = clock
        self._write = write
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._bytes = 0
        self._is_asked = False
        """Whether the loop was asked to write without delay."""
        self._timer: Timer | None = None

    def take_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on lines that wait are written on this loop."""
        self._loop = loop

    def put(self, event: Event) -> None:
        """Take a line or progress, from whatever thread."""
        event.time = self._clock.now()
        with self._lock:
            self._events.append(event)
            self._bytes += size_of(event.data.get("message") or event.data.get("note") or "")
            is_first = len(self._events) == 1
            is_full = len(self._events) >= MAX_LINES or self._bytes >= MAX_BYTES
            if is_full:
                is_first, is_full = False, not self._is_asked
                self._is_asked = True
        if is_first or is_full:
            self._ask(at_once=is_full)

    def _ask(self, *, at_once: bool) -> None:
        loop = self._loop
        if loop is None or _is_running(loop):
            if at_once:
                self.flush()
            elif loop is not None:
                self._flush_later()
        else:
            # A tool that outlives its worker's loop has nobody left to write for it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self.flush if at_once else self._flush_later)

    def _flush_later(self) -> None:
        self.close()
        self._timer = self._clock.call_later(LINGER_S, self.flush)

    def close(self) -> None:
        """Leave nothing behind on the loop."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def flush(self) -> None:
        """Write what has come so far."""
        if not self._events:
            return
        self.close()
        with self._lock:
            events, self._events = self._events, []
            self._bytes, self._is_asked = 0, False
        self._write(events)


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether this thread is inside `loop`."""
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
