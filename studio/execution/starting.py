"""Starts of a moment share one commit, and the run is claimed while it is made.

A web thread hands its start over and waits; the engine's loop writes all that came in one tick and
drives them at once. Whoever cannot be served here writes the run himself.
"""

import asyncio
import logging
from concurrent.futures import Future
from dataclasses import dataclass

from studio.execution.pool import DriverPool
from studio.execution.waiters import Notify, Waiters
from studio.leases import Claim
from studio.owner import Owner
from studio.raw_connection import Raw
from studio.run_start import Begun, Lease, RunStart, insert


@dataclass(frozen=True, slots=True)
class Promised:
    """A start, and who hears of it."""

    start: RunStart
    key: "Future[int]"
    """The run's key once it is committed, or what kept it from being written."""
    rested: Notify | None = None
    """Hears when the run has ended or is paused."""


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
        self._lease = Lease(owner, lease_seconds)
        self._pool = pool
        self._waiting: list[Promised] = []

    def add(self, promised: Promised) -> None:
        """Write this run at the end of the tick, and keep the promise of its key."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._begin_all)
        self._waiting.append(promised)

    def _begin_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        batch = [each for each in waiting if each.key.set_running_or_notify_cancel()]
        try:
            self._begin(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0].key.set_exception(error)
                return
            for each in batch:
                self._begin_alone(each)

    def _begin_alone(self, promised: Promised) -> None:
        try:
            self._begin([promised])
        except Exception as error:
            promised.key.set_exception(error)

    def _begin(self, batch: list[Promised]) -> None:
        room = self._pool.spare
        leases = [
            self._lease if n < room and p.start.lane is None else None for n, p in enumerate(batch)
        ]
        with self._connection.transaction():
            written = [
                insert(self._connection, each.start, lease)
                for each, lease in zip(batch, leases, strict=True)
            ]
        for promised, lease, begun in zip(batch, leases, written, strict=True):
            promised.key.set_result(begun.run_id)
            if promised.rested is not None:
                public_id = str(promised.start.public_id)
                self._waiters.add(public_id, promised.rested, patient=True)
            if lease is not None:
                self._pool.begin(_claim(promised.start, begun))
            else:
                self._pool.want(begun.run_id)


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
