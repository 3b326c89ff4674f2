"""Talk to the sockets of this process, as a browser or a program does."""

import json
from typing import Any

from channels.testing import WebsocketCommunicator

from studio.consumers.routing import Sockets

ORIGIN = "http://testserver:8000"
TIMEOUT_S = 10
NATIVE = "treadle.v1"


class Conversation(WebsocketCommunicator):
    """One socket. `token` goes into the header, `session` into the cookie."""

    def __init__(
        self,
        path: str,
        *,
        token: str | None = None,
        session: str | None = None,
        origin: str | None = ORIGIN,
        native: bool = True,
    ) -> None:
        headers = [(b"host", b"testserver:8000")]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        if token is not None:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        if session is not None:
            headers.append((b"cookie", f"treadle_session={session}".encode()))
        super().__init__(Sockets(), path, headers, subprotocols=[NATIVE] if native else None)

    async def open(self) -> str | None:
        """Shake hands. Returns the sub-protocol that the server took."""
        is_open, protocol = await self.connect(timeout=TIMEOUT_S)
        assert is_open, f"refused with {protocol}"
        return None if protocol is None else str(protocol)

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        message: dict[str, Any] = json.loads(await self.receive_from(timeout=TIMEOUT_S))
        return message

    async def say(self, **message: Any) -> None:
        await self.send_to(text_data=json.dumps(message))

    async def closing(self) -> int:
        """Everything up to the close is thrown away; returns its code."""
        while True:
            message = await self.receive_output(TIMEOUT_S)
            if message["type"] == "websocket.close":
                return int(message["code"])

    async def everything(self) -> tuple[list[dict[str, Any]], int]:
        """All messages up to the close, and its code."""
        heard = []
        while True:
            message = await self.receive_output(TIMEOUT_S)
            if message["type"] == "websocket.close":
                return heard, int(message["code"])
            heard.append(json.loads(message["text"]))

    async def is_quiet(self) -> bool:
        """Whether the server says nothing for a while."""
        quiet: bool = await self.receive_nothing(0.3)
        return quiet

    async def leave(self) -> None:
        await self.disconnect(timeout=TIMEOUT_S)
