"""A small HTTP/1.1 load client: keep-alive connections, one request in flight on each.

Client and servers share the cores, so what the client uses is taken from what they can answer:
it waits for all of its sockets at once and does as little as it can for each answer.
"""

import selectors
import socket
import time
from dataclasses import dataclass, field

PATIENCE_S = 30.0
"""A server that says nothing for so long has failed."""
BLOCK = 65_536


@dataclass(slots=True)
class Load:
    """What a round of load found."""

    requests: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """CPU time of the client."""
    latencies: list[float] = field(default_factory=list)
    """Seconds per request."""

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def percentile(self, part: float) -> float:
        """Milliseconds below which that part of the requests stayed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1e3


class _Connection:
    """Sends the same request again and again, and reads each answer by its Content-Length."""

    __slots__ = ("_buffer", "_request", "sent", "socket")

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self._buffer = b""
        self.sent = 0.0

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.socket.sendall(self._request)

    def answered(self) -> bool:
        """Read what has come; True once it is a whole answer. Raises RuntimeError if not a 200."""
        data = self.socket.recv(BLOCK)
        if not data:
            raise RuntimeError("the server closed the connection")
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0 or len(self._buffer) < head_end + 4 + self._body_length(head_end):
            return False
        self._buffer = b""
        return True

    def _body_length(self, head_end: int) -> int:
        head = self._buffer[:head_end].lower()
        if head[8:13] != b" 200 ":
            raise RuntimeError(self._buffer[:500].decode("utf-8", "replace"))
        _, found, rest = head.partition(b"content-length:")
        if not found:
            raise RuntimeError("an answer without Content-Length")
        return int(rest.partition(b"\r\n")[0])


def drive(port: int, request: bytes, connections: int, seconds: float) -> Load:
    """Load the server on this machine for that long. Raises RuntimeError on an answer but 200."""
    load = Load()
    cpu, start = time.process_time(), time.perf_counter()
    until = start + seconds
    with selectors.DefaultSelector() as waiting:
        for _ in range(connections):
            connection = _Connection(port, request)
            waiting.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        try:
            while waiting.get_map():
                _take_answers(waiting, load, until)
        finally:
            for key in list(waiting.get_map().values()):
                key.data.socket.close()
    load.seconds = time.perf_counter() - start
    load.cpu_seconds = time.process_time() - cpu
    return load


def _take_answers(waiting: selectors.BaseSelector, load: Load, until: float) -> None:
    """Wait for answers, and send the next request on each connection as long as there is time."""
    ready = waiting.select(PATIENCE_S)
    if not ready:
        raise RuntimeError(f"no answer for {PATIENCE_S:.0f} s")
    for key, _ in ready:
        connection: _Connection = key.data
        if not connection.answered():
            continue
        now = time.perf_counter()
        load.requests += 1
        load.latencies.append(now - connection.sent)
        if now < until:
            connection.send()
            continue
        waiting.unregister(connection.socket)
        connection.socket.close()


def request_bytes(method: str, path: str, token: str = "", body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
