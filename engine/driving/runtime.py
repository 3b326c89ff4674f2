"""How long a run has been active, and the timers of whoever drives it."""

from collections.abc import Callable

from engine.driving.clock import Clock, Timer
from engine.planning.marking import Marking


class RunTime:
    """The time of one run under one driver. What it waits does not count as active."""

    __slots__ = ("_before_s", "_began", "_clock", "_idle_s", "_idle_since", "_marking", "_timers")

    def __init__(self, clock: Clock, marking: Marking, before_s: float) -> None:
        """`before_s` is how long the run was active before this driver took it up."""
        self._clock = clock
        self._marking = marking
        self._before_s = before_s
        self._began: float | None = None
        self._idle_s = 0.0
        self._idle_since: float | None = None
        self._timers: list[Timer] = []

    def begin(self) -> None:
        """It is driven from now on, on the running event loop."""
        self._began = self._clock.now()

    def pause(self) -> None:
        """It waits from now on."""
        self._idle_since = self._clock.now()

    @property
    def is_paused(self) -> bool:
        """Whether it waits."""
        return self._idle_since is not None

    def go_on(self) -> None:
        """A time of waiting is over, if there was one."""
        if self._idle_since is not None:
            self._idle_s += self._clock.now() - self._idle_since
            self._idle_since = None

    @property
    def active_s(self) -> float:
        """Seconds that it has been active."""
        if self._began is None:
            return self._before_s
        now = self._clock.now()
        idle_s = self._idle_s + (0.0 if self._idle_since is None else now - self._idle_since)
        return self._before_s + now - self._began - idle_s

    @property
    def left_s(self) -> float:
        """Seconds that it may still be active; whoever resumes it may have raised them."""
        return self._marking.limits.max_active_s - self.active_s

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        """Set a timer. Before it begins there is no loop for one: `begin` is followed by all."""
        if self._began is not None:
            self._timers.append(self._clock.call_later(max(0.0, delay_s), callback))

    def close(self) -> None:
        """Leave no timer behind."""
        for timer in self._timers:
            timer.cancel()
