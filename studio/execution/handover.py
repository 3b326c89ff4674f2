"""A start that is handed over to the engine, and what became of it.

Nobody is blocked meanwhile: the caller's loop hears once, when the run rests.
"""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future

from studio.queries.runs import RunView
from studio.raw_connection import Unavailable
from studio.run_start import RunStart

BEGIN_TIMEOUT_S = 2.0
"""How long a start may wait for the engine's loop before the caller writes it himself."""


class Handover:
    """Made by `Service.hand_over`; awaited once, on any loop."""

    def __init__(
        self,
        start: RunStart,
        give: Callable[["Handover"], bool],
        forget: Callable[["Handover"], None],
        timeout_s: float,
    ) -> None:
        self.start = start
        self.public_id = str(start.public_id)
        self.promise: Future[int] = Future()
        """The run's key, once it is committed."""
        self.view: RunView | None = None
        """How the run stood when it came to rest, if its driver could tell from memory."""
        self._has_rested = False
        self._give = give
        self._forget = forget
        self._timeout_s = timeout_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Future[None] | None = None

    async def rest(self) -> None:
        """Return when the run rests, when it was not begun, or when the time is up."""
        loop = self._loop = asyncio.get_running_loop()
        over = self._over = loop.create_future()
        self.promise.add_done_callback(self._begun)
        if not self._give(self):
            self.promise.cancel()
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

    def rested(self, view: RunView | None) -> None:
        """Called on the engine's loop: the run rests."""
        self.view, self._has_rested = view, True
        self._tell()

    def _begun(self, promise: "Future[int]") -> None:
        if promise.cancelled() or promise.exception() is not None:
            self._tell()

    def _tell(self) -> None:
        loop, over = self._loop, self._over
        if loop is not None and over is not None:
            # The loop that waits may be closed by now: then nobody is left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, over)


def _resolve(over: "asyncio.Future[None]") -> None:
    if not over.done():
        over.set_result(None)
