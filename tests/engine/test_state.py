"""One shared dict in sequence, private worlds in parallel, and honest merges."""

import pytest

from engine import Overwrite, register_reducer
from engine.values.merge import merge
from engine.values.state import Commit, Version
from tests.engine.helpers import graph_of, run_tools

FORK = [("f", "a"), ("f", "b"), ("a", "j"), ("b", "j")]
FORK_NODES = {"f": {"type": "noop"}, "a": "a", "b": "b", "j": {"type": "noop"}}


def forked(a, b, state=None, *, join=None, **spec):
    """The run of a fork into the tools `a` and `b`, and their join."""
    nodes = {**FORK_NODES, "j": {"type": "noop", **({"join": join} if join else {})}}
    graph = graph_of(nodes, FORK, "f", state=spec)
    return run_tools(graph, {"a": a, "b": b}, state or {})


def single(tool, state, **spec):
    return run_tools(graph_of({"a": "t"}, [], state=spec), {"t": tool}, state)


# In-place changes -------------------------------------------------------------------------------


def test_changes_made_in_place_are_the_update():
    def tool(state):
        state["n"] += 1
        state["deep"]["list"].append(2)
        state["new"] = {"x": 1}
        del state["old"]

    result = single(tool, {"n": 1, "deep": {"list": [1]}, "old": 0, "same": [1]})

    assert result.state == {"n": 2, "deep": {"list": [1, 2]}, "same": [1], "new": {"x": 1}}
    assert [op[:2] for op in result.events[2]["data"]["ops"]] == [
        ["set", "n"], ["set", "deep"], ["set", "new"], ["del", "old"],
    ]  # fmt: skip


def test_returning_the_state_is_the_same_as_returning_nothing():
    def tool(state):
        state["n"] = 2
        return state

    assert single(tool, {"n": 1}).state == {"n": 2}


def test_only_reading_writes_nothing():
    def tool(state):
        assert state["a"]["b"] == [1, 2]
        assert list(state.items())
        state["a"]["b"].append(3)
        state["a"]["b"].pop()
        state["n"] = 1

    assert single(tool, {"a": {"b": [1, 2]}, "n": 1}).events[2]["data"]["ops"] == []


def test_returning_a_copy_of_the_state_writes_only_what_changed():
    result = single(lambda s: {**s, "n": 2}, {"n": 1, "big": [1, 2]})

    assert result.events[2]["data"]["ops"] == [["set", "n", 2]]


def test_true_is_not_one():
    assert single(lambda s: {"n": True}, {"n": 1}).state["n"] is True


def test_changing_and_returning_something_else_is_ambiguous():
    def tool(state):
        state["lost"] = 1
        return {"kept": 2}

    result = single(tool, {})

    assert (result.status, result.error.code) == ("failed", "E_AMBIGUOUS_WRITE")
    assert result.error.details["keys"] == ["lost"]


def test_changing_and_returning_the_same_keys_is_not():
    def tool(state):
        state["n"] = 1
        return {"n": 2, "m": 3}

    assert single(tool, {}).state == {"n": 2, "m": 3}


def test_a_retry_gets_a_fresh_copy():
    graph = graph_of({"a": {"type": "tool", "tool": "t", "retry": {"initial": "1ms"}}}, [])
    tries = []

    def tool(state):
        state["list"].append(len(tries))
        tries.append(list(state["list"]))
        if len(tries) < 3:
            raise RuntimeError

    result = run_tools(graph, {"t": tool}, {"list": []})

    assert tries == [[0], [1], [2]]
    assert result.state == {"list": [2]}


# Reducers ---------------------------------------------------------------------------------------

RULES = {
    "log": "append",
    "total": "sum",
    "top": "max",
    "low": "min",
    "seen": "union",
    "map": "merge",
}


def test_reducers_fold_updates():
    start = {"log": [1], "total": 1, "top": 5, "low": 5, "seen": [1], "map": {"a": 1}}
    update = {"log": [2], "total": 2, "top": 7, "low": 3, "seen": [1, 2], "map": {"b": 2}}

    assert single(lambda s: update, start, reducers=RULES).state == {
        "log": [1, 2], "total": 3, "top": 7, "low": 3, "seen": [1, 2], "map": {"a": 1, "b": 2},
    }  # fmt: skip


def test_reducers_begin_with_nothing():
    update = {"log": 2, "total": 2, "top": 7, "low": 3, "seen": 1, "map": {"b": 2}}

    assert single(lambda s: update, {}, reducers=RULES).state == {
        "log": [2], "total": 2, "top": 7, "low": 3, "seen": [1], "map": {"b": 2},
    }  # fmt: skip


def test_changes_in_place_become_updates_of_the_reducer():
    def tool(state):
        state["log"].append(2)
        state["total"] += 5
        state["top"] = 9
        state["seen"].append(3)
        state["map"]["b"] = 2

    start = {"log": [1], "total": 1, "top": 5, "seen": [1], "map": {"a": 1}}
    result = single(tool, start, reducers=RULES)

    assert result.events[2]["data"]["ops"] == [
        ["red", "log", [2]], ["red", "total", 5], ["red", "top", 9],
        ["red", "seen", [3]], ["red", "map", {"b": 2}],
    ]  # fmt: skip
    assert result.state["log"] == [1, 2]


@pytest.mark.parametrize(
    "tool",
    [
        lambda state: {**state, "n": 2},
        lambda state: dict(state) | {"n": 2},
        lambda state: {**state.copy(), "n": 2},
        lambda state: {"log": state["log"], "seen": state["seen"], "map": state["map"], "n": 2},
    ],
)
def test_what_is_handed_back_as_it_was_adds_nothing(tool):
    start = {"log": [1], "seen": [1], "map": {"a": 1}, "n": 1}
    result = single(tool, start, reducers=RULES)

    assert result.state == {**start, "n": 2}
    assert result.events[2]["data"]["ops"] == [["set", "n", 2]]


def test_what_is_handed_back_changed_counts_by_its_changes():
    def tool(state):
        state["log"].append(2)
        state["map"]["b"] = 2
        return {"log": state["log"], "map": state["map"], "n": 2}

    result = single(tool, {"log": [1], "map": {"a": 1}}, reducers=RULES)

    assert result.state == {"log": [1, 2], "map": {"a": 1, "b": 2}, "n": 2}


def test_a_list_that_equals_the_state_is_an_addition_all_the_same():
    assert single(lambda s: {"log": [1]}, {"log": [1]}, reducers=RULES).state["log"] == [1, 1]


def test_what_is_handed_back_under_another_key_is_that_keys():
    result = single(lambda s: {"log": s["other"]}, {"log": [1], "other": [2]}, reducers=RULES)

    assert result.state == {"log": [1, 2], "other": [2]}


def test_changes_in_place_that_no_update_explains_overwrite():
    def tool(state):
        state["log"][0] = "changed"
        state["top"] = 1
        state["map"].pop("a")

    start = {"log": [1], "top": 5, "map": {"a": 1}}
    ops = single(tool, start, reducers=RULES).events[2]["data"]["ops"]

    assert ops == [["over", "log", ["changed"]], ["over", "top", 1], ["over", "map", {}]]


def test_overwrite_goes_past_the_reducer():
    result = single(
        lambda s: {"log": Overwrite([9]), "x": Overwrite(1)}, {"log": [1]}, reducers=RULES
    )

    assert result.state == {"log": [9], "x": 1}


@pytest.mark.parametrize(
    "update",
    [
        {"total": "x"},
        {"total": None},
        {"map": 5},
        {"top": [[1]]},
        {"low": True},
        {"total": [1, "x"]},
        {"low": [1, "x"]},
    ],
)
def test_an_update_that_its_reducer_cannot_take_fails_the_node(update):
    result = single(lambda s: update, {}, reducers=RULES)

    assert (result.status, result.error.code) == ("failed", "E_OUTPUT")


@pytest.mark.parametrize(
    ("update", "start", "state"),
    [
        ({"total": [1, 2.5]}, {"total": 4}, {"total": 7.5}),
        ({"total": [3, 4]}, {}, {"total": 7}),
        ({"total": []}, {}, {"total": 0}),
        ({"total": []}, {"total": 4}, {"total": 4}),
        ({"top": [3, 9, 1]}, {"top": 5}, {"top": 9}),
        ({"top": [3, 1]}, {"top": 5}, {"top": 5}),
        ({"low": ["b", "a"]}, {}, {"low": "a"}),
        ({"low": []}, {}, {"low": None}),
        ({"log": [1, 2], "seen": [1, 1]}, {}, {"log": [1, 2], "seen": [1]}),
    ],
)
def test_a_list_is_folded_item_by_item(update, start, state):
    assert single(lambda s: update, start, reducers=RULES).state == state


def test_reducers_of_ones_own():
    register_reducer("test_longest", lambda old, new: max(old or "", new, key=len))
    rules = {"word": "test_longest"}

    assert single(lambda s: {"word": "abc"}, {"word": "ab"}, reducers=rules).state == {
        "word": "abc"
    }
    assert single(lambda s: {"word": 5}, {}, reducers=rules).error.code == "E_OUTPUT"
    with pytest.raises(ValueError, match="exists already"):
        register_reducer("test_longest", max)


# Parallel branches ------------------------------------------------------------------------------


def test_branches_do_not_see_each_other():
    def a(state):
        state["list"].append("a")
        state["seen_by_a"] = list(state["list"])
        del state["list"]

    def b(state):
        state["seen_by_b"] = list(state["list"])

    assert forked(a, b, {"list": []}).state == {"seen_by_a": ["a"], "seen_by_b": []}


def test_reducers_replay_in_the_order_of_the_ways_in():
    for seed in range(5):
        graph = graph_of(FORK_NODES, FORK, "f", state={"reducers": {"log": "append"}})
        tools = {"a": lambda s: {"log": "a"}, "b": lambda s: {"log": "b"}}
        assert run_tools(graph, tools, schedule_seed=seed).state["log"] == ["a", "b"]


def test_two_values_for_one_key_are_a_conflict_that_names_key_nodes_and_values():
    result = forked(lambda s: {"x": 1}, lambda s: {"x": 2})

    assert (result.status, result.error.code, result.error.node) == (
        "failed",
        "E_STATE_CONFLICT",
        "j",
    )
    assert result.error.details == {
        "key": "x",
        "writers": [{"node": "a", "value": "1"}, {"node": "b", "value": "2"}],
    }


def test_equal_values_pass():
    assert forked(lambda s: {"x": [1]}, lambda s: {"x": [1]}).state == {"x": [1]}


def test_a_deletion_against_a_write_is_a_conflict_and_two_deletions_are_not():
    def delete(state):
        del state["x"]

    assert forked(delete, lambda s: {"x": 2}, {"x": 1}).error.code == "E_STATE_CONFLICT"
    assert forked(delete, delete, {"x": 1}).state == {}


def test_an_overwrite_beside_an_update_is_a_conflict():
    rules = {"log": "append"}
    over = lambda s: {"log": Overwrite([9])}  # noqa: E731

    assert forked(over, lambda s: {"log": 1}, reducers=rules).error.code == "E_STATE_CONFLICT"
    assert forked(over, over, reducers=rules).state == {"log": [9]}
    assert forked(over, lambda s: {"x": 1}, reducers=rules).state == {"log": [9], "x": 1}


def test_updates_whose_reducer_cannot_join_them_are_a_conflict():
    result = forked(lambda s: {"top": 1}, lambda s: {"top": "x"}, reducers={"top": "max"})

    assert result.error.code == "E_STATE_CONFLICT"


@pytest.mark.parametrize(("policy", "value"), [("first", 1), ("last", 2), ("collect", [1, 2])])
def test_conflict_policies_of_a_join_and_of_a_key(policy, value):
    a, b = (lambda s: {"x": 1}), (lambda s: {"x": 2})

    assert forked(a, b, join={"on_conflict": policy}).state == {"x": value}
    assert forked(a, b, on_conflict={"x": policy}).state == {"x": value}
    assert forked(a, b, on_conflict={"y": policy}).status == "failed"


def test_a_conflict_settled_once_is_not_a_conflict_later():
    nodes = {**FORK_NODES, "j": {"type": "noop", "join": {"on_conflict": "last"}},
             "c": "c", "k": {"type": "noop"}}  # fmt: skip
    edges = [*FORK, ("f", "c"), ("j", "k"), ("c", "k")]
    tools = {"a": lambda s: {"x": 1}, "b": lambda s: {"x": 2}, "c": lambda s: {"y": 3}}

    assert run_tools(graph_of(nodes, edges, "f"), tools).state == {"x": 2, "y": 3}


def test_a_later_write_in_the_same_branch_is_no_conflict():
    nodes = {**FORK_NODES, "a2": "a2"}
    edges = [("f", "a"), ("a", "a2"), ("f", "b"), ("a2", "j"), ("b", "j")]
    tools = {"a": lambda s: {"x": 1}, "a2": lambda s: {"x": 2}, "b": lambda s: {"x": 2}}

    assert run_tools(graph_of(nodes, edges, "f"), tools).state == {"x": 2}


def test_branches_that_never_meet_are_merged_at_the_end_in_edge_order():
    graph = graph_of(
        {"f": {"type": "noop"}, "a": "a", "b": "b"},
        [("f", "b"), ("f", "a")],
        "f",
        state={"reducers": {"log": "append"}},
    )
    tools = {"a": lambda s: {"log": "a"}, "b": lambda s: {"log": "b"}}

    for seed in range(5):
        assert run_tools(graph, tools, schedule_seed=seed).state == {"log": ["b", "a"]}


def test_branches_that_never_meet_can_conflict_at_the_end():
    graph = graph_of({"f": {"type": "noop"}, "a": "a", "b": "b"}, [("f", "a"), ("f", "b")], "f")
    tools = {"a": lambda s: {"x": 1}, "b": lambda s: {"x": 2}}
    result = run_tools(graph, tools)

    assert (result.status, result.error.code) == ("failed", "E_STATE_CONFLICT")
    assert result.state == {"x": 2}, "a failed run shows its branches, the last one winning"


def test_the_final_state_is_the_callers_own():
    graph = graph_of({"a": {"type": "noop"}}, [])
    given = {"list": [1]}
    result = run_tools(graph, {}, given)
    given["list"].append(2)
    result.state["list"].append(3)

    assert result.events[0]["data"]["state"] == {"list": [1]}


def test_a_write_seen_by_one_parent_only_is_superseded_by_what_followed_it():
    """p2 has x, and wrote z after it; p1 has x too, and y with the same value as x beside it."""
    root = Commit(0, (), (), "root")
    x = Commit(1, (root,), [["set", "k", 1]], "x")
    y = Commit(2, (root,), [["set", "k", 1]], "y")
    joined = Commit(3, (x, y), [], "join")
    z = Commit(4, (x,), [["set", "k", 5]], "z")
    versions = [Version(joined, {"k": 1}), Version(z, {"k": 5})]

    with pytest.raises(Exception, match="disagree"):
        merge(versions, {}, {})
    assert merge([Version(x, {"k": 1}), Version(z, {"k": 5})], {}, {}).data == {"k": 5}


# Size -------------------------------------------------------------------------------------------


def test_a_state_that_grows_past_its_limit_fails_the_node_that_writes():
    graph = graph_of(
        {"a": "grow", "end": {"type": "end"}},
        [("a", "a", {"when": "size(text) < 100000"}), ("a", "end", {"else": True})],
        limits={"max_state_bytes": 10_000},
    )
    result = run_tools(graph, {"grow": lambda s: {"text": s["text"] + "x" * 1_000}}, {"text": ""})

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_STATE_SIZE", "a")
    assert 8_000 < len(result.state["text"]) <= 10_000


def test_rewriting_a_big_value_does_not_add_up():
    graph = graph_of(
        {"a": "again", "end": {"type": "end"}},
        [("a", "a", {"when": "n < 90"}), ("a", "end", {"else": True})],
        limits={"max_state_bytes": 10_000},
    )
    tool = lambda s: {"n": s["n"] + 1, "text": str(s["n"] % 10) * 5_000}  # noqa: E731

    assert run_tools(graph, {"again": tool}, {"n": 0}).status == "completed"
