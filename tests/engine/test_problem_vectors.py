"""The vector file: documents of which the editor says at once what the engine says of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import validate
from tests.engine.helpers import registry_of

FILE = Path(__file__).resolve().parents[1] / "vectors" / "problems.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_engine_finds_what_the_file_says(case: dict[str, Any]) -> None:
    found = validate(case["document"], registry_of({"t": lambda: None}))

    told = [
        {"code": one.code, "pointer": one.pointer, "severity": one.severity.value} for one in found
    ]
    assert told == case["problems"]
