"""Hints that a run wants a driver. Losing, doubling or reordering them costs latency only.

The run's row is the queue: every process sweeps it, so a hint is never needed, just faster.
"""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from studio.execution.handover import Handover
from studio.journal.run_start import Plan, RunStart


class Dispatcher(Protocol):
    """Carries hints to whoever drives runs."""

    def begin(self, start: RunStart) -> int | None:
        """Write a new run where it will be driven, and return its key. None: write it yourself.

        Never inside a transaction of the caller's: it commits by itself. Raises Conflict when the
        dedupe key was used before.
        """

    def hand_over(self, public_id: UUID, plan: Plan, timeout_s: float) -> Handover | None:
        """As `begin`, for who awaits the run's rest on an event loop and blocks no thread.

        What the run is made of may be looked up where it is written; its id is known before.
        """

    def wanted(self, run_id: int) -> None:
        """The run may be waiting for a driver. Called after the commit that made it so."""

    def changed(self, run_id: int) -> None:
        """Somebody who does not drive the run appended to it, a cancel request for instance."""

    def signalled(self) -> None:
        """A signal was sent to whichever run waits for it, or will wait."""

    def elsewhere(self, run_id: int) -> None:
        """The run wants a driver, and this process has none to spare."""

    def health(self) -> dict[str, int]:
        """How many hints had which outcome, where they are counted."""


class Nobody:
    """No hints: for commands that leave the driving to the studio, whose sweep finds the run."""

    def begin(self, start: RunStart) -> int | None:
        return None

    def hand_over(self, public_id: UUID, plan: Plan, timeout_s: float) -> Handover | None:
        return None

    def wanted(self, run_id: int) -> None:
        pass

    def changed(self, run_id: int) -> None:
        pass

    def signalled(self) -> None:
        pass

    def elsewhere(self, run_id: int) -> None:
        pass

    def health(self) -> dict[str, int]:
        return {}


_dispatcher: Dispatcher | None = None
_make: Callable[[], Dispatcher] = Nobody


def dispatcher() -> Dispatcher:
    """The dispatcher of this process."""
    global _dispatcher
    if _dispatcher is None:
        _dispatcher = _make()
    return _dispatcher


def made_by(make: Callable[[], Dispatcher]) -> None:
    """Say who makes the dispatcher of this process when the first hint is given.

    The app says it when it is ready: what carries hints stands above whoever gives them.
    """
    global _make
    _make = make


def use(replacement: Dispatcher) -> None:
    """Let this process give its hints to another dispatcher."""
    global _dispatcher
    _dispatcher = replacement


def overflow(run_id: int) -> None:
    """Tell the dispatcher of this process that a run wants a driver of another one."""
    dispatcher().elsewhere(run_id)
