"""The language as data: for completion and help in the editor, and for the docs."""

from typing import Any, Final

from . import limits
from .functions import FUNCTIONS, METHODS, Function
from .words import CALL_HABITS, FREE_NAMES, KEYWORDS, NAME_HABITS, RESERVED


def _entry(kind: str, function: Function) -> dict[str, str]:
    return {
        "name": function.name,
        "kind": kind,
        "signature": function.signature,
        "summary": function.summary,
        "example": function.example,
    }


def _loop(name: str, signature: str, summary: str, example: str) -> dict[str, str]:
    return {
        "name": name,
        "kind": "loop",
        "signature": signature,
        "summary": summary,
        "example": example,
    }


_OPERATORS: Final = (
    ("?:", 1, "condition ? a : b", "a when the condition is true, else b."),
    ("||", 2, "a || b", "True when either side is, even if the other side fails."),
    ("&&", 3, "a && b", "True when both sides are; false when either is, even if the other fails."),
    ("==", 4, "a == b", "Equal, deep; 1 == 1.0, and a bool is never a number."),
    ("!=", 4, "a != b", "Not equal."),
    ("<", 4, "a < b", "Less: two numbers, two strings or two bools."),
    ("<=", 4, "a <= b", "Less or equal."),
    (">", 4, "a > b", "Greater."),
    (">=", 4, "a >= b", "Greater or equal."),
    ("in", 4, "a in b", "An item of a list, or a key of a map."),
    ("+", 5, "a + b", "The sum, or two strings or lists joined."),
    ("-", 5, "a - b", "The difference."),
    ("*", 6, "a * b", "The product."),
    ("/", 6, "a / b", "The quotient; two ints drop the fraction."),
    ("%", 6, "a % b", "The remainder of two ints, with the sign of a."),
    ("!", 7, "!a", "Not."),
    ("-x", 7, "-a", "Minus."),
    (".", 8, "a.b", "The value at key b; a missing key is an error."),
    ("[]", 8, "a['b'], a[0]", "The value at a key, or the item at an index from 0."),
    (".?", 8, "a.?b", "The value at key b if it is there; unwrap with orValue."),
    ("[?]", 8, "a[?k]", "The value at a key or index if it is there; unwrap with orValue."),
)

REFERENCE: Final[dict[str, Any]] = {
    "keywords": sorted(KEYWORDS),
    "reserved": sorted(RESERVED),
    "types": ["null", "bool", "int", "double", "string", "list", "map"],
    "names": [{"name": name, "summary": summary} for name, summary in FREE_NAMES.items()],
    "operators": [
        {"name": name, "binds": binds, "form": form, "summary": summary}
        for name, binds, form, summary in _OPERATORS
    ],
    "functions": [
        {
            "name": "has",
            "kind": "function",
            "signature": "has(a.b) -> bool",
            "summary": "Whether the map a has the key b.",
            "example": "has(state.review) && review.ok",
        },
        *(_entry("function", function) for function in FUNCTIONS.values()),
        *(_entry("method", function) for function in METHODS.values()),
        _loop(
            "exists",
            "list.exists(x, condition) -> bool",
            "Whether the condition is true for some item.",
            "issues.exists(i, i.severity == 'error')",
        ),
        _loop(
            "all",
            "list.all(x, condition) -> bool",
            "Whether the condition is true for every item.",
            "scores.all(s, s >= 7)",
        ),
        _loop(
            "exists_one",
            "list.exists_one(x, condition) -> bool",
            "Whether the condition is true for exactly one item.",
            "votes.exists_one(v, v == 'yes')",
        ),
        _loop(
            "filter",
            "list.filter(x, condition) -> list",
            "The items for which the condition is true.",
            "size(issues.filter(i, i.fixable)) > 0",
        ),
        _loop(
            "map",
            "list.map(x, value) -> list, list.map(x, condition, value) -> list",
            "A value for each item, or for each item for which the condition is true.",
            "results.map(r, r.score)",
        ),
    ],
    "help": {**NAME_HABITS, **CALL_HABITS},
    "limits": {
        "source": limits.MAX_SOURCE,
        "parts": limits.MAX_NODES,
        "depth": limits.MAX_DEPTH,
        "gas": limits.MAX_GAS,
        "string": limits.MAX_STRING,
        "list": limits.MAX_LIST,
    },
}
"""JSON-able. `binds` is the precedence: higher binds tighter. Loops over a map take its keys."""
