"""Two runs side by side."""

import pytest

from engine import Event, Graph, run
from engine.telling.comparing import compare, differences, steps_of
from tests.engine.graphs import Builder
from tests.engine.helpers import graph_of, run_tools, state_tools

LOOP = graph_of(
    {"a": "count", "b": "double", "done": {"type": "end"}},
    [
        ("a", "b"),
        ("b", "a", {"when": "n < limit"}),
        ("b", "done", {"else": True}),
    ],
)
TOOLS = {"count": lambda s: {"n": s["n"] + 1}, "double": lambda s: {"n": s["n"] * 2}}


def events(graph, tools, state, **more):
    return [Event.from_dict(e) for e in run_tools(graph, tools, state, **more).events]


def test_runs_part_where_they_take_other_edges():
    one = events(LOOP, TOOLS, {"n": 0, "limit": 10})
    other = events(LOOP, TOOLS, {"n": 0, "limit": 5})

    found = compare(one, other)

    first = found["first"]
    assert (first["node"], first["visit"]) == ("b", 2)
    assert (first["a"]["edges"], first["b"]["edges"]) == (["b-a"], ["b-done"])
    assert first["text"] == (
        "They part at visit 2 of 'b': the first run takes b-a, the second b-done."
    )
    assert found["edges"] == [
        {"edge": "a-b", "taken": {"a": 3, "b": 2}},
        {"edge": "b-a", "taken": {"a": 2, "b": 1}},
    ]
    told = {node["node"]: node for node in found["nodes"]}
    assert told["a"]["visits"] == {"a": 3, "b": 2}
    assert told["a"]["steps"] == [{"visit": 3, "only": "a"}]


def test_the_same_way_with_other_values_tells_what_was_written():
    one = events(LOOP, TOOLS, {"n": 0, "limit": 1})
    other = events(LOOP, TOOLS, {"n": 5, "limit": 1})

    found = compare(one, other)

    assert found["first"] is None
    assert [node["node"] for node in found["nodes"]] == ["a", "b"]
    assert found["nodes"][0]["steps"] == [{"visit": 1, "writes": [{"path": ["n"], "a": 1, "b": 6}]}]


def test_a_failure_is_a_difference():
    def bad(state):
        raise ValueError("broken")

    line = graph_of({"a": "one", "b": "two"}, [("a", "b")])
    good = {"one": lambda s: {"x": 1}, "two": lambda s: {"y": 1}}

    found = compare(events(line, good, {}), events(line, {**good, "one": bad}, {}))

    assert (found["first"]["a"]["status"], found["first"]["b"]["status"]) == ("ok", "error")
    step = found["nodes"][0]["steps"][0]
    assert step["error"]["b"]["details"]["type"] == "ValueError"
    assert found["nodes"][1]["steps"] == [{"visit": 1, "only": "a"}]


@pytest.mark.parametrize("seed", range(30))
def test_timing_makes_no_difference(seed):
    builder = Builder(seed, conflicts=False)
    graph = Graph.from_dict(builder.document(1 + seed % 3))
    registry, start = state_tools(builder.tools), {"p": 1, "q": 0, "r": 2}
    runs = [run(graph, start, registry=registry, schedule_seed=n) for n in (None, 1, 2)]
    told = [[Event.from_dict(e) for e in each.events] for each in runs]

    for other in told[1:]:
        assert set(steps_of(told[0])) == set(steps_of(other))
        found = compare(told[0], other)
        assert (found["first"], found["edges"]) == (None, [])


def test_values_are_compared_in_depth():
    a = {"list": [1, 2, {"x": 1}], "same": {"k": [None]}, "gone": 1, "kind": 1}
    b = {"list": [1, 3, {"x": 2}, 4], "same": {"k": [None]}, "new": 2, "kind": True}

    assert differences(a, b) == [
        {"path": ["list", 1], "a": 2, "b": 3},
        {"path": ["list", 2, "x"], "a": 1, "b": 2},
        {"path": ["list", 3], "b": 4},
        {"path": ["gone"], "a": 1},
        {"path": ["kind"], "a": 1, "b": True},
        {"path": ["new"], "b": 2},
    ]
    assert len(differences(list(range(1_000)), [])) == 500
