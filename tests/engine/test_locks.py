"""Locks: nodes that share one take turns, whatever they are, from their start to their end."""

import asyncio
import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Driver, Event, EventKind, MemoryJournal, VirtualClock, fold, new_run, run
from engine.planning.waits import answered
from engine.policies import RunStatus
from engine.telling.explaining import reasons
from tests.engine.helpers import (
    RecordingJournal,
    dump,
    graph_of,
    registry_of,
    run_tools,
    state_tools,
    through_json,
)

NOOP = {"type": "noop"}
LOG = {"reducers": {"log": "append"}}


def drive(graph, journal, registry, **more):
    driver = Driver(graph, registry, journal, folded=fold(graph, journal.events), **more)
    return asyncio.run(asyncio.wait_for(driver.drive(), 10)), driver


HOLDING = {
    "human": {"type": "human", "form": {}, "lock": "l"},
    "signal": {"type": "wait", "signal": "go", "lock": "l"},
    "timer": {"type": "wait", "for": "1h", "lock": "l"},
}
BLOCKED = {
    "tool": {"type": "tool", "tool": "b", "lock": "l"},
    "set": {"type": "set", "set": {"b": "1"}, "lock": "l"},
    "noop": {"type": "noop", "lock": "l"},
    "emit": {"type": "emit", "signal": "done", "lock": "l"},
    "human": {"type": "human", "form": {}, "lock": "l"},
    "map": {"type": "map", "over": "[1]", "body": {"tool": "b"}, "lock": "l"},
}


@pytest.mark.parametrize("second", BLOCKED)
@pytest.mark.parametrize("first", HOLDING)
def test_who_waits_holds_its_lock_and_explain_says_so(first, second):
    graph = graph_of({"a": HOLDING[first], "b": BLOCKED[second]}, [], entry=["a", "b"])
    journal = MemoryJournal()
    journal.append([new_run(graph, {})])

    ended, driver = drive(graph, journal, state_tools({"b": lambda s: {}}), park_after_s=1.0)

    assert ended.status is RunStatus.WAITING
    assert driver.activations == {"a": 1, "b": 1}
    assert not any(e.node == "b" for e in journal.events)
    folded = fold(graph, through_json(journal.events))
    assert folded.status is RunStatus.WAITING
    (why,) = [r for r in reasons(folded.marking, []) if r["node"] == "b"]
    assert (why["what"], why["lock"], why["holders"]) == ("lock", "l", ["a"])


def test_the_next_one_begins_when_the_answer_is_there():
    graph = graph_of({"a": HOLDING["human"], "b": BLOCKED["human"]}, [], entry=["a", "b"])
    journal = RecordingJournal()
    journal.append([new_run(graph, {})])
    tools = registry_of({})
    for node in ("a", "b"):
        ended, driver = drive(graph, journal, tools)
        assert ended.status is RunStatus.WAITING
        (activation,) = driver._marking.waiting.values()
        assert activation.place.id == node
        journal.append([answered(node, activation.waits[0], {"said_" + node: 1})])

    ended, _ = drive(graph, journal, tools)

    assert (ended.status, ended.state) == ("completed", {"said_a": 1, "said_b": 1})


def test_a_map_holds_its_lock_until_its_last_item():
    seen = []

    async def work(n):
        seen.append(n)
        await asyncio.sleep(0.001)
        seen.append(-n)

    graph = graph_of(
        {
            "m": {
                "type": "map",
                "over": "[1, 2, 3]",
                "as": "n",
                "body": {"tool": "work"},
                "lock": "l",
                "max_concurrency": 1,
            },
            "t": {"type": "tool", "tool": "work", "inputs": {"n": "9"}, "lock": "l"},
        },
        [],
        entry=["m", "t"],
    )

    result = run(graph, {}, registry=registry_of({"work": work}))

    assert (result.status, seen) == ("completed", [1, -1, 2, -2, 3, -3, 9, -9])


def test_two_that_failed_in_turn_do_not_wait_for_each_other_for_ever():
    """Both had begun when the run failed, one after the other; retried, they take turns again."""
    tries = []

    def fails(name):
        def tool(state):
            tries.append(name)
            if len(tries) <= 2:
                raise ValueError(name)

        return tool

    nodes = {
        name: {"type": "tool", "tool": name, "lock": "l", "on_error": "fail"} for name in ("a", "b")
    }
    graph = graph_of(nodes, [], entry=["a", "b"])
    registry = state_tools({"a": fails("a"), "b": fails("b")})
    journal = MemoryJournal()
    journal.append([new_run(graph, {}, now=time.time())])
    assert drive(graph, journal, registry)[0].status is RunStatus.FAILED
    for _ in range(3):
        journal.append([Event(EventKind.RUN_RESUMED, {}, time=time.time())])
        ended, _ = drive(graph, journal, registry)
        if ended.status is RunStatus.COMPLETED:
            break

    assert ended.status is RunStatus.COMPLETED
    assert sorted(tries[2:]) == ["a", "b"]


def test_who_was_cut_in_the_section_goes_first_when_another_driver_takes_over():
    graph = graph_of(
        {name: {"type": "tool", "tool": "t", "lock": "l"} for name in ("a", "b")},
        [],
        entry=["a", "b"],
    )
    registry = state_tools({"t": lambda s: {}})
    whole = run(graph, {}, registry=registry, schedule_seed=3)
    events = whole.events
    cut = next(n for n, e in enumerate(events) if e["k"] == "attempt.started") + 1
    began = events[cut - 1]["node"]
    left = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
    for seed in range(8):
        journal = MemoryJournal(list(left.events))
        drive(graph, journal, registry, schedule_seed=seed)
        starts = [e.node for e in journal.events[cut:] if e.kind == EventKind.ATTEMPT_STARTED]
        assert starts[0] == began


# Whatever the graph -----------------------------------------------------------------------------


class Sections:
    """A random fork of branches whose nodes take some of three locks."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.nodes, self.edges = {"f": NOOP, "j": NOOP}, []
        for branch in range(self.dice.randint(2, 5)):
            before = "f"
            for step in range(self.dice.randint(1, 4)):
                name = f"n{branch}{step}"
                self.nodes[name] = self.node(name)
                self.edges.append((before, name))
                before = name
            self.edges.append((before, "j"))
        self.graph = graph_of(self.nodes, self.edges, entry="f", state=LOG)

    def node(self, name):
        kind = self.dice.choice(["tool", "tool", "flaky", "wait", "set", "map", "noop"])
        spec = {
            "tool": {"type": "tool", "tool": "work"},
            "flaky": {"type": "tool", "tool": "flaky", "retry": {"max_attempts": 3}},
            "wait": {"type": "wait", "for": f"{self.dice.randint(1, 5)}s"},
            "set": {"type": "set", "set": {"log": f"['{name}']"}},
            "map": {"type": "map", "over": "[1, 2]", "body": {"tool": "work"}, "collect": {}},
            "noop": NOOP,
        }[kind]
        lock = self.dice.choice([None, "x", "y", "z"])
        return {**spec, **({"lock": lock} if lock else {})}


async def work():
    await asyncio.sleep(0)


async def flaky(ctx):
    if ctx.attempt < 2:
        raise ConnectionError("again")


TOOLS = registry_of({"work": work, "flaky": flaky}, "pure")
BEGINS = {"attempt.started", "wait.opened", "map.started"}


def assert_turns(nodes, events):
    """Between the first and the last event of one visit to a lock no other visit has any."""
    owner = {}
    for event in events:
        lock = nodes.get(event["node"], {}).get("lock")
        if lock is None:
            continue
        assert owner.get(lock, event["node"]) == event["node"], event
        owner[lock] = event["node"]
        if event["k"] == "attempt.succeeded" and "item" not in event["data"]:
            del owner[lock]


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_visits_to_a_lock_never_overlap_and_every_run_ends(seed):
    sections = Sections(seed)

    for schedule in (None, seed, seed + 1):
        result = run(
            sections.graph, {}, registry=TOOLS, clock=VirtualClock(), schedule_seed=schedule
        )

        assert result.status == "completed", result.error
        assert_turns(sections.nodes, result.events)
        assert fold(sections.graph, through_json([Event.from_dict(e) for e in result.events]))


@pytest.mark.parametrize("seed", range(12))
def test_a_fold_equals_the_live_marking_and_a_cut_run_keeps_the_turns(seed):
    sections = Sections(seed)
    journal = RecordingJournal()
    journal.append([new_run(sections.graph, {})])
    driver = Driver(
        sections.graph,
        TOOLS,
        journal,
        folded=fold(sections.graph, journal.events),
        clock=VirtualClock(),
        schedule_seed=seed,
    )
    journal.marking = driver._marking
    asyncio.run(asyncio.wait_for(driver.drive(), 20))
    assert driver.result().status is RunStatus.COMPLETED
    events = through_json(journal.events)

    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(sections.graph, events[:count]).marking))) == live
    for cut in range(1, len(events), 3):
        left = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        ended, _ = drive(sections.graph, left, TOOLS, clock=VirtualClock())
        assert ended.status is RunStatus.COMPLETED
        assert_turns(sections.nodes, through_json(left.events))


def test_the_check_notices_visits_that_overlap(monkeypatch):
    """The test of the test: with locks that are always free it finds something."""
    from engine.planning import locks

    monkeypatch.setattr(locks, "is_free", lambda activation, held: True)
    noticed = 0
    for seed in range(30):
        sections = Sections(seed)
        result = run(sections.graph, {}, registry=TOOLS, clock=VirtualClock())
        try:
            assert_turns(sections.nodes, result.events)
        except AssertionError:
            noticed += 1

    assert noticed > 3


def test_a_lock_is_free_after_a_failure_that_an_edge_handles():
    graph = graph_of(
        {
            "a": {"type": "tool", "tool": "broken", "lock": "l"},
            "b": {"type": "tool", "tool": "fine", "lock": "l"},
        },
        [("a", "b", {"on": "error"})],
    )

    def broken(state):
        raise ValueError("no")

    result = run_tools(graph, {"broken": broken, "fine": lambda s: {"ok": True}})

    assert (result.status, result.state) == ("completed", {"ok": True})
