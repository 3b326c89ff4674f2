"""Tools for texts: fill a template, split, join, trim, take out what stands between two marks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
MAX_PARTS = 50_000


def fill(template: str, values: dict[str, Any]) -> dict[str, str]:
    """Fill the places of a template such as "Dear {name}, order {order.id} is on its way".

    A dotted name leads into nested data; {{ and }} stand for braces. Returns {"text": ...}.
    """

    def filled(match: re.Match[str]) -> str:
        whole, name = match[0], match[1]
        if whole in ("{{", "}}"):
            return whole[0]
        if name is None:
            raise ValueError(f"a single {whole} at character {match.start()}: write {whole * 2}")
        return _shown(_found(values, name.strip()))

    return {"text": _PLACE.sub(filled, template)}


def _found(values: Any, name: str) -> Any:
    """The value of a dotted name: keys of objects and places of lists, never attributes."""
    value = values
    for part in name.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and _is_place(part) and int(part) < len(value):
            value = value[int(part)]
        else:
            known = ", ".join(sorted(map(str, values))[:20]) or "nothing"
            raise ValueError(f"nothing is known for {{{name}}}; there is: {known}")
    return value


def _is_place(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) <= 9


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise ValueError("only texts and numbers can be written into a text: name one value of it")
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def split(text: str, separator: str = ",", keep_empty: bool = False) -> dict[str, list[str]]:
    """Split a text at every separator, and trim the parts. Returns {"parts": [...]}."""
    if not separator:
        raise ValueError("separator must not be empty: say where to split")
    if text.count(separator) >= MAX_PARTS:
        raise ValueError(f"the text has more than {MAX_PARTS:,} parts")
    parts = [part.strip() for part in text.split(separator)]
    return {"parts": [part for part in parts if part or keep_empty]}


def join(parts: list[str | int | float], separator: str = ", ") -> dict[str, str]:
    """Join texts and numbers to one text. Returns {"text": ...}."""
    return {"text": separator.join(_shown(part) for part in parts)}


def trim(text: str, characters: str = "") -> dict[str, str]:
    """Take white space, or the given characters, off both ends. Returns {"text": ...}."""
    return {"text": text.strip(characters or None)}


def change_case(text: str, case: Literal["lower", "upper", "title"] = "lower") -> dict[str, str]:
    """Write a text in lower case, in upper case, or Each Word With A Capital."""
    if case not in ("lower", "upper", "title"):
        raise ValueError(f"case is lower, upper or title, not {case!r:.40}")
    return {"text": getattr(text, case)()}


def between(text: str, start: str, end: str) -> dict[str, Any]:
    """Take out what stands between two marks, such as "(" and ")".

    Returns {"found": the first one or null, "all": [...]}; marks inside a found text do not nest.
    """
    if not start or not end:
        raise ValueError("start and end must not be empty: say between which marks to look")
    found: list[str] = []
    at = text.find(start)
    while at >= 0 and len(found) < MAX_PARTS:
        begin = at + len(start)
        stop = text.find(end, begin)
        if stop < 0:
            break
        found.append(text[begin:stop])
        at = text.find(start, stop + len(end))
    return {"found": found[0] if found else None, "all": found}


TOOLS: dict[str, Callable[..., Any]] = {
    "text.fill": fill,
    "text.split": split,
    "text.join": join,
    "text.trim": trim,
    "text.case": change_case,
    "text.between": between,
}
