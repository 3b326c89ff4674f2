"""Which socket is where. Anything else is refused before the handshake is over."""

import re

from studio.consumers.draft import DraftConsumer
from studio.consumers.origin import may_shake_hands
from studio.consumers.run import RunConsumer
from studio.http.body import Receive, Scope, Send

RUN = re.compile(r"^/ws/run/(?P<run_id>[^/]{1,100})/?$")
WORKFLOW = re.compile(r"^/ws/workflow/(?P<workflow_id>[^/]{1,100})/?$")


class Sockets:
    """ASGI: the handshakes of this studio's own pages and of programs with a token."""

    def __init__(self) -> None:
        self._kinds = ((RUN, RunConsumer.as_asgi()), (WORKFLOW, DraftConsumer.as_asgi()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = ((pattern.match(scope["path"]), kind) for pattern, kind in self._kinds)
        match, kind = next((each for each in found if each[0]), (None, None))
        if match is None or kind is None or not may_shake_hands(scope):
            # Closed before it was accepted: the client sees HTTP 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        scope["url_route"] = {"args": (), "kwargs": match.groupdict()}
        await kind(scope, receive, send)
