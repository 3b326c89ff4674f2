"""What the visits of a node found and left behind, read back from a journal."""

import pytest

from engine import Event, run
from engine.telling.visits import visits
from tests.engine.helpers import graph_of, registry_of, run_tools

BUMP = {"bump": lambda state: {"n": state.get("n", 0) + 1}}
LOOP = graph_of(
    {"a": "bump", "done": {"type": "end"}},
    [("a", "a", {"when": "n < 4"}), ("a", "done", {"else": True})],
)


def read(graph, result, node, most=200, upto=None):
    return visits(graph, [Event.from_dict(raw) for raw in result.events[:upto]], node, most=most)


def test_each_round_of_a_loop_is_a_visit_with_the_state_it_found_and_left():
    found = read(LOOP, run_tools(LOOP, BUMP), "a")

    assert [(v.number, v.before, v.after, v.status) for v in found] == [
        (1, {}, {"n": 1}, "ok"),
        (2, {"n": 1}, {"n": 2}, "ok"),
        (3, {"n": 2}, {"n": 3}, "ok"),
        (4, {"n": 3}, {"n": 4}, "ok"),
    ]
    assert [v.taken for v in found][-1] == {"a-a": False, "a-done": True}
    assert [v.number for v in read(LOOP, run_tools(LOOP, BUMP), "a", most=2)] == [3, 4]


def test_what_its_edges_see_is_the_state_after_it_and_its_inputs_the_one_before():
    visit = read(LOOP, run_tools(LOOP, BUMP), "a")[1]

    assert visit.names("before")["n"] == 1
    assert visit.names("after")["n"] == 2
    assert visit.names("after")["iteration"] == 2
    assert visit.names("item") is None


def test_a_visit_that_has_not_ended_has_no_state_after_it():
    result = run_tools(LOOP, BUMP)
    at = next(n for n, e in enumerate(result.events) if e["k"] == "attempt.started")

    (started,) = read(LOOP, result, "a", upto=at + 1)
    (ready,) = read(LOOP, result, "a", upto=at)

    assert (started.status, started.ended, started.names("after")) == ("running", None, None)
    assert (ready.status, ready.before, ready.names("result")) == ("ready", {}, None)


def test_a_result_that_became_the_state_is_known_whole():
    (visit, *_) = read(LOOP, run_tools(LOOP, BUMP), "a")

    assert (visit.brought, visit.whole) == ({"result": {"n": 1}}, True)
    assert visit.names("result")["result"] == {"n": 1}


def test_of_a_result_that_was_mapped_the_parts_that_were_taken_are_known():
    node = {
        "type": "tool",
        "tool": "look",
        "outputs": {"score": "result.quality.score", "twice": "result.n * 2"},
    }
    graph = graph_of({"a": node}, [])

    result = run_tools(graph, {"look": lambda state: {"quality": {"score": 7}, "n": 2}})
    (visit,) = read(graph, result, "a")

    assert (visit.brought, visit.whole) == ({"result": {"quality": {"score": 7}}}, False)


def test_an_edge_for_errors_sees_the_error_of_the_visit():
    def bad(state):
        raise ValueError("broken")

    graph = graph_of(
        {"a": "bad", "b": {"type": "set", "set": {"x": "1"}}}, [("a", "b", {"on": "error"})]
    )
    result = run_tools(graph, {"bad": bad})
    (failed,) = read(graph, result, "a")
    (after,) = read(graph, result, "b")

    assert (failed.status, failed.failure["message"]) == ("error", "ValueError: broken")
    assert failed.names("after")["error"]["type"] == "ValueError"
    assert after.names("before")["error"]["type"] == "ValueError"


def test_a_condition_that_could_not_be_evaluated_still_leaves_its_state():
    graph = graph_of({"a": "bump", "b": {"type": "end"}}, [("a", "b", {"when": "scoer > 1"})])

    (visit,) = read(graph, run_tools(graph, BUMP), "a")

    assert (visit.status, visit.after, visit.taken) == ("ok", {"n": 1}, {})
    assert visit.failure["code"] == "E_CONDITION"


def test_the_body_of_a_map_sees_its_first_item_and_its_results_those_that_were_written():
    node = {
        "type": "map",
        "over": "xs",
        "as": "x",
        "body": {"tool": "double"},
        "collect": {"doubled": "results"},
    }
    graph = graph_of({"a": node}, [])

    result = run(graph, {"xs": [4, 5]}, registry=registry_of({"double": lambda x: x * 2}))
    (visit,) = read(graph, result, "a")

    assert {key: visit.names("item")[key] for key in ("x", "item", "index")} == {
        "x": 4,
        "item": 4,
        "index": 0,
    }
    assert visit.brought == {"results": [8, 10]}


def test_a_join_finds_the_merged_state():
    tools = {"b": lambda state: {"b": 1}, "c": lambda state: {"c": 1}}
    graph = graph_of(
        {"a": {"type": "noop"}, "b": "b", "c": "c", "d": {"type": "noop"}},
        [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")],
    )

    (visit,) = read(graph, run_tools(graph, tools), "d")

    assert visit.before == {"b": 1, "c": 1}


@pytest.mark.parametrize("node", ["nobody", "done"])
def test_a_node_that_was_never_reached_has_no_visits(node):
    result = run_tools(LOOP, BUMP)

    assert read(LOOP, result, node, upto=4) == []
    assert visits(LOOP, [], node) == []
