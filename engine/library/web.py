"""`http.request`: call a service, at hosts that the operator has named and nowhere else.

The host is looked up once, its addresses are checked, and the connection goes to the checked one.
No redirect is followed and no proxy is used.
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
from typing import Any, Literal

from engine.context import ToolContext
from engine.library.addresses import Target, checked, read_allowed, read_target

SECONDS = 10.0
MAX_BYTES = 5 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te"}
)
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Resolve = Callable[[str, int], Iterable[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order to try."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


def request_tool(
    hosts: Iterable[str], resolve: Resolve = resolve, seconds: float = SECONDS
) -> Callable[..., Any]:
    """The tool, for an allow-list of `host` and `host:port`. Raises ValueError on a wrong entry."""
    allowed = read_allowed(hosts)

    def request(
        ctx: ToolContext,
        url: str,
        method: Method = "GET",
        headers: dict[str, str] | None = None,
        body: Any = None,
    ) -> dict[str, Any]:
        """Call an HTTP service. Returns {"status", "headers", "body"}; JSON answers as data.

        Only hosts in TREADLE_HTTP_HOSTS; no redirects, 10 seconds, 5 MiB. A body that is not a text
        is sent as JSON. Where a second call does harm, such as most POSTs, give the node the
        effect `once`; every attempt sends the same Idempotency-Key.
        """
        if method not in METHODS:
            raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r:.40}")
        target = read_target(url, allowed)
        sent, content = _content(body, _checked_headers(headers or {}))
        if method not in ("GET", "HEAD"):
            sent.setdefault("idempotency-key", ctx.idempotency_key)
        try:
            found = resolve(target.host, target.port)
        except (OSError, UnicodeError) as error:
            raise ConnectionError(f"{target.host} cannot be looked up: {error}") from None
        return _exchange(target, checked(target, found), method, sent, content, seconds)

    return request


def _checked_headers(headers: dict[str, str]) -> dict[str, str]:
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


def _content(body: Any, headers: dict[str, str]) -> tuple[dict[str, str], bytes | None]:
    if body is None:
        return headers, None
    if isinstance(body, str):
        headers.setdefault("content-type", "text/plain; charset=utf-8")
        return headers, body.encode()
    headers.setdefault("content-type", "application/json")
    return headers, json.dumps(body).encode()


def _exchange(
    target: Target, address: str, method: str, headers: dict[str, str], content: bytes | None,
    seconds: float,
) -> dict[str, Any]:  # fmt: skip
    ends = time.monotonic() + seconds
    connection = http.client.HTTPConnection(target.host, target.port, timeout=seconds)
    guard: threading.Timer | None = None
    try:
        line = socket.create_connection((address, target.port), timeout=seconds)
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
            connection.putheader(name, value)
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
        connection.close()


def _cut(line: socket.socket) -> None:
    """End an exchange whose time is up, wherever it waits."""
    try:
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        return


def _answer(answer: http.client.HTTPResponse, ends: float) -> dict[str, Any]:
    content = answer.read(MAX_BYTES + 1)
    if time.monotonic() >= ends:
        raise ConnectionError("cut in the middle of the answer")
    if len(content) > MAX_BYTES:
        raise ValueError(f"the answer has more than {MAX_BYTES:,} bytes")
    headers = {name.lower(): value for name, value in answer.getheaders()}
    kind = headers.get("content-type", "")
    text = content.decode("utf-8", "replace")
    body: Any = text
    if "json" in kind.partition(";")[0] and text:
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = text
    return {"status": answer.status, "headers": headers, "body": body}
