"""Workflow documents as dicts: what a stored draft must be. Their texts: `document_text`.

A draft may be unfinished; it must still be an object of the right shape that browsers can hold.
"""

import math
from typing import Any

from engine.said import Said, say
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
        raise InvalidDocument(no_document(problem), [], 400)
    checked: dict[str, Any] = checked_values(document)
    check_size(codec.encode(checked))
    check_pins(checked)
    return checked


def check_size(text: str) -> None:
    """Raises InvalidDocument (413) when a document's text is too large."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidDocument(say("A workflow document may have at most 2 MiB."), [], 413)


def no_document(problem: Said) -> Said:
    """That something is no document, and why."""
    return say("This is not a workflow document: {problem}", problem=problem)


def _shape_problem(document: object) -> Said | None:
    if not isinstance(document, dict):
        return NO_OBJECT
    if document.get("format") != FORMAT:
        return say('its "format" must be "{format}".', format=FORMAT)
    if not isinstance(document.get("nodes"), dict):
        return say('"nodes" must be an object of nodes by id.')
    if not isinstance(document.get("edges"), list):
        return say('"edges" must be a list.')
    return None


NO_OBJECT = say("write a JSON object.")


def checked_values(value: Any) -> Any:
    """JSON values, cleaned. Raises ActionError naming the path of what cannot be stored."""
    stack: list[tuple[Any, str, int]] = [(value, "", 1)]
    while stack:
        item, pointer, depth = stack.pop()
        if depth > MAX_DEPTH and isinstance(item, dict | list):
            raise _refused(pointer, say("is nested deeper than {n} levels", n=MAX_DEPTH))
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
            raise _refused(pointer, say("has the key {key}: keys must be texts", key=repr(key)))
        if key in FORBIDDEN_KEYS:
            said = say("is a key that browsers give a meaning to")
            raise _refused(f"{pointer}/{key}", said)


def _check_scalar(item: object, pointer: str) -> None:
    if isinstance(item, float) and not math.isfinite(item):
        raise _refused(pointer, say("is {value}, which JSON cannot hold", value=str(item)))
    if item is not None and not isinstance(item, str | int | float):
        raise _refused(pointer, say("is a {kind}: use JSON values", kind=type(item).__name__))


def _refused(pointer: str, what: Said) -> ActionError:
    shown = pointer if len(pointer) <= 200 else pointer[:200] + "…"
    detail = {"pointer": shown, "code": "E_VALUE", "message": what, "hint": ""}
    said = say("The value at {place} {problem}.", place=shown or say("the top"), problem=what)
    return ActionError("E_VALUE", said, 400, [detail])
