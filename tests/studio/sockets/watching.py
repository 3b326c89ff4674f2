"""Watch runs of a real server over real sockets."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.live import LiveStudio

SUPERUSERS = """
import contextlib
import json
from django.contrib.auth.models import User
from studio.accounts import tokens
made = []
for number in range({count}):
    user = User.objects.create_superuser(f"watcher{{number}}")
    made.append(tokens.create(user=user, name="watcher")[1])
print(json.dumps(made))
"""


def watchers_tokens(studio: LiveStudio, count: int) -> list[str]:
    """Tokens of so many administrators, who see every run."""
    tokens: list[str] = studio.command(
        "shell", "--no-imports", "-c", SUPERUSERS.format(count=count)
    )
    return tokens


@dataclass
class Watcher:
    """Follows a run, acknowledging, until its end or until the line breaks."""

    studio: LiveStudio
    run_id: str
    token: str
    seqs: list[int] = field(default_factory=list)
    ended: dict[str, Any] | None = None
    code: int | None = None
    on_batch: Callable[["Watcher"], None] | None = None

    @property
    def last(self) -> int:
        return self.seqs[-1] if self.seqs else 0

    async def follow(self) -> None:
        """One connection, from after what is known already."""
        uri = f"ws://127.0.0.1:{self.studio.port}/ws/run/{self.run_id}?after={self.last}"
        headers = {"Authorization": f"Bearer {self.token}"}
        native = [Subprotocol("treadle.v1")]
        origin = Origin(self.studio.url)
        async with connect(
            uri, additional_headers=headers, subprotocols=native, origin=origin
        ) as socket:
            try:
                async for text in socket:
                    await self._take(socket, json.loads(text))
            except ConnectionClosed:
                pass
            self.code = socket.close_code

    async def _take(self, socket: Any, message: dict[str, Any]) -> None:
        if message["t"] == "ev":
            assert message["from"] == self.last + 1, "a gap, or an event twice"
            self.seqs += [event["seq"] for event in message["ev"]]
            # The server may have closed behind its last message, which is still to be read.
            with contextlib.suppress(ConnectionClosed):
                await socket.send(json.dumps({"t": "ack", "seq": self.last}))
            if self.on_batch:
                self.on_batch(self)
        elif message["t"] == "end":
            self.ended = message
