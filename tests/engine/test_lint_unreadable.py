"""A document that cannot be read in one place: what is wrong elsewhere is told all the same."""

from typing import Any

import pytest

from engine import ToolRegistry
from engine.linting.lint import validate
from tests.engine.helpers import registry_of


def known() -> None:
    """A tool without parameters."""


REGISTRY = registry_of({"known": known})


def found(document: Any, registry: ToolRegistry = REGISTRY) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in validate(document, registry)]


def document(nodes: dict[str, Any], edges: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    entry = [next(iter(nodes))]
    return {
        "format": "treadle/1",
        "key": "k",
        "entry": entry,
        "nodes": nodes,
        "edges": edges,
    } | more


def edge(at: int, source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"id": f"e{at}", "from": source, "to": target, **more}


def test_a_half_typed_condition_hides_nothing_else() -> None:
    nodes = {
        "a": {"type": "tool", "tool": "nowhere"},
        "b": {"type": "noop"},
        "c": {"type": "tool", "tool": "known", "inputs": {"x": "1"}},
    }
    edges = [edge(1, "a", "b", when="n <"), edge(2, "b", "b")]

    assert found(document(nodes, edges)) == [
        ("bad_expression", "/edges/0/when"),
        ("unknown_tool", "/nodes/a/tool"),
        ("unknown_input", "/nodes/c/inputs/x"),
        ("unreachable_node", "/nodes/c"),
        ("endless_cycle", "/nodes/b"),
    ]


def test_of_a_node_that_cannot_be_read_nothing_more_is_said() -> None:
    """What it writes is not known, so nobody says that a later input is missing."""
    nodes = {
        "a": {"type": "tool", "tool": "nowhere", "outputs": {"x": "1 +"}},
        "b": {"type": "tool", "tool": "elsewhere"},
        "c": {"type": "noop"},
    }

    assert found(document(nodes, [edge(1, "a", "b")])) == [
        ("bad_expression", "/nodes/a/outputs/x"),
        ("unknown_tool", "/nodes/b/tool"),
        ("unreachable_node", "/nodes/c"),
    ]


def test_a_condition_that_cannot_be_read_counts_as_one() -> None:
    """It is a way out, so the cycle ends; and the key that only it reads is read."""
    nodes = {"a": {"type": "set", "set": {"n": "1"}}, "b": {"type": "noop"}}
    edges = [edge(1, "a", "a", when="n <"), edge(2, "a", "b", **{"else": True})]

    assert found(document(nodes, edges)) == [("bad_expression", "/edges/0/when")]


@pytest.mark.parametrize(
    "broken",
    [
        document({"a": {"type": "noop"}}, [edge(1, "a", "gone")]),
        document({"a": {"type": "tool", "tool": "nowhere"}}, [], limits={"max_steps": "many"}),
        {"format": "treadle/1", "nodes": [], "edges": {}},
        {"nodes": [{"name": "a", "tool": "nowhere"}], "edges": [], "start_node": 7},
        [],
        None,
    ],
)
def test_where_the_shape_is_not_known_only_that_is_said(broken: Any) -> None:
    codes = {problem.code for problem in validate(broken, REGISTRY)}

    assert codes
    assert not codes & {"unknown_tool", "unreachable_node", "endless_cycle"}
