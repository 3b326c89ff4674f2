"""Errors of the API as values: the one shape that every refusal takes."""

from collections.abc import Iterable, Mapping
from typing import Any

Detail = dict[str, Any]


class ApiError(Exception):
    """A refusal with its status, stable code and a sentence that says what to do."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Iterable[Mapping[str, Any]] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = [dict(detail) for detail in details]
        self.extra = dict(extra or {})
        """Members beside `error`, such as the head of a conflict."""


def detail(pointer: str, code: str, message: str, hint: str = "") -> Detail:
    return {"pointer": pointer, "code": code, "message": message, "hint": hint}


def body(
    code: str,
    message: str,
    details: Iterable[Mapping[str, Any]] = (),
    request_id: str = "",
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole answer. `detail` repeats the message where clients of the demo look for it."""
    return {
        "error": {
            "code": code,
            "message": message,
            "details": [dict(item) for item in details],
            "request_id": request_id,
        },
        "detail": message,
        **(extra or {}),
    }


def of_serializer(errors: Any, pointer: str = "") -> list[Detail]:
    """Nested errors of a serializer as flat details, each with its JSON pointer."""
    if isinstance(errors, Mapping):
        return [
            item
            for key, inner in errors.items()
            for item in of_serializer(inner, _below(pointer, key))
        ]
    if isinstance(errors, list) and any(isinstance(item, (Mapping, list)) for item in errors):
        return [
            item
            for index, inner in enumerate(errors)
            for item in of_serializer(inner, f"{pointer}/{index}")
        ]
    found = errors if isinstance(errors, list) else [errors]
    return [detail(pointer, _code(item), str(item)) for item in found]


def _below(pointer: str, key: object) -> str:
    if key == "non_field_errors":
        return pointer
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _code(item: object) -> str:
    return "E_" + str(getattr(item, "code", "invalid")).upper()
