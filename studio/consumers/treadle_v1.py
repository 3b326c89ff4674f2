"""The sub-protocol `treadle.v1`: numbered events in batches, with a credit window.

Server: hello, ev, hb, trim, end. Client: ack, filter, ping.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from studio.consumers import codes
from studio.consumers.link import SLOW_S, Link, TooSlow
from studio.live.entries import Entry
from studio.live.pool import in_pool
from studio.live.tail import Tail
from studio.queries.told_events import may_say

NAME = "treadle.v1"
WINDOW = 1_000
HEARTBEAT_S = 15.0
_LEVELS = {"debug": 0, "info": 1, "warning": 2, "error": 3}


class BadMessage(Exception):
    """The client said something that is not in the protocol."""


class NativeFollower:
    """Sends one client everything after `after`, as fast as its acknowledgements allow."""

    def __init__(
        self, link: Link, run_id: str, after: int, tell: Callable[[str], str] | None = None
    ) -> None:
        """`tell`: what becomes of the text of events; called in a reading thread."""
        self.bell = asyncio.Event()
        self._link = link
        self._run_id = run_id
        self._tell = tell
        self._after = after
        self._acked = after
        self._filter: Filter | None = None
        self._pinged = False

    async def follow(self, tail: Tail) -> int:
        """Until the run's end. Returns the code to close with; raises TooSlow."""
        await self._greet(tail)
        while True:
            self.bell.clear()
            if await self._send_next(tail):
                continue
            if tail.ended and self._after >= tail.head:
                await self._say(t="end", status=tail.status, head=tail.head)
                return codes.END
            await self._wait(tail)

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take a message of the client. Raises BadMessage."""
        kind = message.get("t")
        if kind == "ack":
            self._acked = max(self._acked, min(_count(message, "seq"), self._after))
        elif kind == "filter":
            self._filter = Filter.of(message)
        elif kind == "ping":
            self._pinged = True
        else:
            raise BadMessage
        self.bell.set()

    async def _greet(self, tail: Tail) -> None:
        await self._say(
            t="hello",
            v=1,
            run=self._run_id,
            status=tail.status,
            after=self._after,
            head=tail.head,
            first=tail.first,
            window=WINDOW,
            hb=int(HEARTBEAT_S),
        )
        if self._after < tail.first - 1:
            await self._say(t="trim", first=tail.first)
            self._after = self._acked = tail.first - 1

    async def _send_next(self, tail: Tail) -> bool:
        if self._pinged:
            self._pinged = False
            await self._beat(tail)
        wanted = self._filter.passes if self._filter else None
        frame = await tail.frame(self._after, self._acked + WINDOW, wanted)
        if frame is None:
            return False
        text = frame.text
        if self._tell is not None and may_say(text):
            text = await in_pool(self._tell, text)
        await self._link.text(text)
        self._after = frame.last
        return True

    async def _wait(self, tail: Tail) -> None:
        """For news or an acknowledgement; silence is filled with heartbeats."""
        has_credit = self._after < self._acked + WINDOW
        try:
            async with asyncio.timeout(HEARTBEAT_S if has_credit else SLOW_S):
                await self.bell.wait()
        except TimeoutError:
            if not has_credit:
                raise TooSlow from None
            await self._beat(tail)

    async def _beat(self, tail: Tail) -> None:
        now = datetime.now(UTC)
        await self._say(t="hb", head=tail.head, ts=now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))

    async def _say(self, **message: Any) -> None:
        await self._link.text(json.dumps(message, separators=(",", ":")))


class Filter:
    """What a client wants to see of a run: log lines from a level on, some nodes only."""

    def __init__(self, level: str | None, nodes: frozenset[str]) -> None:
        self._floor = _LEVELS.get(level or "debug", 0)
        self._nodes = nodes

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Filter | None":
        level, nodes = message.get("lvl"), message.get("node") or []
        if level is not None and level not in _LEVELS:
            raise BadMessage
        if not isinstance(nodes, list) or not all(isinstance(node, str) for node in nodes):
            raise BadMessage
        return cls(level, frozenset(nodes)) if level or nodes else None

    def passes(self, entry: Entry) -> bool:
        """Events of the run itself always pass."""
        if entry.node is not None and self._nodes and entry.node not in self._nodes:
            return False
        return entry.level is None or _LEVELS.get(entry.level, 1) >= self._floor


def _count(message: Mapping[str, Any], key: str) -> int:
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadMessage
    return value
