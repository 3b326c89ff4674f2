"""A start that is handed over to the engine, and what became of it.

Nobody is blocked meanwhile: the caller's loop hears once, when the run rests.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from uuid import UUID

from engine.driving.returns import bring
from studio.journal.raw_connection import Unavailable
from studio.journal.told import Rest

BEGIN_TIMEOUT_S = 2.0
"""How long a start may wait for the engine's loop before the caller writes it himself."""


class Handover:
    """Made by `Service.hand_over`; awaited once, on any loop."""

    def __init__(
        self,
        public_id: UUID,
        give: Callable[["Handover"], bool],
        forget: Callable[["Handover"], None],
        timeout_s: float,
    ) -> None:
        self.public_id = str(public_id)
        self.promise: Future[int] = Future()
        """The run's key, once it is committed."""
        self.told: Rest | None = None
        """How the run stood when it came to rest, if its driver could tell from memory."""
        self._has_rested = False
        self._give = give
        self._forget = forget
        self._timeout_s = timeout_s
        self._over: asyncio.Future[None] | None = None

    def _begin(self) -> "asyncio.Future[None]":
        """Give it away. The future is done when the run rests, or when it was not begun."""
        if self._over is None:
            self._over = asyncio.get_running_loop().create_future()
            # It keeps what it calls: were that this object, both would wait for the collector.
            self.promise.add_done_callback(partial(_begun, self._over))
            if not self._give(self):
                self.promise.cancel()
        return self._over

    async def rests_within(self, seconds: float) -> bool:
        """Whether the run rests by then, or was not begun; else go on with `rest`."""
        over, loop = self._begin(), asyncio.get_running_loop()
        soon = loop.create_future()
        over.add_done_callback(lambda _: _resolve(soon))
        timer = loop.call_later(seconds, _resolve, soon)
        try:
            await soon
        finally:
            timer.cancel()
        return over.done()

    async def rest(self) -> None:
        """Return when the run rests, when it was not begun, or when the time is up."""
        over, loop = self._begin(), asyncio.get_running_loop()
        begin = loop.call_later(min(BEGIN_TIMEOUT_S, self._timeout_s), self.promise.cancel)
        end = loop.call_later(self._timeout_s, _resolve, over)
        try:
            await over
        finally:
            begin.cancel()
            end.cancel()
            if not self._has_rested:
                self._forget(self)

    def run_id(self) -> int | None:
        """The run's key; None if it was not written, and now never will be.

        Waits where it is being written this very moment, so call it in a thread. Raises Conflict.
        """
        if self.promise.cancel():
            return None
        try:
            return self.promise.result()
        except Unavailable:
            return None

    def rested(self, told: Rest | None) -> None:
        """Called on the engine's loop: the run rests."""
        self.told, self._has_rested = told, True
        if self._over is not None:
            bring(self._over, None)


def _begun(over: "asyncio.Future[None]", promise: "Future[int]") -> None:
    if promise.cancelled() or promise.exception() is not None:
        bring(over, None)


def _resolve(over: "asyncio.Future[None]") -> None:
    if not over.done():
        over.set_result(None)
