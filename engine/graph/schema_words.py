"""What the validator of JSON Schema says, as sentences of ours: its own are English."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from engine.said import Said, quoted, say_as

LONGEST = 500
"""Characters of one sentence."""
_SHOWN = 100
"""Characters of one value in it."""


def sentence(error: Exception, longest: int = LONGEST) -> Said:
    """Why a value does not fit a schema, or a schema cannot be used."""
    english = str(getattr(error, "message", error)).split("\n", 1)[0][:longest]
    kind = getattr(error, "kind", None)
    if not isinstance(kind, jsonschema_rs.ValidationErrorKind):
        return say_as("it cannot be used", english)
    make = _KINDS.get(kind.name)
    if make is None:
        return say_as("it does not fit the rule {rule}", english, rule=quoted(kind.name))
    return make(english, kind.as_dict())


def _listed(values: Any) -> str:
    text = ", ".join(map(_shown, values))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_KINDS: Mapping[str, Callable[[str, Mapping[str, Any]], Said]] = {
    "additionalProperties": lambda english, rule: say_as(
        "nobody knows {names} here", english, names=_listed(rule["unexpected"])
    ),
    "const": lambda english, rule: say_as(
        "only {value} fits here", english, value=_shown(rule["expected_value"])
    ),
    "enum": lambda english, rule: say_as(
        "it should be one of {options}", english, options=_listed(rule["options"])
    ),
    "exclusiveMaximum": lambda english, rule: say_as(
        "it should be less than {limit}", english, limit=_shown(rule["limit"])
    ),
    "exclusiveMinimum": lambda english, rule: say_as(
        "it should be more than {limit}", english, limit=_shown(rule["limit"])
    ),
    "format": lambda english, rule: say_as(
        "it should have the format {format}", english, format=_shown(rule["format"])
    ),
    "maximum": lambda english, rule: say_as(
        "it should be at most {limit}", english, limit=_shown(rule["limit"])
    ),
    "maxItems": lambda english, rule: say_as(
        "the most items that it may have: {limit}", english, limit=_shown(rule["limit"])
    ),
    "maxLength": lambda english, rule: say_as(
        "the most characters that it may have: {limit}", english, limit=_shown(rule["limit"])
    ),
    "minimum": lambda english, rule: say_as(
        "it should be at least {limit}", english, limit=_shown(rule["limit"])
    ),
    "minItems": lambda english, rule: say_as(
        "the fewest items that it may have: {limit}", english, limit=_shown(rule["limit"])
    ),
    "minLength": lambda english, rule: say_as(
        "the fewest characters that it may have: {limit}", english, limit=_shown(rule["limit"])
    ),
    "multipleOf": lambda english, rule: say_as(
        "it should be a multiple of {number}", english, number=_shown(rule["multiple_of"])
    ),
    "pattern": lambda english, rule: say_as(
        "it should match the pattern {pattern}", english, pattern=quoted(rule["pattern"], _SHOWN)
    ),
    "required": lambda english, rule: say_as(
        "{key} is missing", english, key=quoted(str(rule["property"]), _SHOWN)
    ),
    "type": lambda english, rule: say_as(
        "it should be of the type {types}", english, types=_listed(rule["types"])
    ),
    "uniqueItems": lambda english, rule: say_as("an item is there twice", english),
}
