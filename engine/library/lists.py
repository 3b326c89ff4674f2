"""Tools for lists and objects: sort, filter, group, drop repeats, merge, write as JSON."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from typing import Any, Literal

_MISSING = object()
_KINDS: dict[Any, str] = {str: "text", list: "list", dict: "object"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Test = Literal["==", "!=", "<", "<=", ">", ">=", "contains", "exists"]


def dump_json(data: Any, indent: int = 0, sort_keys: bool = False) -> dict[str, str]:
    """Write data as JSON text, on one line or indented. Returns {"text": ...}."""
    if not 0 <= indent <= 8:
        raise ValueError("indent is a number of spaces from 0 to 8")
    text = json.dumps(data, ensure_ascii=False, indent=indent or None, sort_keys=sort_keys)
    return {"text": text}


def merge(first: dict[str, Any], second: dict[str, Any], deep: bool = True) -> dict[str, Any]:
    """Merge two objects; where both have a key, the second one wins.

    Deep: objects under the same key are merged as well; lists are replaced. Returns {"data": ...}.
    """
    return {"data": _merged(first, second, deep)}


def _merged(first: dict[str, Any], second: dict[str, Any], deep: bool) -> dict[str, Any]:
    merged = dict(first)
    for key, value in second.items():
        before = merged.get(key)
        both = deep and isinstance(before, dict) and isinstance(value, dict)
        merged[key] = _merged(before, value, deep) if both and before is not None else value
    return merged


def sort_items(items: list[Any], by: str = "", descending: bool = False) -> dict[str, list[Any]]:
    """Sort a list, or a list of objects by a dotted key. Returns {"items": [...]}.

    Items without the key come last; equal ones keep their order.
    """
    keyed = [(_value(item, by), item) for item in items]
    present = [pair for pair in keyed if pair[0] is not _MISSING and pair[0] is not None]
    rest = [item for value, item in keyed if value is _MISSING or value is None]
    kinds = {_kind(value) for value, _ in present}
    if len(kinds) > 1 or not kinds <= {"number", "text"}:
        what = " and ".join(sorted(kinds))
        raise ValueError(f"only numbers, or only texts, can be sorted: here are {what}")
    ranked = sorted(present, key=lambda pair: pair[0], reverse=descending)
    return {"items": [item for _, item in ranked] + rest}


def filter_items(
    items: list[Any], by: str = "", test: Test = "==", value: Any = None
) -> dict[str, list[Any]]:
    """Keep the items whose value under a dotted key passes a test. Returns {"items": [...]}.

    Numbers compare with numbers and texts with texts; an item that cannot be compared is left out.
    """
    known = (*_COMPARE, "==", "!=", "contains", "exists")
    if test not in known:
        raise ValueError(f"test is one of {', '.join(known)}, not {test!r:.40}")
    return {"items": [item for item in items if _passes(_value(item, by), test, value)]}


def _passes(found: Any, test: str, value: Any) -> bool:
    if test == "exists":
        return found is not _MISSING
    if found is _MISSING:
        return test == "!="
    if test in ("==", "!="):
        return (_identity(found) == _identity(value)) is (test == "==")
    if test == "contains":
        if isinstance(found, str):
            return isinstance(value, str) and value in found
        return isinstance(found, (list, dict)) and value in found
    kind = _kind(found)
    return kind == _kind(value) and kind in ("number", "text") and _COMPARE[test](found, value)


def group_items(items: list[Any], by: str) -> dict[str, list[dict[str, Any]]]:
    """Group objects by the value of a dotted key.

    Returns {"groups": [{"key", "count", "items"}]} in the order in which the values first appear.
    """
    groups: dict[str, dict[str, Any]] = {}
    for item in items:
        value = _value(item, by)
        key = None if value is _MISSING else value
        group = groups.setdefault(_identity(key), {"key": key, "count": 0, "items": []})
        group["items"].append(item)
        group["count"] += 1
    return {"groups": list(groups.values())}


def unique_items(items: list[Any], by: str = "") -> dict[str, list[Any]]:
    """Keep the first of equal items, or of objects with an equal value under a dotted key."""
    first: dict[str, Any] = {}
    for item in items:
        value = _value(item, by)
        first.setdefault("" if value is _MISSING else _identity(value), item)
    return {"items": list(first.values())}


def _value(item: Any, by: str) -> Any:
    """What a dotted key leads to in an item; the item itself without a key."""
    for part in by.split(".") if by else ():
        if not isinstance(item, dict) or part not in item:
            return _MISSING
        item = item[part]
    return item


def _identity(value: Any) -> str:
    """A text that only equal JSON values share; 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "number"
    return _KINDS.get(type(value), "nothing")


TOOLS: dict[str, Callable[..., Any]] = {
    "json.dump": dump_json,
    "json.merge": merge,
    "list.sort": sort_items,
    "list.filter": filter_items,
    "list.group": group_items,
    "list.unique": unique_items,
}
