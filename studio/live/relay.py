"""Wake-ups between processes, over the channel layer; the one file that knows it.

With one process (`TREADLE_CHANNEL_URL` empty) nothing here does anything.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

# At most one wake-up of a run in this time; the last one always goes out.
PACE_S = 0.1
RETRY_S = 1.0
TYPE = "treadle.news"

logger = logging.getLogger("studio.live")


def is_on() -> bool:
    return bool(settings.CHANNEL_URL)


def run_topic(run_id: int) -> str:
    return f"run.{run_id}"


def draft_topic(workflow_id: int) -> str:
    return f"draft.{workflow_id}"


def number_in(topic: str) -> int:
    """The id that a topic is about."""
    return int(topic.rpartition(".")[2])


Body = Mapping[str, Any]


class Listener:
    """Hears of what is watched here, topic by topic, and keeps trying while Redis is away."""

    def __init__(self, heard: Callable[[str, Body], None]) -> None:
        self._heard = heard
        self._topics: set[str] = set()
        self._channel = ""
        self._task: asyncio.Task[None] | None = None
        self.joined = asyncio.Event()
        """Set while everything said about the topics is heard."""

    async def add(self, topic: str) -> None:
        if not is_on():
            return
        self._topics.add(topic)
        if self._task is None:
            self._task = asyncio.create_task(self._listen_on())
        elif self._channel:
            await _tolerant(_layer().group_add(topic, self._channel))

    async def discard(self, topic: str) -> None:
        self._topics.discard(topic)
        if self._channel:
            await _tolerant(_layer().group_discard(topic, self._channel))

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
                self.joined.clear()
                logger.warning("the channel layer is away, rows are polled meanwhile: %s", error)
                self._channel = ""
                await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        layer = _layer()
        # Known to `add` before the groups are joined: what is added meanwhile joins by itself.
        channel = self._channel = await layer.new_channel()
        for topic in tuple(self._topics):
            await layer.group_add(topic, channel)
        self.joined.set()
        while True:
            message = await layer.receive(channel)
            self._heard(message["topic"], message.get("body", {}))


class Announcer:
    """Sends from a thread and event loop of its own; wake-ups are paced for each run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._due: dict[int, bool] = {}
        """Runs inside their pace; True when another wake-up came in meanwhile."""
        threading.Thread(target=self._loop.run_forever, name="relay", daemon=True).start()

    def announce(self, run_id: int) -> None:
        if not self._due.get(run_id, False):
            self._loop.call_soon_threadsafe(self._note, run_id)

    def tell(self, topic: str, body: Body) -> None:
        self._loop.call_soon_threadsafe(self._begin, topic, body)

    def _begin(self, topic: str, body: Body) -> None:
        self._loop.create_task(_send(topic, body))

    def _note(self, run_id: int) -> None:
        if run_id in self._due:
            self._due[run_id] = True
            return
        self._due[run_id] = False
        self._loop.create_task(_send(run_topic(run_id), {}))
        self._loop.call_later(PACE_S, self._end_of_pace, run_id)

    def _end_of_pace(self, run_id: int) -> None:
        if self._due.pop(run_id):
            self._note(run_id)


_lock = threading.Lock()
_announcer: Announcer | None = None


def announce(run_id: int) -> None:
    """Tell other processes of new rows of a run. From any thread; returns at once."""
    if is_on():
        _sender().announce(run_id)


def tell(topic: str, body: Body) -> None:
    """Tell whoever listens to this topic, this process as well. From any thread."""
    if is_on():
        _sender().tell(topic, body)


def _sender() -> Announcer:
    global _announcer
    if _announcer is None:
        with _lock:
            _announcer = _announcer or Announcer()
    return _announcer


async def _send(topic: str, body: Body) -> None:
    message = {"type": TYPE, "topic": topic, "body": dict(body)}
    await _tolerant(_layer().group_send(topic, message))


def _layer() -> Any:
    return get_channel_layer()


async def _tolerant(call: Any) -> None:
    # A message that is lost costs a moment: what is watched is polled as well.
    try:
        await call
    except Exception as error:
        logger.warning("the channel layer refused a message: %s", error)
