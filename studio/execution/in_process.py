"""Hints that stay in their process: to its engine."""

from uuid import UUID

from studio.execution.handover import Handover
from studio.execution.service import service
from studio.journal.run_start import Plan, RunStart


class InProcess:
    """Hints for the engine of this very process."""

    def begin(self, start: RunStart) -> int | None:
        return service().begin_run(start)

    def hand_over(self, public_id: UUID, plan: Plan, timeout_s: float) -> Handover | None:
        return service().hand_over(public_id, plan, timeout_s)

    def wanted(self, run_id: int) -> None:
        service().submit(run_id)

    def changed(self, run_id: int) -> None:
        service().cancel(run_id)

    def signalled(self) -> None:
        service().signalled()

    def elsewhere(self, run_id: int) -> None:
        """Nobody is told: other processes look at the line by themselves."""

    def health(self) -> dict[str, int]:
        return {}
