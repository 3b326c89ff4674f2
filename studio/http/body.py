"""Read a request body under its limit, and refuse a larger one before it fills the memory."""

import asyncio
import contextlib
import io
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import IO, Any, cast

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# What is still read of a refused body, so that a client that writes first sees the answer.
DRAIN_BYTES = 64 * 1024 * 1024
DRAIN_S = 10.0
_SPOOL_BYTES = 4 * 1024 * 1024


class BodyTooLarge(Exception):
    """The body, declared or read so far, is larger than the limit of its address."""

    def __init__(self, *, has_more: bool) -> None:
        super().__init__()
        self.has_more = has_more
        """Whether the client is still sending."""


class ClientGone(Exception):
    """The client hung up before its request was whole."""


def declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


async def read(scope: Scope, receive: Receive, limit: int) -> IO[bytes]:
    """The whole body as a file at its start. Raises BodyTooLarge or ClientGone."""
    declared = declared_length(scope["headers"])
    if declared is not None and declared > limit:
        raise BodyTooLarge(has_more=True)
    # No limit of an address is so high that a body must go to a file while it is read.
    body: IO[bytes] = io.BytesIO() if limit <= _SPOOL_BYTES else _spooled()
    try:
        await _fill(body, receive, limit)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


def _spooled() -> IO[bytes]:
    return cast(IO[bytes], tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES))


async def _fill(body: IO[bytes], receive: Receive, limit: int) -> None:
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        has_more = message.get("more_body", False)
        if size > limit:
            raise BodyTooLarge(has_more=has_more)
        body.write(chunk)
        if not has_more:
            return


async def drain(receive: Receive) -> None:
    """Read on and throw away until the body or the client is at its end, within the bounds."""
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while size <= DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
