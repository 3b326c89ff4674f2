"""Starts of a moment share one commit, and the run is claimed while it is made.

A web thread hands its start over and waits; the engine's loop writes all that came in one tick and
drives them at once. Whoever cannot be served here writes the run himself.
"""

import asyncio
import logging
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta

from studio.claims.claiming import Claim
from studio.claims.owner import Owner
from studio.execution.pool import DriverPool
from studio.execution.waiters import Notify, Waiters
from studio.journal.database_clock import now
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw
from studio.journal.run_start import Begun, Found, Lease, Plan, RunStart, insert_all


@dataclass(frozen=True, slots=True)
class Promised:
    """A start, and who hears of it."""

    plan: Plan
    key: "Future[int]"
    """The run's key once it is committed, or what kept it from being written."""
    rested: Notify | None = None
    """Hears when the run has ended or is paused."""


_Planned = tuple[Promised, RunStart]


log = logging.getLogger(__name__)


class Starts:
    """Collects starts on the engine's loop."""

    def __init__(
        self,
        connection: Raw,
        owner: Owner,
        pool: DriverPool,
        waiters: Waiters,
        lease_seconds: int,
    ) -> None:
        self._connection = connection
        self._waiters = waiters
        self._owner = owner
        self._lease_for = timedelta(seconds=lease_seconds)
        self._pool = pool
        self._waiting: list[Promised] = []

    def add(self, promised: Promised) -> None:
        """Write this run at the end of the tick, and keep the promise of its key."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._begin_all)
        self._waiting.append(promised)

    def _begin_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        batch = self._planned(waiting)
        if not batch:
            return
        try:
            self._begin(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0][0].key.set_exception(error)
                return
            for each in batch:
                self._begin_alone(each)

    def _planned(self, waiting: list[Promised]) -> list[_Planned]:
        """Those that nobody called off and that nothing speaks against."""
        batch: list[_Planned] = []
        found: Found = {}
        for each in waiting:
            if not each.key.set_running_or_notify_cancel():
                continue
            try:
                batch.append((each, each.plan(self._connection, found)))
            except Exception as error:
                each.key.set_exception(error)
        return batch

    def _begin_alone(self, planned: _Planned) -> None:
        try:
            self._begin([planned])
        except Exception as error:
            planned[0].key.set_exception(error)

    def _begin(self, batch: list[_Planned]) -> None:
        room = self._pool.spare
        lease = Lease(self._owner, now(self._connection) + self._lease_for) if room else None
        leases = [
            lease if n < room and self._may_begin(start) else None
            for n, (_, start) in enumerate(batch)
        ]
        with self._connection.transaction():
            starts = [(start, lease) for (_, start), lease in zip(batch, leases, strict=True)]
            written = insert_all(self._connection, starts)
        reach("start.committed")
        for (promised, start), lease, begun in zip(batch, leases, written, strict=True):
            promised.key.set_result(begun.run_id)
            if promised.rested is not None:
                self._waiters.add(str(start.public_id), promised.rested, patient=True)
            if lease is not None:
                self._pool.begin(_claim(start, begun))
            else:
                self._pool.want(begun.run_id)

    def _may_begin(self, start: RunStart) -> bool:
        """Whether it may be claimed while it is made: else it gets in line."""
        if start.lane is not None:
            return False
        fit = self._pool.fit
        return fit.takes(self._connection, start.queue, start.version_id, start.graph_hash)


def _claim(start: RunStart, begun: Begun) -> Claim:
    return Claim(
        begun.run_id,
        str(start.public_id),
        start.version_id,
        start.graph_hash,
        1,
        begun.rows,
        events=begun.events,
    )
