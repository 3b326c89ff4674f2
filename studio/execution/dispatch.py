"""Hints that a run wants a driver. Losing, doubling or reordering them costs latency only.

The run's row is the queue: every process sweeps it, so a hint is never needed, just faster.
"""

from typing import TYPE_CHECKING, Protocol

from studio.run_start import RunStart

if TYPE_CHECKING:
    from studio.execution.handover import Handover


class Dispatcher(Protocol):
    """Carries hints to whoever drives runs."""

    def begin(self, start: RunStart) -> int | None:
        """Write a new run where it will be driven, and return its key. None: write it yourself.

        Never inside a transaction of the caller's: it commits by itself. Raises Conflict when the
        dedupe key was used before.
        """

    def hand_over(self, start: RunStart, timeout_s: float) -> "Handover | None":
        """As `begin`, for who awaits the run's rest on an event loop and blocks no thread."""

    def wanted(self, run_id: int) -> None:
        """The run may be waiting for a driver. Called after the commit that made it so."""

    def changed(self, run_id: int) -> None:
        """Somebody who does not drive the run appended to it, a cancel request for instance."""

    def signalled(self) -> None:
        """A signal was sent to whichever run waits for it, or will wait."""


class InProcess:
    """Hints for the engine of this very process."""

    def begin(self, start: RunStart) -> int | None:
        from studio.execution.service import service

        return service().begin_run(start)

    def hand_over(self, start: RunStart, timeout_s: float) -> "Handover | None":
        from studio.execution.service import service

        return service().hand_over(start, timeout_s)

    def wanted(self, run_id: int) -> None:
        from studio.execution.service import service

        service().submit(run_id)

    def changed(self, run_id: int) -> None:
        from studio.execution.service import service

        service().cancel(run_id)

    def signalled(self) -> None:
        from studio.execution.service import service

        service().signalled()


class Nobody:
    """No hints: for commands that leave the driving to the studio, whose sweep finds the run."""

    def begin(self, start: RunStart) -> int | None:
        return None

    def hand_over(self, start: RunStart, timeout_s: float) -> "Handover | None":
        return None

    def wanted(self, run_id: int) -> None:
        pass

    def changed(self, run_id: int) -> None:
        pass

    def signalled(self) -> None:
        pass


_dispatcher: Dispatcher = InProcess()


def dispatcher() -> Dispatcher:
    """The dispatcher of this process."""
    return _dispatcher


def use(replacement: Dispatcher) -> None:
    """Let this process give its hints to another dispatcher."""
    global _dispatcher
    _dispatcher = replacement
