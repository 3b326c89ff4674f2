"""The functions of the language: one table, from which the parser, the docs and the editor read."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engine.said import UNSAID, Said, grouped, quoted

from . import faults
from .errors import Exhausted, Fault, Sentences
from .limits import INT_MAX, MAX_STRING
from .operators import checked
from .values import (
    BUILD_SHIFT,
    STRING_SHIFT,
    Frame,
    Optional,
    burn,
    describe_optional,
    is_list,
    is_map,
    type_name,
)

Implementation = Callable[..., Any]
"""(argument, …, frame, position) to value."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method: how it is called and what it does."""

    name: str
    arity: int
    """Arguments, the receiver of a method included."""
    signature: str
    summary: str
    example: str
    implementation: Implementation | None
    """None where the compiler does it itself because an argument is lazy."""


FUNCTIONS: Final[dict[str, Function]] = {}
"""Called as name(x)."""

METHODS: Final[dict[str, Function]] = {}
"""Called as x.name(…)."""


def _describe(name: str, wanted: Said, value: Any) -> Sentences:
    kind = type_name(value)
    if kind == "optional":
        return describe_optional()
    hint = faults.TEST_FOR_NULL if kind == "null" else UNSAID
    return faults.NEEDS(name=name, wanted=wanted, kind=kind), hint


def _describe_text(name: str, text: str) -> Sentences:
    shown = text if len(text) <= 40 else text[:40] + "…"
    return faults.UNREADABLE(name=name, text=quoted(shown)), UNSAID


def _size(value: Any, frame: Frame, at: int) -> int:
    if isinstance(value, str) or is_list(value) or is_map(value):
        return len(value)
    raise Fault(at, _describe, "size", faults.WANTED["size"], value)


_WHITE: Final = " \t\n\v\f\r"
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEX: Final = re.compile(
    r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?"
)
_NAMED: Final = re.compile(r"([+-]?)(?:(inf(?:inity)?)|nan(?:\([A-Za-z0-9_]*\))?)", re.IGNORECASE)
_LONGEST_NUMBER: Final = 1_000
_TRUTHS: Final = {
    **dict.fromkeys(("1", "t", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "false", "FALSE", "False"), False),
}


def _int(value: Any, frame: Frame, at: int) -> int:
    if isinstance(value, int):
        return checked(int(value), at)
    if isinstance(value, float):
        if abs(value) < 2.0**63:
            return int(value)
        raise Fault(at, _describe_range, value)
    if isinstance(value, str):
        return _int_of_text(value, at)
    raise Fault(at, _describe, "int", faults.WANTED["int"], value)


def _describe_range(value: float) -> Sentences:
    return faults.TOO_LARGE(value=str(value)), UNSAID


def _int_of_text(text: str, at: int) -> int:
    if len(text) <= _LONGEST_NUMBER and re.fullmatch(r"[+-]?[0-9]+", text.strip(_WHITE)):
        number = int(text)
        if -INT_MAX - 1 <= number <= INT_MAX:
            return number
    raise Fault(at, _describe_text, "int", text)


def _double(value: Any, frame: Frame, at: int) -> float:
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return float(checked(value, at))
    if isinstance(value, str):
        return _double_of_text(value, at)
    raise Fault(at, _describe, "double", faults.WANTED["double"], value)


def _double_of_text(text: str, at: int) -> float:
    if len(text) <= _LONGEST_NUMBER:
        body = text.strip(_WHITE)
        if _DECIMAL.fullmatch(body):
            return float(body)
        if _HEX.fullmatch(body):
            return _hex_double(body)
        if named := _NAMED.fullmatch(body):
            return float(named[1] + ("inf" if named[2] else "nan"))
    raise Fault(at, _describe_text, "double", text)


def _hex_double(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return float("-inf") if text.startswith("-") else float("inf")


def _string(value: Any, frame: Frame, at: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(checked(value, at))
    if isinstance(value, float):
        return _text_of_double(value)
    raise Fault(at, _describe, "string", faults.WANTED["string"], value)


def _text_of_double(value: float) -> str:
    """The shortest digits that read back the same; an exponent below 1e-4 and from 1e6 on."""
    if not math.isfinite(value):
        return repr(value)
    negative, digits, power = Decimal(repr(value)).as_tuple()
    sign = "-" if negative else ""
    text = "".join(map(str, digits)).rstrip("0") or "0"
    exponent = int(power) + len(digits) - 1 if value else 0
    if -5 < exponent < 6:
        return sign + _plain(text, exponent)
    mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
    return f"{sign}{mantissa}e{exponent:+03}"


def _plain(digits: str, exponent: int) -> str:
    """The digits with the point after digit number `exponent`, counted from 0."""
    if exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{whole}.{fraction}" if fraction else whole


def _bool(value: Any, frame: Frame, at: int) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        truth = _TRUTHS.get(value) if len(value) <= 5 else None
        if truth is None:
            raise Fault(at, _describe_text, "bool", value)
        return truth
    raise Fault(at, _describe, "bool", faults.WANTED["bool"], value)


def _texts(name: str, text: Any, part: Any, at: int) -> None:
    if not isinstance(text, str):
        raise Fault(at, _describe, name, faults.TEXT_BEFORE, text)
    if not isinstance(part, str):
        raise Fault(at, _describe, name, faults.TEXT, part)


def _contains(text: Any, part: Any, frame: Frame, at: int) -> bool:
    """Searching may cost text times part (up to about 100) in the worst case, and pays for it."""
    _texts("contains", text, part, at)
    burn(frame, len(text) * min(len(part), 100) >> 8, at)
    return part in text


def _starts_with(text: Any, part: Any, frame: Frame, at: int) -> bool:
    _texts("startsWith", text, part, at)
    burn(frame, len(part) >> STRING_SHIFT, at)
    return text[: len(part)] == part if len(part) <= len(text) else False


def _ends_with(text: Any, part: Any, frame: Frame, at: int) -> bool:
    _texts("endsWith", text, part, at)
    burn(frame, len(part) >> STRING_SHIFT, at)
    return text[len(text) - len(part) :] == part if len(part) <= len(text) else False


def _rewritable(name: str, text: Any, frame: Frame, at: int) -> str:
    """The string, paid for, if a changed copy of it may be built."""
    if not isinstance(text, str):
        raise Fault(at, _describe, name, faults.TEXT_BEFORE, text)
    if len(text) > MAX_STRING:
        n, most = grouped(len(text)), grouped(MAX_STRING)
        raise Exhausted(at, faults.LONG_SOURCE(name=name, n=n, most=most), faults.IN_A_TOOL)
    burn(frame, len(text) >> BUILD_SHIFT, at)
    return text


def _lower_ascii(text: Any, frame: Frame, at: int) -> str:
    # bytes.lower() changes ASCII letters only, which is what the name promises.
    body = _rewritable("lowerAscii", text, frame, at).encode("utf-8", "surrogatepass")
    return body.lower().decode("utf-8", "surrogatepass")


def _upper_ascii(text: Any, frame: Frame, at: int) -> str:
    body = _rewritable("upperAscii", text, frame, at).encode("utf-8", "surrogatepass")
    return body.upper().decode("utf-8", "surrogatepass")


def _has_value(value: Any, frame: Frame, at: int) -> bool:
    if not isinstance(value, Optional):
        raise Fault(at, describe_not_optional, "hasValue")
    return value.present


def describe_not_optional(name: str) -> Sentences:
    return faults.NOT_OPTIONAL(name=name), faults.WRITE_OPTIONAL


_SPACES: Final = (
    " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def _trim(text: Any, frame: Frame, at: int) -> str:
    return _rewritable("trim", text, frame, at).strip(_SPACES)


def _add(table: dict[str, Function], *functions: Function) -> None:
    table.update((function.name, function) for function in functions)


_SIZE_DOC: Final = "How many characters a string, items a list or keys a map has."

_add(
    FUNCTIONS,
    Function("size", 1, "size(x) -> int", _SIZE_DOC, "size(items) > 0", _size),
    Function(
        "int",
        1,
        "int(x) -> int",
        "A double without its fraction, a string of digits, or a bool as 1 or 0.",
        "int('12') == 12",
        _int,
    ),
    Function(
        "double",
        1,
        "double(x) -> double",
        "An int or a string as a double.",
        "double('2.5') == 2.5",
        _double,
    ),
    Function(
        "string",
        1,
        "string(x) -> string",
        "A number or a bool as text.",
        "'try ' + string(3) == 'try 3'",
        _string,
    ),
    Function(
        "bool",
        1,
        "bool(x) -> bool",
        "'true', 't' and '1' as true, 'false', 'f' and '0' as false.",
        "bool('true')",
        _bool,
    ),
)
_add(
    METHODS,
    Function("size", 1, "x.size() -> int", _SIZE_DOC, "'abc'.size() == 3", _size),
    Function(
        "contains",
        2,
        "text.contains(part) -> bool",
        "Whether the text has the part in it.",
        "'review'.contains('view')",
        _contains,
    ),
    Function(
        "startsWith",
        2,
        "text.startsWith(part) -> bool",
        "Whether the text begins with the part.",
        "'review'.startsWith('re')",
        _starts_with,
    ),
    Function(
        "endsWith",
        2,
        "text.endsWith(part) -> bool",
        "Whether the text ends with the part.",
        "'a.py'.endsWith('.py')",
        _ends_with,
    ),
    Function(
        "lowerAscii",
        1,
        "text.lowerAscii() -> string",
        "A-Z as a-z; other letters stay.",
        "'OK'.lowerAscii() == 'ok'",
        _lower_ascii,
    ),
    Function(
        "upperAscii",
        1,
        "text.upperAscii() -> string",
        "a-z as A-Z; other letters stay.",
        "'ok'.upperAscii() == 'OK'",
        _upper_ascii,
    ),
    Function(
        "trim",
        1,
        "text.trim() -> string",
        "Without white space at both ends.",
        "' a '.trim() == 'a'",
        _trim,
    ),
    Function(
        "orValue",
        2,
        "optional.orValue(default) -> value",
        "What `a.?b` or `a[?k]` found, else the default (computed only then).",
        "state.?retries.orValue(0) < 3",
        None,
    ),
    Function(
        "hasValue",
        1,
        "optional.hasValue() -> bool",
        "Whether `a.?b` or `a[?k]` found something.",
        "state.?review.?verdict.hasValue()",
        _has_value,
    ),
)
