"""Looks at the tables every few seconds: what no hint brought is found here.

Crashed processes, lost hints, a service that was stopped: recovery is this loop, not a start-up
step.
"""

import asyncio
import itertools
import logging
import random

from django.conf import settings

from studio.claims import candidates
from studio.claims.owner import Owner
from studio.execution import offspring
from studio.execution.pool import DriverPool
from studio.execution.signal_rounds import SignalRounds
from studio.execution.waiters import Waiters
from studio.journal import stuck_sessions
from studio.journal.raw_connection import Raw, Unavailable, idle_ms

SWEEP_S = 5.0
JITTER = 0.2
LOOK_S = 0.25
"""How often runs that somebody waits for are looked at, in case another process drives them, and
the line, in case another process put a run there."""
BEHIND = 2
"""Every how many looks it is asked whether others wrote to runs that are driven here, and whether a
process of this host left runs behind."""
LINE_SHARE = 30
"""How many times as long as a look at the line took the next one waits at least."""

log = logging.getLogger(__name__)


class Sweeper:
    def __init__(
        self,
        connection: Raw,
        owner: Owner,
        pool: DriverPool,
        waiters: Waiters,
        signals: SignalRounds,
        *,
        takes: bool,
    ) -> None:
        """`takes` says whether runs that nobody here asked for are driven too."""
        self._connection = connection
        self._owner = owner
        self._pool = pool
        self._waiters = waiters
        self._signals = signals
        self._takes = takes
        self._not_before = 0.0
        """When the line is looked at again, by the loop's own clock."""

    async def sweep_for_ever(self) -> None:
        while True:
            self.sweep()
            await asyncio.sleep(SWEEP_S * random.uniform(1 - JITTER, 1 + JITTER))

    async def look_for_ever(self) -> None:
        for count in itertools.count(1):
            await asyncio.sleep(LOOK_S)
            try:
                self._waiters.look(self._connection, self._pool.is_driving)
                if self._takes:
                    self._look_at_line()
                if count % BEHIND == 0:
                    self._pool.take_up_forgotten()
                    self._look_for_orphans()
                    self._pool.poke_behind()
                    self._pool.poke_stopping()
            except Unavailable as error:
                log.debug("cannot look at runs now: %s", error)
            except Exception:
                log.exception("a look at the runs failed, the next one may not")

    def _look_at_line(self) -> None:
        """Take up what other processes put in the line, whose hints do not come here."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if not self._pool.room or began < self._not_before:
            return
        pool = self._pool
        for run_id in candidates.in_line(self._connection, pool.room, pool.turns, pool.fit):
            pool.want(run_id)
        # A long line that nobody may take from yet costs the loop a few hundredths of its time.
        self._not_before = loop.time() + LINE_SHARE * (loop.time() - began)

    def _look_for_orphans(self) -> None:
        """Take over at once from a process of this host that died: no lease has to run out."""
        if self._takes and self._pool.room:
            pool = self._pool
            for run_id in candidates.orphans(self._connection, self._owner, pool.room, pool.fit):
                pool.want(run_id)

    def sweep(self) -> None:
        try:
            stuck_sessions.end(self._connection, idle_ms(settings.LEASE_SECONDS))
            if self._pool.room:
                pool = self._pool
                for run_id in candidates.claimable(
                    self._connection, self._owner, pool.room, pool.turns, pool.fit
                ):
                    pool.want(run_id)
            offspring.heal(self._connection, self._pool.poke)
            self._signals.look()
        except Unavailable as error:
            log.warning("the sweep failed, the next one may not: %s", error)
        except Exception:
            # Nobody would sweep here any more: what no hint brings would wait for a restart.
            log.exception("the sweep failed, the next one may not")
