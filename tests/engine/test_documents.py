"""Reading documents: every problem at once, each with its pointer."""

import copy
import json

import pytest

from engine import (
    Effect,
    Graph,
    GraphError,
    JoinPolicy,
    NodeType,
    Route,
    ValueRefused,
    new_run,
    validate,
)

GOOD = {
    "format": "treadle/1",
    "key": "count",
    "entry": ["a"],
    "nodes": {"a": {"type": "tool", "tool": "bump"}, "done": {"type": "end"}},
    "edges": [
        {"id": "again", "from": "a", "to": "a", "when": "n < 5"},
        {"id": "out", "from": "a", "to": "done", "else": True},
    ],
}

EXAMPLE = {
    "format": "treadle/1",
    "key": "release-notes",
    "name": "Write release notes",
    "description": "d",
    "entry": ["write"],
    "state": {
        "schema": {"type": "object", "required": ["task"], "properties": {"task": {}}},
        "defaults": {"history": []},
        "reducers": {"history": "append"},
        "on_conflict": {"x": "first"},
    },
    "limits": {"max_steps": 200, "max_active": "24h", "max_state_bytes": 1048576,
               "on_step_budget": "pause", "no_progress": 0},
    "nodes": {
        "write": {"type": "tool", "tool": "text.draft", "title": "Write",
                  "inputs": {"task": "task", "feedback": "state.?review.orValue([])"},
                  "outputs": {"code": "result.code", "history": "[{'iter':iteration}]"},
                  "retry": {"max_attempts": 4, "initial": "1s", "factor": 2, "max": "30s",
                            "jitter": 0.2, "on": ["ConnectionError", "TimeoutError"]},
                  "timeout": "120s", "effect": "once", "on_error": "continue"},
        "test": {"type": "tool", "tool": "ci.run_tests", "route": "first", "on_no_route": "end"},
        "merge": {"type": "noop", "join": {"policy": "all", "on_conflict": "last"}},
        "note": {"type": "set", "set": {"seen": "true"}},
        "stop": {"type": "end", "set": {"outcome": "'stopped'"}},
    },
    "edges": [
        {"id": "e1", "from": "write", "to": "test"},
        {"id": "e2", "from": "test", "to": "write", "when": "!tests.passed", "max": 5},
        {"id": "e3", "from": "test", "to": "merge", "when": "tests.passed"},
        {"id": "e4", "from": "test", "to": "merge", "on": "exhausted"},
        {"id": "e5", "from": "merge", "to": "note"},
        {"id": "e6", "from": "note", "to": "write", "when": "again", "max": 3, "resets": ["e2"]},
        {"id": "e7", "from": "note", "to": "stop", "else": True},
        {"id": "e9", "from": "write", "to": "stop", "on": "error"},
    ],
    "layout": {"write": [0, 0], "test": [240.5, 0]},
    "meta": {"author": "alice"},
}  # fmt: skip


def problems_of(document):
    with pytest.raises(GraphError) as caught:
        Graph.from_dict(document)
    return {(p.code, p.pointer) for p in caught.value.problems}


def changed(path, value, document=GOOD):
    """The document with one member set (or removed, by the value `del`)."""
    made = copy.deepcopy(document)
    *parents, last = path
    at = made
    for part in parents:
        at = at[part]
    if value == "del":
        del at[last]
    else:
        at[last] = value
    return made


def test_a_document_with_everything_is_read():
    graph = Graph.from_dict(EXAMPLE)

    write, test = graph.nodes["write"], graph.nodes["test"]
    assert (write.type, write.effect, write.timeout_s) == (NodeType.TOOL, Effect.ONCE, 120)
    assert (write.retry.max_attempts, write.retry.max_s) == (4, 30)
    assert (test.route, graph.nodes["merge"].join.policy) == (Route.FIRST, JoinPolicy.ALL)
    assert (graph.limits.max_active_s, graph.limits.no_progress) == (86_400, 0)
    assert graph.edges[5].resets == ("e2",)
    assert graph.layout == {"write": [0, 0], "test": [240.5, 0]}


def test_to_dict_gives_the_document_back():
    assert Graph.from_dict(EXAMPLE).to_dict() == EXAMPLE


def test_edges_without_an_id_get_one_that_is_free():
    document = changed(
        ("edges",), [{"from": "a", "to": "done"}, {"id": "e1", "from": "a", "to": "a"}]
    )

    assert [edge["id"] for edge in Graph.from_dict(document).to_dict()["edges"]] == ["e1_", "e1"]


def test_the_hash_ignores_layout_and_meta_and_key_order_only():
    base = Graph.from_dict(GOOD).hash
    moved = {**GOOD, "layout": {"a": [8, 8]}, "meta": {"by": "bob"}}
    shuffled = dict(reversed(GOOD.items()))

    assert Graph.from_dict(moved).hash == base
    assert Graph.from_dict(shuffled).hash == base
    assert Graph.from_dict(changed(("edges", 0, "when"), "n < 6")).hash != base
    assert Graph.from_dict(changed(("edges",), GOOD["edges"][::-1])).hash != base


def test_the_document_given_is_neither_kept_nor_changed():
    document = copy.deepcopy(EXAMPLE)
    graph = Graph.from_dict(document)
    document["nodes"]["write"]["tool"] = "other"

    assert graph.to_dict() == EXAMPLE
    graph.to_dict()["nodes"].clear()
    assert graph.to_dict() == EXAMPLE


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer"),
    [
        (("format",), "del", "bad_format", "/format"),
        (("format",), "treadle/9", "bad_format", "/format"),
        (("extra",), 1, "unknown_key", "/extra"),
        (("entry",), "del", "missing_key", ""),
        (("entry",), [], "no_entry", "/entry"),
        (("entry",), "a", "wrong_type", "/entry"),
        (("entry",), ["x"], "unknown_node", "/entry/0"),
        (("entry",), ["a", "a"], "double_entry", "/entry/1"),
        (("nodes",), [], "wrong_type", "/nodes"),
        (("nodes",), {}, "no_nodes", "/nodes"),
        (("nodes", "a"), 7, "wrong_type", "/nodes/a"),
        (("nodes", "a", "type"), "del", "missing_key", "/nodes/a"),
        (("nodes", "a", "type"), "tol", "unknown_type", "/nodes/a/type"),
        (("nodes", "a", "type"), [], "unknown_type", "/nodes/a/type"),
        (("nodes", "a", "tool"), "del", "missing_key", "/nodes/a"),
        (("nodes", "a", "tool"), 5, "wrong_type", "/nodes/a/tool"),
        (("nodes", "a", "colour"), "red", "unknown_key", "/nodes/a/colour"),
        (("nodes", "done", "tool"), "x", "unknown_key", "/nodes/done/tool"),
        (("nodes", "a", "inputs"), {"x": "1 +"}, "bad_expression", "/nodes/a/inputs/x"),
        (("nodes", "a", "inputs"), {"x": 1}, "wrong_type", "/nodes/a/inputs/x"),
        (("nodes", "a", "inputs"), [], "wrong_type", "/nodes/a/inputs"),
        (("nodes", "a", "outputs"), {"a/b~c": "("}, "bad_expression", "/nodes/a/outputs/a~1b~0c"),
        (("nodes", "a", "route"), "any", "wrong_type", "/nodes/a/route"),
        (("nodes", "a", "timeout"), "soon", "wrong_type", "/nodes/a/timeout"),
        (("nodes", "a", "timeout"), -1, "wrong_type", "/nodes/a/timeout"),
        (("nodes", "a", "retry"), {"max_attempts": 0}, "wrong_type", "/nodes/a/retry/max_attempts"),
        (("nodes", "a", "retry"), {"tries": 3}, "unknown_key", "/nodes/a/retry/tries"),
        (("nodes", "a", "retry"), {"on": "x"}, "wrong_type", "/nodes/a/retry/on"),
        (("nodes", "a", "effect"), "none", "wrong_type", "/nodes/a/effect"),
        (("nodes", "a", "isolation"), "moon", "wrong_type", "/nodes/a/isolation"),
        (("nodes", "a", "join"), {"policy": "most"}, "wrong_type", "/nodes/a/join/policy"),
        (("nodes", "a", "join"), {"policy": "soon"}, "wrong_type", "/nodes/a/join/policy"),
        (("nodes", "done"), {"type": "human", "form": []}, "wrong_type", "/nodes/done/form"),
        (
            ("nodes", "done"),
            {"type": "human", "form": {"type": 7}},
            "bad_schema",
            "/nodes/done/form",
        ),
        (("nodes", "done"), {"type": "human", "due": "soon"}, "wrong_type", "/nodes/done/due"),
        (("nodes", "done"), {"type": "subgraph"}, "missing_key", "/nodes/done"),
        (
            ("nodes", "done"),
            {"type": "subgraph", "workflow": "x", "version": 0},
            "wrong_type",
            "/nodes/done/version",
        ),
        (
            ("nodes", "done"),
            {"type": "subgraph", "workflow": "x", "retry": {}},
            "unknown_key",
            "/nodes/done/retry",
        ),
        (
            ("nodes", "done"),
            {"type": "subgraph", "workflow": "x", "in": {"a": "1 +"}},
            "bad_expression",
            "/nodes/done/in/a",
        ),
        (("nodes", "done"), {"type": "wait"}, "missing_key", "/nodes/done"),
        (
            ("nodes", "done"),
            {"type": "wait", "for": "1s", "signal": "x"},
            "bad_wait",
            "/nodes/done",
        ),
        (
            ("nodes", "done"),
            {"type": "wait", "for": "1s", "key": "x"},
            "bad_wait",
            "/nodes/done/key",
        ),
        (
            ("nodes", "done"),
            {"type": "wait", "until": "1 +"},
            "bad_expression",
            "/nodes/done/until",
        ),
        (("nodes", "done"), {"type": "wait", "any": {}}, "bad_wait", "/nodes/done/any"),
        (("nodes", "done"), {"type": "emit"}, "missing_key", "/nodes/done"),
        (("edges",), {}, "wrong_type", "/edges"),
        (("edges", 0), "x", "wrong_type", "/edges/0"),
        (("edges", 0, "to"), "nowhere", "unknown_node", "/edges/0/to"),
        (("edges", 0, "from"), "del", "missing_key", "/edges/0"),
        (("edges", 0, "when"), "n <", "bad_expression", "/edges/0/when"),
        (("edges", 0, "when"), True, "wrong_type", "/edges/0/when"),
        (("edges", 1, "when"), "true", "else_with_when", "/edges/1"),
        (("edges", 0, "on"), "maybe", "wrong_type", "/edges/0/on"),
        (("edges", 0, "max"), 0, "wrong_type", "/edges/0/max"),
        (("edges", 0, "max"), True, "wrong_type", "/edges/0/max"),
        (("edges", 1, "id"), "again", "double_id", "/edges/1/id"),
        (("edges", 1, "id"), "@entry", "wrong_type", "/edges/1/id"),
        (("edges", 1, "id"), 7, "wrong_type", "/edges/1/id"),
        (("edges", 0, "resets"), ["zz"], "unknown_edge", "/edges/0/resets"),
        (("limits",), {"max_steps": 0}, "wrong_type", "/limits/max_steps"),
        (("limits",), {"max_steps": 10**9}, "wrong_type", "/limits/max_steps"),
        (("limits",), {"speed": 1}, "unknown_key", "/limits/speed"),
        (("limits",), {"on_step_budget": "x"}, "wrong_type", "/limits/on_step_budget"),
        (("state",), {"reducers": {"x": "most"}}, "unknown_word", "/state/reducers/x"),
        (("state",), {"on_conflict": {"x": "y"}}, "unknown_word", "/state/on_conflict/x"),
        (("state",), {"shape": {}}, "unknown_key", "/state/shape"),
        (("layout",), {"zz": [0, 0]}, "unknown_node", "/layout/zz"),
        (("layout",), {"a": [0]}, "wrong_type", "/layout/a"),
        (("name",), 5, "wrong_type", "/name"),
    ],
)
def test_a_wrong_member_is_reported_where_it_is(path, value, code, pointer):
    assert (code, pointer) in problems_of(changed(path, value))


def test_all_problems_are_reported_at_once_and_name_their_node_or_edge():
    document = changed(("edges", 0, "when"), "n <")
    document["nodes"]["a"]["colour"] = 1
    document["extra"] = 1
    found = validate(document)

    assert len(found) == 3
    assert {(p.code, p.node, p.edge) for p in found} == {
        ("unknown_key", None, None),
        ("unknown_key", "a", None),
        ("bad_expression", None, "again"),
    }
    assert all(json.dumps(p.as_dict()) for p in found)
    assert "known here" in found[0].hint


def test_an_empty_document_lacks_everything_and_says_so_at_once():
    assert problems_of({}) == {
        ("bad_format", "/format"),
        ("no_nodes", "/nodes"),
        ("missing_key", ""),
    }


def test_a_problem_is_told_once():
    with pytest.raises(GraphError) as caught:
        Graph.from_dict({**GOOD, "nodes": []})

    told = [p.pointer for p in caught.value.problems if p.pointer == "/nodes"]
    assert told == ["/nodes"]


def test_graph_error_shows_the_first_few_problems():
    document = {**GOOD, **{f"x{i}": 1 for i in range(9)}}

    with pytest.raises(GraphError, match="and 4 more"):
        Graph.from_dict(document)


def test_a_back_edge_has_a_bound_unless_the_document_says_none():
    from engine.graph.plan import plan_of

    bounded = plan_of(Graph.from_dict(GOOD)).edge_by_id["again"]
    free = plan_of(Graph.from_dict(changed(("edges", 0, "max"), None))).edge_by_id["again"]

    assert (bounded.back, bounded.max) == (True, 100)
    assert (free.back, free.max) == (True, None)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"$ref": "http://example.com/schema"},
        {"$ref": "#/nope"},
        {"properties": {"a": {"pattern": "("}}},
        {"properties": {"a": {"pattern": "(?=x)y"}}},
    ],
)
def test_a_state_schema_must_be_one_that_can_be_used(schema):
    assert ("bad_schema", "/state/schema") in problems_of({**GOOD, "state": {"schema": schema}})


def test_a_start_must_fit_the_schema_of_the_state():
    schema = {"required": ["n"], "properties": {"n": {"type": "integer"}}}
    graph = Graph.from_dict({**GOOD, "state": {"schema": schema}})

    new_run(graph, {"n": 1, "more": True})
    for state in ({}, {"n": "one"}):
        with pytest.raises(ValueRefused, match="n"):
            new_run(graph, state)


def test_a_start_must_be_json():
    with pytest.raises(ValueRefused, match=r"state\.a\[0\]"):
        new_run(Graph.from_dict(GOOD), {"a": [object()]})
