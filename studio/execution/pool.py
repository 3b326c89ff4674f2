"""The runs that this process drives: claims wanted ones while there is room, lets go of ended ones.

Everything here happens on the engine's loop.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import islice

from engine import TERMINAL_RUN_STATUSES, DriveResult, Fenced, RunStatus, ToolRegistry
from studio.claims import candidates, claiming, leases
from studio.claims.claiming import Claim
from studio.claims.fitness import Fit
from studio.claims.lanes import Lane
from studio.claims.line import Turns
from studio.claims.owner import Owner
from studio.execution import drive
from studio.execution.drive import Drive
from studio.execution.waiters import SOON_S, Waiters
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Conflict, Locked, Raw, Unavailable
from studio.journal.told import Rest
from studio.journal.writer import Writer
from studio.meters import CLAIMS, FENCED
from studio.setup import logs
from studio.waits import children

RETRY_S = 0.1
AT_ONCE = 64
"""Runs claimed in one turn of the loop, which stands still meanwhile."""
EARLY_S = 0.02
"""A timer of the loop may ring this much before the database's clock agrees."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much this process takes on."""

    drivers: int
    """Runs driven at the same time."""
    lease_seconds: int
    async_slots: int
    """Calls of async tools under way at the same time, of all runs."""
    queues: tuple[str, ...] = ()
    """The queues from which runs are taken; none: all of them."""


class DriverPool:
    def __init__(
        self,
        connection: Raw,
        owner: Owner,
        writer: Writer,
        waiters: Waiters,
        registry: ToolRegistry,
        executor: Executor,
        bounds: Bounds,
        overflow: Callable[[int], None] = lambda run_id: None,
    ) -> None:
        """`overflow` is told of runs that this process has no driver to spare for."""
        self._connection = connection
        self._owner = owner
        self._writer = writer
        self._waiters = waiters
        self._registry = registry
        self._executor = executor
        self._slots = asyncio.Semaphore(bounds.async_slots)
        self._bounds = bounds
        self._overflow = overflow
        self._wanted: dict[int, None] = {}
        self._drives: dict[int, Drive] = {}
        self._public_ids: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._again: set[int] = set()
        self._passed_on: set[int] = set()
        """Wanted runs of which another process told."""
        self._is_claiming = False
        self._is_stopping = False
        self.turns = Turns()
        self.fit = Fit(bounds.queues, registry)
        self._is_overrun = False
        """Whether more runs want a driver than there is room for: then the line says who is next,
        and not the order in which hints came."""

    @property
    def driving(self) -> int:
        return len(self._drives)

    @property
    def drivers(self) -> int:
        """How many runs may be driven at the same time."""
        return self._bounds.drivers

    def is_driving(self, public_id: str) -> bool:
        return public_id in self._public_ids

    @property
    def room(self) -> int:
        """How many more runs may be claimed now."""
        return 0 if self._is_stopping else max(0, self._bounds.drivers - len(self._drives))

    @property
    def spare(self) -> int:
        """How many runs may be begun that were never in the line: none while others are."""
        return 0 if self._wanted or self._is_overrun else self.room

    def want(self, run_id: int, *, passed_on: bool = False) -> None:
        """A hint: this run may be waiting for a driver. One that was passed on goes no further."""
        if run_id in self._drives:
            # It may be just ending: look once more afterwards.
            self._again.add(run_id)
            return
        if passed_on:
            self._passed_on.add(run_id)
        elif not self.room:
            self._overflow(run_id)
        if not self._bounds.drivers:
            return
        self._wanted[run_id] = None
        self._claim_soon()

    def poke(self, run_id: int) -> None:
        """A hint: somebody else appended to this run, a cancel request most likely."""
        found = self._drives.get(run_id)
        if found is None:
            self.want(run_id)
            return
        try:
            self._writer.catch_up(found.journal)
        except Fenced as error:
            self._writer.give_up(found.journal, error)
        except Unavailable:
            asyncio.get_running_loop().call_later(RETRY_S, self.poke, run_id)

    def poke_stopping(self) -> None:
        """Bring cancels and pauses that were asked for in other processes. Raises Unavailable."""
        rows = self._connection.execute(
            "SELECT id FROM studio_run"
            " WHERE status IN ('cancelling', 'paused') AND lease_until IS NOT NULL"
            " AND lease_owner = %s",
            (str(self._owner),),
        )
        for (run_id,) in rows:
            self.poke(run_id)

    def poke_behind(self) -> None:
        """Bring what other processes appended to runs that wait while they are driven here.

        Raises Unavailable.
        """
        heads = {
            run_id: begun.journal.head
            for run_id, begun in self._drives.items()
            if begun.journal.has_waits and not begun.journal.pending
        }
        if not heads:
            return
        marks = ", ".join(["%s"] * len(heads))
        rows = self._connection.execute(
            f"SELECT run_id, MAX(seq) FROM studio_runevent WHERE run_id IN ({marks})"
            " GROUP BY run_id",
            list(heads),
        )
        for run_id, head in rows:
            if head > heads[run_id]:
                self.poke(run_id)

    def take_up_forgotten(self) -> None:
        """Hand back the runs that this process holds and does not drive. Raises Unavailable.

        The answer to their claim was lost on its way, or handing them back failed: their lease is
        renewed with the others, so nobody else would ever take them up.
        """
        rows = self._connection.execute(
            "SELECT id, fence FROM studio_run WHERE status IN ('running', 'cancelling')"
            " AND lease_owner = %s",
            (str(self._owner),),
        )
        for run_id, fence in rows:
            if run_id not in self._drives:
                log.warning("run %s was held and not driven", run_id)
                with contextlib.suppress(Locked):
                    leases.release(self._connection, run_id, fence)
                    self.want(run_id)

    def _goes_on_by_itself(self, run_id: int) -> bool:
        """Whether a run that has just come to wait goes on, now or when others have ended."""
        try:
            if not children.at_work(self._connection, run_id):
                return False
            if children.goes_on(self._connection, run_id):
                self._again.add(run_id)  # whoever told it of the last end found it still driven
        except Unavailable:
            return False
        return True

    def _bring(self, run_id: int) -> None:
        """Tell the parent of a run that it has ended. What fails here, the next sweep does."""
        try:
            parent_id = children.bring(self._connection, run_id)
        except Unavailable as error:
            log.debug("the end of run %s has to wait: %s", run_id, error)
            return
        if parent_id is not None:
            self.poke(parent_id)

    def _claim_soon(self, delay_s: float = 0.0) -> None:
        if self._is_claiming or self._is_stopping or not (self._wanted or self._is_overrun):
            return
        self._is_claiming = True
        loop = asyncio.get_running_loop()
        # Everything wanted in one tick of the loop is claimed in one transaction.
        if delay_s:
            loop.call_later(delay_s, self._claim_wanted)
        else:
            loop.call_soon(self._claim_wanted)

    def _claim_wanted(self) -> None:
        self._is_claiming = False
        room = min(self.room, AT_ONCE)
        if not room:
            return
        try:
            run_ids = self._next(room)
            claims = claiming.claim(
                self._connection,
                run_ids,
                self._owner,
                self._bounds.lease_seconds,
                self.turns,
                self.fit,
            )
        except Unavailable as error:
            log.debug("claims have to wait: %s", error)
            self._claim_soon(RETRY_S)
            return
        for run_id in self.fit.take_refused():
            if run_id not in self._passed_on:
                self._overflow(run_id)
        for run_id in run_ids:
            self._wanted.pop(run_id, None)
        if claims:
            reach("claim.claimed")
        for claim in claims:
            self._wanted.pop(claim.run_id, None)
            self.begin(claim)
        self._passed_on &= self._wanted.keys()
        # Where nothing could be claimed the line has changed: the next sweep looks again.
        self._is_overrun = self._is_overrun and bool(claims)
        self._claim_soon()

    def _next(self, room: int) -> list[int]:
        """The runs to claim now. Raises Unavailable."""
        if len(self._wanted) <= self.room and not self._is_overrun:
            return list(islice(self._wanted, room))
        found = candidates.claimable(self._connection, self._owner, room, self.turns, self.fit)
        self._is_overrun = len(found) >= room
        # Every one of them is in the table, which is asked again as long as that holds more.
        self._wanted.clear()
        # Where the database was away a lease ran out that is about to be renewed: what is driven
        # here has things to say that another driver, be it of this process, would not know.
        return [run_id for run_id in found if run_id not in self._drives]

    def begin(self, claim: Claim) -> None:
        """Drive a run that was claimed for this process."""
        CLAIMS.add()
        try:
            begun = drive.begin(
                claim,
                registry=self._registry,
                connection=self._connection,
                writer=self._writer,
                executor=self._executor,
                slots=self._slots,
                is_awaited=self._waiters.waits_for(claim.public_id),
                want=self.want,
                poke=self.poke,
            )
        except Exception as error:
            self._cannot_drive(claim, error)
        else:
            if claim.birth is not None:
                claim.birth.named = partial(self._named, claim)
            self._drives[claim.run_id] = begun
            self._public_ids.add(claim.public_id)
            task = asyncio.get_running_loop().create_task(self._run(begun))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if claim.birth is not None:
                # Behind the quick steps of the run: its task has had a turn by then, and what went
                # on in a task of its own another.
                write = partial(self._writer.schedule, begun.journal, soon=True)
                asyncio.get_running_loop().call_soon(write)

    def _cannot_drive(self, claim: Claim, error: Exception) -> None:
        if claim.birth is not None:
            self._waiters.ended(claim.public_id)
            claim.birth.failed(error)
        elif isinstance(error, Unavailable):
            self._hand_back(claim)
            self._wanted[claim.run_id] = None
        else:
            log.exception("run %s cannot be driven", claim.public_id, exc_info=error)
            self._abandon(claim, error)

    def _named(self, claim: Claim, run_id: int) -> None:
        """A run that was not written yet is: from now on it goes by its key."""
        begun = self._drives.pop(claim.run_id, None)
        claim.run_id, claim.birth = run_id, None
        if begun is not None:
            self._drives[run_id] = begun

    async def _run(self, begun: Drive) -> None:
        claim = begun.claim
        # The task's own context: whatever is logged on its way is about this run.
        logs.run_id.set(claim.public_id)
        goes_on = waits = False
        rest: Rest | None = None
        lost: Exception | None = None
        try:
            result = await begun.run()
            reach("drive.rested")
            goes_on = self._comes_back(claim, result)
            waits = result.status is RunStatus.WAITING
            goes_on = goes_on or (waits and self._goes_on_by_itself(claim.run_id))
            if begun.is_child and result.status in TERMINAL_RUN_STATUSES:
                self._bring(claim.run_id)
            if result.status not in TERMINAL_RUN_STATUSES:
                # Whoever paused it from outside left the lease to what was still running.
                self._hand_back(claim)
            rest = begun.rest(result)
            if result.status in TERMINAL_RUN_STATUSES:
                begun.let_go()
        except Fenced:
            FENCED.add()
            log.info("run %s goes on with another driver", claim.public_id)
        except asyncio.CancelledError:
            self._hand_back(claim)
            raise
        except Exception as error:
            lost = error
            if claim.birth is not None and isinstance(error, Unavailable):
                log.info("run %s is left to its caller: %s", claim.public_id, error)
            else:
                log.exception("driving run %s failed", claim.public_id)
                self._abandon(claim, error)
        finally:
            self._drives.pop(claim.run_id, None)
            self._public_ids.discard(claim.public_id)
            self._after(claim, goes_on, waits, rest)
            if claim.birth is not None:
                # Last of all: from here on whoever asked for the run may write it himself.
                claim.birth.failed(lost or Unavailable("the engine stops"))

    def _comes_back(self, claim: Claim, result: DriveResult) -> bool:
        """Look at a waiting run again when its time has come; whether that is soon.

        The sweep would find it too, a little later.
        """
        if result.status is not RunStatus.WAITING or result.until is None:
            return False
        left = result.until - time.time()
        if left > SOON_S:
            return False
        loop = asyncio.get_running_loop()
        loop.call_later(max(0.0, left) + EARLY_S, self.want, claim.run_id)
        return True

    def _after(self, claim: Claim, goes_on: bool, waits: bool, rest: Rest | None) -> None:
        if waits and not goes_on:
            self._waiters.rests(claim.public_id, rest)
        elif not goes_on:
            self._waiters.ended(claim.public_id, rest)
        if claim.run_id in self._again:
            self._again.discard(claim.run_id)
            self._wanted[claim.run_id] = None
        if claim.lane is not None:
            self._call_next(claim.lane)
        self._claim_soon()

    def _call_next(self, lane: Lane) -> None:
        """A run of a lane rests: whoever is next there may have its place now."""
        try:
            for run_id in candidates.next_in_lane(self._connection, lane):
                self._wanted[run_id] = None
        except Unavailable as error:
            log.debug("a lane has to wait for the sweep: %s", error)

    def _abandon(self, claim: Claim, error: Exception) -> None:
        self._writer.commit()
        if claim.birth is not None:
            return  # nothing of it is there
        try:
            leases.abandon(self._connection, claim.run_id, claim.fence, error)
        except (Unavailable, Conflict) as trouble:
            log.warning("run %s could not be handed back: %s", claim.public_id, trouble)

    def _hand_back(self, claim: Claim) -> None:
        self._writer.commit()
        if claim.birth is not None:
            return
        reach("handback.before")
        try:
            leases.release(self._connection, claim.run_id, claim.fence)
            reach("handback.released")
        except Unavailable as error:
            log.warning("run %s could not be handed back: %s", claim.public_id, error)
            if not self._is_stopping:
                asyncio.get_running_loop().call_later(RETRY_S, self._hand_back, claim)

    def close(self) -> None:
        """Claim nothing more; what is being driven goes on."""
        self._is_stopping = True

    async def drain(self, grace_s: float) -> None:
        """Claim nothing more, let what runs end within the grace, hand the rest back."""
        self._is_stopping = True
        for begun in list(self._drives.values()):
            begun.driver.stop()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=grace_s)
        for task in list(self._tasks):
            task.cancel()
        for task in list(self._tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._writer.commit()
