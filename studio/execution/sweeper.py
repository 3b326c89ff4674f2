"""Looks at the tables every few seconds: what no hint brought is found here.

Crashed processes, lost hints, a service that was stopped: recovery is this loop, not a start-up
step.
"""

import asyncio
import itertools
import logging
import random

from studio import leases
from studio.execution import offspring
from studio.execution.pool import DriverPool
from studio.execution.signal_rounds import SignalRounds
from studio.execution.waiters import Waiters
from studio.owner import Owner
from studio.raw_connection import Raw, Unavailable

SWEEP_S = 5.0
JITTER = 0.2
LOOK_S = 0.25
"""How often runs that somebody waits for are looked at, in case another process drives them."""
BEHIND = 4
"""Every how many looks it is asked whether others wrote to runs that are driven here."""

log = logging.getLogger(__name__)


class Sweeper:
    def __init__(
        self,
        connection: Raw,
        owner: Owner,
        pool: DriverPool,
        waiters: Waiters,
        signals: SignalRounds,
    ) -> None:
        self._connection = connection
        self._owner = owner
        self._pool = pool
        self._waiters = waiters
        self._signals = signals

    async def sweep_for_ever(self) -> None:
        while True:
            self.sweep()
            await asyncio.sleep(SWEEP_S * random.uniform(1 - JITTER, 1 + JITTER))

    async def look_for_ever(self) -> None:
        for count in itertools.count(1):
            await asyncio.sleep(LOOK_S)
            try:
                self._waiters.look(self._connection)
                if count % BEHIND == 0:
                    self._pool.poke_behind()
            except Unavailable as error:
                log.debug("cannot look at runs now: %s", error)

    def sweep(self) -> None:
        try:
            if self._pool.room:
                pool = self._pool
                for run_id in leases.claimable(
                    self._connection, self._owner, pool.room, pool.turns
                ):
                    pool.want(run_id)
            self._pool.poke_stopping()
            offspring.heal(self._connection, self._pool.poke)
            self._signals.look()
        except Unavailable as error:
            log.warning("the sweep failed, the next one may not: %s", error)
