"""Write tests/vectors/expressions.json: cases on which CEL and our evaluator agree.

    python -m tests.vectors.generate

Every case is verified against cel-expr-python while it is generated: a case has a `value` when
both yield it, and an `error` (with our position) when both fail. Where CEL fails and we accept
more, no case is written. A case with a value on which they differ ends the generation.

JSON knows one kind of number, so doubles are written {"$double": "2.5"} and ints beyond 2**53
{"$int": "9223372036854775807"}; every other number is an int.
"""

import json
from pathlib import Path
from random import Random
from typing import Any, Final

from engine import expressions
from engine.expressions import ExpressionError

from .cel import Outcome, Reference, same
from .grammar import DECLARED, NAMES, Grammar

FILE: Final = Path(__file__).with_name("expressions.json")
CURATED: Final = Path(__file__).with_name("curated.txt")
"""One idea a line, edges first; names are those of `grammar.NAMES`."""

COUNT: Final = 3_600
SEED: Final = 20_261
MAX_ERRORS: Final = COUNT // 4
MAX_LENGTH: Final = 160
_SAFE: Final = 2**53


def encode(value: Any) -> Any:
    """A value as the vector file holds it."""
    if isinstance(value, float):
        return {"$double": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _SAFE:
        return {"$int": str(value)}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    return value


def decode(value: Any) -> Any:
    """The value a vector file holds."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        if "$double" in value:
            return float(value["$double"])
        return int(value["$int"]) if "$int" in value else {k: decode(v) for k, v in value.items()}
    return value


def ours(source: str, names: dict[str, Any]) -> Outcome:
    """What our evaluator gives; the value of a failure is the error itself."""
    try:
        return Outcome(True, expressions.compile(source).evaluate(names))
    except ExpressionError as error:
        return Outcome(False, error)


def names_read(source: str) -> dict[str, Any]:
    """Only the names a source reads, so that the file stays small."""
    try:
        expression = expressions.compile(source)
    except ExpressionError:
        return {}
    names = {name: NAMES[name] for name in sorted(expression.names) if name in NAMES}
    if "state" in expression.names:
        names["state"] = {key: NAMES[key] for key in sorted(expression.state_keys) if key in NAMES}
    return names


def case(source: str, reference: Reference) -> dict[str, Any] | None:
    """The verified case of a source; None when it says nothing."""
    names = names_read(source)
    expected, found = reference.evaluate(source, names), ours(source, names)
    written = {"source": source, "names": encode(names)}
    if expected.ok:
        if not found.ok or not same(expected.value, found.value):
            raise AssertionError(f"{source}\n CEL: {expected.value!r}\nours: {found.value!r}")
        return {**written, "value": encode(found.value)} if _is_json(found.value) else None
    return None if found.ok else {**written, "error": {"position": found.value.position}}


def _is_json(value: Any) -> bool:
    """Whether every map in the value has string keys."""
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    return True


def by_hand() -> list[str]:
    """The curated expressions."""
    return CURATED.read_text(encoding="utf-8").splitlines()


def cases() -> list[dict[str, Any]]:
    """All cases: by hand first, then random ones until there are enough."""
    reference = Reference(DECLARED)
    grammar = Grammar(Random(SEED), noise=0.05)
    found = {source: case(source, reference) for source in by_hand()}
    made = [one for one in found.values() if one is not None]
    errors = 0
    while len(made) < COUNT:
        source = grammar.expression()
        if source in found or len(source) > MAX_LENGTH:
            continue
        found[source] = one = case(source, reference)
        if one is None or ("error" in one and errors >= MAX_ERRORS):
            continue
        errors += "error" in one
        made.append(one)
    return made


def text() -> str:
    """The whole file: one case a line."""
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, allow_nan=False) for one in cases())
    return f"[\n{lines}\n]\n"


def main() -> None:
    """Write the file."""
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
