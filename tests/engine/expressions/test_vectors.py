"""The vector file: the cases the browser's evaluator is tested with too."""

import json
from typing import Any

import pytest

from engine import expressions
from engine.expressions import ExpressionError
from tests.vectors import generate
from tests.vectors.cel import same

CASES: list[dict[str, Any]] = json.loads(generate.FILE.read_text(encoding="utf-8"))


def test_there_are_at_least_3_000_cases_of_both_kinds() -> None:
    assert len(CASES) >= 3_000
    assert sum("value" in case for case in CASES) >= 2_000
    assert sum("error" in case for case in CASES) >= 500


def test_every_case_gives_its_value_or_fails_at_its_position() -> None:
    wrong = [case["source"] for case in CASES if not _holds(case)]

    assert not wrong


def _holds(case: dict[str, Any]) -> bool:
    try:
        value = expressions.compile(case["source"]).evaluate(generate.decode(case["names"]))
    except ExpressionError as error:
        return case.get("error") == {"position": error.position}
    return "value" in case and same(value, generate.decode(case["value"]))


@pytest.mark.timeout(120)
def test_the_file_is_what_the_generator_verifies_against_cel() -> None:
    fresh = generate.text()

    assert fresh == generate.FILE.read_text(encoding="utf-8"), (
        "run python -m tests.vectors.generate and look at the difference"
    )
