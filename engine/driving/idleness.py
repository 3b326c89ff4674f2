"""Noticing that a tool gives no sign of life any more."""

from collections.abc import Callable

from engine.driving.clock import Clock, Timer


class IdleWatch:
    """Ends an attempt whose tool has not said anything for too long.

    It counts from the first sign, which the engine gives when the tool begins: a call that waits
    for a thread is not idle.
    """

    __slots__ = ("_began", "_clock", "_expire", "_last", "_timer", "idle_s")

    def __init__(self, clock: Clock, idle_s: float, expire: Callable[["IdleWatch"], None]) -> None:
        self.idle_s = idle_s
        """Seconds without a sign of life after which the attempt is over."""
        self._clock = clock
        self._expire = expire
        self._began: float | None = None
        self._last = 0.0
        self._timer: Timer | None = None

    def beat(self) -> None:
        """The tool lives. From whatever thread."""
        self._last = now = self._clock.now()
        if self._began is None:
            self._began = now

    @property
    def took_s(self) -> float:
        """Seconds since the tool began."""
        return 0.0 if self._began is None else self._clock.now() - self._began

    def start(self) -> None:
        """Watch from now on. On the loop, like everything below."""
        self._timer = self._clock.call_later(self.idle_s, self._look)

    def cancel(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        left = self.idle_s
        if self._began is not None:
            left = self._last + self.idle_s - self._clock.now()
        if left > 0:
            # A clock that was set back must not make it wait for longer than that.
            self._timer = self._clock.call_later(min(left, self.idle_s), self._look)
        else:
            self._expire(self)
