"""Which way a token goes: conditions, else, bounds, and honest ends."""

import pytest

from engine.expressions.words import FREE_NAMES
from tests.engine.helpers import graph_of, run_tools

END = {"type": "end"}


def taken(edges, state=None, tools=None, **node):
    """Where the node `a` leads, and the result."""
    nodes = {"a": {"type": "tool", "tool": "a", **node}, **dict.fromkeys("bcd", END)}
    result = run_tools(graph_of(nodes, edges), tools or {"a": lambda s: None}, state or {})
    return [name for name in "bcd" if result.activations.get(name)], result


def reports(result, node="a"):
    """The reports of the edges that a node looked at last."""
    return [e for e in result.events if e["node"] == node and "edges" in e["data"]][-1]["data"][
        "edges"
    ]


def test_every_edge_that_matches_is_taken():
    edges = [("a", "b"), ("a", "c", {"when": "x > 1"}), ("a", "d", {"when": "x > 2"})]

    assert taken(edges, {"x": 2})[0] == ["b", "c"]


def test_route_first_takes_the_first_in_document_order():
    edges = [("a", "b", {"when": "x > 2"}), ("a", "c", {"when": "x > 1"}), ("a", "d")]

    assert taken(edges, {"x": 2}, route="first")[0] == ["c"]
    assert taken(edges, {"x": 0}, route="first")[0] == ["d"]


def test_else_is_taken_when_no_condition_matched():
    edges = [("a", "b", {"else": True}), ("a", "c", {"when": "x > 1"}), ("a", "d")]

    assert taken(edges, {"x": 2})[0] == ["c", "d"]
    assert taken(edges, {"x": 1})[0] == ["b", "d"]


def test_reports_say_why():
    _, result = taken([("a", "b", {"when": "x > y"}), ("a", "c", {"else": True})], {"x": 1, "y": 2})

    assert reports(result) == [
        {"edge": "a-b", "taken": False, "when": "x > y", "values": {"x": 1, "y": 2}},
        {"edge": "a-c", "taken": True, "reason": "else"},
    ]


def test_reports_cut_big_values_short():
    state = {"text": "x" * 1000, "list": [1, 2], "map": {"a": 1}}
    _, result = taken([("a", "b", {"when": "size(text) + size(list) + size(map) > 0"})], state)
    values = reports(result)[0]["values"]

    assert len(values["text"]) == 120
    assert (values["list"], values["map"]) == ("list of 2", "map of 1")


def test_no_match_fails_the_run_unless_the_node_may_end():
    edges = [("a", "b", {"when": "x > 1"})]
    nowhere, result = taken(edges, {"x": 0})
    assert (nowhere, result.status, result.error.code, result.error.node) == (
        [], "failed", "E_NO_ROUTE", "a",
    )  # fmt: skip
    assert taken(edges, {"x": 0}, on_no_route="end")[1].status == "completed"


def test_the_work_of_a_node_without_a_route_is_kept():
    _, result = taken([("a", "b", {"when": "x > 1"})], {}, {"a": lambda s: {"x": 1}})

    assert (result.error.code, result.state) == ("E_NO_ROUTE", {"x": 1})


def test_a_missing_key_fails_with_the_edge_the_source_and_a_caret():
    _, result = taken([("a", "b", {"when": "scoer > 1"})], {"score": 5})

    assert (result.error.code, result.error.node, result.error.edge) == ("E_CONDITION", "a", "a-b")
    assert "scoer > 1\n^" in result.error.message
    assert result.error.details["source"] == "scoer > 1"


def test_a_condition_must_be_true_or_false():
    _, result = taken([("a", "b", {"when": "x"})], {"x": 1})

    assert (result.error.code, result.error.edge) == ("E_CONDITION", "a-b")


def test_a_node_without_edges_ends_its_branch():
    assert taken([])[1].status == "completed"


def test_iteration_counts_visits():
    nodes = {"a": "a", "b": END}
    graph = graph_of(nodes, [("a", "a", {"when": "iteration < 4"}), ("a", "b", {"else": True})])
    result = run_tools(graph, {"a": lambda s: {"n": s.get("n", 0) + 1}})

    assert result.state == {"n": 4}


def test_iteration_counts_from_1_as_the_words_of_the_language_say():
    nodes = {"a": {"type": "set", "set": {"seen": "iteration"}}, "b": END}
    graph = graph_of(
        nodes, [("a", "a", {"when": "iteration < 3"}), ("a", "b", {"else": True})],
        state={"reducers": {"seen": "append"}},
    )  # fmt: skip

    assert run_tools(graph, {}).state == {"seen": [1, 2, 3]}
    assert FREE_NAMES["iteration"].endswith("from 1")


def test_what_expressions_see_of_an_error_is_what_the_words_say():
    nodes = {"a": "a", "b": {"type": "set", "set": {"seen": "error"}}}
    graph = graph_of(nodes, [("a", "b", {"on": "error"})])

    seen = run_tools(graph, {"a": lambda s: 1 / 0}).state["seen"]

    told = FREE_NAMES["error"]
    assert list(seen) == told[told.index("{") + 1 : told.index("}")].split(", ")


def test_set_and_end_nodes_write_from_expressions():
    nodes = {
        "a": {"type": "set", "set": {"x": "n + 1", "y": "'text'", "log": "['a']"}},
        "b": {"type": "end", "set": {"outcome": "'x is ' + string(x)"}},
    }
    graph = graph_of(nodes, [("a", "b")], state={"reducers": {"log": "append"}})

    assert run_tools(graph, {}, {"n": 1, "log": [0]}).state == {
        "n": 1, "log": [0, "a"], "x": 2, "y": "text", "outcome": "x is 2",
    }  # fmt: skip


def test_a_set_node_that_cannot_be_evaluated_fails():
    result = run_tools(graph_of({"a": {"type": "set", "set": {"x": "missing"}}}, []), {})

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_EXPRESSION", "a")


# Bounds -----------------------------------------------------------------------------------------


def bump(state):
    return {"n": state.get("n", 0) + 1}


def looped(again, *more, **graph):
    nodes = {"a": "a", "b": {"type": "end", "set": {"gave_up": "true"}}, "c": END}
    edges = [("a", "a", again), ("a", "c", {"else": True}), *more]
    return run_tools(graph_of(nodes, edges, **graph), {"a": bump})


def test_max_counts_uses_and_then_the_exhausted_edge_is_taken():
    result = looped({"when": "true", "max": 3}, ("a", "b", {"on": "exhausted"}))

    assert result.state == {"n": 4, "gave_up": True}
    assert reports(result)[0]["reason"] == "exhausted"


def test_without_an_exhausted_edge_the_run_fails():
    result = looped({"when": "true", "max": 3})

    assert (result.status, result.error.code, result.error.edge) == (
        "failed",
        "E_LOOP_EXHAUSTED",
        "a-a",
    )
    assert result.state == {"n": 4}


def test_a_back_edge_that_says_nothing_has_a_bound_of_100():
    result = looped({"when": "true"})

    assert (result.error.code, result.state) == ("E_LOOP_EXHAUSTED", {"n": 101})


def nested_loops(inner_max, outer_rounds, **extra):
    """An inner loop on `i`, inside an outer loop on `o`."""
    nodes = {"o": "o", "i": "i", "t": "t", "end": END}
    edges = [
        ("o", "i"),
        ("i", "i", {"when": "true", "max": inner_max}),
        ("i", "t", {"on": "exhausted"}),
        ("t", "o", {"when": f"size(log) < {outer_rounds}", **extra}),
        ("t", "end", {"else": True}),
    ]
    graph = graph_of(nodes, edges, "o", state={"reducers": {"log": "append", "n": "sum"}})
    tools = {"o": lambda s: {"log": "o"}, "i": lambda s: {"n": 1}, "t": lambda s: {"t": s["n"]}}
    return run_tools(graph, tools)


def test_an_inner_loop_counts_anew_each_time_it_is_entered():
    result = nested_loops(2, 3)

    assert (result.status, result.state["n"]) == ("completed", 9)


def test_an_edge_can_reset_the_count_of_others():
    nodes = {"a": "a", "b": "b", "c": END}
    edges = [
        ("a", "a", {"when": "true", "max": 2}),
        ("a", "b", {"on": "exhausted"}),
        ("b", "a", {"when": "n < 7", "resets": ["a-a"]}),
        ("b", "c", {"else": True}),
    ]
    result = run_tools(graph_of(nodes, edges), {"a": bump, "b": lambda s: {"b": s["n"]}})

    assert (result.status, result.state) == ("completed", {"n": 9, "b": 9})


def test_an_edge_outside_any_loop_may_have_a_bound_too():
    nodes = {"h": "a", "x": {"type": "noop"}, "y": {"type": "noop"}, "end": END}
    edges = [
        ("h", "x", {"when": "n < 3", "max": 1}),
        ("h", "y", {"on": "exhausted"}),
        ("h", "end", {"else": True}),
        ("x", "h"),
        ("y", "h"),
    ]
    result = run_tools(graph_of(nodes, edges, "h"), {"a": bump})

    assert (result.activations["x"], result.activations["y"]) == (1, 1)
    assert result.state == {"n": 3}


# Standing still ---------------------------------------------------------------------------------


def spin(state):
    state["scratch"] = []
    state["scratch"].append(state["n"])


@pytest.mark.parametrize("rounds", [1, 3, 5])
def test_a_loop_that_changes_nothing_pauses_with_the_reason(rounds):
    nodes = {"a": "a", "c": END}
    edges = [("a", "a", {"when": "n < 1", "max": None}), ("a", "c", {"else": True})]
    graph = graph_of(nodes, edges, limits={"no_progress": rounds})
    result = run_tools(graph, {"a": spin}, {"n": 0})

    assert (result.status, result.error.code, result.error.edge) == (
        "paused",
        "E_NO_PROGRESS",
        "a-a",
    )
    assert f"{rounds} times" in result.error.message
    assert result.activations["a"] == rounds + 1
    assert result.state == {"n": 0, "scratch": [0]}


def test_a_loop_that_changes_nothing_takes_the_exhausted_edge_if_there_is_one():
    nodes = {"a": "a", "b": END, "c": END}
    edges = [
        ("a", "a", {"when": "n < 1"}),
        ("a", "c", {"else": True}),
        ("a", "b", {"on": "exhausted"}),
    ]
    result = run_tools(graph_of(nodes, edges), {"a": spin}, {"n": 0})

    assert (result.status, result.activations.get("b")) == ("completed", 1)
    assert reports(result)[0]["reason"] == "no progress"


def test_a_change_that_is_taken_back_in_the_same_round_is_no_progress():
    nodes = {"a": "there", "b": "back", "c": END}
    edges = [("a", "b"), ("b", "a", {"when": "n < 5", "max": None}), ("b", "c", {"else": True})]
    tools = {"there": lambda s: {"n": 1}, "back": lambda s: {"n": 0}}
    result = run_tools(graph_of(nodes, edges), tools, {"n": 0})

    assert (result.status, result.error.code) == ("paused", "E_NO_PROGRESS")


def test_any_change_of_a_round_is_progress():
    nodes = {"a": "a", "c": END}
    edges = [("a", "a", {"when": "n < 50"}), ("a", "c", {"else": True})]

    assert run_tools(graph_of(nodes, edges), {"a": bump}, {"n": 0}).state == {"n": 50}


def test_no_progress_can_be_switched_off():
    nodes = {"a": "a", "c": END}
    edges = [("a", "a", {"when": "n < 1", "max": None}), ("a", "c", {"else": True})]
    graph = graph_of(nodes, edges, limits={"no_progress": 0, "max_steps": 50})

    assert run_tools(graph, {"a": spin}, {"n": 0}).error.code == "E_STEP_BUDGET"


# Budgets ----------------------------------------------------------------------------------------


def endless(**limits):
    nodes = {"a": "a", "c": END}
    edges = [("a", "a", {"when": "true", "max": None}), ("a", "c", {"else": True})]
    return graph_of(nodes, edges, limits=limits)


def test_the_step_budget_pauses_at_exactly_that_many_steps():
    result = run_tools(endless(max_steps=25), {"a": bump})

    assert (result.status, result.error.code, result.state) == (
        "paused",
        "E_STEP_BUDGET",
        {"n": 25},
    )


def test_the_step_budget_may_fail_instead():
    result = run_tools(endless(max_steps=25, on_step_budget="fail"), {"a": bump})

    assert (result.status, result.error.code) == ("failed", "E_STEP_BUDGET")


def test_a_start_can_lower_the_limits_but_not_raise_them():
    assert run_tools(endless(max_steps=25), {"a": bump}, limits={"max_steps": 5}).state == {"n": 5}
    assert run_tools(endless(max_steps=25), {"a": bump}, limits={"max_steps": 500}).state == {
        "n": 25
    }
    with pytest.raises(ValueError, match=r"limits\.max_steps"):
        run_tools(endless(), {"a": bump}, limits={"max_steps": "many"})


def test_pinned_outputs_are_used_in_place_of_calling():
    calls = []
    nodes = {"a": {"type": "tool", "tool": "a", "outputs": {"x": "result.v"}}, "b": "b"}
    graph = graph_of(nodes, [("a", "b")])
    tools = {"a": lambda s: calls.append("a"), "b": lambda s: {"y": s["x"] + 1}}
    result = run_tools(graph, tools, pinned={"a": {"v": 5}})

    assert (result.state, calls) == ({"x": 5, "y": 6}, [])
    assert [e["data"].get("pinned") for e in result.events if e["node"] == "a"] == [True]
    with pytest.raises(ValueError, match="no node 'zz'"):
        run_tools(graph, tools, pinned={"zz": 1})


def test_the_first_attempt_of_a_node_without_a_tool_counts_on_its_error_edge():
    graph = graph_of(
        {"a": {"type": "set", "set": {"x": "missing"}}, "b": {"type": "noop"}},
        [("a", "b", {"on": "error", "when": "error.attempts == 1"})],
    )

    result = run_tools(graph, {})

    assert (result.status, result.error) == ("completed", None)
