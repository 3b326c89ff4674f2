"""A snapshot says the same as the events that it stands for."""

import asyncio
import json
import random
from dataclasses import replace

import pytest

from engine import Driver, Event, Graph, JournalCorrupt, MemoryJournal, fold, new_run
from engine.keeping.snapshots import Snapshot, restore, take
from engine.planning.evolve import evolve
from engine.planning.marking import Activation, Asked, Child, Item, Items, Orphans, Stage, Token
from engine.planning.waits import answered, signalled
from tests.engine.graphs import Builder
from tests.engine.helpers import dump, graph_of, registry_of, run_tools, state_tools, through_json
from tests.engine.patterns.test_patterns import PATTERNS


def plain(marking):
    return json.loads(json.dumps(dump(marking)))


def through_text(snapshot):
    """The snapshot as somebody keeps it: JSON text, in which no two values are one object."""
    return Snapshot(
        snapshot.seq,
        json.loads(json.dumps(snapshot.shape)),
        [json.loads(json.dumps(value)) for value in snapshot.values],
    )


def assert_every_prefix_can_be_skipped(graph, events, cuts=None):
    """From a snapshot after each event on, the journal leads where it leads from its beginning."""
    told = [Event.from_dict(raw) for raw in events]
    whole = plain(fold(graph, told).marking)
    for cut in cuts or range(1, len(told) + 1):
        folded = fold(graph, told[:cut])
        resumed = restore(graph, through_text(take(folded)))
        assert plain(resumed.marking) == plain(folded.marking), cut
        assert (resumed.seq, resumed.active_s, resumed.state) == (
            folded.seq,
            folded.active_s,
            folded.state,
        )
        for event in told[cut:]:
            evolve(resumed.marking, event)
        assert plain(resumed.marking) == whole, cut


@pytest.mark.parametrize("seed", range(40))
def test_random_graphs(seed):
    builder = Builder(seed, conflicts=seed % 3 == 0)
    graph = Graph.from_dict(builder.document(1 + seed % 3))
    start = {"p": 1, "q": 0, "r": 2}
    result = run_with(graph, state_tools(builder.tools), start, schedule_seed=seed)

    events = through_json(result)
    dice = random.Random(seed)
    cuts = sorted(dice.sample(range(1, len(events) + 1), min(25, len(events))))
    assert_every_prefix_can_be_skipped(graph, events, cuts)


def run_with(graph, registry, start, **more):
    journal = MemoryJournal()
    created = new_run(graph, start)
    journal.append([created])
    driver = Driver(graph, registry, journal, folded=fold(graph, [created]), **more)
    assert driver.advance()
    return journal.events


def log(name):
    return lambda: {"log": [name]}


@pytest.mark.parametrize("name", PATTERNS)
def test_control_flow_patterns(name):
    nodes, edges, _ = PATTERNS[name]
    graph = graph_of(nodes, edges, "f", state={"defaults": {"log": [], "deep": False}})
    result = run_tools(graph, {letter: log(letter) for letter in "abcdj"})

    assert_every_prefix_can_be_skipped(graph, through_json(result._journal))


def test_maps_with_retries_and_failures():
    tries = {}

    def work(item):
        tries[item] = tries.get(item, 0) + 1
        if item == 3 and tries[item] < 3:
            raise ConnectionError("not yet")
        if item == 4:
            raise ValueError("never")
        return {"twice": item * 2, "shared": [item] * 3}

    retry = {"max_attempts": 3, "initial": "10ms", "jitter": 0}
    body = {"tool": "work", "inputs": {"item": "item"}, "retry": retry}
    nodes = {
        "a": {
            "type": "map",
            "over": "list",
            "body": body,
            "max_concurrency": 3,
            "on_item_error": "collect",
            "collect": {"out": "results"},
        }
    }
    graph = graph_of(nodes, [])
    result = run_tools(graph, {"work": work}, {"list": list(range(9))})

    assert result.status == "completed", result.error
    assert_every_prefix_can_be_skipped(graph, through_json(result._journal))


def test_a_failed_map_and_what_it_left():
    def work(item):
        if item == 1:
            raise ValueError("no")
        return item

    body = {"tool": "work", "inputs": {"item": "item"}}
    nodes = {"a": {"type": "map", "over": "list", "body": body, "max_concurrency": 2}}
    graph = graph_of(nodes, [])
    result = run_tools(graph, {"work": work}, {"list": [0, 1, 2, 3]})

    assert result.status == "failed"
    assert_every_prefix_can_be_skipped(graph, through_json(result._journal))


def parked(graph):
    """The journal of a run that waits, let go of at once."""
    journal = MemoryJournal()
    created = new_run(graph, {})
    journal.append([created])
    folded = fold(graph, [created])
    driver = Driver(graph, registry_of({}), journal, folded=folded, park_after_s=0)
    assert asyncio.run(driver.drive()).status == "waiting"
    return journal.events


def test_waits_answers_and_signals():
    nodes = {
        "f": {"type": "noop"},
        "sleep": {"type": "wait", "for": "1h"},
        "hear": {"type": "wait", "signal": "go", "outputs": {"heard": "payload"}},
        "ask": {"type": "human", "form": {"type": "object"}, "outputs": {"said": "answer"}},
    }
    graph = graph_of(nodes, [("f", "sleep"), ("f", "hear"), ("f", "ask")], "f")
    events = parked(graph)
    asked = next(e for e in events if e.kind == "wait.opened" and e.node == "ask")
    journal = MemoryJournal(list(events))
    journal.append(
        [
            signalled("other", payload={"big": ["x"] * 10}),
            answered("ask", asked.data["waits"][0], {"yes": True}, "ann"),
        ]
    )

    assert_every_prefix_can_be_skipped(graph, through_json(journal.events))


def test_a_value_that_branches_share_is_written_once():
    big = ["x"] * 1000
    edges = [("f", f"b{at}") for at in range(50)]
    nodes = {"f": {"type": "noop"}, **{f"b{at}": "touch" for at in range(50)}}
    graph = graph_of(nodes, edges, "f")
    events = run_with(graph, registry_of({"touch": lambda: {"seen": True}}), {"big": big})

    snapshot = take(fold(graph, events))

    assert sum(value == big for value in snapshot.values) == 1


def test_what_all_branches_have_in_common_is_not_written():
    """A loop of many rounds behind a fork whose other branch has ended long ago."""
    nodes = {"f": "a", "g": {"type": "noop"}, "side": {"type": "noop"}, "end": {"type": "end"}}
    edges = [
        ("f", "f", {"when": "n < 90"}),
        ("f", "g", {"else": True}),
        ("g", "side"),
        ("g", "end"),
    ]
    graph = graph_of(nodes, edges, "f")
    events = run_with(graph, registry_of({"a": lambda n: {"n": n + 1}}), {"n": 0})
    forked = next(e.seq for e in events if e.node == "g" and e.kind == "attempt.succeeded")

    snapshot = take(fold(graph, events[:forked]))

    assert len(snapshot.shape["commits"]) <= 3


def test_a_snapshot_of_another_graph_is_refused():
    one, other = graph_of({"a": "x"}, []), graph_of({"b": "x"}, [], "b")
    events = run_with(one, registry_of({"x": lambda: None}), {})

    with pytest.raises(JournalCorrupt, match="another version"):
        restore(other, take(fold(one, events)))


def test_a_snapshot_of_another_format_is_not_used():
    graph = graph_of({"a": "x"}, [])
    snapshot = take(fold(graph, run_with(graph, registry_of({"x": lambda: None}), {})))
    snapshot.shape["format"] = 0

    assert restore(graph, snapshot) is None


def test_a_snapshot_that_was_damaged_is_refused():
    graph = graph_of({"a": "x"}, [])
    snapshot = take(fold(graph, run_with(graph, registry_of({"x": lambda: None}), {})))
    snapshot.values.clear()
    snapshot.shape["versions"][0][1]["x"] = 7

    with pytest.raises(JournalCorrupt, match="does not fit"):
        restore(graph, snapshot)


DERIVED = {"plan", "live", "running", "first", "tokens", "has_joins", "watched", "kin"}
"""What follows from the graph and from the rest; the kin is given by whoever folds."""

WISHED = {"shows_states"}
"""What whoever drives wants of the marking: it is no part of what happened, and said anew."""


def test_everything_a_marking_holds_is_written():
    """Whoever gives a marking a new attribute decides here how a snapshot carries it."""
    graph = graph_of({"a": {"type": "noop"}}, [])
    marking = fold(graph, [new_run(graph, {})]).marking
    taken = {
        *("status", "error", "cancel_reason", "depth", "limits", "pinned", "tools", "ended"),
        "terminated",
        *("activations", "ready", "inline", "troubled", "waiting", "maps", "signals", "orphans"),
        *("next_activation", "next_commit", "next_orphans", "visits", "steps", "final"),
        *("parked", "present", "uses", "rounds"),
    }
    assert set(vars(marking)) == taken | DERIVED | WISHED, (
        "engine/keeping/snapshots.py has to write it"
    )
    orphans = Orphans(marking.plan, 1, 0, "race")
    assert set(vars(orphans)) - set(vars(Stage(marking.plan))) == {"number", "region", "race"}
    assert set(Token.__slots__) == {"version", "error", "orphans", "before", "after"}
    assert set(Activation.__slots__) == {
        *("id", "place", "token", "visit", "status", "attempts", "tries", "due", "error"),
        *("waits", "came", "closing", "decided", "asked", "child", "losses"),
    }, "closing is never written: a proposal that was not written has not been made"
    assert set(Asked.__slots__) == {"number", "memo", "wait", "answered", "answer"}
    assert set(Child.__slots__) == {"run", "status", "outcome"}
    assert set(Item.__slots__) == {"of", "index", "value"}
    assert set(Items.__slots__) == {
        *("values", "next", "open", "aside", "results", "failures", "over", "error")
    }


class Snapping(MemoryJournal):
    """Asks its driver for a snapshot behind every append, as whoever keeps journals may."""

    driver = None

    def __init__(self, events):
        super().__init__(events)
        self.taken = []

    def append(self, events):
        super().append(events)
        snapshot = self.driver.snapshot()
        if snapshot is not None:
            self.taken.append((len(self.events), snapshot))


def test_no_snapshot_leaves_out_what_others_wrote_before_its_driver_began():
    """A hint may come between a claim and the first turn of its driver: two signals at once, which
    stand in the journal before anything that this driver writes."""
    nodes = {
        "a": {"type": "wait", "signal": "go", "key": "'a'"},
        "b": {"type": "wait", "signal": "go", "key": "'b'"},
        "c": {"type": "noop"},
        "d": {"type": "noop"},
    }
    graph = graph_of(nodes, [("a", "c"), ("b", "d")], entry=["a", "b"])
    journal = Snapping(parked(graph))
    folded = fold(graph, journal.events)
    journal.driver = Driver(graph, registry_of({}), journal, folded=folded)
    signals = [signalled("go", key) for key in "ab"]
    for event in signals:
        event.time = 1.0
        journal.events.append(event)

    for event in signals:
        journal.driver.notify(event)
    assert asyncio.run(journal.driver.drive()).status == "completed"

    assert journal.taken
    told = journal.events
    for cut, snapshot in journal.taken:
        kept = restore(graph, through_text(replace(snapshot, seq=cut)))
        assert plain(kept.marking) == plain(fold(graph, told[:cut]).marking), cut
