"""Starts of a moment share one commit, and the run is claimed while it is made.

A web thread hands its start over and waits; the engine's loop writes all that came in one tick and
drives them at once. Whoever cannot be served here writes the run himself.
"""

import asyncio
import logging
import time
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine import Event, EventKind
from engine.graph.subgraphs import starts_runs
from studio.claims.claiming import Claim
from studio.claims.owner import Owner
from studio.execution.pool import DriverPool
from studio.execution.waiters import Notify, Waiters
from studio.journal import births, graphs
from studio.journal.births import Birth
from studio.journal.buffer import encode_event
from studio.journal.database_clock import now
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw, Unavailable
from studio.journal.run_start import Begun, Found, Lease, Plan, RunStart, insert_all
from studio.journal.writer import Writer


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
        writer: Writer,
        waiters: Waiters,
        lease_seconds: int,
    ) -> None:
        self._connection = connection
        self._waiters = waiters
        self._owner = owner
        self._lease_for = timedelta(seconds=lease_seconds)
        self._pool = pool
        self._writer = writer
        self._waiting: list[Promised] = []

    def add(self, promised: Promised) -> None:
        """Write this run at the end of the tick, and keep the promise of its key."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._begin_all)
        self._waiting.append(promised)

    def _begin_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        batch = self._begin_unwritten(self._planned(waiting))
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
        lease = Lease(self._owner, self._lease_end()) if room else None
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

    def _lease_end(self) -> datetime:
        return now(self._connection) + self._lease_for

    def _begin_unwritten(self, batch: list[_Planned]) -> list[_Planned]:
        """Begin those that may take their first steps before they are written; gives the others."""
        room = self._pool.spare
        if not batch or not room or self._writer.is_at_rest:
            return batch
        try:
            until = self._lease_end()
        except Unavailable:
            return batch
        others, vendor = [], self._connection.vendor
        for promised, start in batch:
            claim = None
            if room and promised.rested is not None and self._may_be_born(start):
                claim = _unwritten(promised, start, Lease(self._owner, until), vendor)
            if claim is None or promised.rested is None:
                others.append((promised, start))
                continue
            room -= 1
            self._waiters.add(str(start.public_id), promised.rested, patient=True)
            self._pool.begin(claim)
        return others

    def _may_be_born(self, start: RunStart) -> bool:
        """Whether nobody else has to know of it while it takes its first steps."""
        graph = graphs.remembered(start.graph_hash)
        is_alone = start.dedupe_key is None and start.parent is None
        if not is_alone or graph is None or starts_runs(graph):
            return False
        try:
            return self._may_begin(start)
        except Unavailable:
            return False

    def _may_begin(self, start: RunStart) -> bool:
        """Whether it may be claimed while it is made: else it gets in line."""
        if start.lane is not None:
            return False
        fit = self._pool.fit
        return fit.takes(self._connection, start.queue, start.version_id, start.graph_hash)


def _unwritten(promised: Promised, start: RunStart, lease: Lease, vendor: str) -> Claim | None:
    """None where something in it has to be mended: then it begins with what was written."""
    claimed = {"owner": str(lease.owner), "fence": 1}
    events = [start.created, Event(EventKind.RUN_CLAIMED, claimed, time=time.time())]
    for seq, event in enumerate(events, 1):
        event.seq = seq
    entries = [each for event in events for each in encode_event(event, vendor)]
    if len(entries) != len(events):
        return None
    return Claim(
        births.number(),
        str(start.public_id),
        start.version_id,
        start.graph_hash,
        1,
        [],
        events=events,
        birth=Birth(start, lease, promised.key, entries),
    )


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
