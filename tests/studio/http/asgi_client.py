"""Speak ASGI to an application, message by message, without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

App = Callable[..., Awaitable[None]]


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)


def scope_of(
    method: str, path: str, headers: dict[str, str] | None = None, query: str = ""
) -> dict[str, Any]:
    given = {"host": "testserver", **(headers or {})}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
    }


async def ask(
    app: App,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    chunks: list[bytes] | None = None,
    headers: dict[str, str] | None = None,
    query: str = "",
    hang_up: asyncio.Event | None = None,
) -> Answer:
    """One request. `chunks` sends the body in parts; `hang_up` disconnects when it is set."""
    answer = Answer()
    waiting = list(chunks) if chunks is not None else [body]

    async def receive() -> dict[str, Any]:
        if waiting:
            chunk = waiting.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}
        await (hang_up or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {
                name.decode().lower(): value.decode() for name, value in message["headers"]
            }
        else:
            answer.parts.append(message.get("body", b""))

    await app(scope_of(method, path, headers, query), receive, send)
    return answer
