"""The Mini Agent Workflow Engine's format and its rules."""

import pytest

from engine import Graph, GraphError, ToolRegistry, run, validate

TOOLS = ("extract", "complexity", "issues", "suggest", "evaluate")
DEMO = {
    "nodes": [{"name": name, "tool": name} for name in TOOLS],
    "edges": [
        {"from_node": "extract", "to_node": "complexity"},
        {"from_node": "complexity", "to_node": "issues"},
        {"from_node": "issues", "to_node": "suggest"},
        {"from_node": "suggest", "to_node": "evaluate"},
        {
            "from_node": "evaluate",
            "to_node": "issues",
            "condition_key": "passed",
            "operator": "eq",
            "value": False,
        },
    ],
    "start_node": "extract",
}


def demo_registry():
    """Tools as the demo writes them: they mutate the state they get and return it."""
    registry = ToolRegistry()

    def extract(state):
        state["functions"] = [line for line in state["code"].split("\n") if "def " in line]
        return state

    def complexity(state):
        state["complexity"] = len(state["functions"])
        return state

    def issues(state):
        state["issues"] = [word for word in ("print", "TODO") if word in state["code"]]
        return state

    async def suggest(state):
        state["suggestions"] = []
        for issue in state["issues"]:
            state["suggestions"].append(f"remove {issue}")
        return state

    def evaluate(state):
        state["quality_score"] = 10 - len(state["issues"]) - 1
        state["passed"] = state["quality_score"] >= state["quality_threshold"]
        return state

    for function in (extract, complexity, issues, suggest, evaluate):
        registry.register(function.__name__, function)
    return registry


def review(threshold):
    state = {
        "code": "def foo():\n    print('hi')\n    # TODO improve",
        "quality_threshold": threshold,
    }
    return run(Graph.from_dict(DEMO), state, registry=demo_registry())


def test_the_readme_run_passes_at_threshold_7():
    result = review(7)

    assert (result.status, result.state["quality_score"]) == ("completed", 7)
    assert result.state["suggestions"] == ["remove print", "remove TODO"]


def test_the_readme_run_that_looped_for_ever_ends_with_the_reason_at_threshold_8():
    result = review(8)

    assert (result.status, result.error.code) == ("paused", "E_NO_PROGRESS")
    assert "without changing the state" in result.error.message
    assert result.error.edge == "e5"
    assert len(result.events) < 60


def one_step(condition, state):
    document = {
        "nodes": [{"name": "a", "tool": "nothing"}, {"name": "b", "tool": "mark"}],
        "edges": [{"from_node": "a", "to_node": "b", **condition}],
        "start_node": "a",
    }
    registry = ToolRegistry()
    registry.register("nothing", lambda: None)
    registry.register("mark", _mark)
    return run(Graph.from_dict(document), state, registry=registry)


def _mark():
    return {"marked": True}


@pytest.mark.parametrize(
    ("operator", "value", "held", "taken"),
    [
        ("eq", 1, 1, True), ("eq", 1, 2, False), (None, "x", "x", True),
        ("ne", 1, 2, True), ("ne", 1, 1, False),
        ("lt", 5, 4, True), ("lt", 5, 5, False), ("lte", 5, 5, True),
        ("gt", 5, 6, True), ("gt", 5, 5, False), ("gte", 5, 5, True),
        ("eq", None, None, True), ("eq", True, True, True),
        ("eq", [1, {"a": 2}], [1, {"a": 2}], True),
        ("eq", "it's \"x\"\n\u00e9\U0001f600", "it's \"x\"\n\u00e9\U0001f600", True),
        ("lt", 5.5, 5, True), ("eq", 1, "1", False), ("ne", 1, "1", True),
    ],
)  # fmt: skip
def test_operators(operator, value, held, taken):
    condition = {"condition_key": "k", "value": value}
    if operator is not None:
        condition["operator"] = operator
    result = one_step(condition, {"k": held})

    assert result.status == "completed"
    assert result.state.get("marked", False) is taken


@pytest.mark.parametrize("key", ["odd key", "in", "true", "it's", 'q"q', "é", "state"])
def test_odd_keys(key):
    result = one_step({"condition_key": key, "value": 3}, {key: 3})

    assert result.state["marked"] is True


def test_a_missing_key_compares_as_null():
    assert one_step({"condition_key": "k", "value": None}, {}).state["marked"] is True
    assert "marked" not in one_step({"condition_key": "k", "value": 1}, {}).state


def test_incomparable_values_fail_the_run_and_name_the_edge():
    result = one_step({"condition_key": "k", "operator": "lt", "value": 5}, {"k": "text"})

    assert (result.status, result.error.code, result.error.edge) == ("failed", "E_CONDITION", "e1")


def test_the_first_edge_in_order_that_matches_is_taken():
    document = {
        "nodes": [{"name": n, "tool": n} for n in "abc"],
        "edges": [
            {"from_node": "a", "to_node": "b", "condition_key": "x", "operator": "gt", "value": 1},
            {"from_node": "a", "to_node": "c"},
            {"from_node": "a", "to_node": "b"},
        ],
        "start_node": "a",
    }
    registry = ToolRegistry()
    for name in "abc":
        registry.register(name, _mark)

    assert run(Graph.from_dict(document), {"x": 2}, registry=registry).activations == {
        "a": 1,
        "b": 1,
    }
    assert run(Graph.from_dict(document), {"x": 1}, registry=registry).activations == {
        "a": 1,
        "c": 1,
    }


LIKE = {"from_node": "extract", "to_node": "issues", "condition_key": "x", "operator": "like"}


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"start_node": "zz"}, "unknown_node", "/start_node"),
        ({"start_node": 5}, "wrong_type", "/start_node"),
        ({"nodes": []}, "wrong_type", "/nodes"),
        ({"nodes": [{"name": "extract"}]}, "missing_key", "/nodes/0"),
        ({"nodes": DEMO["nodes"] + DEMO["nodes"][:1]}, "double_node", "/nodes/5/name"),
        ({"edges": {}}, "wrong_type", "/edges"),
        ({"edges": [{**LIKE, "to_node": "zz"}]}, "unknown_node", "/edges/0/to_node"),
        ({"edges": [LIKE]}, "wrong_type", "/edges/0/operator"),
        ({"surprise": 1}, "unknown_key", "/surprise"),
    ],
)
def test_problems_point_into_the_document_as_it_was_given(change, code, pointer):
    with pytest.raises(GraphError) as caught:
        Graph.from_dict({**DEMO, **change})

    assert (code, pointer) in {(p.code, p.pointer) for p in caught.value.problems}


def test_start_node_must_be_one_of_the_nodes():
    with pytest.raises(GraphError) as caught:
        Graph.from_dict({**DEMO, "start_node": "zz"})

    assert [p.message for p in caught.value.problems] == ["start_node must be one of the nodes"]


def test_every_edge_into_nowhere_is_told():
    lost = {"from_node": "extract", "to_node": "zz"}
    with pytest.raises(GraphError) as caught:
        Graph.from_dict({**DEMO, "edges": [lost, {**lost, "from_node": "yy"}]})

    assert [p.pointer for p in caught.value.problems] == [
        "/edges/0/to_node",
        "/edges/1/from_node",
        "/edges/1/to_node",
    ]


def test_an_edge_to_a_node_that_is_there_but_broken_is_no_problem_of_its_own():
    with pytest.raises(GraphError) as caught:
        Graph.from_dict(
            {
                "nodes": [{"name": "a", "tool": "x"}, {"name": "b"}],
                "edges": [{"from_node": "a", "to_node": "b"}],
                "start_node": "a",
            }
        )

    assert [p.pointer for p in caught.value.problems] == ["/nodes/1"]


def test_a_document_without_its_start_node_is_still_the_demos():
    document = {key: value for key, value in DEMO.items() if key != "start_node"}
    with pytest.raises(GraphError) as caught:
        Graph.from_dict(document)

    assert [(p.code, p.message) for p in caught.value.problems] == [
        ("missing_key", "'start_node' is missing")
    ]


@pytest.mark.parametrize("text", ["\u202e", "a\u200bb", "\ufeff", "\u2028", "\x7f", "\U000e0001"])
def test_values_may_hold_characters_that_nobody_sees(text):
    condition = {"condition_key": "k", "value": text}

    assert one_step(condition, {"k": text}).state["marked"] is True
    assert "marked" not in one_step(condition, {"k": "x"}).state


def test_the_translation_is_a_document_that_reads_the_same():
    graph = Graph.from_dict(DEMO)

    assert Graph.from_dict(graph.to_dict()).hash == graph.hash
    assert not [p for p in validate(DEMO, demo_registry()) if p.severity == "error"]
