"""RunConsumer: one socket that follows one run, in the demo's messages or in `treadle.v1`.

It does no ORM work itself while it follows: rows are read by the run's tail, once for everybody.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth.models import User

from studio.consumers import codes, rows, treadle_v1
from studio.consumers.demo import DemoFollower
from studio.consumers.identity import Credential
from studio.consumers.person import Closed, PersonSocket, object_in
from studio.consumers.treadle_v1 import BadMessage, NativeFollower
from studio.live import hub
from studio.live.pool import in_pool
from studio.live.tail import Tail
from studio.models import Run
from studio.queries import told_events


class Follower(Protocol):
    """A protocol: what is sent while a run is followed, and what the client may say."""

    bell: asyncio.Event

    async def follow(self, tail: Tail) -> int: ...

    def hear(self, message: Any) -> None: ...


class RunConsumer(PersonSocket):
    """`/ws/run/{run_id}?after=SEQ&language=CODE`.

    With a language of the studio, what the engine says of failures is in it, for people.
    """

    follower: Follower | None = None

    def subprotocol(self) -> str | None:
        self.is_native = treadle_v1.NAME in self.scope.get("subprotocols", ())
        return treadle_v1.NAME if self.is_native else None

    async def attend(self, user: User, credential: Credential) -> int:
        after = self._after()
        run = await in_pool(rows.find, user, self._run_id())
        if run is None:
            return await self._no_such_run()
        async with self.counted(user, credential):
            return await self._follow(run, after)

    def may_stay(self, user: User) -> bool:
        return rows.find(user, self._run_id()) is not None

    def is_attending(self) -> bool:
        return self.follower is not None

    def hear(self, text: str) -> None:
        assert self.follower is not None
        try:
            self.follower.hear(object_in(text) if self.is_native else text)
        except BadMessage:
            raise Closed(codes.BAD_MESSAGE) from None

    def subject(self) -> str:
        return f"run {self._run_id()}"

    async def _follow(self, run: Run, after: int) -> int:
        follower = self._protocol(run, after)
        bell, runs = follower.bell, hub.current()
        tail = await runs.follow(run.pk, rows.ROWS, bell)
        self.follower = follower
        try:
            return await follower.follow(tail)
        finally:
            await runs.leave(tail, bell)

    def _protocol(self, run: Run, after: int) -> Follower:
        if self.is_native:
            return NativeFollower(self.link, str(run.public_id), after, self._teller(run))
        return DemoFollower(self.link, run)

    async def _no_such_run(self) -> int:
        if self.is_native:
            return codes.NOT_THERE
        await self.link.text(json.dumps({"error": "Run not found"}))
        return codes.END

    def _run_id(self) -> str:
        run_id: str = self.scope["url_route"]["kwargs"]["run_id"]
        return run_id

    def _teller(self, run: Run) -> Callable[[str], str] | None:
        language = self._asked("language", "")
        return told_events.teller(run, language) if language in dict(settings.LANGUAGES) else None

    def _asked(self, name: str, default: str) -> str:
        query: str = self.scope["query_string"].decode("latin1")
        return parse_qs(query).get(name, [default])[-1]

    def _after(self) -> int:
        given = self._asked("after", "0")
        if not given.isascii() or not given.isdigit() or len(given) > 12:
            raise Closed(codes.BAD_MESSAGE)
        return int(given)
