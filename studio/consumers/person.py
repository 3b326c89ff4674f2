"""What every socket has in common: who opened it, how many a person may have, and when it ends."""

import asyncio
import contextlib
import json
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.contrib.auth.models import User

from studio.consumers import codes, identity, registry
from studio.consumers.identity import Credential
from studio.consumers.link import Link, TooSlow
from studio.live.pool import in_pool

FRAME_BYTES = 64 * 1024
FIRST_FRAME_S = 5.0
RECHECK_S = 30.0
# Acknowledgements come about once a second; far more than that is no client of ours.
MESSAGES = 300
MESSAGES_IN_S = 10.0

logger = logging.getLogger("studio.live")


class Closed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class PersonSocket(AsyncConsumer):  # type: ignore[misc]
    """A socket of a person. Signed in by session cookie, bearer header or first frame.

    A kind of socket says what it is about in `attend`, and what a client may say in `hear`.
    """

    # Wake-ups come from `studio.live`; a channel of the layer for each socket would only cost.
    channel_layer_alias = None

    def subprotocol(self) -> str | None:
        """The protocol that is spoken, of those that the client offers."""
        raise NotImplementedError

    async def attend(self, user: User, credential: Credential) -> int:
        """From the known person to the code to close with. Raises Closed."""
        raise NotImplementedError

    def may_stay(self, user: User) -> bool:
        """Asked now and then, in a thread, while the socket is open."""
        raise NotImplementedError

    def is_attending(self) -> bool:
        """Whether frames of the client are for `hear` by now."""
        raise NotImplementedError

    def hear(self, text: str) -> None:
        """Take a message of the client. Raises Closed."""
        raise NotImplementedError

    def subject(self) -> str:
        """What it is about, for the log."""
        raise NotImplementedError

    async def dispatch(self, message: dict[str, Any]) -> None:
        # The base class closes database connections here, through the one thread of the process.
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        await self.base_send({"type": "websocket.accept", "subprotocol": self.subprotocol()})
        self.link = Link(self.base_send)
        self.shown: asyncio.Future[Credential] = asyncio.get_running_loop().create_future()
        self.heard: deque[float] = deque(maxlen=MESSAGES)
        self.serving = asyncio.create_task(self._serve())

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        try:
            self._hear(message)
        except Closed as closed:
            await self._end(closed.code)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self.link.closed = True
        await self._stop()
        raise StopConsumer

    async def _serve(self) -> None:
        """From the accepted handshake to the close code."""
        try:
            code = await self._attend()
        except Closed as closed:
            code = closed.code
        except TooSlow:
            code = codes.TOO_SLOW
        except Exception:
            logger.exception("a socket of %s failed", self.subject())
            code = codes.ERROR
        await self.link.close(code)

    async def _attend(self) -> int:
        credential = await self._credential()
        user = await in_pool(credential.user)
        if user is None:
            raise Closed(codes.NOT_SIGNED_IN)
        return await self.attend(user, credential)

    @contextlib.asynccontextmanager
    async def counted(self, user: User, credential: Credential) -> AsyncIterator[None]:
        """While it is open: one of the person's sockets, and asked again whether it may be."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        member = registry.Member(user.pk, credential, loop, self._close_soon, changed)
        if not registry.join(member):
            raise Closed(codes.TOO_MANY_SOCKETS)
        recheck = asyncio.create_task(self._recheck(credential, changed))
        try:
            yield
        finally:
            recheck.cancel()
            registry.leave(member)

    async def _credential(self) -> Credential:
        """What the handshake showed, else what the first frame shows in time."""
        shown = identity.shown_in(self.scope)
        if shown is not None:
            return shown
        try:
            async with asyncio.timeout(FIRST_FRAME_S):
                return await self.shown
        except TimeoutError:
            raise Closed(codes.NOT_SIGNED_IN) from None

    async def _recheck(self, credential: Credential, changed: asyncio.Event) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RECHECK_S * random.uniform(0.8, 1.0)):
                    await changed.wait()
            changed.clear()
            user: User | None = await in_pool(credential.user)
            if user is None:
                return await self._end(codes.NOT_SIGNED_IN)
            if not await in_pool(self.may_stay, user):
                return await self._end(codes.FORBIDDEN)

    def _hear(self, message: dict[str, Any]) -> None:
        """One frame of the client. Raises Closed when it is out of order."""
        text = message.get("text")
        if text is None:
            raise Closed(codes.BAD_MESSAGE)
        if len(text) > FRAME_BYTES:
            raise Closed(codes.TOO_BIG)
        self._count_message()
        if self.is_attending():
            self.hear(text)
        elif identity.shown_in(self.scope) is None:
            self._take_token(text)

    def _count_message(self) -> None:
        now = time.monotonic()
        if len(self.heard) == MESSAGES and now - self.heard[0] < MESSAGES_IN_S:
            raise Closed(codes.RATE)
        self.heard.append(now)

    def _take_token(self, text: str) -> None:
        token = object_in(text).get("token")
        if not isinstance(token, str):
            raise Closed(codes.NOT_SIGNED_IN)
        if not self.shown.done():
            self.shown.set_result(Credential(token=token))

    def _close_soon(self, code: int) -> None:
        """For others on this event loop: close without waiting for it."""
        self.ending = asyncio.create_task(self._end(code))

    async def _end(self, code: int) -> None:
        await self.link.close(code)
        await self._stop()

    async def _stop(self) -> None:
        self.serving.cancel()
        if self.serving is not asyncio.current_task():
            with contextlib.suppress(asyncio.CancelledError):
                await self.serving


def object_in(text: str) -> dict[str, Any]:
    """The JSON object of a frame. Raises Closed."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Closed(codes.BAD_MESSAGE) from None
    if not isinstance(value, dict):
        raise Closed(codes.BAD_MESSAGE)
    return value
