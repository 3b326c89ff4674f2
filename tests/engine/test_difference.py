"""What two documents do differently, told by node, edge and setting."""

import copy
import random

import pytest

from engine import Graph
from engine.graph.difference import NOTHING, Change, difference
from tests.engine.graphs import Builder
from tests.engine.test_documents import EXAMPLE


@pytest.fixture
def old():
    return Graph.from_dict(EXAMPLE).to_dict()


@pytest.fixture
def new(old):
    return copy.deepcopy(old)


def test_the_same_document_does_not_differ(old, new):
    found = difference(old, new)

    assert not found
    assert found.as_dict() == {
        "equal": True,
        "nodes": {"added": [], "removed": [], "changed": []},
        "edges": {"added": [], "removed": [], "changed": []},
        "reordered": [],
        "order": False,
        "settings": [],
    }


def test_places_and_notes_are_left_out(old, new):
    new["layout"] = {name: [7, 7] for name in new["nodes"]}
    new["meta"] = {"who": "somebody"}

    assert not difference(old, new)


def test_nodes_and_edges_come_and_go(old, new):
    new["nodes"]["extra"] = {"type": "noop"}
    new["edges"].append({"id": "x", "from": "ship", "to": "extra"})
    found = difference(old, new)

    assert found.nodes.added == {"extra": {"type": "noop"}}
    assert found.edges.added == {"x": {"from": "ship", "to": "extra"}}
    assert not found.nodes.changed
    assert not found.edges.changed
    assert not found.order
    back = difference(new, old).as_dict()
    assert back["nodes"]["removed"] == [{"id": "extra", "node": {"type": "noop"}}]
    assert back["edges"]["removed"] == [{"id": "x", "edge": {"from": "ship", "to": "extra"}}]


def test_a_changed_node_says_which_fields(old, new):
    node = new["nodes"]["write"]
    node["retry"]["max_attempts"] = 9
    node["lock"] = "it"
    del node["timeout"]
    (changed,) = difference(old, new).nodes.changed

    assert changed.id == "write"
    assert set(changed.changes) == {
        Change(("retry", "max_attempts"), 4, 9),
        Change(("lock",), NOTHING, "it"),
        Change(("timeout",), "120s", NOTHING),
    }
    (told,) = difference(old, new).as_dict()["nodes"]["changed"]
    assert {"path": "/lock", "after": "it"} in told["changes"]
    assert {"path": "/timeout", "before": "120s"} in told["changes"]


def test_a_changed_edge_keeps_its_id(old, new):
    edge = next(edge for edge in new["edges"] if edge["id"] == "e2")
    edge["max"], edge["to"] = 7, "ask"
    (changed,) = difference(old, new).edges.changed

    assert (changed.id, set(changed.changes)) == (
        "e2",
        {Change(("max",), 5, 7), Change(("to",), "write", "ask")},
    )


def test_an_order_that_decides_something_is_told_by_node(old, new):
    new["edges"][1], new["edges"][2] = new["edges"][2], new["edges"][1]
    found = difference(old, new)

    assert found
    assert not found.edges
    assert [(r.node, r.side, r.before, r.after) for r in found.reordered] == [
        ("test", "out", ("e2", "e3", "e4"), ("e3", "e2", "e4"))
    ]


def test_an_order_that_decides_nothing_is_told_as_such(old, new):
    first, last = new["edges"][0], new["edges"][2]
    assert first["from"] != last["from"]
    assert first["to"] != last["to"]
    new["edges"] = [new["edges"][1], first, *new["edges"][2:]]
    found = difference(old, new)

    assert found.order
    assert found.reordered == ()


def test_the_rest_of_the_document(old, new):
    new["limits"]["max_steps"] = 5
    new["state"]["defaults"]["history"] = [1]
    new["entry"] = ["test"]
    found = difference(old, new)

    assert {change.path for change in found.settings} == {
        ("limits", "max_steps"),
        ("state", "defaults", "history"),
        ("entry",),
    }


def test_true_is_not_one(old, new):
    new["nodes"]["stop"]["terminate"] = 1
    old["nodes"]["stop"]["terminate"] = True

    assert difference(old, new).nodes.changed[0].changes == (Change(("terminate",), True, 1),)


def test_drafts_that_are_no_graphs_are_compared_all_the_same():
    broken = {"nodes": [1], "edges": "x", "entry": 5}
    ends = {"from": "a", "to": "b"}
    found = difference(broken, {"nodes": {"a": {}, "b": 3}, "edges": [ends, ends, None]})

    assert found.nodes.added == {"a": {}}
    assert list(found.edges.added) == ["a-b", "a-b#2"]
    assert found.settings == (Change(("entry",), 5, NOTHING),)


def test_pointers_are_escaped(old, new):
    new["nodes"]["stop"]["set"] = {"a/b~c": "1"}
    (changed,) = difference(old, new).nodes.changed

    paths = [change.as_dict()["path"] for change in changed.changes]
    assert "/set/a~1b~0c" in paths


def _with_one_change(document, dice):
    """A copy that does one thing differently, or only looks different."""
    changed = copy.deepcopy(document)
    kind = dice.randrange(5)
    if kind == 0:
        changed["layout"] = {}
    elif kind == 1:
        dice.shuffle(changed["edges"])
    elif kind == 2:
        changed["nodes"][dice.choice(list(changed["nodes"]))]["title"] = "changed"
    elif kind == 3:
        changed["limits"] = {"max_steps": 7}
    else:
        dice.choice(changed["edges"])["max"] = 77
    return changed


@pytest.mark.parametrize("seed", range(80))
def test_two_documents_differ_exactly_when_their_hashes_do(seed):
    dice = random.Random(seed)
    before = Graph.from_dict(Builder(seed, conflicts=False).document(2))
    if not before.edges:
        pytest.skip("nothing to shuffle")
    after = Graph.from_dict(_with_one_change(before.to_dict(), dice))

    found = difference(before.to_dict(), after.to_dict())
    assert bool(found) == (before.hash != after.hash)
