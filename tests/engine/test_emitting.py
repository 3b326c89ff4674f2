"""Nodes that send a signal."""

import asyncio
import json

import pytest

from engine import Driver, Event, MemoryJournal, fold, new_run, run, validate
from engine.planning.waits import answered
from engine.policies import RunStatus
from tests.engine.helpers import RecordingJournal, dump, graph_of, through_json
from tests.engine.test_alternatives import Shared
from tests.engine.test_waits import REGISTRY, begun, rest

SEND = {"type": "emit", "signal": "go", "key": "order", "payload": {"sum": "n * 2"}}
WAIT = {"type": "wait", "signal": "go", "key": "order", "outputs": {"got": "payload"}}
STATE = {"order": "o1", "n": 4}


def beside(send=None, wait=None):
    """A node that sends, and one that waits beside it."""
    nodes = {"w": {**WAIT, **(wait or {})}, "s": {**SEND, **(send or {})}}
    return graph_of(nodes, [], entry=["w", "s"])


def sent(events):
    return [e["data"] for e in events if e["k"] == "signal.emitted"]


def test_a_wait_of_the_same_run_gets_it_with_its_payload():
    result = run(beside(), STATE, registry=REGISTRY)

    assert (result.status, result.state) == ("completed", {**STATE, "got": {"sum": 8}})
    assert sent(result.events) == [{"name": "go", "key": "o1", "payload": {"sum": 8}, "to": "run"}]
    closed = next(e for e in result.events if e["k"] == "wait.closed")
    assert (closed["node"], closed["data"]["how"]) == ("w", "received")


@pytest.mark.parametrize(
    ("send", "wait", "taken"),
    [
        ({}, {}, True),
        ({"key": "'other'"}, {}, False),
        ({"signal": "stop"}, {}, False),
        ({"key": "order"}, {"key": "'o' + '1'"}, True),
        ({"key": "1.0"}, {"key": "1"}, True),
        ({"key": "true"}, {"key": "1"}, False),
    ],
)
def test_name_and_key_have_to_fit(send, wait, taken):
    result = run(beside(send, wait), STATE, registry=REGISTRY)

    assert result.status == ("completed" if taken else "waiting")


def test_a_wait_without_a_key_takes_any():
    graph = graph_of({"w": {"type": "wait", "signal": "go"}, "s": SEND}, [], entry=["w", "s"])

    assert run(graph, STATE, registry=REGISTRY).state == {**STATE, "sum": 8}


def test_a_signal_without_payload_brings_nothing():
    result = run(beside({"payload": {}}), STATE, registry=REGISTRY)
    graph = graph_of(
        {"w": WAIT, "s": {"type": "emit", "signal": "go", "key": "order"}}, [], entry=["w", "s"]
    )

    assert result.state["got"] == {}
    assert run(graph, STATE, registry=REGISTRY).state["got"] is None


def test_a_signal_is_kept_for_a_wait_that_comes_later():
    graph = graph_of({"s": SEND, "w": WAIT}, [("s", "w")], entry="s")

    assert run(graph, STATE, registry=REGISTRY).state["got"] == {"sum": 8}


def test_a_transient_signal_is_gone_if_nobody_waits():
    later = graph_of({"s": {**SEND, "mode": "transient"}, "w": WAIT}, [("s", "w")], entry="s")

    missed = run(later, STATE, registry=REGISTRY)
    caught = run(beside({"mode": "transient"}), STATE, registry=REGISTRY)

    assert (missed.status, sent(missed.events)[0]["to"]) == ("waiting", "nobody")
    assert (caught.status, caught.state["got"]) == ("completed", {"sum": 8})


def test_one_signal_goes_to_one_wait():
    graph = graph_of({"v": WAIT, "w": WAIT, "s": SEND}, [], entry=["v", "w", "s"])

    result = run(graph, STATE, registry=REGISTRY)

    assert result.status == "waiting"
    assert [e["node"] for e in result.events if e["k"] == "wait.closed"] == ["v"]


def test_where_there_are_other_runs_it_goes_out_unless_a_wait_here_takes_it():
    alone = graph_of({"s": SEND}, [], entry="s")
    both = beside()
    seen = []
    for graph in (alone, both):
        journal = MemoryJournal()
        assert rest(begun(graph, journal, STATE, outside=True)).status is RunStatus.COMPLETED
        seen.append(sent(through_json(journal.events))[0]["to"])

    assert seen == ["runs", "run"]


@pytest.mark.parametrize(
    ("node", "code"),
    [
        ({**SEND, "key": "missing"}, "E_EXPRESSION"),
        ({**SEND, "payload": {"x": "1/0"}}, "E_EXPRESSION"),
    ],
)
def test_what_cannot_be_sent_fails_the_node_and_error_edges_handle_it(node, code):
    plain = run(graph_of({"s": node}, [], entry="s"), STATE, registry=REGISTRY)
    edge = graph_of({"s": node, "b": "bump"}, [("s", "b", {"on": "error"})], entry="s")

    assert (plain.status, plain.error.code, sent(plain.events)) == ("failed", code, [])
    assert run(edge, STATE, registry=REGISTRY).state["n"] == 5


def test_a_pinned_node_sends_nothing():
    graph = graph_of({"s": SEND}, [], entry="s")

    result = run(graph, STATE, registry=REGISTRY, pinned={"s": {"x": 1}})

    assert (result.status, result.state["x"], sent(result.events)) == ("completed", 1, [])


@pytest.mark.parametrize(
    ("node", "pointer"),
    [
        ({"type": "emit"}, "/nodes/s"),
        ({**SEND, "signal": ""}, "/nodes/s/signal"),
        ({**SEND, "key": "1 +"}, "/nodes/s/key"),
        ({**SEND, "payload": "n"}, "/nodes/s/payload"),
        ({**SEND, "payload": {"a": "1 +"}}, "/nodes/s/payload/a"),
        ({**SEND, "mode": "loud"}, "/nodes/s/mode"),
        ({**SEND, "outputs": {}}, "/nodes/s/outputs"),
    ],
)
def test_what_is_wrong_with_the_node_is_said_where_it_is(node, pointer):
    document = graph_of({"s": SEND}, [], entry="s").to_dict()
    document["nodes"]["s"] = node

    assert pointer in [p.pointer for p in validate(document)]


def test_lint_knows_what_it_reads():
    document = graph_of({"s": SEND}, [], entry="s").to_dict()
    document["state"] = {"schema": {"type": "object", "properties": {"n": {}}}}

    (problem,) = validate(document)

    assert "'order'" in problem.message


def test_a_run_cut_after_any_event_sends_it_once():
    graph = graph_of({"a": "bump", "s": SEND, "w": WAIT}, [("a", "s")], entry=["w", "a"])
    journal = RecordingJournal()
    journal.append([new_run(graph, STATE)])
    driver = begun(graph, journal, events=journal.events)
    journal.marking = driver._marking
    whole = rest(driver)
    events = through_json(journal.events)

    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(graph, events[:count]).marking))) == live
    for cut in range(1, len(events)):
        left = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        ended = rest(begun(graph, left, events=events[:cut]))
        assert (ended.status, ended.state) == (whole.status, whole.state), cut
        assert len(sent(through_json(left.events))) == 1, cut


def test_a_signal_proposed_to_a_wait_that_was_answered_is_kept_for_the_next():
    graph = graph_of(
        {
            "q": {"type": "wait", "any": {"sent": {"signal": "go"}, "asked": {"form": {}}}},
            "t": {"type": "wait", "for": "1ms"},
            "s": {"type": "emit", "signal": "go"},
            "v": {"type": "wait", "signal": "go"},
        },
        [("t", "s"), ("q", "v")],
        entry=["q", "t"],
    )
    journal = Shared()
    journal.append([new_run(graph, {})])
    driver = Driver(graph, REGISTRY, journal, folded=fold(graph, journal.events), outside=True)
    journal.driver = driver
    real = journal.propose

    def propose(events):
        if events[0].data["how"] == "received" and not journal.quicker and len(told) == 0:
            told.append(1)
            asked = next(e for e in journal.events if e.kind == "wait.opened").data["waits"][1]
            journal.quicker.append(answered("q", asked, {"a": 1}))
        real(events)

    told = []
    journal.propose = propose
    driver._propose = propose

    asyncio.run(asyncio.wait_for(driver.drive(), 10))

    assert driver.result().status is RunStatus.COMPLETED
    assert fold(graph, through_json(journal.events)).state == driver.result().state == {"a": 1}
