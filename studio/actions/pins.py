"""Pinned outputs: what stands in for a step while somebody tries a draft out.

They lie in a draft's `meta.pins`, by node. A start names the ones that count (`pinned`), as the
editor does; versions and exports never have them, because they may hold data of real runs.
"""

from typing import Any

from engine import PinRefused
from engine.said import grouped, quoted, say
from studio.actions.errors import ActionError, InvalidDocument
from studio.journal import codec

MAX_BYTES = 64 * 1024
"""Of one pin as JSON. Larger values make every save of the draft slow."""


def without_pins(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its pins; the same one if it has none."""
    meta = document.get("meta")
    if not isinstance(meta, dict) or "pins" not in meta:
        return document
    kept = {key: part for key, part in meta.items() if key != "pins"}
    rest = {key: part for key, part in document.items() if key != "meta"}
    return {**rest, "meta": kept} if kept else rest


def pin_refused(error: PinRefused) -> ActionError:
    """The answer to a start with a pin that its graph cannot use."""
    detail = {
        "pointer": error.pointer,
        "code": "E_PINNED",
        "message": error.message,
        "hint": error.hint,
    }
    said = say(
        "The pinned output of {name} is refused: {problem}; {hint}.",
        name=quoted(error.pin, 80),
        problem=error.message,
        hint=error.hint,
    )
    return ActionError("E_PINNED", said, 400, [detail])


def check_pins(document: dict[str, Any]) -> None:
    """Raises InvalidDocument (413) naming the first pin that is too large."""
    meta = document.get("meta")
    pins = meta.get("pins") if isinstance(meta, dict) else None
    if not isinstance(pins, dict):
        return
    for node, value in pins.items():
        size = len(codec.encode(value).encode())
        if size > MAX_BYTES:
            said = say(
                "The pinned output of {node} has {n} bytes as JSON",
                node=quoted(node, 80),
                n=grouped(size),
            )
            hint = say("at most {n} are kept: pin a smaller value", n=grouped(MAX_BYTES))
            detail = {"pointer": f"/meta/pins/{node}", "code": "E_PIN_SIZE"}
            whole = say("{message}; {hint}.", message=said, hint=hint)
            raise InvalidDocument(whole, [{**detail, "message": said, "hint": hint}], 413)
