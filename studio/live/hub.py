"""The hub: who watches which run in this process, and the wake-ups that reach them.

`wake` is called after each commit of the journal, from whatever thread made it. It carries no
data: the rows are the stream. Between processes wake-ups travel over the channel layer, and one
that gets lost costs a second, because a watched run is polled as well.
"""

import asyncio
import threading

from studio.live import relay
from studio.live.tail import Rows, Tail


class Hub:
    """The tails of one event loop, one for each watched run."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._tails: dict[int, Tail] = {}
        self._listener = relay.Listener(lambda topic, _body: self._heard(topic))

    async def follow(self, run_id: int, rows: Rows, bell: asyncio.Event) -> Tail:
        """Watch a run: the bell rings whenever its tail has news. Undo with `leave`."""
        tail = self._tails.get(run_id)
        if tail is None:
            tail = self._tails[run_id] = Tail(run_id, rows)
            await self._listener.add(relay.run_topic(run_id))
        tail.attach(bell)
        try:
            await tail.open()
        except BaseException:
            await self.leave(tail, bell)
            raise
        return tail

    async def leave(self, tail: Tail, bell: asyncio.Event) -> None:
        tail.detach(bell)
        if tail.watchers == 0 and self._tails.get(tail.run_id) is tail:
            del self._tails[tail.run_id]
            await self._listener.discard(relay.run_topic(tail.run_id))

    def poke(self, run_id: int) -> None:
        """From any thread."""
        tail = self._tails.get(run_id)
        if tail is not None:
            tail.poke()

    def _heard(self, topic: str) -> None:
        self.poke(relay.number_in(topic))

    def watched(self) -> int:
        """How many runs are watched here."""
        return len(self._tails)


_lock = threading.Lock()
# Replaced, never changed: `wake` reads it from other threads without a lock.
_hubs: tuple[Hub, ...] = ()


def current() -> Hub:
    """The hub of the running event loop."""
    global _hubs
    loop = asyncio.get_running_loop()
    for hub in _hubs:
        if hub.loop is loop:
            return hub
    with _lock:
        hub = Hub()
        _hubs = (*(known for known in _hubs if not known.loop.is_closed()), hub)
    return hub


def watched() -> int:
    """How many runs are watched in this process."""
    return sum(hub.watched() for hub in _hubs)


def wake(run_id: int) -> None:
    """There are new rows of this run: tell its watchers, here and in other processes."""
    for hub in _hubs:
        hub.poke(run_id)
    relay.announce(run_id)
