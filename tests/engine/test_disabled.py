"""A node that is switched off is passed by: what it would do is not done, its edges still count."""

import pytest

from engine import Graph, GraphError, lint
from tests.engine.helpers import graph_of, registry_of, run_tools


def add(name):
    return lambda state: {"log": [*state.get("log", []), name]}


TOOLS = {name: add(name) for name in "abc"}


def off(spec):
    return {**spec, "disabled": True}


def tool(name, **more):
    return {"type": "tool", "tool": name, **more}


def test_the_run_goes_on_behind_it():
    graph = graph_of({"a": "a", "b": off(tool("b")), "c": "c"}, [("a", "b"), ("b", "c")])

    result = run_tools(graph, TOOLS, {"log": []})

    assert result.state["log"] == ["a", "c"]
    assert result.activations == {"a": 1, "b": 1, "c": 1}


def test_its_conditions_and_its_join_still_hold():
    nodes = {"f": {"type": "noop"}, "a": "a", "b": "b", "j": off(tool("c")), "x": "a", "y": "b"}
    edges = [
        *(("f", "a"), ("f", "b"), ("a", "j"), ("b", "j")),
        ("j", "x", {"when": "size(log) == 2"}),
        ("j", "y", {"else": True}),
    ]
    state = {"defaults": {"log": []}, "reducers": {"log": "append"}}
    graph = graph_of(nodes, edges, "f", state=state)

    result = run_tools(graph, {name: lambda n=name: {"log": n} for name in "abc"})

    assert result.activations["j"] == 1
    assert "x" in result.activations
    assert "y" not in result.activations


@pytest.mark.parametrize(
    "spec",
    [
        {"type": "wait", "for": "1h"},
        {"type": "human", "form": {"type": "object"}},
        {"type": "map", "over": "log", "body": {"tool": "a"}},
        {"type": "set", "set": {"x": "1"}},
        {"type": "end", "set": {"x": "1"}, "terminate": True},
        {"type": "tool", "tool": "nobody knows it"},
    ],
    ids=lambda spec: spec["type"],
)
def test_every_kind_can_be_switched_off(spec):
    graph = graph_of({"a": "a", "b": off(spec), "c": "c"}, [("a", "b"), ("b", "c")])

    result = run_tools(graph, TOOLS, {"log": []})

    assert (result.status, result.state) == ("completed", {"log": ["a", "c"]})


def test_its_error_edge_is_never_taken():
    edges = [("a", "b"), ("b", "c", {"on": "error"})]
    graph = graph_of({"a": "a", "b": off(tool("b")), "c": "c"}, edges)

    assert run_tools(graph, TOOLS, {"log": []}).state["log"] == ["a"]


def test_its_tool_and_inputs_are_no_problem_while_it_is_off():
    document = graph_of({"a": off(tool("gone", inputs={"x": "nowhere"}))}, []).to_dict()

    assert not [p for p in lint(Graph.from_dict(document), registry_of({})) if p.node == "a"]


def test_switching_a_node_off_makes_another_graph():
    on, switched_off = graph_of({"a": "a"}, []), graph_of({"a": off(tool("a"))}, [])

    assert on.hash != switched_off.hash
    assert switched_off.to_dict()["nodes"]["a"] == off(tool("a"))


def test_it_is_true_or_false():
    with pytest.raises(GraphError) as refused:
        graph_of({"a": {"type": "noop", "disabled": "yes"}}, [])

    assert refused.value.problems[0].pointer == "/nodes/a/disabled"
