"""Wake-ups between processes, over the channel layer; the one file that knows it.

With one process (`TREADLE_CHANNEL_URL` empty) nothing here does anything.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

# At most one wake-up of a run in this time; the last one always goes out.
PACE_S = 0.1
RETRY_S = 1.0
TYPE = "run.wake"

logger = logging.getLogger("studio.live")


def is_on() -> bool:
    return bool(settings.CHANNEL_URL)


def group_of(run_id: int) -> str:
    return f"run.{run_id}"


class Listener:
    """Hears of new rows of the runs that are watched here, and keeps trying while Redis is away."""

    def __init__(self, heard: Callable[[int], None]) -> None:
        self._heard = heard
        self._runs: set[int] = set()
        self._channel = ""
        self._task: asyncio.Task[None] | None = None

    async def add(self, run_id: int) -> None:
        if not is_on():
            return
        self._runs.add(run_id)
        if self._task is None:
            self._task = asyncio.create_task(self._listen_on())
        elif self._channel:
            await _tolerant(_layer().group_add(group_of(run_id), self._channel))

    async def discard(self, run_id: int) -> None:
        self._runs.discard(run_id)
        if self._channel:
            await _tolerant(_layer().group_discard(group_of(run_id), self._channel))

    async def close(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _listen_on(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:
                logger.warning("the channel layer is away, runs are polled meanwhile: %s", error)
                self._channel = ""
                await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        layer = _layer()
        # Known to `add` before the groups are joined: what is added meanwhile joins by itself.
        channel = self._channel = await layer.new_channel()
        for run_id in tuple(self._runs):
            await layer.group_add(group_of(run_id), channel)
        while True:
            message = await layer.receive(channel)
            self._heard(int(message["run"]))


class Announcer:
    """Sends wake-ups from a thread and event loop of its own, paced for each run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._due: dict[int, bool] = {}
        """Runs inside their pace; True when another wake-up came in meanwhile."""
        threading.Thread(target=self._loop.run_forever, name="relay", daemon=True).start()

    def announce(self, run_id: int) -> None:
        if not self._due.get(run_id, False):
            self._loop.call_soon_threadsafe(self._note, run_id)

    def _note(self, run_id: int) -> None:
        if run_id in self._due:
            self._due[run_id] = True
            return
        self._due[run_id] = False
        self._loop.create_task(self._send(run_id))
        self._loop.call_later(PACE_S, self._end_of_pace, run_id)

    def _end_of_pace(self, run_id: int) -> None:
        if self._due.pop(run_id):
            self._note(run_id)

    async def _send(self, run_id: int) -> None:
        await _tolerant(_layer().group_send(group_of(run_id), {"type": TYPE, "run": run_id}))


_lock = threading.Lock()
_announcer: Announcer | None = None


def announce(run_id: int) -> None:
    """Tell other processes. From any thread; returns at once."""
    global _announcer
    if not is_on():
        return
    if _announcer is None:
        with _lock:
            _announcer = _announcer or Announcer()
    _announcer.announce(run_id)


def _layer() -> Any:
    return get_channel_layer()


async def _tolerant(call: Any) -> None:
    # A wake-up that is lost costs a second: watched runs are polled as well.
    try:
        await call
    except Exception as error:
        logger.warning("the channel layer refused a wake-up: %s", error)
