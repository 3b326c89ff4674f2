"""Runs of a part of a graph: from a node, to a node, with pinned outputs."""

import json
from itertools import pairwise

import pytest

from engine import (
    Driver,
    Event,
    Graph,
    MemoryJournal,
    PinRefused,
    ValueRefused,
    fold,
    lint,
    new_run,
    replay,
    run,
)
from engine.graph.part import Part, PartRefused, inside, stubbed
from engine.telling.looking_back import before
from tests.engine.graphs import Builder
from tests.engine.helpers import (
    RecordingJournal,
    dump,
    graph_of,
    registry_of,
    run_tools,
    state_tools,
    through_json,
)
from tests.engine.test_snapshots import assert_every_prefix_can_be_skipped


def adding(name):
    return lambda state: {"seen": [name]}


ADD = {name: adding(name) for name in "abcdefg"}
LOG = {"state": {"reducers": {"seen": "append"}}}


def line(count=4, **more):
    names = "abcdefg"[:count]
    pairs = list(pairwise(names))
    return graph_of({name: name for name in names}, pairs, **LOG, **more)


@pytest.mark.parametrize(
    ("start", "until", "seen"),
    [
        (None, None, "abcd"),
        ("b", None, "bcd"),
        (None, "b", "ab"),
        ("b", "c", "bc"),
        ("c", "c", "c"),
    ],
)
def test_a_run_goes_from_its_start_to_its_end(start, until, seen):
    result = run_tools(line(), ADD, start=start, until=until)

    assert (result.status, result.state) == ("completed", {"seen": list(seen)})
    assert set(result.activations) == set(seen)


def test_what_it_goes_through_is_in_its_first_event_only():
    created = run_tools(line(), ADD, start="b", until="c").events[0]["data"]

    assert (created["start"], created["until"], created["entry"]) == ("b", "c", ["b"])
    whole = run_tools(line(), ADD).events[0]["data"]
    assert not {"start", "until", "error"} & set(whole)


def test_it_begins_on_the_given_state_and_with_pinned_outputs():
    graph = graph_of(
        {
            "a": {"type": "tool", "tool": "a", "outputs": {"x": "result.x"}},
            "b": {"type": "tool", "tool": "b"},
        },
        [("a", "b")],
    )
    tools = {"a": lambda s: pytest.fail("a is pinned"), "b": lambda s: {"y": s["x"] + s["n"]}}

    result = run_tools(graph, tools, {"n": 5}, start="a", pinned={"a": {"x": 1}})

    assert result.state == {"n": 5, "x": 1, "y": 6}


DIAMOND = graph_of(
    {name: name for name in "abcdef"},
    [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e"), ("c", "f")],
    **LOG,
)


def test_branches_that_cannot_come_to_the_end_are_not_run():
    result = run_tools(DIAMOND, ADD, until="d")

    assert result.status == "completed"
    assert sorted(result.state["seen"]) == ["a", "b", "c", "d"]
    assert "f" not in result.activations
    assert "e" not in result.activations


@pytest.mark.parametrize("policy", ["all_active", "all"])
def test_a_join_waits_only_for_what_the_part_has(policy):
    nodes = {name: name for name in "abc"} | {
        "d": {"type": "tool", "tool": "d", "join": {"policy": policy}}
    }
    graph = graph_of(nodes, [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")], **LOG)

    result = run_tools(graph, ADD, start="b")

    assert (result.status, result.state) == ("completed", {"seen": ["b", "d"]})


def test_a_loop_goes_round_until_it_leads_to_the_end():
    graph = graph_of(
        {"a": "bump", "b": "bump", "c": "bump"},
        [("a", "b"), ("b", "a", {"when": "n < 6"}), ("b", "c", {"else": True})],
    )
    bump = {"bump": lambda s: {"n": s.get("n", 0) + 1}}

    assert run_tools(graph, bump, start="b").activations == {"a": 3, "b": 4, "c": 1}
    assert run_tools(graph, bump, until="b").activations == {"a": 1, "b": 1}
    assert run_tools(graph, bump, start="b", until="a", state={"n": 0}).state == {"n": 2}


def test_an_edge_that_leads_out_ends_its_branch_and_no_other_is_taken_for_it():
    graph = graph_of(
        {"a": {"type": "tool", "tool": "a", "route": "first"}, "b": "b", "c": "c"},
        [("a", "b", {"when": "true"}), ("a", "c", {"else": True})],
        **LOG,
    )

    result = run_tools(graph, ADD, until="c")

    assert (result.status, result.state) == ("completed", {"seen": ["a"]})


def test_a_failure_of_the_last_node_is_not_handled_by_the_edges_behind_it():
    graph = graph_of({"a": "bad", "b": "b"}, [("a", "b", {"on": "error"})])

    def bad(state):
        raise ValueError("broken")

    result = run_tools(graph, {"bad": bad, **ADD}, until="a")

    assert (result.status, result.error.node) == ("failed", "a")


def test_a_start_that_no_way_leads_to_runs():
    graph = graph_of({name: name for name in "abcd"}, [("a", "b"), ("c", "d")], **LOG)

    assert run_tools(graph, ADD, start="c").state == {"seen": ["c", "d"]}


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"start": "x"}, "start: the graph has no node 'x'"),
        ({"until": "x"}, "until: the graph has no node 'x'"),
        ({"start": "c", "until": "b"}, "until: no way leads from 'c' to 'b'"),
    ],
)
def test_what_is_no_part_is_refused(part, says):
    with pytest.raises(PartRefused, match=says):
        new_run(line(), {}, **part)


def test_a_part_of_a_graph_of_which_no_entry_leads_to_the_end_is_refused():
    graph = graph_of({"a": "a", "b": "b"}, [], entry="a")
    with pytest.raises(PartRefused, match="from the graph's entry to 'b'"):
        new_run(graph, {}, until="b")


def test_pins_of_unknown_nodes_and_no_json_are_refused():
    with pytest.raises(PinRefused, match="the graph has no node 'x'") as refused:
        new_run(line(), {}, start="b", pinned={"x": 1})
    assert (refused.value.pointer, refused.value.hint) == ("/pinned/x", "its nodes: a, b, c, d")
    with pytest.raises(ValueRefused, match=r"pinned\.b"):
        new_run(line(), {}, start="b", pinned={"b": object()})


# Every part of random graphs ---------------------------------------------------------------------


def random_graph(seed):
    builder = Builder(seed, conflicts=False)
    graph = Graph.from_dict(builder.document(1 + seed % 3))
    return graph, state_tools(builder.tools)


START = {"p": 1, "q": 0, "r": 2}


def parts(graph, seed):
    nodes = list(graph.nodes)
    picks = [nodes[(seed * 7 + 3 * at) % len(nodes)] for at in range(3)]
    for start in (None, *picks):
        for until in (None, *picks):
            part = Part(start, until)
            try:
                inside(graph, part)
            except PartRefused:
                continue
            yield part


@pytest.mark.parametrize("seed", range(40))
def test_parts_of_random_graphs_do_not_depend_on_timing(seed):
    graph, registry = random_graph(seed)

    for part in parts(graph, seed):
        ends = []
        for schedule in (None, 1, 2, 3):
            result = run(
                graph,
                START,
                registry=registry,
                start=part.start,
                until=part.until,
                schedule_seed=schedule,
            )
            ends.append((str(result.status), json.dumps(result.state, sort_keys=True)))
            assert set(result.activations) <= inside(graph, part)
        assert len(set(ends)) == 1, part


@pytest.mark.parametrize("seed", range(25))
def test_a_part_that_is_cut_after_any_event_goes_on_the_same_way(seed):
    graph, registry = random_graph(seed)
    for part in list(parts(graph, seed))[:6]:
        journal = RecordingJournal()
        created = new_run(graph, START, start=part.start, until=part.until)
        journal.append([created])
        driver = Driver(graph, registry, journal, folded=fold(graph, [created]), schedule_seed=seed)
        journal.marking = driver._marking
        assert driver.advance()
        whole, events = driver.result(), through_json(journal.events)

        for count, live in journal.seen:
            assert json.loads(json.dumps(dump(fold(graph, events[:count]).marking))) == live
        for cut in range(1, len(events) + 1):
            rest = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
            again = Driver(graph, registry, rest, folded=fold(graph, events[:cut]))
            assert again.advance()
            assert (again.result().status, again.result().state) == (whole.status, whole.state)
        assert replay(graph, events).state == whole.state


@pytest.mark.parametrize("seed", range(10))
def test_a_snapshot_of_a_part_says_the_same(seed):
    graph, registry = random_graph(seed)
    for part in list(parts(graph, seed))[:4]:
        result = run(graph, START, registry=registry, start=part.start, until=part.until)
        assert_every_prefix_can_be_skipped(graph, result.events)


# Where another run stood -------------------------------------------------------------------------


def test_a_node_can_be_begun_with_what_its_last_visit_saw():
    graph = graph_of(
        {"a": "bump", "b": "double", "done": {"type": "end"}},
        [("a", "b"), ("b", "a", {"when": "n < 20"}), ("b", "done", {"else": True})],
    )
    tools = {
        "bump": lambda s: {"n": s.get("n", 0) + 1},
        "double": lambda s: {"n": s["n"] * 2},
    }
    told = [Event.from_dict(raw) for raw in run_tools(graph, tools).events]

    seen = before(graph, told, "b")
    assert seen is not None
    assert (seen.state, seen.visit, seen.error) == ({"n": 15}, 4, None)
    again = run_tools(graph, tools, seen.state, start="b", until="b")
    assert again.state == {"n": 30}
    assert before(graph, told[:3], "done") is None


def test_what_waits_at_a_node_is_seen_too():
    graph = line(2)
    told = [Event.from_dict(raw) for raw in run_tools(graph, ADD).events]
    at = next(n for n, e in enumerate(told) if (str(e.kind), e.node) == ("attempt.started", "b"))

    assert before(graph, told[:at], "b").state == {"seen": ["a"]}


def test_a_start_behind_an_error_edge_knows_the_error():
    graph = graph_of(
        {
            "a": "bad",
            "b": {"type": "set", "set": {"why": "error.message"}},
        },
        [("a", "b", {"on": "error"})],
    )

    def bad(state):
        raise ValueError("broken")

    told = [Event.from_dict(e) for e in run_tools(graph, {"bad": bad}).events]
    seen = before(graph, told, "b")

    created = new_run(graph, seen.state, start="b", error=seen.error)
    driver = Driver(graph, registry_of({}), MemoryJournal(), folded=fold(graph, [created]))
    driver.advance()
    assert driver.result().state == {"why": "ValueError: broken"}


# Unfinished drafts -------------------------------------------------------------------------------

DRAFT = {
    "format": "treadle/1",
    "key": "draft",
    "entry": ["a"],
    "nodes": {
        "a": {"type": "tool", "tool": "a"},
        "b": {"type": "tool", "tool": "b"},
        "lost": {"type": "tool", "tool": "absent"},
        "broken": {"type": "set", "set": {"x": "1 +"}},
    },
    "edges": [
        {"id": "1", "from": "a", "to": "b"},
        {"id": "2", "from": "b", "to": "broken", "when": ") ("},
        {"id": "3", "from": "lost", "to": "b"},
        {"id": "4", "from": "nowhere", "to": "b"},
    ],
    "layout": {"broken": [1, 2]},
}


def test_problems_elsewhere_do_not_count_for_a_part():
    document = {**DRAFT, "nodes": dict(DRAFT["nodes"]), "edges": [DRAFT["edges"][0]]}
    document["nodes"]["broken"] = {"type": "noop"}
    graph = Graph.from_dict(document)
    registry = registry_of({"a": lambda: None, "b": lambda: None})

    codes = {(p.code, p.node) for p in lint(graph, registry)}
    assert ("unknown_tool", "lost") in codes
    assert ("unreachable_node", "lost") in codes
    assert [p for p in lint(graph, registry, Part(None, "b")) if p.severity == "error"] == []
    found = lint(graph, registry, Part("lost"))
    assert [(p.code, p.node) for p in found if p.severity == "error"] == [("unknown_tool", "lost")]


def test_a_draft_that_cannot_be_read_elsewhere_is_made_harmless_there():
    part = Part("a", "b")

    graph = Graph.from_dict(stubbed(DRAFT, part))

    assert (
        run(
            graph,
            registry=registry_of({"a": lambda: None, "b": lambda: None}),
            start="a",
            until="b",
        ).status
        == "completed"
    )
    assert list(graph.nodes) == list(DRAFT["nodes"])
    assert graph.layout == {"broken": [1, 2]}
    with pytest.raises(PartRefused, match="start"):
        stubbed(DRAFT, Part("nobody"))
