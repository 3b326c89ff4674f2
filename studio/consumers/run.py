"""RunConsumer: one socket that follows one run, in the demo's messages or in `treadle.v1`.

It does no ORM work itself while it follows: rows are read by the run's tail, once for everybody.
"""

import asyncio
import contextlib
import json
import logging
import random
import time
from collections import deque
from typing import Any, Protocol
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.contrib.auth.models import User

from studio.consumers import codes, identity, registry, rows, treadle_v1
from studio.consumers.demo import DemoFollower
from studio.consumers.identity import Credential
from studio.consumers.link import Link, TooSlow
from studio.consumers.treadle_v1 import BadMessage, NativeFollower
from studio.live import hub
from studio.live.pool import in_pool
from studio.live.tail import Tail
from studio.models import Run

FRAME_BYTES = 64 * 1024
FIRST_FRAME_S = 5.0
RECHECK_S = 30.0
# Acknowledgements come about once a second; far more than that is no client of ours.
MESSAGES = 300
MESSAGES_IN_S = 10.0

logger = logging.getLogger("studio.live")


class Follower(Protocol):
    """A protocol: what is sent while a run is followed, and what the client may say."""

    bell: asyncio.Event

    async def follow(self, tail: Tail) -> int: ...

    def hear(self, message: Any) -> None: ...


class Closed(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class RunConsumer(AsyncConsumer):  # type: ignore[misc]
    """`/ws/run/{run_id}?after=SEQ`. Signed in by session cookie, bearer header or first frame."""

    # Wake-ups come from the hub; a channel of the layer for each socket would only cost.
    channel_layer_alias = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        # The base class closes database connections here, through the one thread of the process.
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        self.is_native = treadle_v1.NAME in self.scope.get("subprotocols", ())
        await self.base_send(
            {
                "type": "websocket.accept",
                "subprotocol": treadle_v1.NAME if self.is_native else None,
            }
        )
        self.link = Link(self.base_send)
        self.follower: Follower | None = None
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
            code = await self._follow()
        except Closed as closed:
            code = closed.code
        except TooSlow:
            code = codes.TOO_SLOW
        except Exception:
            logger.exception("a socket of run %s failed", self._run_id())
            code = codes.ERROR
        await self.link.close(code)

    async def _follow(self) -> int:
        credential = await self._credential()
        user = await in_pool(credential.user)
        if user is None:
            raise Closed(codes.NOT_SIGNED_IN)
        after = self._after()
        run = await in_pool(rows.find, user, self._run_id())
        if run is None:
            return await self._no_such_run()
        member = registry.Member(user.pk, credential, asyncio.get_running_loop(), self._close_soon)
        if not registry.join(member):
            raise Closed(codes.TOO_MANY_SOCKETS)
        try:
            return await self._follow_run(run, credential, after)
        finally:
            registry.leave(member)

    async def _follow_run(self, run: Run, credential: Credential, after: int) -> int:
        follower = self._protocol(run, after)
        bell, runs = follower.bell, hub.current()
        tail = await runs.follow(run.pk, rows.ROWS, bell)
        self.follower = follower
        recheck = asyncio.create_task(self._recheck(credential))
        try:
            return await follower.follow(tail)
        finally:
            recheck.cancel()
            await runs.leave(tail, bell)

    def _protocol(self, run: Run, after: int) -> Follower:
        if self.is_native:
            return NativeFollower(self.link, str(run.public_id), after)
        return DemoFollower(self.link, run)

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

    async def _no_such_run(self) -> int:
        if self.is_native:
            return codes.NO_SUCH_RUN
        await self.link.text(json.dumps({"error": "Run not found"}))
        return codes.END

    async def _recheck(self, credential: Credential) -> None:
        """Ask again, while the socket is open, whether its user may still see the run."""
        while True:
            await asyncio.sleep(RECHECK_S * random.uniform(0.8, 1.0))
            user: User | None = await in_pool(credential.user)
            if user is None:
                return await self._end(codes.NOT_SIGNED_IN)
            if await in_pool(rows.find, user, self._run_id()) is None:
                return await self._end(codes.FORBIDDEN)

    def _hear(self, message: dict[str, Any]) -> None:
        """One frame of the client. Raises Closed when it is out of order."""
        text = message.get("text")
        if text is None:
            raise Closed(codes.BAD_MESSAGE)
        if len(text) > FRAME_BYTES:
            raise Closed(codes.TOO_BIG)
        self._count_message()
        if self.follower is None and identity.shown_in(self.scope) is None:
            self._take_token(text)
        elif self.follower is not None:
            self._pass_on(text)

    def _count_message(self) -> None:
        now = time.monotonic()
        if len(self.heard) == MESSAGES and now - self.heard[0] < MESSAGES_IN_S:
            raise Closed(codes.RATE)
        self.heard.append(now)

    def _take_token(self, text: str) -> None:
        token = _object(text).get("token")
        if not isinstance(token, str):
            raise Closed(codes.NOT_SIGNED_IN)
        if not self.shown.done():
            self.shown.set_result(Credential(token=token))

    def _pass_on(self, text: str) -> None:
        assert self.follower is not None
        try:
            self.follower.hear(_object(text) if self.is_native else text)
        except BadMessage:
            raise Closed(codes.BAD_MESSAGE) from None

    def _run_id(self) -> str:
        run_id: str = self.scope["url_route"]["kwargs"]["run_id"]
        return run_id

    def _after(self) -> int:
        given = parse_qs(self.scope["query_string"].decode("latin1")).get("after", ["0"])[-1]
        if not given.isascii() or not given.isdigit() or len(given) > 12:
            raise Closed(codes.BAD_MESSAGE)
        return int(given)

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


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Closed(codes.BAD_MESSAGE) from None
    if not isinstance(value, dict):
        raise Closed(codes.BAD_MESSAGE)
    return value
