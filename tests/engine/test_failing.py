"""What the engine says of failures is found again in what journals keep of it."""

from typing import Any

import pytest

from engine import failing, run
from engine.errors import Code, RunError, StateConflict
from engine.failing import Names, reread
from engine.said import Quoted, Step
from tests.engine.helpers import graph_of, registry_of, state_tools

TITLES = {"a": "First", "it's": "A 'quoted' one", "b": "Second"}
NAMES = Names(lambda node: TITLES.get(node, ""), {"a-b": "First → Second"}.get)
SAMPLES: dict[str, Any] = {
    "node": "it's", "edge": "a-b", "key": "total", "name": "who", "tool": "mail.send", "by": "ann",
    "workflow": "papers", "signal": Quoted("'cut off he"), "source": "list(x)",
    "alternative": "late", "value": "None", "when": "n < 3", "way": "late",
    "why": "nobody knows; ask: somebody\nn < 3\n  ^", "keys": "'one', 'two'", "run": "0193-ab",
    "index": 3, "n": 1_234_567, "most": 1_000,
    "seconds": 0.5, "all": 4, "edges": "a-b, b-c", "writers": "a says 1, b says 2", "version": "7",
}  # fmt: skip
SENTENCES = [
    (name, code, each)
    for code, known in failing._BY_CODE.items()
    for each in known
    for name in [next(name for name, value in vars(failing).items() if value is each)]
]


def gaps(sentence: failing.Failure) -> dict[str, Any]:
    wanted = sentence._pattern.groupindex
    return {name: value for name, value in SAMPLES.items() if name in wanted}


@pytest.mark.parametrize(("name", "code", "sentence"), SENTENCES)
def test_each_sentence_is_found_again(name: str, code: str, sentence: failing.Failure) -> None:
    message = sentence(**gaps(sentence))

    said = reread({"code": code, "message": message}, NAMES)

    assert said is not None
    assert said == message
    assert said.template == sentence.sentence
    assert said.template.format(**said.values) == message
    for gap, wanted in (("node", "A 'quoted' one"), ("edge", "First → Second")):
        if gap in said.values:
            assert isinstance(said.values[gap], Step)
            assert said.values[gap].name == wanted


def error_of(graph: Any, tools: Any) -> dict[str, Any]:
    result = run(graph, {}, registry=tools)
    assert result.error is not None
    return result.error.as_dict()


ONE = {"one": lambda state: {"n": state.get("n", 0) + 1}}
FAILING = {
    Code.NO_ROUTE: graph_of({"a": "one", "b": "one"}, [("a", "b", {"when": "false"})]),
    Code.CONDITION: graph_of({"a": "one", "b": "one"}, [("a", "b", {"when": "n"})]),
    Code.LOOP_EXHAUSTED: graph_of({"a": "one"}, [("a", "a", {"max": 2})]),
    Code.EXPRESSION: graph_of({"a": {"type": "tool", "tool": "one", "inputs": {"x": "y.z"}}}, []),
    Code.INPUT: graph_of({"a": {"type": "map", "over": "1", "body": {"tool": "one"}}}, []),
    Code.STEP_BUDGET: graph_of(
        {"a": "one"}, [("a", "a", {"when": "true"})], limits={"max_steps": 3}
    ),
}


@pytest.mark.parametrize("code", FAILING)
def test_what_runs_fail_with_is_found_again(code: Code) -> None:
    error = error_of(FAILING[code], state_tools(ONE))

    said = reread(error, NAMES)

    assert error["code"] == code
    assert said == error["message"]


def test_branches_that_disagree_are_called_by_their_titles() -> None:
    error = StateConflict("total", [("a", "1"), ("b", "nothing")]).as_dict()

    said = reread(error, NAMES)

    assert said is not None
    assert said == error["message"]
    writers = said.values["writers"].values
    assert [part.values["node"].name for part in writers.values()] == ["First", "Second"]


def test_the_ways_that_a_join_lacks_are_called_by_their_steps() -> None:
    message = failing.STARVED(node="b", edges="a-b")
    error = RunError(Code.JOIN_STARVED, message, node="b", details={"missing": ["a-b"]}).as_dict()

    said = reread(error, NAMES)

    assert said is not None
    assert said.values["edges"].name == "First → Second"


def test_an_item_and_a_child_wrap_what_failed_in_them() -> None:
    origin = {"code": Code.NO_ROUTE, "message": failing.NO_ROUTE(node="a"), "node": "a"}
    message = failing.CHILD(workflow="papers", run="01ab", why=origin["message"])
    error = {
        "code": Code.NO_ROUTE,
        "message": failing.ITEM(index=2, node="b", why=message),
        "node": "b",
        "details": {"item": 2, "attempts": 1, "run": "01ab", "origin": origin},
    }

    said = reread(error, NAMES)

    assert said == error["message"]
    assert said is not None
    assert said.values["node"].name == "Second"
    inner = said.values["why"]
    assert inner.template == failing.CHILD.sentence
    # The steps of another graph: nobody knows their titles here.
    assert inner.values["why"].values["node"].name == ""


@pytest.mark.parametrize(
    "error",
    [
        {"code": "E_TOOL", "message": "KeyError: 'a'"},
        {"code": "E_TOOL", "message": failing.TIMEOUT(node="a", seconds=1.0)},
        {
            "code": "E_TOOL",
            "message": "ValueError: item 1 of 'a' failed: x",
            "details": {"item": 1},
        },
        {"code": "E_NO_ROUTE", "message": "x" * (failing.MOST + 1)},
        {"code": "E_NO_ROUTE"},
        {"code": None, "message": None},
    ],
)
def test_what_is_no_sentence_of_the_engine_is_none(error: dict[str, Any]) -> None:
    assert reread(error, NAMES) is None


def test_a_failure_of_a_tool_within_an_item_keeps_the_words_of_the_tool() -> None:
    def fails(item: int) -> None:
        raise ValueError("item 0 of 'a' failed: x")

    graph = graph_of({"a": {"type": "map", "over": "[1]", "as": "item", "body": {"tool": "f"}}}, [])
    error = error_of(graph, registry_of({"f": fails}))

    said = reread(error, NAMES)

    assert said is not None
    assert said == error["message"]
    assert said.values["why"] == "ValueError: item 0 of 'a' failed: x"
