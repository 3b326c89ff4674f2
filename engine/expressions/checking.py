"""Try an expression out: what the check endpoint and the editor show."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import ExpressionError
from .expression import compile  # noqa: A004 - named by its use
from .values import is_list, is_map, type_name


def check(source: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """`{"ok": True, "value": …}`, or `{"ok": False, "error": {position, message, hint}}`.

    The value is JSON: a NaN, an infinite double or a key that is no string is an error here, as
    it is when a node writes it into the state.
    """
    try:
        value = compile(source).evaluate(names)
        problem = json_problem(value)
        if problem:
            raise ExpressionError(0, problem, "the state holds JSON", source)
    except ExpressionError as error:
        return {"ok": False, "error": error.as_dict()}
    return {"ok": True, "value": value}


def json_problem(value: Any) -> str:
    """Why the value cannot be written as JSON, or ''."""
    pending: list[Iterator[Any]] = [iter((value,))]
    while pending:
        for part in pending[-1]:
            if is_list(part):
                pending.append(iter(part))
                break
            if is_map(part):
                if any(not isinstance(key, str) for key in part):
                    return "a map has a key that is not a string"
                pending.append(iter(part.values()))
                break
            if isinstance(part, float) and not math.isfinite(part):
                return f"the value {part} is not a JSON number"
            if not (part is None or isinstance(part, (bool, int, float, str))):
                return f"the value is a {type_name(part)}"
        else:
            pending.pop()
    return ""
