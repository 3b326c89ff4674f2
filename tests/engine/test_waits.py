"""Nodes that wait for a time, a signal or a person."""

import asyncio
import json

import pytest

from engine import (
    Driver,
    Event,
    EventKind,
    MemoryJournal,
    ToolRegistry,
    VirtualClock,
    fold,
    new_run,
    run,
    validate,
)
from engine.driving.clock import SystemClock
from engine.planning.waits import answer_problems, answered, signalled
from engine.policies import RunStatus
from tests.engine.helpers import (
    RecordingJournal,
    dump,
    graph_of,
    kinds,
    registry_of,
    run_tools,
    through_json,
)


async def bump(state):
    return {"n": state["n"] + 1}


REGISTRY = ToolRegistry()
REGISTRY.register("bump", bump, effect="pure")
TOOLS = {"bump": lambda state: {"n": state["n"] + 1}}
FORM = {
    "type": "object",
    "required": ["decision"],
    "properties": {"decision": {"enum": ["ship", "stop"]}},
}


def one(spec, **edge):
    """A wait between two calls of bump."""
    edges = [("a", "w"), ("w", "b", edge)]
    return graph_of({"a": "bump", "w": spec, "b": "bump"}, edges)


def begun(graph, journal=None, state=None, events=None, **more):
    """A driver of a new run, or of one that these events tell of."""
    journal = journal if journal is not None else MemoryJournal()
    if events is None:
        events = [new_run(graph, {"n": 0} if state is None else state)]
        journal.append(events)
    return Driver(graph, REGISTRY, journal, folded=fold(graph, events), **more)


def rest(driver):
    asyncio.run(asyncio.wait_for(driver.drive(), 10))
    return driver.result()


def test_a_timer_holds_the_run_for_its_time():
    clock = VirtualClock(1_000.0)

    result = run_tools(one({"type": "wait", "for": "2h"}), TOOLS, {"n": 0}, clock=clock)

    assert (result.status, result.state) == ("completed", {"n": 2})
    assert clock.now() == 1_000.0 + 7_200
    assert kinds(result, "w") == ["wait.opened", "wait.closed", "attempt.succeeded"]
    assert "run.waiting" in kinds(result)


@pytest.mark.parametrize("until", ["5000", "'1970-01-01T01:23:20Z'", "'1970-01-01T01:23:20'"])
def test_until_is_a_moment(until):
    clock = VirtualClock(1_000.0)

    result = run_tools(one({"type": "wait", "until": until}), TOOLS, {"n": 0}, clock=clock)

    assert (result.status, clock.now()) == ("completed", 5_000.0)


def test_a_moment_that_has_passed_does_not_hold_the_run():
    clock = VirtualClock(9_000.0)

    result = run_tools(one({"type": "wait", "until": "5000"}), TOOLS, {"n": 0}, clock=clock)

    assert (result.status, clock.now()) == ("completed", 9_000.0)


@pytest.mark.parametrize("until", ["'tomorrow'", "true", "-1", "[1]", "1e300", "missing"])
def test_what_is_no_time_fails_the_node(until):
    result = run_tools(one({"type": "wait", "until": until}), TOOLS, {"n": 0})

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_EXPRESSION", "w")


def test_waiting_is_not_being_active():
    graph = graph_of(
        {"a": "bump", "w": {"type": "wait", "for": "48h"}, "b": "bump"},
        [("a", "w"), ("w", "b")],
        limits={"max_active": "1h"},
    )

    result = run_tools(graph, TOOLS, {"n": 0}, clock=VirtualClock())

    assert (result.status, result.state) == ("completed", {"n": 2})


def test_waiting_again_and_again_is_not_being_active():
    """One wait ends and the next begins in the same moment: neither time counts."""
    graph = graph_of(
        {"a": "bump", "w": {"type": "wait", "for": "48h"}, "b": "bump", "z": {"type": "end"}},
        [("a", "w"), ("w", "b"), ("b", "w", {"when": "n < 6"}), ("b", "z", {"else": True})],
        limits={"max_active": "1h"},
    )

    result = run_tools(graph, TOOLS, {"n": 0}, clock=VirtualClock())

    assert (result.status, result.state, result.error) == ("completed", {"n": 6}, None)


def test_a_retry_beside_a_wait_does_not_wait_for_it():
    graph = graph_of(
        {"w": {"type": "wait", "for": "1h"}, "f": "flaky", "z": {"type": "noop"}},
        [("w", "z"), ("f", "z")],
        entry=["w", "f"],
    )
    clock, calls = VirtualClock(1_000.0), []

    async def flaky():
        calls.append(clock.now())
        if len(calls) < 3:
            raise ConnectionError("away")
        return {"n": 1}

    result = run(graph, registry=registry_of({"flaky": flaky}), clock=clock)

    assert (result.status, result.state) == ("completed", {"n": 1})
    assert calls[-1] < 1_010


def test_a_branch_goes_on_beside_a_wait():
    graph = graph_of(
        {"w": {"type": "wait", "for": "1h"}, "x": "left", "y": "right", "z": {"type": "noop"}},
        [("w", "x"), ("y", "z"), ("x", "z")],
        entry=["w", "y"],
    )
    tools = {"left": lambda s: {"l": 1}, "right": lambda s: {"r": 1}}

    result = run_tools(graph, tools, {}, clock=VirtualClock())

    assert (result.status, result.state) == ("completed", {"l": 1, "r": 1})
    nodes = [e["node"] for e in result.events if e["k"] == "attempt.succeeded"]
    assert nodes.index("y") < nodes.index("w")


# People -----------------------------------------------------------------------------------------


def asking(**more):
    return one({"type": "human", "title": "Ship it?", "form": FORM, **more})


def opened(driver):
    activation = next(iter(driver._marking.waiting.values()))
    return activation.place.id, activation.waits[0]


def test_a_run_that_waits_for_a_person_rests():
    result = run_tools(asking(assignees={"users": ["ann"]}), TOOLS, {"n": 0})

    assert (result.status, result.state) == ("waiting", {"n": 1})
    (wait,) = next(e["data"]["waits"] for e in result.events if e["k"] == "wait.opened")
    assert wait == {
        "id": "2",
        "kind": "human",
        "title": "Ship it?",
        "form": FORM,
        "assignees": {"users": ["ann"]},
    }
    assert result.events[-1]["k"] == "run.waiting"


@pytest.mark.parametrize(
    ("outputs", "state"),
    [
        ({}, {"n": 2, "decision": "ship"}),
        ({"outputs": {"verdict": "answer.decision"}}, {"n": 2, "verdict": "ship"}),
    ],
)
def test_an_answer_becomes_state_and_the_run_goes_on(outputs, state):
    graph = asking(**outputs)
    journal = MemoryJournal()
    assert rest(begun(graph, journal)).status is RunStatus.WAITING
    node, wait = opened(begun(graph, events=journal.events))

    journal.append([answered(node, wait, {"decision": "ship"}, "ann")])
    ended = rest(begun(graph, journal, events=journal.events))

    assert (ended.status, ended.state) == ("completed", state)


def test_the_first_of_two_answers_counts():
    graph = asking()
    journal = MemoryJournal()
    rest(begun(graph, journal))
    node, wait = opened(begun(graph, events=journal.events))

    journal.append([answered(node, wait, {"decision": d}) for d in ("ship", "stop")])

    assert rest(begun(graph, journal, events=journal.events)).state["decision"] == "ship"


def test_an_answer_that_comes_while_the_run_goes_to_rest_is_not_lost():
    graph = asking()

    class Slow(MemoryJournal):
        """Somebody answers while the driver waits for its last append."""

        async def flush(self):
            if driver._marking.status is RunStatus.WAITING:
                await asyncio.sleep(0)
                event = answered(*opened(driver), {"decision": "ship"})
                self.append([event])
                driver.notify(event)

    driver = begun(graph, Slow())

    assert rest(driver).status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("on", "state"), [("timeout", {"n": 2}), ("error", {"n": 2}), (None, {"n": 1})]
)
def test_a_person_who_is_too_late(on, state):
    edge = {} if on is None else {"on": on}
    graph = one({"type": "human", "form": FORM, "due": "48h"}, **edge)

    result = run_tools(graph, TOOLS, {"n": 0}, clock=VirtualClock())

    assert result.state == state
    if on is None:
        assert (result.status, result.error.code) == ("failed", "E_TIMEOUT")
    else:
        assert result.status == "completed"


def test_a_form_says_what_it_refuses():
    assert answer_problems(FORM, {"decision": "ship"}) == []
    assert answer_problems(FORM, []) == [("", "an answer is an object")]
    ((pointer, message),) = answer_problems(FORM, {"decision": "no"})
    assert pointer == "/decision"
    assert "no" in message
    ((pointer, message),) = answer_problems(FORM, {})
    assert pointer == ""
    assert "decision" in message


def test_a_waiting_run_can_be_cancelled():
    driver = begun(asking())
    rest(driver)

    driver.cancel("enough")

    assert driver.result().status is RunStatus.CANCELLED


# Signals ----------------------------------------------------------------------------------------

PAYMENT = {"type": "wait", "signal": "paid", "key": "n", "outputs": {"sum": "payload.sum"}}


def test_a_signal_is_taken_by_name_and_key():
    graph = one(PAYMENT)
    journal = MemoryJournal()
    rest(begun(graph, journal))

    journal.append([signalled("paid", 7, {"sum": 1}), signalled("other", 1)])
    assert rest(begun(graph, journal, events=journal.events)).status is RunStatus.WAITING
    journal.append([signalled("paid", 1, {"sum": 30})])
    ended = rest(begun(graph, journal, events=journal.events))

    assert (ended.status, ended.state) == ("completed", {"n": 2, "sum": 30})


def test_a_signal_is_kept_until_a_wait_takes_it():
    graph = one(PAYMENT)
    journal = MemoryJournal()
    journal.append([new_run(graph, {"n": 0}), signalled("paid", 1, {"sum": 5})])

    ended = rest(begun(graph, journal, events=journal.events))

    assert (ended.status, ended.state) == ("completed", {"n": 2, "sum": 5})


def test_one_signal_closes_one_wait():
    twice = graph_of(
        {"w": {"type": "wait", "signal": "go"}, "v": {"type": "wait", "signal": "go"}},
        [("w", "v")],
        entry="w",
    )
    journal = MemoryJournal()
    journal.append([new_run(twice, {}), signalled("go")])

    assert rest(begun(twice, journal, events=journal.events)).status is RunStatus.WAITING
    journal.append([signalled("go")])
    assert rest(begun(twice, journal, events=journal.events)).status is RunStatus.COMPLETED


# Parking and going on ---------------------------------------------------------------------------


def test_a_driver_lets_go_of_a_run_that_waits_for_long():
    driver = begun(one({"type": "wait", "for": "1h"}), park_after_s=1.0, clock=SystemClock())

    ended = rest(driver)

    assert ended.status is RunStatus.WAITING
    assert ended.until is not None


def test_a_driver_keeps_a_run_that_waits_for_a_moment():
    driver = begun(one({"type": "wait", "for": "20ms"}), park_after_s=1.0)

    assert rest(driver).status is RunStatus.COMPLETED


def test_a_parked_run_that_is_claimed_too_early_parks_again():
    graph, journal = one({"type": "wait", "for": "1h"}), MemoryJournal()
    rest(begun(graph, journal, park_after_s=1.0))

    journal.append([Event(EventKind.RUN_CLAIMED, {"owner": "x", "fence": 2})])
    ended = rest(begun(graph, journal, events=journal.events, park_after_s=1.0))

    assert ended.status is RunStatus.WAITING


@pytest.mark.parametrize(
    "spec", [{"type": "wait", "for": "1h"}, {"type": "human", "due": "1h"}, PAYMENT]
)
def test_a_run_cut_after_any_event_ends_in_the_same_state(spec):
    graph = one(spec, **({"on": "timeout"} if spec["type"] == "human" else {}))
    journal = RecordingJournal()
    created = [new_run(graph, {"n": 0}), signalled("paid", 1, {"sum": 3})]
    journal.append(created)
    driver = begun(graph, journal, events=created, clock=VirtualClock(1_000.0))
    journal.marking = driver._marking
    whole = rest(driver)
    assert whole.status is RunStatus.COMPLETED
    events = through_json(journal.events)

    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(graph, events[:count]).marking))) == live
    for cut in range(2, len(events) + 1):
        left = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        again = begun(graph, left, events=events[:cut], clock=VirtualClock(1_000.0))
        if fold(graph, events[:cut]).status is not RunStatus.COMPLETED:
            ended = rest(again)
            assert (ended.status, ended.state) == (whole.status, whole.state), cut


def test_waits_are_fine_for_lint():
    document = asking(outputs={"verdict": "answer.decision + x"}).to_dict()
    document["nodes"]["a"]["outputs"] = {"n": "result.n"}
    document["nodes"]["b"]["outputs"] = {"n": "result.n"}
    document["state"] = {"schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}

    (problem,) = validate(document)

    assert (problem.node, "'x'" in problem.message) == ("w", True)


async def test_what_fell_due_while_the_run_was_paused_comes_once_it_is_resumed():
    """Its driver still has a tool to wait for, so it is there when the run is resumed."""
    nodes = {"w": {"type": "wait", "for": "10s"}, "slow": "slow"}
    graph = graph_of(nodes, [], entry=["w", "slow"])
    clock, journal = VirtualClock(1_000.0), MemoryJournal()

    async def slow():
        await clock.sleep(60)

    journal.append([new_run(graph, {})])
    driver = Driver(
        graph, registry_of({"slow": slow}), journal, folded=fold(graph, journal.events), clock=clock
    )
    paused = Event(EventKind.RUN_PAUSED, {"reason": "lunch"})
    resumed = Event(EventKind.RUN_RESUMED, {})
    clock.call_later(5, lambda: driver.notify(paused))
    clock.call_later(30, lambda: driver.notify(resumed))

    result = await driver.drive()

    assert (result.status, clock.now()) == (RunStatus.COMPLETED, 1_060.0)


@pytest.mark.parametrize(
    ("spec", "outputs"),
    [
        ({"type": "human", "form": FORM}, {"got": "answer.decision"}),
        ({"type": "wait", "signal": "paid"}, {"got": "payload.decision"}),
        ({"type": "human", "form": FORM}, None),
    ],
)
def test_a_pinned_wait_goes_on_with_what_would_have_come(spec, outputs):
    graph = one({**spec, "outputs": outputs} if outputs else spec)

    result = run_tools(graph, TOOLS, {"n": 0}, pinned={"w": {"decision": "ship"}})

    assert result.status is RunStatus.COMPLETED
    assert result.state["n"] == 2
    assert result.state["got" if outputs else "decision"] == "ship"


# Signals that bring little -----------------------------------------------------------------------


def signal_wait(**more):
    return graph_of({"w": {"type": "wait", "signal": "s", **more}}, [], entry="w")


def after_signal(graph, state, **signal):
    """How a run ends to which a signal comes while it waits."""
    journal = MemoryJournal()
    assert rest(begun(graph, journal, state, park_after_s=1.0)).status is RunStatus.WAITING
    journal.append([signalled("s", **signal)])
    return rest(begun(graph, journal, events=journal.events))


def test_the_payload_of_a_signal_that_brings_nothing_is_null():
    graph = signal_wait(outputs={"got": "payload", "kept": "answer"})

    ended = after_signal(graph, {"payload": "of the state", "answer": "of the state"})

    assert (ended.status, ended.error) == (RunStatus.COMPLETED, None)
    assert (ended.state["got"], ended.state["kept"]) == (None, "of the state")


def test_a_signal_that_brings_nothing_changes_nothing_without_outputs():
    assert after_signal(signal_wait(), {"n": 1}).state == {"n": 1}


def test_a_pinned_payload_may_be_null():
    result = run(signal_wait(outputs={"got": "payload"}), {"payload": 1}, pinned={"w": None})

    assert (result.status, result.state["got"]) == ("completed", None)


@pytest.mark.parametrize(
    "spec",
    [
        {"type": "wait", "signal": "s"},
        {"type": "emit", "signal": "s"},
        {"type": "wait", "any": {"a": {"signal": "s"}}},
    ],
)
def test_a_key_that_is_null_is_said_at_once(spec):
    key = {"key": "state.?order.orValue(null)"}
    node = {**spec, "any": {"a": {"signal": "s", **key}}} if "any" in spec else {**spec, **key}

    result = run(graph_of({"w": node}, [], entry="w"))

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_EXPRESSION", "w")
    assert "the 'key' of the signal 's' is null" in result.error.message
    assert "leave out 'key'" in result.error.message


def test_a_timer_that_fell_due_with_nobody_there_fires_once():
    graph, journal = one({"type": "wait", "for": "2h"}), MemoryJournal()
    first = begun(graph, journal, clock=VirtualClock(1_000.0), park_after_s=1.0)
    assert rest(first).status is RunStatus.WAITING

    days_later = VirtualClock(1_000.0 + 10 * 86_400)
    journal.append([Event(EventKind.RUN_CLAIMED, {}, time=days_later.now())])
    ended = rest(begun(graph, journal, events=journal.events, clock=days_later))

    assert (ended.status, ended.state) == (RunStatus.COMPLETED, {"n": 2})
    assert [e.data["how"] for e in journal.events if e.kind == "wait.closed"] == ["fired"]
    assert days_later.now() == 1_000.0 + 10 * 86_400, "it waits no longer"
