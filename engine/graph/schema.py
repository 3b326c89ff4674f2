"""JSON Schema of a graph's state: is it one, and does a start fit it.

References are never fetched, and patterns are matched by an engine without backtracking.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jsonschema_rs

from engine.errors import ValueRefused
from engine.graph.schema_words import sentence
from engine.said import Said
from engine.values.jsonvalue import Json

MAX_SHOWN = 5
"""Violations that one message names."""


def schema_problem(schema: Mapping[str, Any]) -> Said | None:
    """Why this is not a usable JSON Schema, or None."""
    try:
        _validator(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return sentence(error, 300)
    return None


def check_state(schema: Mapping[str, Any], state: Json) -> None:
    """Raises ValueRefused when the state does not fit the schema, saying where and why."""
    said, found = [], []
    for error in _validator(schema).iter_errors(state):
        path = ".".join(str(part) for part in error.instance_path)
        said.append(f"{path}: {error.message}" if path else error.message)
        found.append((f"/state{_pointer(error)}", sentence(error)))
        if len(found) == MAX_SHOWN:
            break
    if found:
        raise ValueRefused("state", "; ".join(said)[:2_000], found)


def refusals(schema: Mapping[str, Any], value: Json) -> list[tuple[str, Said]]:
    """Where (a JSON pointer) and why a value does not fit the schema; empty if it does."""
    return refuser(schema)(value)


def refuser(schema: Mapping[str, Any]) -> Callable[[Json], list[tuple[str, Said]]]:
    """`refusals` of a schema that many values are held against."""
    return partial(_refusals, _validator(schema))


def _refusals(validator: jsonschema_rs.Validator, value: Json) -> list[tuple[str, Said]]:
    found = []
    for error in validator.iter_errors(value):
        found.append((_pointer(error), sentence(error)))
        if len(found) == MAX_SHOWN:
            break
    return found


def _pointer(error: jsonschema_rs.ValidationError) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in error.instance_path)
    return "".join(f"/{part}" for part in parts)


def _validator(schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        dict(schema), offline=True, pattern_options=jsonschema_rs.RegexOptions()
    )
