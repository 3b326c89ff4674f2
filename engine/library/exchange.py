"""One HTTP exchange with a host that may be called: the only client that tools use.

The name is looked up once, all its addresses are checked, and the connection goes to the first
checked one that takes it. No redirect is followed and no proxy is used. Looking up, connecting and
talking share one time limit.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from engine.library.addresses import Allowed, Target, checked, read_allowed, read_target

MAX_BYTES = 5 * 1024 * 1024
Resolve = Callable[[str, int], Iterable[str]]

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te"}
)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order to try."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    headers: dict[str, str]
    """By name in lower case; of several of one name the last."""
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def body(self) -> Any:
        """JSON as data where the answer says that it is, else the text."""
        kind = self.headers.get("content-type", "").partition(";")[0]
        if "json" in kind and self.content:
            try:
                return json.loads(self.text)
            except (ValueError, RecursionError):
                return self.text
        return self.text


class Client:
    """Exchanges with the hosts of an allow-list. Raises ValueError on a wrong entry of it."""

    def __init__(self, hosts: Iterable[str], resolve: Resolve = resolve) -> None:
        self._allowed: tuple[Allowed, ...] = read_allowed(hosts)
        self._resolve = resolve

    def exchange(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | None,
        seconds: float,
    ) -> Answer:
        """The answer to one request.

        Raises ValueError for what is refused, ConnectionError for what may work another time.
        """
        ends = time.monotonic() + seconds
        target = read_target(url, self._allowed)
        addresses = checked(target, self._look_up(target, seconds))
        line = _connected(target, addresses, ends, seconds)
        return _talk(target, line, method, headers, content, ends, seconds)

    def _look_up(self, target: Target, seconds: float) -> list[str]:
        """The addresses of the host. The system's own look-up knows no limit of time."""
        found: list[str] = []
        failed: list[Exception] = []

        def look() -> None:
            try:
                found.extend(self._resolve(target.host, target.port))
            except Exception as error:
                failed.append(error)

        looking = threading.Thread(target=look, name="treadle-look-up", daemon=True)
        looking.start()
        looking.join(seconds)
        if looking.is_alive():
            raise ConnectionError(f"{target.host}: no address within {seconds:g} seconds")
        if failed and isinstance(failed[0], (OSError, UnicodeError)):
            raise ConnectionError(f"{target.host} cannot be looked up: {failed[0]}")
        if failed:
            raise failed[0]
        return found


def checked_headers(headers: dict[str, str]) -> dict[str, str]:
    """The headers of a request, by names in lower case. Raises ValueError."""
    kept = {"user-agent": "treadle", "accept": "*/*", "accept-encoding": "identity"}
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r:.40} is no name of a header")
        if name.lower() in _OURS:
            raise ValueError(f"the header {name!r:.40} is set by the tool")
        if not isinstance(value, str) or not value.isprintable():
            raise ValueError(f"the header {name!r:.40} must be text of one line")
        kept[name.lower()] = value
    return kept


def _connected(target: Target, addresses: list[str], ends: float, seconds: float) -> socket.socket:
    """A connection to the first address that takes one; each gets its share of the time left."""
    for number, address in enumerate(addresses):
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            return socket.create_connection(
                (address, target.port), timeout=left / (len(addresses) - number)
            )
        except OSError as error:
            reason = str(error) or type(error).__name__
    if time.monotonic() >= ends:
        reason = f"no answer within {seconds:g} seconds"
    raise ConnectionError(f"{target.host}: {reason}")


def _talk(
    target: Target, line: socket.socket, method: str, headers: dict[str, str],
    content: bytes | None, ends: float, seconds: float,
) -> Answer:  # fmt: skip
    connection = http.client.HTTPConnection(target.host, target.port)
    guard: threading.Timer | None = None
    try:
        line.settimeout(max(0.001, ends - time.monotonic()))
        if target.scheme == "https":
            line = ssl.create_default_context().wrap_socket(
                line, server_hostname=target.host, do_handshake_on_connect=False
            )
        connection.sock = line
        guard = threading.Timer(max(0.0, ends - time.monotonic()), _cut, [line])
        guard.daemon = True
        guard.start()
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        connection.putrequest(method, target.path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", target.authority)
        for name, value in headers.items():
            connection.putheader(name, value.encode())
        if content is not None:
            connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content)
        return _answer(connection.getresponse(), ends)
    except (OSError, http.client.HTTPException) as error:
        late = time.monotonic() >= ends
        reason = (
            f"no answer within {seconds:g} seconds" if late else str(error) or type(error).__name__
        )
        raise ConnectionError(f"{target.host}: {reason}") from None
    finally:
        if guard is not None:
            guard.cancel()
        line.close()
        connection.close()


def _cut(line: socket.socket) -> None:
    """End an exchange whose time is up, wherever it waits."""
    try:
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        return


def _answer(answer: http.client.HTTPResponse, ends: float) -> Answer:
    content = answer.read(MAX_BYTES + 1)
    if time.monotonic() >= ends:
        raise ConnectionError("cut in the middle of the answer")
    if len(content) > MAX_BYTES:
        raise ValueError(f"the answer has more than {MAX_BYTES:,} bytes")
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, headers, content)
