"""JSON Schema of a graph's state: is it one, and does a start fit it.

References are never fetched, and patterns are matched by an engine without backtracking.
"""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from engine.errors import ValueRefused
from engine.jsonvalue import Json

MAX_SHOWN = 5
"""Violations that one message names."""


def schema_problem(schema: Mapping[str, Any]) -> str | None:
    """Why this is not a usable JSON Schema, or None."""
    try:
        _validator(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error).split("\n", 1)[0][:300]
    return None


def check_state(schema: Mapping[str, Any], state: Json) -> None:
    """Raises ValueRefused when the state does not fit the schema, saying where and why."""
    found = []
    for error in _validator(schema).iter_errors(state):
        path = ".".join(str(part) for part in error.instance_path)
        found.append((path, error.message))
        if len(found) == MAX_SHOWN:
            break
    if found:
        said = "; ".join(f"{path}: {message}" if path else message for path, message in found)
        raise ValueRefused("state", said[:2_000])


def refusals(schema: Mapping[str, Any], value: Json) -> list[tuple[str, str]]:
    """Where (a JSON pointer) and why a value does not fit the schema; empty if it does."""
    found = []
    for error in _validator(schema).iter_errors(value):
        parts = (str(p).replace("~", "~0").replace("/", "~1") for p in error.instance_path)
        found.append(("".join(f"/{part}" for part in parts), str(error.message)[:500]))
        if len(found) == MAX_SHOWN:
            break
    return found


def _validator(schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        dict(schema), offline=True, pattern_options=jsonschema_rs.RegexOptions()
    )
