"""State values are JSON. Here a Python value becomes one, is copied, compared and weighed.

Values inside the engine are never changed in place, so they may be shared freely; whatever a tool
hands in or out is copied here, once.
"""

import hashlib
import json
from datetime import date, datetime, time
from enum import Enum
from math import isfinite
from typing import Any

from engine.errors import ValueRefused

MAX_DEPTH = 64
"""Containers inside containers. Deeper values are refused, which also bounds every walk here."""
MAX_INTEGER_BITS = 1024
FORBIDDEN_KEYS = frozenset({"__proto__", "constructor", "prototype"})
"""Keys that would reach into objects of the browser that shows the state."""

Json = Any
"""None, bool, int, float, str, list of Json, or dict of str to Json."""

SMALL = 10**18
"""Integers below this need no closer look."""

_PART = 1_048_576
"""Characters of a text that are looked at together."""

ATOMS = frozenset({type(None), bool, str, int, float})
"""Types whose values nobody can change."""

PLAIN = ATOMS | {dict, list, tuple}
"""Types of nearly all that tools return: none of them can be awaited."""


class _Odd(Exception):
    """A value that needs a closer look."""


class Cleaner:
    """Turns Python values into JSON values; notes how big they are and what it had to mend."""

    __slots__ = ("mended", "size")

    def __init__(self) -> None:
        self.size = 0
        """Bytes that the values take as JSON, counted high."""
        self.mended: tuple[str, ...] = ()
        """Paths of strings that held U+0000 or lone surrogates, now U+FFFD."""

    def clean(self, value: Any, path: str = "") -> Json:
        """A private JSON copy of `value`. Raises ValueRefused, naming the path.

        Nearly every value is plain JSON already, and is copied without keeping track of paths.
        """
        before = self.size
        try:
            return self._plain(value, 0)
        except _Odd:
            self.size = before
            return self._careful(value, path, 0)

    def _plain(self, value: Any, depth: int) -> Json:
        """A copy of a value that is plain JSON. Raises _Odd for any other."""
        kind = type(value)
        if kind is int:
            if -SMALL < value < SMALL:
                self.size += 20
                return value
        elif kind is str:
            if value.isascii() and "\x00" not in value:
                self.size += len(value) + 2
                return value
        elif kind is bool or value is None:
            self.size += 5
            return value
        elif kind is float:
            if isfinite(value):
                self.size += 24
                return value
        elif depth < MAX_DEPTH:
            depth += 1
            if kind is list:
                self.size += 2 + len(value)
                plain = self._plain
                return [plain(item, depth) for item in value]
            if kind is dict:
                return self._plain_dict(value, depth)
        raise _Odd

    def _plain_dict(self, value: dict[Any, Any], depth: int) -> dict[str, Json]:
        made: dict[str, Json] = {}
        size = 2
        for key, item in value.items():
            if type(key) is not str or not key.isascii() or "\x00" in key or key in FORBIDDEN_KEYS:
                raise _Odd
            size += len(key) + 5
            made[key] = self._plain(item, depth)
        self.size += size
        return made

    def _careful(self, value: Any, path: str, depth: int) -> Json:
        """The same for any value, keeping track of where it is."""
        kind = type(value)
        if kind is str:
            return self._text(value, path)
        if kind is int:
            return self._integer(value, path)
        if kind is bool or value is None:
            self.size += 5
            return value
        if kind is float:
            return self._number(value, path)
        if depth >= MAX_DEPTH:
            raise ValueRefused(path, f"nested more than {MAX_DEPTH} deep")
        if kind is list or kind is tuple:
            return self._list(value, path, depth)
        if isinstance(value, dict):
            return self._dict(value, path, depth)
        return self._other(value, path, depth)

    def _text(self, value: str, path: str) -> str:
        if not value.isascii() or "\x00" in value:
            if _is_odd(value):
                self.mended += (path,)
                value = _mended(value)
            self.size += 3 * len(value)
        self.size += len(value) + 2
        return value

    def _integer(self, value: int, path: str) -> int:
        if value.bit_length() > MAX_INTEGER_BITS:
            raise ValueRefused(path, "the number is too big")
        self.size += 2 + value.bit_length() // 3
        return value

    def _number(self, value: float, path: str) -> float:
        if not isfinite(value):
            raise ValueRefused(path, f"{value!r} is not a JSON number")
        self.size += 24
        return value

    def _list(self, value: Any, path: str, depth: int) -> list[Json]:
        self.size += 2 + len(value)
        clean = self._careful
        return [clean(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]

    def _dict(self, value: dict[Any, Any], path: str, depth: int) -> dict[str, Json]:
        self.size += 2 + len(value)
        made: dict[str, Json] = {}
        for key, item in value.items():
            here = f"{path}.{key}" if path else str(key)
            made[self._key(key, here)] = self._careful(item, here, depth + 1)
        return made

    def _key(self, key: Any, path: str) -> str:
        if not isinstance(key, str):
            raise ValueRefused(path, f"keys must be strings, not {type(key).__name__}")
        if key in FORBIDDEN_KEYS:
            raise ValueRefused(path, f"{key!r} is not allowed as a key")
        self.size += 2
        return self._text(str(key), path)

    def _other(self, value: Any, path: str, depth: int) -> Json:
        if isinstance(value, Enum):
            return self._careful(value.value, path, depth + 1)
        if isinstance(value, (datetime, date, time)):
            return self._text(value.isoformat(), path)
        for plain in (bool, int, float, str, list, tuple):
            if isinstance(value, plain):
                return self._careful(_demote(value, plain), path, depth)
        raise ValueRefused(
            path, f"{type(value).__name__} is not JSON; return plain dicts, lists, text and numbers"
        )


def _is_odd(text: str) -> bool:
    """Whether a text has to be mended. A long one is looked at in parts, to stay small."""
    parts = (text[start : start + _PART] for start in range(0, len(text), _PART))
    return any(_mended(part) != part for part in parts)


def _mended(text: str) -> str:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "�")


def _demote(value: Any, plain: Any) -> Any:
    """An instance of a subclass of `plain` as `plain` itself."""
    return list(value) if plain is tuple else plain(value)


def clean(value: Any, path: str = "") -> Json:
    """A private JSON copy of `value`. Raises ValueRefused, naming the path."""
    return Cleaner().clean(value, path)


def copied(value: Json) -> Json:
    """A private copy of a value that is JSON already."""
    kind = type(value)
    if kind is list:
        return [item if type(item) in ATOMS else copied(item) for item in value]
    if kind is dict:
        return {k: v if type(v) in ATOMS else copied(v) for k, v in value.items()}
    return value


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same. Unlike `==`, true is not 1 and 1 is not 1.0."""
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right):
        return False
    if kind is int or kind is str:
        return bool(left == right)
    if kind is dict:
        return left.keys() == right.keys() and all(same(v, right[k]) for k, v in left.items())
    if kind is list:
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def weight(value: Json) -> int:
    """Bytes that `value` takes as JSON, counted as `Cleaner.size` counts."""
    cleaner = Cleaner()
    cleaner.clean(value)
    return cleaner.size


def canonical(value: Json) -> str:
    """The one text of a JSON value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Json) -> str:
    """SHA-256 of the canonical text, as hex."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def brief(value: Json, width: int = 120) -> Json:
    """A value short enough to be shown beside a condition: atoms whole, the rest as a word."""
    kind = type(value)
    if kind is str:
        return value if len(value) <= width else value[: width - 1] + "…"
    if kind is dict:
        return f"map of {len(value)}"
    return f"list of {len(value)}" if kind is list else value
