"""The language as data agrees with the language and with its docs."""

import doctest
import json
from pathlib import Path
from typing import Any

import pytest

from engine import expressions
from engine.expressions import REFERENCE, limits
from engine.expressions.functions import FUNCTIONS, METHODS
from engine.expressions.parser import LOOPS
from engine.expressions.words import OPERATORS

DOCS = Path(__file__).parents[3] / "docs" / "expressions.md"

STATE: dict[str, Any] = {
    "items": [1],
    "issues": [{"severity": "error", "fixable": True}],
    "scores": [7, 8],
    "votes": ["yes", "no"],
    "results": [{"score": 3}],
    "review": {"ok": True, "verdict": "ship"},
}


def test_the_example_of_the_package_runs() -> None:
    assert doctest.testmod(expressions) == doctest.TestResults(failed=0, attempted=4)


def test_it_is_json() -> None:
    assert json.loads(json.dumps(REFERENCE)) == REFERENCE


def test_it_names_every_function() -> None:
    named = [(entry["kind"], entry["name"]) for entry in REFERENCE["functions"]]

    expected = [("function", name) for name in ("has", *FUNCTIONS)]
    expected += [("method", name) for name in METHODS]
    assert named == expected + [("loop", name) for name in LOOPS]


@pytest.mark.parametrize("entry", REFERENCE["functions"], ids=lambda entry: entry["signature"])
def test_every_example_is_true_or_gives_a_value(entry: dict[str, str]) -> None:
    found = expressions.check(entry["example"], STATE)

    assert found["ok"], found
    assert found["value"] is not False


def test_every_limit_of_the_language_is_told() -> None:
    told = set(REFERENCE["limits"].values())

    assert told == {
        limits.MAX_SOURCE,
        limits.MAX_NODES,
        limits.MAX_DEPTH,
        limits.MAX_GAS,
        limits.MAX_STRING,
        limits.MAX_LIST,
    }


def test_operators_bind_as_they_say() -> None:
    names = [entry["name"] for entry in REFERENCE["operators"]]

    assert {"?:", "||", "&&", "in", ".?", "[?]"} <= set(names)
    assert {"==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "!"} <= set(OPERATORS)


def test_the_docs_describe_every_function_name_and_limit() -> None:
    text = DOCS.read_text(encoding="utf-8")

    for entry in REFERENCE["functions"]:
        assert f"`{entry['signature'].split(' -> ')[0]}" in text, entry["name"]
    for entry in REFERENCE["names"]:
        assert f"`{entry['name']}`" in text, entry["name"]
    for number in REFERENCE["limits"].values():
        assert f"{number:,}" in text, number


def test_every_expression_of_the_docs_is_understood() -> None:
    text = DOCS.read_text(encoding="utf-8")
    blocks = text.split("```cel\n")[1:]

    lines = [line for block in blocks for line in block.split("```")[0].splitlines() if line]

    assert len(lines) >= 10
    for line in lines:
        expressions.compile(line.split("   ")[0].strip())
