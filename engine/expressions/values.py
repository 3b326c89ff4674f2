"""What values are: their type names, equality, and the meter every size-dependent step pays.

Values are JSON as Python has it: None, bool, int, float, str, list (tuples pass), mappings.
Nothing here reads an attribute of a value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from . import faults
from .errors import Exhausted, Fault, Sentences

Frame = list[Any]
"""The memory of one evaluation: [gas left, loop variable 0, loop variable 1, …]."""

STRING_SHIFT: Final = 8
"""Comparing strings burns one unit per 256 characters."""

BUILD_SHIFT: Final = 3
"""Building strings burns one unit per 8 characters."""

FAULT_COST: Final = 16
"""Raising and absorbing a fault costs about as much as evaluating this many parts."""

CONTAINER_COST: Final = 6
"""Opening a list or a map while walking costs about as much as evaluating this many parts."""


class Optional:
    """What `a.?b` and `a[?k]` give until `.orValue(…)` unwraps it."""

    __slots__ = ("present", "value")

    def __init__(self, present: bool, value: Any) -> None:
        self.present = present
        self.value = value


NOTHING: Final = Optional(False, None)


def burn(frame: Frame, cost: int, at: int) -> None:
    """Pay for work about to be done; raises Exhausted when the gas is used up."""
    left = frame[0] - cost
    frame[0] = left
    if left < 0:
        raise Exhausted(at, *_TOO_MUCH)


_TOO_MUCH: Final = (faults.TOO_MUCH, faults.LOOP_OVER_LESS)


def is_list(value: Any) -> bool:
    return type(value) is list or isinstance(value, (list, tuple))


def is_map(value: Any) -> bool:
    return type(value) is dict or isinstance(value, Mapping)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def type_name(value: Any) -> str:
    """The type as messages call it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    for kind, name in ((int, "int"), (float, "double"), (str, "string"), (Optional, "optional")):
        if isinstance(value, kind):
            return name
    if is_list(value):
        return "list"
    return "map" if is_map(value) else f"Python {type(value).__name__}"


_SCALARS: Final = frozenset({int, float, str, bool, type(None)})


def equal(left: Any, right: Any, frame: Frame, at: int) -> bool:
    """CEL equality: deep, numbers by value, a bool is never a number, NaN differs from itself."""
    pending: list[Iterator[tuple[Any, Any]]] = [iter(((left, right),))]
    while pending:
        for one, other in pending[-1]:
            if type(one) in _SCALARS or type(other) in _SCALARS:
                if not _same_scalar(one, other, frame, at):
                    return False
                continue
            below = _pairs(one, other, frame, at)
            if below is None:
                return False
            pending.append(below)
            break
        else:
            pending.pop()
    return True


def _same_scalar(one: Any, other: Any, frame: Frame, at: int) -> bool:
    kind = type(one)
    if kind is not type(other):
        return is_number(one) and is_number(other) and same_number(one, other)
    if kind is str:
        if len(one) != len(other):
            return False
        burn(frame, len(one) >> STRING_SHIFT, at)
    return bool(one == other)


def same_number(one: int | float, other: int | float) -> bool:
    """Equality of an int and a double, compared as doubles as CEL does."""
    try:
        return float(one) == float(other)
    except OverflowError:
        return one == other


def _pairs(one: Any, other: Any, frame: Frame, at: int) -> Iterator[tuple[Any, Any]] | None:
    """What must be equal below two containers; None when they already differ."""
    if is_list(one) and is_list(other):
        if len(one) != len(other):
            return None
        burn(frame, CONTAINER_COST + len(one), at)
        return zip(one, other, strict=True)
    if is_map(one) and is_map(other):
        if len(one) != len(other):
            return None
        burn(frame, CONTAINER_COST + 2 * len(one), at)
        return _entries(one, other, frame, at)
    _require_values(at, one, other)
    return None


def _entries(one: Any, other: Any, frame: Frame, at: int) -> Iterator[tuple[Any, Any]]:
    missing = object()
    for key in one:
        there = find_key(other, key, frame, at)
        yield one[key], (missing if there is None else other[there[0]])


def _require_values(at: int, *values: Any) -> None:
    for value in values:
        if isinstance(value, Optional):
            raise Fault(at, describe_optional)


def describe_optional() -> Sentences:
    return faults.OPTIONAL, faults.ADD_DEFAULT


def find_key(mapping: Any, key: Any, frame: Frame, at: int) -> tuple[Any] | None:
    """The key of the mapping that equals `key` in CEL's eyes (1 is not true), boxed; else None."""
    if type(key) is str:
        return (key,) if key in mapping else None
    if key not in mapping:
        return None
    burn(frame, len(mapping) >> 2, at)
    for known in mapping:
        if known == key and isinstance(known, bool) == isinstance(key, bool):
            return (known,)
    return None


def contains_item(items: Any, wanted: Any, frame: Frame, at: int) -> bool:
    """`wanted in items` for a list."""
    kind = type(wanted)
    if kind is str:
        burn(frame, (len(items) >> 3) + len(items) * (len(wanted) >> STRING_SHIFT), at)
        return wanted in items
    if kind is bool or wanted is None:
        burn(frame, len(items) >> 2, at)
        return any(item is wanted for item in items)
    if kind is int or kind is float:
        burn(frame, len(items) >> 1, at)
        return any(
            item == wanted if type(item) is kind else is_number(item) and same_number(item, wanted)
            for item in items
        )
    burn(frame, CONTAINER_COST * len(items), at)
    return any(equal(item, wanted, frame, at) for item in items)


def audit(value: Any, frame: Frame, at: int) -> None:
    """Walk a value the expression built, paying for every part.

    Parts may be shared, so that a short expression can stand for more leaves than memory holds;
    whoever writes the value as JSON would pay for them. Raises Exhausted, or Fault where an
    optional is left inside.
    """
    pending: list[Iterator[Any]] = [iter((value,))]
    while pending:
        for part in pending[-1]:
            kind = type(part)
            if kind is str:
                burn(frame, len(part) >> STRING_SHIFT, at)
            elif kind in _SCALARS:
                continue
            elif is_list(part) or is_map(part):
                burn(frame, CONTAINER_COST + len(part), at)
                pending.append(iter(part.values() if is_map(part) else part))
                break
            else:
                _require_values(at, part)
        else:
            pending.pop()
