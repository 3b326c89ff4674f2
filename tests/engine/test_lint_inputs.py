"""Plain values are held against what a tool says that it takes, each part at its place."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from engine import validate
from tests.engine.helpers import registry_of


@dataclass
class Target:
    host: str
    tags: list[str] = field(default_factory=list)


def send(
    text: str,
    level: Literal["low", "high"] = "low",
    tries: Annotated[int, Field(ge=1, le=5)] = 3,
    targets: list[Target] | None = None,
    anything: Any = None,
) -> None: ...


def problems(inputs: dict[str, str], body: bool = False) -> list[Any]:
    call = {"tool": "send", "inputs": inputs}
    node = {"type": "map", "over": "[1]", "body": call} if body else {"type": "tool", **call}
    document = {"format": "treadle/1", "key": "k", "entry": ["a"], "nodes": {"a": node}}
    found = validate({**document, "edges": []}, registry_of({"send": send}))
    return [problem for problem in found if problem.code == "bad_input"]


@pytest.mark.parametrize(
    "inputs",
    [
        {"text": "'a'", "level": "'high'", "tries": "5", "targets": "null"},
        {"text": "'a' + 'b'", "targets": "[{'host': 'h', 'tags': []}]"},
        {"text": "state.text", "level": "state.level", "tries": "size(items)"},
        {"text": "'a'", "anything": "{'x': [1, null]}", "tries": "1 / 0"},
    ],
)
def test_values_that_fit_and_values_that_nobody_knows_are_let_be(inputs: dict[str, str]) -> None:
    assert problems(inputs) == []


@pytest.mark.parametrize(
    ("inputs", "places"),
    [
        ({"text": "5"}, ["/text"]),
        ({"text": "'a'", "level": "'middle'"}, ["/level"]),
        ({"text": "'a'", "tries": "9"}, ["/tries"]),
        ({"text": "'a'", "tries": "true"}, ["/tries"]),
        ({"text": "null", "tries": "0"}, ["/text", "/tries"]),
    ],
)
def test_values_that_do_not_fit_are_told_at_their_place(
    inputs: dict[str, str], places: list[str]
) -> None:
    found = problems(inputs)

    assert [problem.pointer for problem in found] == [f"/nodes/a/inputs{at}" for at in places]
    assert {problem.severity for problem in found} == {"warning"}


def test_the_body_of_a_map_is_looked_at_too() -> None:
    (found,) = problems({"text": "5"}, body=True)

    assert found.pointer == "/nodes/a/body/inputs/text"
    assert "'text'" in found.message
