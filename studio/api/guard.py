"""Look over JSON text before it is parsed: depth, number of keys, length of strings.

A JSON parser recurses and allocates as its input says, so hostile text must be refused before it.
The scan is one pass without recursion and without backtracking, and bodies that are too small to
break a limit skip it.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

MIB = 1024 * 1024

# Keys that reach into the prototype of an object once a document is read by a browser.
POISONED_KEYS = frozenset({"__proto__", "constructor", "prototype"})

_STRING = rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)'
_TOKEN = re.compile(_STRING + rb"|[\[\]{}:]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one body may hold."""

    depth: int = 64
    keys: int = 10_000
    string_bytes: int = MIB
    poisoned_keys: frozenset[str] = POISONED_KEYS


DOCUMENT = Limits()
# A graph of 5,000 steps with their inputs and conditions has some 65,000 keys.
GRAPH = Limits(keys=100_000)
# Run inputs are data: they may be wide, and their keys are never read as a document's.
RUN_INPUT = Limits(keys=100_000, poisoned_keys=frozenset())


class JsonRefused(ValueError):
    """The text breaks a limit. `code` is stable, the message says what to change."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class JsonBroken(ValueError):
    """The text is not JSON. The message says where."""


def load(body: bytes, limits: Limits = DOCUMENT) -> Any:
    """The value of a JSON text. Raises JsonRefused or JsonBroken, in time linear to its length."""
    scan(body, limits)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonBroken(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    return _parse(text, limits)


def scan(body: bytes, limits: Limits) -> None:
    """Raise JsonRefused when the text is too deep, too wide, or holds too long a string."""
    if _may_break(body, limits):
        _walk(body, limits)


def _may_break(body: bytes, limits: Limits) -> bool:
    return (
        len(body) > limits.string_bytes
        or body.count(b"[") + body.count(b"{") > limits.depth
        or body.count(b":") > limits.keys
    )


def _walk(body: bytes, limits: Limits) -> None:
    depth = keys = 0
    for match in _TOKEN.finditer(body):
        first = body[match.start()]
        if first in b"[{":
            depth += 1
            if depth > limits.depth:
                raise JsonRefused("E_JSON_DEPTH", f"Nested deeper than {limits.depth} levels.")
        elif first in b"]}":
            depth -= 1
        elif first == 58:  # a colon: one key
            keys += 1
            if keys > limits.keys:
                raise JsonRefused("E_JSON_KEYS", f"More than {limits.keys:,} keys.")
        elif match.end() - match.start() - 2 > limits.string_bytes:
            raise JsonRefused(
                "E_JSON_STRING", f"A string is longer than {limits.string_bytes:,} bytes."
            )


def _parse(text: str, limits: Limits) -> Any:
    try:
        return _decoder(limits.poisoned_keys).decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonBroken(f"Not valid JSON: {error.msg} ({where}).") from None
    except (JsonRefused, JsonBroken):
        raise
    except ValueError:
        # The only other refusal of the parser: an integer of more than 4,300 digits.
        raise JsonRefused("E_JSON_NUMBER", "An integer has too many digits.") from None


@cache
def _decoder(poisoned: frozenset[str]) -> json.JSONDecoder:
    """Kept, as to make one takes longer than to read a small body."""
    return json.JSONDecoder(
        object_pairs_hook=_pairs(poisoned), parse_constant=_refuse_constant, parse_float=_finite
    )


def _pairs(poisoned: frozenset[str]) -> Any:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            raise JsonRefused(
                "E_JSON_KEY", f"The key {_twice(key for key, _ in pairs)!r} is there twice."
            )
        if poisoned and not poisoned.isdisjoint(built):
            bad = next(key for key in built if key in poisoned)
            raise JsonRefused("E_JSON_KEY", f"The key {bad!r} is not allowed.")
        return built

    return build


def _twice(keys: Iterable[str]) -> str:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            break
        seen.add(key)
    return key


def _refuse_constant(name: str) -> NoReturn:
    raise JsonRefused("E_JSON_NUMBER", f"{name} is not a JSON number.")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JsonRefused("E_JSON_NUMBER", f"The number {text[:40]} is too large.")
    return number
