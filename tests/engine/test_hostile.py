"""Documents made to hurt: clear problems, soon, and nothing else."""

import time

import pytest

from engine import Graph, ToolRegistry, layout, run, validate

BASE = {"format": "treadle/1", "key": "x", "entry": ["n0"]}


def soon(document, seconds=3.0):
    """The problems, which must take little CPU time, however busy the machine is."""
    began = time.thread_time()
    problems = validate(document, ToolRegistry())
    assert time.thread_time() - began < seconds
    return problems


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("key", ["__proto__", "constructor", "prototype"])
def test_keys_that_reach_into_browser_objects_are_refused_everywhere(key):
    document = {**BASE, "nodes": {"n0": {"type": "noop"}, key: {"type": "noop"}}, "edges": []}
    deep = {**BASE, "nodes": {"n0": {"type": "noop"}}, "edges": [], "meta": {"a": [{key: 1}]}}

    assert [(p.code, p.pointer) for p in soon(document)] == [("forbidden_key", f"/nodes/{key}")]
    assert [(p.code, p.pointer) for p in soon(deep)] == [("forbidden_key", f"/meta/a/0/{key}")]


def test_deep_nesting_is_refused_without_recursion():
    problems = soon({**BASE, "nodes": {"n0": {"type": "noop"}}, "meta": {"x": nested(100_000)}})

    assert [p.code for p in problems] == ["too_deep"]


@pytest.mark.parametrize("document", [None, 5, "x", [], nested(5), True, {}, {"nodes": 5}])
def test_things_that_are_no_graph_at_all(document):
    assert soon(document)


def test_huge_texts_and_keys_are_refused():
    document = {**BASE, "nodes": {"n0": {"type": "noop"}}, "name": "x" * 1_000_000}
    document["meta"] = {"k" * 1_000_000: 1}
    problems = soon(document)

    assert {p.code for p in problems} == {"too_long"}
    assert all(len(p.message) < 300 for p in problems)


def test_numbers_and_texts_that_are_not_json():
    document = {**BASE, "nodes": {"n0": {"type": "noop"}}}
    bad = [float("nan"), float("inf"), 10**400, "\ud800", {1: 2}, object(), b"x"]

    for value in bad:
        assert soon({**document, "meta": {"x": value}}), value


def test_ten_thousand_nodes_in_a_chain_with_a_loop_around_each():
    count = 10_000
    nodes = {f"n{i}": {"type": "noop"} for i in range(count)}
    edges = [{"from": f"n{i}", "to": f"n{i + 1}"} for i in range(count - 1)]
    edges += [{"from": f"n{i}", "to": f"n{i // 2}", "when": "a < 1"} for i in range(1, count)]

    codes = [p.code for p in soon({**BASE, "nodes": nodes, "edges": edges}, 6.0)]
    assert codes == ["endless_cycle", "no_else"]


def test_ten_thousand_nodes_that_all_join():
    count = 10_000
    nodes = {f"n{i}": {"type": "noop"} for i in range(count)}
    edges = [{"from": f"n{i}", "to": f"n{i + 1}"} for i in range(count - 1)]
    edges += [{"from": f"n{i}", "to": f"n{count - 1}"} for i in range(count - 2)]

    assert [p.code for p in soon({**BASE, "nodes": nodes, "edges": edges}, 6.0)] == []


def test_a_tangle_that_can_be_entered_anywhere():
    count = 3_000
    nodes = {f"n{i}": {"type": "noop"} for i in range(count)}
    edges = [{"from": "n0", "to": f"n{i}"} for i in range(1, count)]
    edges += [{"from": f"n{i}", "to": f"n{i + 1}"} for i in range(1, count - 1)]
    edges += [{"from": f"n{i + 1}", "to": f"n{i}"} for i in range(1, count - 1)]

    assert "irreducible_cycle" in {
        p.code for p in soon({**BASE, "nodes": nodes, "edges": edges}, 6.0)
    }


def test_a_cycle_without_exit_is_named_and_ends_at_the_step_budget():
    document = {
        **BASE,
        "nodes": {"n0": {"type": "noop"}, "n1": {"type": "noop"}},
        "edges": [{"from": "n0", "to": "n1"}, {"from": "n1", "to": "n0", "max": None}],
        "limits": {"no_progress": 0, "max_steps": 77},
    }
    result = run(Graph.from_dict(document), {})

    assert [p.code for p in soon(document)] == ["endless_cycle"]
    assert (result.status, result.error.code) == ("paused", "E_STEP_BUDGET")
    assert sum(result.activations.values()) == 78
    assert sum(e["k"] == "attempt.succeeded" for e in result.events) == 77


def test_a_hundred_thousand_problems_are_not_all_listed():
    nodes = {f"n{i}": {"type": "what"} for i in range(15_000)}

    assert 0 < len(soon({**BASE, "nodes": nodes})) <= 500


def test_unknown_tools_are_named_with_a_hint():
    registry = ToolRegistry()
    registry.register("review.score", len)
    document = {**BASE, "nodes": {"n0": {"type": "tool", "tool": "review.scoer"}}, "edges": []}
    problem = validate(document, registry)[0]

    assert (problem.code, problem.pointer, problem.node) == ("unknown_tool", "/nodes/n0/tool", "n0")
    assert "review.score" in problem.hint


def test_a_tool_that_is_like_no_other_has_a_hint_too():
    document = {**BASE, "nodes": {"n0": {"type": "tool", "tool": "nope"}}, "edges": []}

    assert validate(document, ToolRegistry())[0].hint == (
        "register a tool of this name, or choose one that there is"
    )


def test_a_run_with_an_unknown_tool_fails_and_says_so():
    document = {**BASE, "nodes": {"n0": {"type": "tool", "tool": "nope"}}, "edges": []}
    result = run(Graph.from_dict(document), {}, registry=ToolRegistry())

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_TOOL", "n0")
    assert "nope" in result.error.message


def test_a_long_chain_of_inline_nodes_runs_without_recursion():
    count = 5_000
    document = {
        **BASE,
        "nodes": {f"n{i}": {"type": "noop"} for i in range(count)},
        "edges": [{"from": f"n{i}", "to": f"n{i + 1}"} for i in range(count - 1)],
        "limits": {"max_steps": count},
    }

    assert run(Graph.from_dict(document), {}).status == "completed"


def test_layout_of_five_thousand_nodes_takes_well_under_a_second():
    count = 5_000
    nodes = {f"n{i}": {} for i in range(count)}
    edges = [{"from": f"n{i}", "to": f"n{(i * 7 + 1) % count}"} for i in range(count)]
    edges += [{"from": f"n{i // 3}", "to": f"n{i}"} for i in range(1, count)]
    began = time.thread_time()
    places = layout({"nodes": nodes, "edges": edges, "entry": ["n0"]})

    assert time.thread_time() - began < 2.0
    assert len({tuple(place) for place in places.values()}) == count
