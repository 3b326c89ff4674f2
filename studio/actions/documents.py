"""Workflow documents as dicts: what a stored draft must be. Their texts: `document_text`.

A draft may be unfinished; it must still be an object of the right shape that browsers can hold.
"""

import math
from typing import Any

from studio.actions.errors import ActionError, InvalidDocument
from studio.actions.pins import check_pins
from studio.journal import codec

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
FORBIDDEN_KEYS = frozenset({"__proto__", "constructor", "prototype"})
FORMAT = "treadle/1"


def blank(key: str, name: str) -> dict[str, Any]:
    """The document of a new workflow."""
    return {"format": FORMAT, "key": key, "name": name, "entry": [], "nodes": {}, "edges": []}


def checked_draft(document: object) -> dict[str, Any]:
    """The document, cleaned of characters a database refuses.

    Raises InvalidDocument (400) when it is not even the shape of a draft.
    """
    problem = _shape_problem(document)
    if problem:
        raise InvalidDocument(f"This is not a workflow document: {problem}", [], 400)
    checked: dict[str, Any] = checked_values(document)
    if len(codec.encode(checked).encode()) > MAX_BYTES:
        raise InvalidDocument("A workflow document may have at most 2 MiB.", [], 413)
    check_pins(checked)
    return checked


def _shape_problem(document: object) -> str | None:
    if not isinstance(document, dict):
        return "write a JSON object."
    if document.get("format") != FORMAT:
        return f'its "format" must be "{FORMAT}".'
    if not isinstance(document.get("nodes"), dict):
        return '"nodes" must be an object of nodes by id.'
    if not isinstance(document.get("edges"), list):
        return '"edges" must be a list.'
    return None


def checked_values(value: Any) -> Any:
    """JSON values, cleaned. Raises ActionError naming the path of what cannot be stored."""
    stack: list[tuple[Any, str, int]] = [(value, "", 1)]
    while stack:
        item, pointer, depth = stack.pop()
        if depth > MAX_DEPTH and isinstance(item, dict | list):
            raise _refused(pointer, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(item, dict):
            _check_keys(item, pointer)
            stack.extend((child, f"{pointer}/{key}", depth + 1) for key, child in item.items())
        elif isinstance(item, list):
            stack.extend((child, f"{pointer}/{i}", depth + 1) for i, child in enumerate(item))
        else:
            _check_scalar(item, pointer)
    return codec.clean(value)[0]


def _check_keys(item: dict[Any, Any], pointer: str) -> None:
    for key in item:
        if not isinstance(key, str):
            raise _refused(pointer, f"has the key {key!r}: keys must be texts")
        if key in FORBIDDEN_KEYS:
            raise _refused(f"{pointer}/{key}", "is a key that browsers give a meaning to")


def _check_scalar(item: object, pointer: str) -> None:
    if isinstance(item, float) and not math.isfinite(item):
        raise _refused(pointer, f"is {item}, which JSON cannot hold")
    if item is not None and not isinstance(item, str | int | float):
        raise _refused(pointer, f"is a {type(item).__name__}: use JSON values")


def _refused(pointer: str, what: str) -> ActionError:
    shown = pointer if len(pointer) <= 200 else pointer[:200] + "…"
    detail = {"pointer": shown, "code": "E_VALUE", "message": what, "hint": ""}
    return ActionError("E_VALUE", f"The value at {shown or 'the top'} {what}.", 400, [detail])
