"""`http.request`: call a service, at hosts that the operator has named and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Literal

from engine.driving.context import ToolContext
from engine.library.exchange import MAX_BYTES, Client, Resolve, checked_headers, resolve
from engine.linting.secret_names import SecretName

__all__ = ["MAX_BYTES", "METHODS", "request_tool"]

SECONDS = 10.0
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def request_tool(
    hosts: Iterable[str], resolve: Resolve = resolve, seconds: float = SECONDS
) -> Callable[..., Any]:
    """The tool, for an allow-list of `host` and `host:port`. Raises ValueError on a wrong entry."""
    client = Client(hosts, resolve)

    def request(
        ctx: ToolContext,
        url: str,
        method: Method = "GET",
        headers: dict[str, str] | None = None,
        body: Any = None,
        bearer: SecretName = "",
    ) -> dict[str, Any]:
        """Call an HTTP service. Returns {"status", "headers", "body"}; JSON answers as data.

        Only hosts in TREADLE_HTTP_HOSTS; no redirects, 10 seconds, 5 MiB. A body that is not a text
        is sent as JSON. `bearer` names a secret that is sent as Authorization: Bearer. Where a
        second call does harm, such as most POSTs, give the node the effect `once`; every attempt
        sends the same Idempotency-Key.
        """
        if method not in METHODS:
            raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r:.40}")
        sent, content = _content(body, checked_headers(headers or {}))
        if method not in ("GET", "HEAD"):
            sent.setdefault("idempotency-key", ctx.idempotency_key)
        if bearer:
            sent |= checked_headers({"authorization": f"Bearer {ctx.secret(bearer)}"})
        answer = client.exchange(method, url, sent, content, seconds)
        return {"status": answer.status, "headers": answer.headers, "body": answer.body}

    return request


def _content(body: Any, headers: dict[str, str]) -> tuple[dict[str, str], bytes | None]:
    if body is None:
        return headers, None
    if isinstance(body, str):
        headers.setdefault("content-type", "text/plain; charset=utf-8")
        return headers, body.encode()
    headers.setdefault("content-type", "application/json")
    return headers, json.dumps(body).encode()
