"""What a delivery becomes: an expression for each key of the start state, or a signal. Pure.

The expressions see `body` (the parsed JSON), `headers` (those that are allowed, by lower-case name)
and `query`.
"""

from collections.abc import Mapping
from typing import Any

from engine import expressions
from engine.expressions import ExpressionError
from engine.said import UNSAID, Said, quoted, say

NAMES = ("body", "headers", "query")
MAX_KEYS = 100
MAX_NAME = 200


class MappingRefused(ValueError):
    """`key` is the key whose expression is wrong, or cannot be evaluated."""

    def __init__(self, key: str, message: Said, hint: Said = UNSAID) -> None:
        super().__init__(message)
        self.key = key
        self.message = message
        self.hint = hint


def check(mapping: Mapping[str, Any]) -> None:
    """Refuse a mapping that no delivery could be put through. Raises MappingRefused."""
    if len(mapping) > MAX_KEYS:
        raise MappingRefused("", say("A mapping has at most {most} keys.", most=MAX_KEYS))
    for key, source in mapping.items():
        if not isinstance(source, str):
            raise MappingRefused(key, say("Write an expression as text, such as body.order."))
        _check_names(key, _compiled(key, source))


def check_signal(signal: Mapping[str, Any]) -> None:
    """Refuse a signal that no delivery could become. Raises MappingRefused."""
    unknown = [member for member in signal if member not in ("name", "key", "payload")]
    if unknown:
        raise MappingRefused(unknown[0], say("A signal has name, key and payload."))
    name = signal.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        raise MappingRefused(
            "name", say("Write the signal's name, 1 to {most} characters.", most=MAX_NAME)
        )
    check({member: source for member, source in signal.items() if member != "name"})


def signal_of(signal: Mapping[str, str], names: Mapping[str, Any]) -> tuple[str, Any, Any]:
    """Name, key and payload of the signal for a delivery. Raises MappingRefused."""
    sources = {"payload": "body", **signal}
    name = sources.pop("name")
    found = state_of(sources, names)
    return name, found.get("key"), found["payload"]


def _check_names(key: str, expression: expressions.Expression) -> None:
    unknown = sorted(expression.names - set(NAMES))
    if unknown:
        raise MappingRefused(
            key,
            say("There is no name {name} here.", name=quoted(unknown[0])),
            say("Known: {names}.", names=", ".join(NAMES)),
        )


def state_of(mapping: Mapping[str, str], names: Mapping[str, Any]) -> dict[str, Any]:
    """The start state for a delivery. Raises MappingRefused."""
    state = {}
    for key, source in mapping.items():
        try:
            state[key] = _compiled(key, source).evaluate(names)
        except ExpressionError as error:
            raise MappingRefused(key, error.message, error.hint) from error
    return state


def _compiled(key: str, source: str) -> expressions.Expression:
    try:
        return expressions.compile(source)
    except ExpressionError as error:
        raise MappingRefused(key, error.message, error.hint) from error
