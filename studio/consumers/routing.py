"""Which socket is where. Anything else is refused before the handshake is over."""

import re

from studio.consumers.origin import may_shake_hands
from studio.consumers.run import RunConsumer
from studio.http.body import Receive, Scope, Send

RUN = re.compile(r"^/ws/run/(?P<run_id>[^/]{1,100})/?$")


class Sockets:
    """ASGI: the handshakes of this studio's own pages and of programs with a token."""

    def __init__(self) -> None:
        self._run = RunConsumer.as_asgi()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = RUN.match(scope["path"])
        if match is None or not may_shake_hands(scope):
            # Closed before it was accepted: the client sees HTTP 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        scope["url_route"] = {"args": (), "kwargs": match.groupdict()}
        await self._run(scope, receive, send)
