"""Tail: reads the new rows of one run once, for everybody in this process who watches it."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from studio.live.entries import FRAME_EVENTS, Entry, Frame, Ring, frame_of
from studio.live.pool import in_pool
from studio.meters import LATENCY

BATCH_S = 0.02
POLL_S = 1.0
# How far back a new tail reads for its ring; older pages are read when somebody asks for them.
WARM_EVENTS = 1_000
PAGES = 32

# What a run's own events say about its status; the words of engine.policies.RunStatus.
STATUS_AFTER = {
    "run.claimed": "running",
    "run.cancel_requested": "cancelling",
    "run.paused": "paused",
    "run.resumed": "running",
    "run.completed": "completed",
    "run.failed": "failed",
    "run.cancelled": "cancelled",
}
ENDINGS = frozenset({"run.completed", "run.failed", "run.cancelled"})
GOING_ON = frozenset({"run.resumed", "run.forked"})

logger = logging.getLogger("studio.live")


@dataclass(frozen=True, slots=True)
class Look:
    """A run as its rows say at one moment."""

    status: str
    ended: bool
    first: int
    """The oldest seq that is kept."""
    head: int
    """The newest seq; 0 for none."""


class Rows(Protocol):
    """How a tail reads. Both are called in a reading thread."""

    def look(self, run_id: int) -> Look: ...

    def page(self, run_id: int, after: int, limit: int) -> list[Entry]: ...


class Tail:
    """The stream of one run on one event loop. Everything but `poke` is called on that loop."""

    def __init__(self, run_id: int, rows: Rows) -> None:
        self.run_id = run_id
        self.rows = rows
        self.loop = asyncio.get_running_loop()
        self.status = ""
        self.ended = False
        """The run is over and everything up to its end was read."""
        self.first = 1
        self.head = 0
        """The newest seq that was read; the ring ends with it."""
        self._ring = Ring()
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._bells: set[asyncio.Event] = set()
        self._poked = asyncio.Event()
        self._is_poked = False
        self._opened: asyncio.Future[None] | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> int:
        return len(self._bells)

    def attach(self, bell: asyncio.Event) -> None:
        """Ring this bell whenever there is news, until `detach`."""
        self._bells.add(bell)

    def detach(self, bell: asyncio.Event) -> None:
        self._bells.discard(bell)
        if not self._bells and self._reading is not None:
            self._reading.cancel()
            self._reading = None

    async def open(self) -> None:
        """Look at the run and start to read. Whoever comes second waits for the first."""
        if self._opened is None or _has_failed(self._opened):
            self._opened = asyncio.ensure_future(self._open())
        await asyncio.shield(self._opened)
        if self._reading is None and not self.ended:
            self._reading = asyncio.create_task(self._read_on())

    def poke(self) -> None:
        """There may be new rows. From any thread; cheap when the tail knows already."""
        if self._is_poked:
            return
        self._is_poked = True
        try:
            self.loop.call_soon_threadsafe(self._poked.set)
        except RuntimeError:
            logger.debug("run %s: its event loop is closed", self.run_id)

    async def frame(
        self,
        after: int,
        until: int,
        wanted: Callable[[Entry], bool] | None = None,
    ) -> Frame | None:
        """The next message for a watcher that has everything up to `after`.

        It reaches to `until` at most; None when there is nothing yet. Watchers at one place share
        one text.
        """
        if after >= self.head or until <= after:
            return None
        shared = self._frames.get(after) if wanted is None else None
        if shared is not None and shared.last <= until:
            return shared
        entries = await self._entries(after)
        within = [entry for entry in entries if entry.seq <= until]
        if not within:
            return None
        frame = frame_of(within, wanted)
        if wanted is None and len(within) == len(entries):
            self._keep(after, frame)
        return frame

    def _keep(self, after: int, frame: Frame) -> None:
        self._frames[after] = frame
        if len(self._frames) > PAGES:
            self._frames.popitem(last=False)

    async def _entries(self, after: int) -> list[Entry]:
        if self._ring.holds(after + 1):
            return self._ring.page(after)
        return await in_pool(self.rows.page, self.run_id, after, FRAME_EVENTS)

    async def _open(self) -> None:
        look = await in_pool(self.rows.look, self.run_id)
        self.status, self.first = look.status, look.first
        self.head = max(look.first - 1, look.head - WARM_EVENTS)
        while self.head < look.head and await self._take_page():
            pass
        self.ended = self.ended or look.ended

    async def _read_on(self) -> None:
        """While anybody watches: wait for a poke or a second, read what is new, ring the bells."""
        while not self.ended:
            try:
                await self._wait()
                if await self._read_new():
                    self._ring_bells()
            except Exception:
                # A database that is away must not end the stream: the next poll tries again.
                logger.exception("run %s: its rows could not be read", self.run_id)
                await asyncio.sleep(POLL_S)

    async def _wait(self) -> None:
        # Whatever comes within a batch's time travels together.
        await asyncio.sleep(BATCH_S)
        try:
            async with asyncio.timeout(POLL_S):
                await self._poked.wait()
        except TimeoutError:
            pass

    async def _read_new(self) -> bool:
        # Cleared before reading: a poke during the read is for the next round.
        self._poked.clear()
        self._is_poked = False
        news = False
        while taken := await self._take_page():
            news = True
            if (happened := self._ring.last_time()) is not None:
                LATENCY.observe(max(0.0, time.time() - happened))
            if taken < FRAME_EVENTS:
                break
            self._ring_bells()
        return news

    async def _take_page(self) -> int:
        page = await in_pool(self.rows.page, self.run_id, self.head, FRAME_EVENTS)
        for entry in page:
            self.status = STATUS_AFTER.get(entry.kind, self.status)
            if entry.kind in ENDINGS:
                self.ended = True
            elif entry.kind in GOING_ON:
                # A run that failed may go on, or another one from there.
                self.ended = False
        if page:
            self._ring.extend(page)
            self.head = page[-1].seq
        return len(page)

    def _ring_bells(self) -> None:
        for bell in self._bells:
            bell.set()


def _has_failed(task: "asyncio.Future[None]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
