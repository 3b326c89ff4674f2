"""Starts of a moment share one commit, and the run is claimed while it is made.

A web thread hands its start over and waits; the engine's loop writes all that came in one tick and
drives them at once. Whoever cannot be served here writes the run himself.
"""

import asyncio
import logging
from concurrent.futures import Future

from studio.execution.pool import DriverPool
from studio.leases import Claim
from studio.owner import Owner
from studio.raw_connection import Raw, Row
from studio.run_start import Lease, RunStart, insert

Promised = tuple[RunStart, "Future[int]"]

log = logging.getLogger(__name__)


class Starts:
    """Collects starts on the engine's loop."""

    def __init__(self, connection: Raw, owner: Owner, pool: DriverPool, lease_seconds: int) -> None:
        self._connection = connection
        self._lease = Lease(owner, lease_seconds)
        self._pool = pool
        self._waiting: list[Promised] = []

    def add(self, start: RunStart, promise: "Future[int]") -> None:
        """Write this run at the end of the tick, and keep the promise of its key."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._begin_all)
        self._waiting.append((start, promise))

    def _begin_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        batch = [each for each in waiting if each[1].set_running_or_notify_cancel()]
        try:
            self._begin(batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for each in batch:
                self._begin_alone(each)

    def _begin_alone(self, promised: Promised) -> None:
        try:
            self._begin([promised])
        except Exception as error:
            promised[1].set_exception(error)

    def _begin(self, batch: list[Promised]) -> None:
        room = self._pool.room
        with self._connection.transaction():
            written = [
                insert(self._connection, start, self._lease if number < room else None)
                for number, (start, _) in enumerate(batch)
            ]
        for number, (run_id, rows) in enumerate(written):
            start, promise = batch[number]
            promise.set_result(run_id)
            if number < room:
                self._pool.begin(_claim(run_id, start, rows))
            else:
                self._pool.want(run_id)


def _claim(run_id: int, start: RunStart, rows: list[Row]) -> Claim:
    return Claim(run_id, str(start.public_id), start.version_id, start.graph_hash, 1, rows)
