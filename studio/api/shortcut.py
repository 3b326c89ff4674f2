"""`POST /graph/run` past the middleware, for requests that need nothing of it.

A program that shows a token which was good a moment ago, and asks in a few words for a run that one
row allows, is answered from the server's event loop and the engine's, without a request thread.
Everything else goes the ordinary way, body and all: what is refused, what is asked in another way,
what memory does not know. So there is one set of rules, and this way says nothing but yes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from studio.accounts import tokens
from studio.accounts.authentication import bearer_of
from studio.actions.at_hand import AskedRun
from studio.api import demo, guard, rates
from studio.execution.handover import Handover
from studio.http.body import Message, Receive, Scope, Send
from studio.http.handler import OneHopHandler
from studio.http.program_headers import answer_headers, is_expected_host, is_secure
from studio.http.request_id import name_for

PATHS = frozenset({"/graph/run", "/graph/run/"})
MOST_BYTES = 16 * 1024
"""A larger body is parsed in a thread: it would hold up the event loop."""
SOON_S = 0.25
"""Whoever waits longer is looked after: he may hang up, and the server may stop."""

_MEMBERS = frozenset({"graph_id", "initial_state"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what his answer says of him."""

    user: User
    request_id: str
    secure: bool
    ip: str | None


class Shortcut:
    """ASGI wrapper of the handler: answers what it can, and passes on the rest."""

    def __init__(self, handler: OneHopHandler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = caller_of(scope) if is_for_it(scope) else None
        if caller is None:
            await self._handler(scope, receive, send)
            return
        first = await receive()
        body = whole_body(first)
        run = None if body is None else asked_run(caller, body)
        if run is None or not await self._has_answered(caller, run, receive, send):
            await self._handler(scope, _again(first, receive), send)

    async def _has_answered(
        self, caller: Caller, run: AskedRun, receive: Receive, send: Send
    ) -> bool:
        """False when the run was not planned, so that nothing of it was written."""
        if rates.take(rates.STARTS, caller.user.pk):
            return False
        handover = run.hand_over(demo.DEFAULT_WAIT_S)
        if handover is not None and not await self._rests(handover, receive):
            return True  # nobody is left to be answered
        if handover is None or run.planned is None:
            rates.give_back(rates.STARTS, caller.user.pk)
            return False
        status, content = await self._answer(run, handover)
        headers = answer_headers(content, caller.request_id, secure=caller.secure)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        return True

    async def _rests(self, handover: Handover, receive: Receive) -> bool:
        """Wait for the run, or as long as one does. False when the client hung up first."""
        return await handover.rests_within(SOON_S) or await self._handler.ended_before_client(
            handover.rest, receive
        )

    async def _answer(self, run: AskedRun, handover: Handover) -> tuple[int, bytes]:
        planned, told = run.planned, handover.told
        if told is not None:
            return demo.answer_of(handover.public_id, told)
        assert planned is not None
        answer = await self._handler.in_thread(
            lambda: demo.handed_over(planned, handover, demo.DEFAULT_WAIT_S)
        )
        return answer.status_code, answer.content


def is_for_it(scope: Scope) -> bool:
    """Whether it is the address and the method, and nothing is asked in the query."""
    return (
        scope["path"] in PATHS
        and scope["method"] == "POST"
        and not scope["query_string"]
        and not scope.get("root_path")
    )


def caller_of(scope: Scope) -> Caller | None:
    """Who asks, if his headers say it in the usual way and memory knows his token."""
    headers = _headers(scope)
    if headers is None or headers.get(b"content-type") != "application/json":
        return None
    if b"idempotency-key" in headers or not is_expected_host(headers.get(b"host", "")):
        return None
    secret = bearer_of(headers.get(b"authorization", ""))
    user = None if secret is None else tokens.remembered(secret)
    if user is None:
        return None
    client = scope.get("client")
    return Caller(
        user,
        name_for(headers.get(b"x-request-id", "")),
        is_secure(scope, headers.get(b"x-forwarded-proto", "")),
        client[0] if client else None,
    )


def _headers(scope: Scope) -> dict[bytes, str] | None:
    """By name; None where one is there twice, which Django has its own rules for."""
    headers: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in headers:
            return None
        headers[name] = value.decode("latin1")
    return headers


def whole_body(message: Message) -> bytes | None:
    """The body, if it is small and came in one piece."""
    if message["type"] != "http.request" or message.get("more_body", False):
        return None
    body: bytes = message.get("body", b"")
    return body if len(body) <= MOST_BYTES else None


def asked_run(caller: Caller, body: bytes) -> AskedRun | None:
    """What the body asks for, if it has the plainest of the shapes that `demo.DemoRun` takes."""
    try:
        asked = guard.load(body, guard.RUN_INPUT)
    except (guard.JsonRefused, guard.JsonBroken):
        return None
    if type(asked) is not dict or not asked.keys() <= _MEMBERS:
        return None
    graph_id, state = _uuid(asked), asked.get("initial_state")
    if graph_id is None or not (state is None or type(state) is dict):
        return None
    return AskedRun(caller.user, graph_id, state or {}, "demo", caller.ip)


def _uuid(asked: Mapping[str, Any]) -> UUID | None:
    text = asked.get("graph_id")
    if type(text) is not str or len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _again(first: Message, receive: Receive) -> Receive:
    """The same messages, with the one that was taken already."""
    waiting = [first]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
