"""A small HTTP/1.1 load client: keep-alive connections, one request in flight on each."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Load:
    """What a round of load found."""

    requests: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """Seconds per request."""

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def percentile(self, part: float) -> float:
        """Milliseconds below which that part of the requests stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1e3


class _Connection(asyncio.Protocol):
    """Sends the same request again and again, and reads each answer by its Content-Length."""

    def __init__(self, request: bytes, load: Load, until: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._load = load
        self._until = until
        self._buffer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for body_end in self._answers():
            self._buffer = self._buffer[body_end:]
            now = time.perf_counter()
            self._load.requests += 1
            self._load.latencies.append(now - self._sent)
            if now >= self._until:
                self._finish(None)
                return
            self._send()

    def _answers(self) -> Iterator[int]:
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        if b" 200 " not in head.split(b"\r\n", 1)[0] + b" ":
            self._finish(RuntimeError(self._buffer[:500].decode("utf-8", "replace")))
            return
        length_at = head.find(b"content-length:")
        if length_at < 0:
            self._finish(RuntimeError("an answer without Content-Length"))
            return
        length = int(head[length_at + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) >= head_end + 4 + length:
            yield head_end + 4 + length

    def _finish(self, error: Exception | None) -> None:
        self._transport.close()
        if not self.done.done():
            self.done.set_result(None) if error is None else self.done.set_exception(error)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))


async def _drive(port: int, request: bytes, connections: int, seconds: float) -> Load:
    load, loop = Load(), asyncio.get_running_loop()
    start = time.perf_counter()
    made = [
        await loop.create_connection(
            lambda: _Connection(request, load, start + seconds), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    load.seconds = time.perf_counter() - start
    return load


def drive(port: int, request: bytes, connections: int, seconds: float) -> Load:
    """Load the server on this machine for that long. Raises RuntimeError on an answer but 200."""
    return asyncio.run(_drive(port, request, connections, seconds))


def request_bytes(method: str, path: str, token: str = "", body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
