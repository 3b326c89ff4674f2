"""How bodies are read: JSON by its declared type, after a look at its size and shape."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from studio.api import guard
from studio.api.problems import ApiError
from studio.http.limits import body_limit, too_large


class GuardedJSONParser(BaseParser):
    """`application/json` only; a view's `json_limits` say how deep and wide."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = parser_context or {}
        view, request = context.get("view"), context.get("request")
        body = _read(stream, body_limit(request.path if request is not None else ""))
        limits = getattr(view, "json_limits", guard.DOCUMENT)
        try:
            return guard.load(body, limits)
        except guard.JsonRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None
        except guard.JsonBroken as broken:
            status = getattr(view, "invalid_status", 400)
            raise ApiError(status, "E_JSON", str(broken)) from None


def _read(stream: IO[bytes], limit: int) -> bytes:
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise ApiError(413, "E_BODY_SIZE", too_large(limit))
    return body
