"""Arithmetic and order on values, away from the fast paths of the compiler."""

import math
from collections.abc import Callable
from typing import Any, Final

from engine.said import UNSAID, grouped

from . import faults
from .errors import Exhausted, Fault, Sentences
from .limits import INT_MAX, INT_MIN, MAX_LIST, MAX_STRING
from .values import (
    BUILD_SHIFT,
    STRING_SHIFT,
    Frame,
    Optional,
    burn,
    contains_item,
    describe_optional,
    find_key,
    is_list,
    is_map,
    is_number,
    type_name,
)

Operator = Callable[[Any, Any, Frame, int], Any]
"""(left, right, frame, position) to value."""


def describe_operands(sign: str, left: Any, right: Any) -> Sentences:
    """Message for operands of the wrong types."""
    one, other = type_name(left), type_name(right)
    if "optional" in (one, other):
        return describe_optional()
    message = faults.OPERANDS(sign=sign, one=one, other=other)
    if "null" in (one, other):
        return message, faults.TEST_FOR_NULL
    if {one, other} == {"string", "int"} or {one, other} == {"string", "double"}:
        return message, faults.CONVERT
    if "bool" in (one, other):
        return message, faults.BOOL_IS_NO_NUMBER
    return message, UNSAID


def _overflow() -> Sentences:
    return faults.OVERFLOW, faults.USE(text="double(…)")


def _zero(sign: str) -> Sentences:
    return faults.BY_ZERO(sign=sign), faults.TEST_DIVISOR(test="n != 0 && …")


def checked(value: int, at: int) -> int:
    """The int, if it fits in 64 bits."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise Fault(at, _overflow)


def _both_ints(left: Any, right: Any, at: int) -> bool:
    """Whether both are ints (of 64 bits, else a Fault: tools may have made longer ones)."""
    if isinstance(left, int) and isinstance(right, int) and is_number(left) and is_number(right):
        checked(left, at)
        checked(right, at)
        return True
    return False


def _doubles(sign: str, left: Any, right: Any, at: int) -> tuple[float, float]:
    """Both as doubles: an int beside a double is accepted, because JSON writes 2.0 as 2."""
    if not (is_number(left) and is_number(right)):
        raise Fault(at, describe_operands, sign, left, right)
    if isinstance(left, int):
        checked(left, at)
    if isinstance(right, int):
        checked(right, at)
    return float(left), float(right)


def add(left: Any, right: Any, frame: Frame, at: int) -> Any:
    if type(left) is str and type(right) is str:
        return _join_strings(left, right, frame, at)
    if is_list(left) and is_list(right):
        return _join_lists(left, right, frame, at)
    if _both_ints(left, right, at):
        return checked(left + right, at)
    one, other = _doubles("+", left, right, at)
    return one + other


def _join_strings(left: str, right: str, frame: Frame, at: int) -> str:
    length = len(left) + len(right)
    if length > MAX_STRING:
        raise Exhausted(at, faults.LONG_TEXT(n=grouped(length), most=grouped(MAX_STRING)))
    burn(frame, length >> BUILD_SHIFT, at)
    return left + right


def _join_lists(left: Any, right: Any, frame: Frame, at: int) -> list[Any]:
    length = len(left) + len(right)
    if length > MAX_LIST:
        raise Exhausted(at, faults.LONG_LIST(n=grouped(length), most=grouped(MAX_LIST)))
    burn(frame, length, at)
    return [*left, *right]


def subtract(left: Any, right: Any, frame: Frame, at: int) -> Any:
    if _both_ints(left, right, at):
        return checked(left - right, at)
    one, other = _doubles("-", left, right, at)
    return one - other


def multiply(left: Any, right: Any, frame: Frame, at: int) -> Any:
    if _both_ints(left, right, at):
        return checked(left * right, at)
    one, other = _doubles("*", left, right, at)
    return one * other


def divide(left: Any, right: Any, frame: Frame, at: int) -> Any:
    """Ints drop the fraction towards zero; doubles follow IEEE 754, so 1.0 / 0.0 is infinite."""
    if _both_ints(left, right, at):
        if right == 0:
            raise Fault(at, _zero, "/")
        quotient = abs(left) // abs(right)
        return checked(quotient if (left < 0) == (right < 0) else -quotient, at)
    one, other = _doubles("/", left, right, at)
    if other != 0.0:
        return one / other
    if one == 0.0 or math.isnan(one):
        return math.nan
    return math.copysign(math.inf, one) * math.copysign(1.0, other)


def remainder(left: Any, right: Any, frame: Frame, at: int) -> int:
    """The remainder has the sign of the left side, as in CEL (and unlike Python)."""
    if not _both_ints(left, right, at):
        raise Fault(at, describe_operands, "%", left, right)
    if right == 0:
        raise Fault(at, _zero, "%")
    if left == INT_MIN and right == -1:
        raise Fault(at, _overflow)
    rest: int = abs(left) % abs(right)
    return rest if left >= 0 else -rest


def order(sign: str, left: Any, right: Any, frame: Frame, at: int) -> tuple[Any, Any]:
    """Two values made comparable with Python's own operators, or a Fault."""
    kind = type(left)
    if kind is type(right):
        if kind is str:
            burn(frame, min(len(left), len(right)) >> STRING_SHIFT, at)
            return left, right
        if kind is bool or kind is int or kind is float:
            return left, right
    if is_number(left) and is_number(right):
        try:
            return float(left), float(right)
        except OverflowError:
            return left, right
    raise Fault(at, describe_operands, sign, left, right)


def member(left: Any, right: Any, frame: Frame, at: int) -> bool:
    """`left in right` for lists and the keys of maps."""
    if is_list(right):
        if isinstance(left, Optional):
            raise Fault(at, describe_optional)
        return contains_item(right, left, frame, at)
    if is_map(right) and isinstance(left, (str, int, float)):
        return find_key(right, left, frame, at) is not None
    raise Fault(at, _describe_member, left, right)


def _describe_member(left: Any, right: Any) -> Sentences:
    if type_name(right) == "string":
        return faults.IN_TEXT, faults.USE(text="text.contains('…')")
    if type_name(right) == "map":
        return faults.MAP_KEY(kind=type_name(left)), faults.KEYS_ARE_TEXT
    return faults.IN_WHAT(kind=type_name(right)), UNSAID


def negate(value: Any, at: int) -> int | float:
    if isinstance(value, int) and not isinstance(value, bool):
        return checked(-value, at)
    if isinstance(value, float):
        return -value
    raise Fault(at, _describe_operand, "-", value)


def _describe_operand(sign: str, value: Any) -> Sentences:
    if isinstance(value, Optional):
        return describe_optional()
    return faults.OPERAND(sign=sign, kind=type_name(value)), UNSAID


def describe_condition(where: str, value: Any) -> Sentences:
    """Message for a value that should have been a bool."""
    kind = type_name(value)
    if kind == "optional":
        return describe_optional()
    tests = {
        "int": "x != 0",
        "double": "x != 0.0",
        "string": "x != ''",
        "null": "x != null",
        "list": "size(x) > 0",
        "map": "size(x) > 0",
    }
    hint = faults.WRITE(text=tests[kind]) if kind in tests else UNSAID
    return faults.CONDITION(where=where, kind=kind), hint


ARITHMETIC: Final[dict[str, Operator]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
}
