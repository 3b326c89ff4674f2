"""A run that was cut goes on from its journal as if nothing had happened."""

import asyncio
import json

import pytest

from engine import Driver, Event, Graph, MemoryJournal, MemoryStore, fold, new_run, run
from engine.planning.waits import signalled
from engine.policies import RunStatus
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

START = {"p": 1, "q": 0, "r": 2}


def driven(graph, registry, seed):
    """A finished run, its journal and the markings seen on the way."""
    journal = RecordingJournal()
    created = new_run(graph, START)
    journal.append([created])
    driver = Driver(graph, registry, journal, folded=fold(graph, [created]), schedule_seed=seed)
    journal.marking = driver._marking
    assert driver.advance()
    return driver.result(), journal


def random_run(seed):
    builder = Builder(seed, conflicts=False)
    graph = Graph.from_dict(builder.document(1 + seed % 3))
    return graph, state_tools(builder.tools)


@pytest.mark.parametrize("seed", range(60))
def test_a_fold_equals_the_live_marking_after_every_append(seed):
    graph, registry = random_run(seed)

    _, journal = driven(graph, registry, seed)

    events = through_json(journal.events)
    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(graph, events[:count]).marking))) == live


@pytest.mark.parametrize("seed", range(60))
def test_a_run_cut_after_any_event_ends_in_the_same_state(seed):
    graph, registry = random_run(seed)
    whole, journal = driven(graph, registry, seed)
    events = through_json(journal.events)

    for cut in range(1, len(events) + 1):
        rest = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        driver = Driver(graph, registry, rest, folded=fold(graph, events[:cut]))
        assert driver.advance()
        again = driver.result()

        assert again.status == whole.status, f"cut after event {cut}"
        if whole.status is RunStatus.COMPLETED:
            assert again.state == whole.state, f"cut after event {cut}"
            assert again.state == fold(graph, through_json(rest.events)).state


def test_a_second_cut_during_recovery_changes_nothing():
    graph = graph_of({"a": "one", "b": "two"}, [("a", "b")])
    tools = {"one": lambda s: {"x": 1}, "two": lambda s: {"y": s["x"] + 1}}
    events = run_tools(graph, tools).events
    started = next(e["seq"] for e in events if e["node"] == "b")
    prefix = [Event.from_dict(e) for e in events[:started]]
    lost = Event.from_dict({**events[started - 1], "k": "attempt.lost", "seq": started + 1})

    driver = Driver(graph, state_tools(tools), MemoryJournal(), folded=fold(graph, [*prefix, lost]))

    assert driver.advance()
    assert driver.result().state == {"x": 1, "y": 2}


def cut_in_tool(effect):
    """A run cut while its only tool was being called."""
    graph = graph_of({"a": "act", "b": "after"}, [("a", "b")])
    calls = []

    def act():
        calls.append(1)
        return {"done": True}

    registry = registry_of({"act": act, "after": lambda: None}, effect)
    started = Event.from_dict(
        {"seq": 2, "ts": None, "k": "attempt.started", "node": "a", "act": 1, "att": 1, "data": {}}
    )
    journal = MemoryJournal()
    driver = Driver(graph, registry, journal, folded=fold(graph, [new_run(graph, {}), started]))
    return driver, journal, calls


@pytest.mark.parametrize("effect", ["pure", "idempotent"])
async def test_a_tool_that_may_be_called_again_gets_a_new_attempt(effect):
    driver, journal, calls = cut_in_tool(effect)

    result = await driver.drive()

    assert (result.status, calls) == (RunStatus.COMPLETED, [1])
    first = [(str(e.kind), e.act, e.att) for e in journal.events if e.node == "a"]
    assert first == [
        ("attempt.lost", 1, 1),
        ("attempt.started", 1, 2),
        ("attempt.succeeded", 1, 2),
    ]


async def test_a_once_tool_is_never_called_again_by_itself():
    driver, journal, calls = cut_in_tool("once")

    result = await driver.drive()

    assert (result.status, result.error.code, calls) == ("paused", "E_OUTCOME_UNKNOWN", [])
    assert journal.events[-1].data["code"] == "E_OUTCOME_UNKNOWN"


def test_a_node_that_keeps_killing_its_worker_is_given_up():
    graph = graph_of({"a": "act"}, [])
    registry = registry_of({"act": lambda: None})
    journal = MemoryJournal([])
    journal.append([new_run(graph, {})])
    for attempt in range(1, 4):
        about = {"node": "a", "act": 1, "att": attempt, "data": {}, "ts": None, "seq": 0}
        journal.append([Event.from_dict({"k": "attempt.started", **about})])
        if attempt < 3:
            journal.append([Event.from_dict({"k": "attempt.lost", **about})])

    driver = Driver(graph, registry, journal, folded=fold(graph, journal.events))
    driver.advance()

    assert (driver.result().status, driver.result().error.code) == ("paused", "E_LOST")


def test_failures_are_not_counted_as_lost_workers():
    retry = {"max_attempts": 9, "initial": "1s", "on": ["Exception"]}
    graph = graph_of({"a": {"type": "tool", "tool": "act", "retry": retry}}, [])
    journal = MemoryJournal([])
    journal.append([new_run(graph, {})])
    error = {"code": "E_TOOL", "message": "away", "details": {}}
    for attempt in range(1, 6):
        about = {"node": "a", "act": 1, "att": attempt, "ts": None, "seq": 0}
        journal.append([Event.from_dict({"k": "attempt.started", "data": {}, **about})])
        if attempt < 5:
            data = {"error": error, "retry_at": 0.0}
            journal.append([Event.from_dict({"k": "attempt.failed", "data": data, **about})])

    registry = registry_of({"act": lambda: {"done": True}})
    driver = Driver(graph, registry, journal, folded=fold(graph, journal.events))

    assert driver.advance()
    assert (driver.result().status, driver.result().state) == ("completed", {"done": True})


def test_a_store_that_keeps_events_as_they_are_can_be_folded_again_and_again():
    graph = graph_of(
        {"a": "log", "b": "log", "c": "log", "j": "log", "end": "log"},
        [("a", "b"), ("a", "c"), ("b", "j"), ("c", "j"), ("j", "end")],
        state={"reducers": {"log": "append"}},
    )
    store = MemoryStore()
    result = run(
        graph, registry=state_tools({"log": lambda s: {"log": 1}}), store=store, run_id="r"
    )

    assert result.state == {"log": [1] * 5}
    for _ in range(2):
        assert fold(graph, store.events("r")[:-1]).state == result.state


async def test_a_run_goes_on_in_a_store_after_its_driver_was_handed_back():
    graph = graph_of({"a": "slow", "b": "next"}, [("a", "b")])
    store = MemoryStore()
    store.create("r", [new_run(graph, {})])

    async def slow():
        first.stop()
        return {"a": 1}

    registry = registry_of({"slow": slow, "next": lambda: {"b": 2}})
    first = Driver(
        graph, registry, store.journal("r"), folded=fold(graph, store.events("r")), run_id="r"
    )
    handed_back = await first.drive()
    second = Driver(
        graph, registry, store.journal("r"), folded=fold(graph, store.events("r")), run_id="r"
    )
    ended = await second.drive()

    assert handed_back.status == "running"
    assert (ended.status, ended.state) == ("completed", {"a": 1, "b": 2})


def test_a_paused_run_can_be_resumed_with_a_raised_budget():
    graph = graph_of(
        {"a": "bump", "end": {"type": "end"}},
        [("a", "a", {"when": "n < 20", "max": None}), ("a", "end", {"else": True})],
        limits={"max_steps": 5},
    )
    registry = state_tools({"bump": lambda s: {"n": s["n"] + 1}})
    paused = run(graph, {"n": 0}, registry=registry)
    resumed = Event.from_dict(
        {"k": "run.resumed", "data": {"limits": {"max_steps": 100}}, "ts": None, "seq": 99}
    )
    driver = Driver(graph, registry, MemoryJournal(), folded=fold(graph, [*paused.events, resumed]))

    assert (paused.status, paused.state, paused.error.code) == ("paused", {"n": 5}, "E_STEP_BUDGET")
    assert driver.advance()
    assert (driver.result().status, driver.result().state) == ("completed", {"n": 20})


def test_a_failed_run_can_be_resumed_and_calls_only_what_failed():
    graph = graph_of({"a": "good", "b": "bad"}, [("a", "b")])
    calls = []
    broken = [True]

    def good(state):
        calls.append("good")
        return {"a": 1}

    def bad(state):
        calls.append("bad")
        if broken[0]:
            raise KeyError("x")
        return {"b": 2}

    registry = state_tools({"good": good, "bad": bad})
    failed = run(graph, registry=registry)
    broken[0] = False
    resumed = Event.from_dict({"k": "run.resumed", "data": {}, "ts": None, "seq": 99})
    driver = Driver(graph, registry, MemoryJournal(), folded=fold(graph, [*failed.events, resumed]))
    driver.advance()

    assert (failed.status, failed.error.code, failed.error.node) == ("failed", "E_TOOL", "b")
    assert (driver.result().status, driver.result().state) == ("completed", {"a": 1, "b": 2})
    assert calls == ["good", "bad", "bad"]


def test_a_run_stuck_without_a_route_finds_one_after_it_is_resumed():
    graph = graph_of(
        {"a": "same", "end": {"type": "end"}},
        [("a", "a", {"when": "n < 1"}), ("a", "end", {"when": "n > 0"})],
    )
    registry = state_tools({"same": lambda s: None})
    paused = run(graph, {"n": 0}, registry=registry)
    resumed = Event.from_dict({"k": "run.resumed", "data": {}, "ts": None, "seq": 99})
    journal = MemoryJournal()
    driver = Driver(graph, registry, journal, folded=fold(graph, [*paused.events, resumed]))
    driver.advance()

    assert (paused.status, paused.error.code) == ("paused", "E_NO_PROGRESS")
    assert str(journal.events[0].kind) == "edges.taken"
    assert driver.result().error.code == "E_NO_PROGRESS"


def test_a_failure_that_was_written_after_the_resume_is_over_once_it_is_tried_again():
    graph = graph_of({"a": "fails"}, [])

    def fails(state):
        raise ValueError("broken")

    result = run(graph, {}, registry=state_tools({"fails": fails}))
    started = next(e for e in result.events if e["k"] == "attempt.started")
    failed = next(e for e in result.events if e["k"] == "attempt.failed")
    paused = {"k": "run.paused", "data": {"reason": "lunch"}}
    resumed = {"k": "run.resumed", "data": {}}

    told = fold(graph, [result.events[0], started, paused, resumed, failed, started])

    assert (told.status, told.in_flight) == (RunStatus.RUNNING, [("a", 1, 2)])
    assert not told.marking.troubled


async def test_a_driver_that_let_go_starts_nothing_any_more():
    graph = graph_of({"w": {"type": "wait", "signal": "go"}, "a": "act"}, [("w", "a")], "w")
    calls = []

    async def act():
        calls.append(1)

    journal = MemoryJournal([])
    journal.append([new_run(graph, {})])
    registry = registry_of({"act": act})
    driver = Driver(graph, registry, journal, folded=fold(graph, journal.events))
    assert (await driver.drive()).status == "waiting"

    driver.notify(signalled("go"))
    await asyncio.sleep(0.01)

    assert calls == []
    assert not [event for event in journal.events if event.kind == "attempt.started"]
