"""Why a run stands where it stands."""

import pytest

from engine import Driver, Event, MemoryJournal, fold, new_run, run
from engine.policies import WaitKind
from engine.telling.edge_story import edge_story
from engine.telling.explaining import EXPLAINERS, WAITS, reasons
from tests.engine.helpers import graph_of, registry_of, state_tools

RETRY = {"max_attempts": 2, "initial": "1ms", "on": ["Exception"]}
FORK = graph_of(
    {"a": "one", "left": "one", "right": "one", "meet": "one"},
    [("a", "left"), ("a", "right"), ("left", "meet"), ("right", "meet")],
)


def told_until(graph, tools, kind, node):
    """The journal of a run up to the first event of this kind at this node."""
    events = [Event.from_dict(raw) for raw in run(graph, {}, registry=state_tools(tools)).events]
    end = next(at for at, e in enumerate(events) if (str(e.kind), e.node) == (kind, node))
    return events[: end + 1]


def found(graph, events):
    return {(r["what"], r["node"]): r for r in reasons(fold(graph, events).marking, events)}


def test_a_join_tells_what_came_and_what_it_waits_for():
    one = {"one": lambda state: None}
    events = told_until(FORK, one, "attempt.succeeded", "left")

    why = found(FORK, events)

    assert why["join", "meet"]["arrived"] == ["left-meet"]
    assert why["join", "meet"]["awaited"] == {"right-meet": ["right"]}
    assert "right-meet from right" in why["join", "meet"]["text"]


def test_an_attempt_tells_since_when_it_runs():
    events = told_until(FORK, {"one": lambda state: None}, "attempt.started", "a")

    why = found(FORK, events)

    assert why["attempt", "a"]["attempt"] == 1
    assert why["attempt", "a"]["since"] == events[-1].as_dict()["ts"]


def test_a_retry_tells_when_it_is_due():
    graph = graph_of({"a": {"type": "tool", "tool": "fails", "retry": RETRY}}, [])

    def fails(state):
        raise ValueError("broken")

    events = told_until(graph, {"fails": fails}, "attempt.failed", "a")

    why = found(graph, events)

    assert why["retry", "a"]["due"].endswith("Z")
    assert "broken" in why["retry", "a"]["text"]


def test_what_rests_tells_why():
    limited = graph_of({"a": "one", "b": "one"}, [("a", "b")], limits={"max_steps": 1})
    result = run(limited, {}, registry=state_tools({"one": lambda state: None}))
    paused = [Event.from_dict(raw) for raw in result.events]
    [why] = reasons(fold(limited, paused).marking, paused)
    assert (why["what"], why["code"]) == ("paused", "E_STEP_BUDGET")
    assert "It goes on when it is resumed" in why["text"]

    whole = run(FORK, {}, registry=state_tools({"one": lambda state: None}))
    done = [Event.from_dict(raw) for raw in whole.events]
    assert [r["what"] for r in reasons(fold(FORK, done).marking, done)] == ["over"]


COUNT = {"count": lambda state: {"n": state.get("n", 0) + 1}}
LOOP = graph_of(
    {"a": "count", "done": {"type": "end"}, "sorry": {"type": "end"}},
    [
        ("a", "a", {"when": "n < 3"}),
        ("a", "done", {"else": True}),
        ("a", "sorry", {"on": "error"}),
    ],
)


def journal(graph, tools, **more):
    return [Event.from_dict(raw) for raw in run(graph, registry=state_tools(tools), **more).events]


def story(graph, events, edge):
    return edge_story(fold(graph, events).marking, events, edge)


def test_an_edge_tells_what_was_last_found_there():
    events = journal(LOOP, COUNT)

    last = story(LOOP, events, "a-a")

    assert (last["taken"], last["when"], last["values"]) == (False, "n < 3", {"n": 3})
    assert last["text"] == "It was not taken: n < 3 was false (n = 3)."
    assert last["times"] == {"taken": 2, "skipped": 1}
    assert events[last["seq"] - 1].node == "a"
    assert "no other condition was true" in story(LOOP, events, "a-done")["text"]


def test_an_edge_whose_turn_never_came_says_why():
    events = journal(LOOP, COUNT)

    never = story(LOOP, events, "a-sorry")
    early = story(LOOP, events[:1], "a-a")
    under_way = story(LOOP, events[:2], "a-a")

    assert (never["taken"], never["reason"]) == (False, "passed_over")
    assert "only for the outcome error of 'a'" in never["text"]
    assert (early["seq"], early["when"], early["reason"]) == (None, "n < 3", "not_decided")
    assert "it is ready" in early["text"]
    assert "it is running" in under_way["text"]
    line = graph_of({"a": "count", "b": "count", "c": "count"}, [("a", "b"), ("b", "c")])
    start = journal(line, COUNT)[:2]
    assert story(line, start, "b-c")["text"] == "'b' has not been reached yet."


def test_an_edge_that_is_used_up_or_stands_still_says_so():
    bounded = graph_of(
        {"a": "count", "out": {"type": "end"}},
        [("a", "a", {"when": "n < 9", "max": 2}), ("a", "out", {"on": "exhausted"})],
    )
    events = journal(bounded, COUNT)
    assert "as often as its max allows" in story(bounded, events, "a-a")["text"]
    assert "used up" in story(bounded, events, "a-out")["text"]

    still = graph_of(
        {"a": "same", "out": {"type": "end"}},
        [("a", "a", {"when": "n < 9"}), ("a", "out", {"else": True})],
    )
    events = journal(still, {"same": lambda state: None}, state={"n": 0})
    assert "without changing the state" in story(still, events, "a-a")["text"]


def test_a_lock_tells_who_has_it():
    both = {"type": "tool", "tool": "one", "lock": "door"}
    graph = graph_of({"a": "one", "b": both, "c": both}, [("a", "b"), ("a", "c")])
    events = told_until(graph, {"one": lambda state: None}, "attempt.started", "b")

    why = found(graph, events)

    assert (why["lock", "c"]["lock"], why["lock", "c"]["holders"]) == ("door", ["b"])
    assert why["attempt", "b"]["attempt"] == 1


def test_a_node_that_is_ready_tells_what_it_has_no_room_for():
    graph = graph_of(
        {"a": "one", "b": "one", "c": "one"},
        [("a", "b"), ("a", "c")],
        limits={"max_parallel": 1},
    )
    events = told_until(graph, {"one": lambda state: None}, "attempt.started", "b")

    assert "one of the 1 calls under way has ended" in found(graph, events)["ready", "c"]["text"]


def test_a_map_tells_how_far_it_is():
    body = {"tool": "double", "inputs": {"x": "x"}}
    graph = graph_of({"a": {"type": "map", "over": "xs", "as": "x", "body": body}}, [])
    registry = registry_of({"double": lambda x: x * 2})
    told = [Event.from_dict(e) for e in run(graph, {"xs": [1, 2, 3]}, registry=registry).events]
    first = next(at for at, e in enumerate(told) if "result" in e.data)

    why = found(graph, told[: first + 1])

    items = why["items", "a"]
    assert (items["done"], items["failed"], items["total"]) == (1, 0, 3)
    assert "has done 1 of its 3 items" in items["text"]


@pytest.mark.parametrize(
    ("node", "what", "says"),
    [
        ({"type": "wait", "for": "1h"}, "timer", "waits until"),
        ({"type": "wait", "signal": "paid", "key": "'x'"}, "signal", "the key 'x'"),
        ({"type": "human", "form": {}, "assignees": {"users": ["ann"]}}, "human", "of ann."),
    ],
)
def test_a_wait_tells_what_has_to_come(node, what, says):
    graph = graph_of({"a": node}, [])
    driver_events = waiting_journal(graph)

    [why] = reasons(fold(graph, driver_events).marking, driver_events)

    assert (why["what"], why["node"]) == (what, "a")
    assert says in why["text"]


def waiting_journal(graph):
    """The journal of a run that has opened its wait and does not go on."""
    kept = MemoryJournal()
    created = new_run(graph, {}, now=1.0)
    kept.append([created])
    driver = Driver(graph, registry_of({}), kept, folded=fold(graph, [created]))
    driver.advance()
    return kept.events


def test_every_kind_of_wait_has_its_words():
    assert set(WAITS) >= {str(kind) for kind in WaitKind}
    assert len(EXPLAINERS) == len(set(EXPLAINERS))
