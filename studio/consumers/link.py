"""The sending side of one socket: text out, a client that does not read found out."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

# A client that takes nothing for so long gets no more.
SLOW_S = 20.0
# Saying goodbye may not take as long as waiting did.
GOODBYE_S = 2.0

Send = Callable[[dict[str, Any]], Awaitable[None]]


class TooSlow(Exception):
    """The client reads, or acknowledges, slower than its run writes."""


class Link:
    """Sends to one client. Closes once, whoever asks first."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.closed = False

    async def text(self, text: str) -> None:
        """Send one message. Raises TooSlow when the client does not take it."""
        if self.closed:
            return
        try:
            async with asyncio.timeout(SLOW_S):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise TooSlow from None

    async def close(self, code: int) -> None:
        if self.closed:
            return
        self.closed = True
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._send({"type": "websocket.close", "code": code})
        except (TimeoutError, OSError, RuntimeError):
            # The client is gone or takes nothing: there is nobody to say goodbye to.
            return
