"""Try an expression out: what the check endpoint and the editor show."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.said import UNSAID, Said, say

from .errors import ExpressionError
from .expression import compile  # noqa: A004 - named by its use
from .values import is_list, is_map, type_name


def check(
    source: str, names: Mapping[str, Any], told: Callable[[Said], str] = str
) -> dict[str, Any]:
    """`{"ok": True, "value": …}`, or `{"ok": False, "error": {position, message, hint}}`.

    The value is JSON: a NaN, an infinite double or a key that is no string is an error here, as
    it is when a node writes it into the state. `told`: what becomes of the error's sentences.
    """
    try:
        value = compile(source).evaluate(names)
        problem = json_problem(value)
        if problem:
            raise ExpressionError(0, problem, say("the state holds JSON"), source)
    except ExpressionError as error:
        return {"ok": False, "error": error.as_dict(told)}
    return {"ok": True, "value": value}


def json_problem(value: Any) -> Said:
    """Why the value cannot be written as JSON, or nothing."""
    pending: list[Iterator[Any]] = [iter((value,))]
    while pending:
        for part in pending[-1]:
            if is_list(part):
                pending.append(iter(part))
                break
            if is_map(part):
                if any(not isinstance(key, str) for key in part):
                    return say("a map has a key that is not a string")
                pending.append(iter(part.values()))
                break
            if isinstance(part, float) and not math.isfinite(part):
                return say("the value {value} is not a JSON number", value=str(part))
            if not (part is None or isinstance(part, (bool, int, float, str))):
                return say("the value is a {kind}", kind=type_name(part))
        else:
            pending.pop()
    return UNSAID
