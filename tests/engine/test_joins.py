"""A join waits for everything that can still arrive in its round, and only for that."""

import pytest

from engine import Graph, fold, run
from engine.planning.joins import awaited
from tests.engine.helpers import graph_of, kinds, run_tools, state_tools

NOOP = {"type": "noop"}
SEEDS = range(8)


def fired(result, node):
    """The ways in that each firing of a join took."""
    return [
        e["data"]["edges"] for e in result.events if e["node"] == node and e["k"] == "join.fired"
    ]


def log_tools(*names):
    return {name: (lambda s, name=name: {"log": name}) for name in names}


def logged(nodes, edges, entry="f", state=None, **more):
    """A graph whose tools write their names into `log`, run in many orders: all alike."""
    graph = graph_of(nodes, edges, entry, state={"reducers": {"log": "append"}}, **more)
    tools = log_tools(*(n for n, spec in nodes.items() if isinstance(spec, str)))
    results = [run_tools(graph, tools, state or {}, schedule_seed=seed) for seed in (None, *SEEDS)]
    assert len({(r.status, str(r.state)) for r in results}) == 1
    return results[0]


def test_a_join_waits_for_a_branch_that_is_slower():
    nodes = {"f": NOOP, "a": "a", "b": "b", "b2": "b2", "j": "j"}
    result = logged(nodes, [("f", "a"), ("f", "b"), ("b", "b2"), ("b2", "j"), ("a", "j")])

    assert result.activations["j"] == 1
    assert fired(result, "j") == [["b2-j", "a-j"]]
    assert result.state["log"] == ["b", "b2", "a", "j"]


def test_a_join_does_not_wait_for_a_branch_that_was_not_taken():
    nodes = {"f": NOOP, "a": "a", "b": "b", "j": "j"}
    edges = [("f", "a"), ("f", "b", {"when": "deep"}), ("a", "j"), ("b", "j")]

    assert fired(logged(nodes, edges, state={"deep": False}), "j") == [["a-j"]]
    assert fired(logged(nodes, edges, state={"deep": True}), "j") == [["a-j", "b-j"]]


def test_a_join_does_not_wait_for_a_branch_that_ended_on_the_way():
    nodes = {"f": NOOP, "a": "a", "b": "b", "c": "c", "j": "j"}
    edges = [
        ("f", "a"),
        ("f", "b"),
        ("b", "j", {"when": "deep"}),
        ("b", "c", {"else": True}),
        ("a", "j"),
    ]

    assert fired(logged(nodes, edges, state={"deep": False}), "j") == [["a-j"]]


def test_a_chain_of_joins_fires_in_order():
    nodes = {"f": NOOP, "a": "a", "b": "b", "c": "c", "j": "j", "k": "k"}
    edges = [("f", "a"), ("f", "b"), ("f", "c"), ("a", "j"), ("b", "j"), ("j", "k"), ("c", "k")]

    assert logged(nodes, edges).state["log"] == ["a", "b", "j", "c", "k"]


def test_the_head_of_a_loop_takes_a_first_entry_or_a_next_round():
    nodes = {"h": "h", "t": "t", "end": {"type": "end"}}
    edges = [("h", "t"), ("t", "h", {"when": "size(log) < 6"}), ("t", "end", {"else": True})]
    result = logged(nodes, edges, "h")

    assert result.state["log"] == ["h", "t"] * 3
    assert "join.fired" not in kinds(result), "each way in stands alone: nothing to wait for"


def test_two_ways_into_a_loop_are_joined_but_never_wait_for_the_round():
    nodes = {"f": NOOP, "a": "a", "b": "b", "h": "h", "t": "t", "end": {"type": "end"}}
    edges = [
        ("f", "a"), ("f", "b"), ("a", "h"), ("b", "h"), ("h", "t"),
        ("t", "h", {"when": "size(log) < 6"}), ("t", "end", {"else": True}),
    ]  # fmt: skip
    result = logged(nodes, edges)

    assert result.state["log"] == ["a", "b", "h", "t", "h", "t"]
    assert fired(result, "h") == [["a-h", "b-h"]]


def test_a_parallel_region_inside_a_loop_joins_once_per_round():
    nodes = {"h": NOOP, "a": "a", "b": "b", "j": "j", "end": {"type": "end"}}
    edges = [
        ("h", "a"), ("h", "b"), ("a", "j"), ("b", "j"),
        ("j", "h", {"when": "size(log) < 9"}), ("j", "end", {"else": True}),
    ]  # fmt: skip
    result = logged(nodes, edges, "h")

    assert result.state["log"] == ["a", "b", "j"] * 3
    assert fired(result, "j") == [["a-j", "b-j"]] * 3


def test_two_back_edges_taken_together_make_one_round():
    nodes = {"h": "h", "a": "a", "b": "b", "end": {"type": "end"}}
    again, out = {"when": "size(log) < 6"}, {"else": True}
    edges = [
        ("h", "a"),
        ("h", "b"),
        ("a", "h", again),
        ("a", "end", out),
        ("b", "h", again),
        ("b", "end", out),
    ]
    result = logged(nodes, edges, "h")

    assert result.activations["h"] == 3
    assert fired(result, "h") == [["a-h", "b-h"]] * 2


def test_a_join_after_a_loop_waits_until_the_loop_is_left():
    nodes = {"f": NOOP, "h": "h", "b": "b", "j": "j"}
    edges = [
        ("f", "h"),
        ("f", "b"),
        ("h", "h", {"when": "size(log) < 5"}),
        ("h", "j", {"else": True}),
        ("b", "j"),
    ]
    result = logged(nodes, edges)

    assert fired(result, "j") == [["h-j", "b-j"]]
    assert result.state["log"] == ["h"] * 5 + ["b", "j"]


def test_an_entry_with_other_ways_in_is_a_join():
    nodes = {"a": "a", "j": "j"}
    result = logged(nodes, [("a", "j")], ["a", "j"])

    assert result.activations["j"] == 1
    assert fired(result, "j") == [["@entry", "a-j"]]


def test_several_entries_start_together():
    result = logged({"a": "a", "b": "b", "j": "j"}, [("a", "j"), ("b", "j")], ["b", "a"])

    assert result.state["log"] == ["a", "b", "j"]


def test_a_side_leaf_holds_nobody_up():
    nodes = {"f": NOOP, "a": "a", "leaf": "leaf", "b": "b", "j": "j"}
    edges = [("f", "a"), ("f", "b"), ("a", "leaf"), ("a", "j"), ("b", "j")]

    assert fired(logged(nodes, edges), "j") == [["a-j", "b-j"]]


def test_joins_that_wait_for_each_other_are_forced_in_topological_order():
    """j waits for what k may send and k for what j will: with a token before each, both stand."""
    nodes = {"f": NOOP, "j": "j", "k": "k"}
    edges = [
        ("f", "j"),
        ("f", "k"),
        ("j", "k", {"on": "ok"}),
        ("k", "j", {"when": "size(log) < 1"}),
    ]
    graph = graph_of(
        {**nodes, "k": {"type": "tool", "tool": "k", "on_no_route": "end"}},
        edges,
        "f",
        state={"reducers": {"log": "append"}},
    )
    results = [run_tools(graph, log_tools("j", "k"), schedule_seed=seed) for seed in SEEDS]
    forced = [e for e in results[0].events if e["k"] == "join.forced"]

    assert {str(r.state) for r in results} == {str(results[0].state)}
    assert results[0].status == "completed"
    assert [(e["node"], e["data"]["edges"], e["data"]["missing"]) for e in forced] == [
        ("k", ["f-k"], ["j-k"])
    ]


def starved(policy):
    nodes = {"f": NOOP, "a": "a", "b": "b", "j": {"type": "noop", "join": {"policy": policy}}}
    edges = [("f", "a"), ("f", "b", {"when": "deep"}), ("a", "j"), ("b", "j")]
    return logged(nodes, edges, state={"deep": False})


def test_a_strict_join_that_starves_fails_the_run_and_names_the_missing_ways():
    result = starved("all")

    assert (result.status, result.error.code, result.error.node) == (
        "failed",
        "E_JOIN_STARVED",
        "j",
    )
    assert result.error.details == {"missing": ["b-j"]}
    assert "b-j" in result.error.message


def test_the_default_join_does_not_starve():
    assert starved("all_active").status == "completed"


def test_a_strict_join_takes_one_token_of_each_way_first_come_first_served():
    nodes = {
        "f": NOOP,
        "a": "a",
        "b": "b",
        "j": {"type": "tool", "tool": "j", "join": {"policy": "all"}},
    }
    result = logged(nodes, [("f", "a"), ("f", "b"), ("a", "j"), ("b", "j")])

    assert fired(result, "j") == [["a-j", "b-j"]]


def test_what_a_join_waits_for_can_be_told():
    nodes = {"f": NOOP, "a": "a", "b": "b", "b2": "b2", "j": "j"}
    graph = graph_of(nodes, [("f", "a"), ("f", "b"), ("b", "b2"), ("a", "j"), ("b2", "j")], "f")
    events = run_tools(graph, log_tools("a", "b", "b2", "j")).events
    until = next(e["seq"] for e in events if e["k"] == "attempt.succeeded" and e["node"] == "a")
    marking = fold(graph, [e for e in events if e["seq"] <= until]).marking
    group = marking.waiting_groups()[0]

    assert awaited(marking, group) == {"b2-j": ["b"]}


@pytest.mark.parametrize("count", [100, 1000])
def test_a_wide_fan_out_joins_once(count):
    names = [f"n{i}" for i in range(count)]
    graph = Graph.from_dict({
        "format": "treadle/1", "key": "wide", "entry": ["f"], "limits": {"max_steps": 5000},
        "state": {"reducers": {"log": "append"}},
        "nodes": {"f": NOOP, "j": NOOP, **{n: {"type": "tool", "tool": n} for n in names}},
        "edges": [{"from": "f", "to": n} for n in names] + [{"from": n, "to": "j"} for n in names],
    })  # fmt: skip
    result = run(graph, registry=state_tools(log_tools(*names)), schedule_seed=1)

    assert result.state["log"] == names
    assert result.activations["j"] == 1
