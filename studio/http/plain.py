"""Answers given before Django is asked: refusals that need no view."""

import json
from collections.abc import Iterable

from studio.http import body as bodies
from studio.http.body import Receive, Send
from studio.http.limits import too_large
from studio.http.request_id import new_request_id

Headers = list[tuple[bytes, bytes]]


def error_body(code: str, message: str, request_id: str) -> bytes:
    """The error shape of the API, encoded."""
    error = {"code": code, "message": message, "details": [], "request_id": request_id}
    return json.dumps({"error": error, "detail": message}).encode()


async def refuse_body(limit: int, has_more: bool, receive: Receive, send: Send) -> None:
    """413 at once; then read the rest away, or the client would see a broken pipe instead."""
    request_id = new_request_id()
    content = error_body("E_BODY_SIZE", too_large(limit), request_id)
    headers = _headers(content, [(b"x-request-id", request_id.encode()), (b"connection", b"close")])
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": True})
    if has_more:
        await bodies.drain(receive)
    await send({"type": "http.response.body", "body": b""})


def _headers(content: bytes, extra: Iterable[tuple[bytes, bytes]]) -> Headers:
    return [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        *extra,
    ]
