"""Random nests of races, forks and sequences: whoever wins, the result is one that can be meant.

Every tool writes its name into a log. A sequence and a fork leave all of their parts in it, a race
that takes n leaves exactly n of its branches, each of them whole, and nothing of the others.
"""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Driver, Event, Graph, MemoryJournal, fold, new_run, run
from tests.engine.helpers import RecordingJournal, dump, state_tools, through_json


class Nest:
    """A random graph and what it may leave in the log."""

    def __init__(self, seed, depth=3, rounds=1):
        self.dice = random.Random(seed)
        self.nodes, self.edges, self.tools = {}, [], {}
        first, last, self.shape = self.block(depth)
        self.nodes["tail"] = {"type": "tool", "tool": "tail"}
        self.tools["tail"] = lambda state: {"log": "|", "round": state.get("round", 0) + 1}
        self.nodes["end"] = {"type": "end"}
        self.edge(last, "tail")
        self.edge("tail", first, when=f"round < {rounds}")
        self.edge("tail", "end", **{"else": True})
        self.graph = Graph.from_dict({
            "format": "treadle/1", "key": "nest", "entry": [first], "nodes": self.nodes,
            "edges": self.edges, "state": {"reducers": {"log": "append"}},
            "limits": {"max_steps": 100_000},
        })  # fmt: skip
        self.registry = state_tools(self.tools)

    def edge(self, source, target, **more):
        self.edges.append({"id": f"e{len(self.edges)}", "from": source, "to": target, **more})

    def task(self):
        name = f"t{len(self.nodes)}"
        self.nodes[name] = {"type": "tool", "tool": name}
        self.tools[name] = lambda state: {"log": name}
        return name, name, name

    def block(self, depth):
        kind = self.dice.choice(["task", "sequence", "fork", "race", "race"]) if depth else "task"
        if kind == "task":
            return self.task()
        if kind == "sequence":
            first, middle, one = self.block(depth - 1)
            second, last, other = self.block(depth - 1)
            self.edge(middle, second)
            return first, last, ("all", [one, other])
        count = self.dice.randint(2, 4)
        taken = self.dice.randint(1, count) if kind == "race" else count
        fork, join = f"f{len(self.nodes)}", f"j{len(self.nodes)}"
        self.nodes[fork] = {"type": "noop"}
        self.nodes[join] = {"type": "noop"}
        if kind == "race":
            self.nodes[join]["join"] = self.policy(taken)
        shapes = []
        for _ in range(count):
            first, last, shape = self.block(depth - 1)
            self.edge(fork, first)
            self.edge(last, join)
            shapes.append(shape)
        return fork, join, (taken, shapes)

    def policy(self, taken):
        if taken == 1 and self.dice.random() < 0.7:
            return {"policy": self.dice.choice(["first", "first_cancel"])}
        return {"policy": "n_of_m", "n": taken, "cancel": self.dice.random() < 0.5}


def whole(shape, log):
    """Whether a block left exactly what it may."""
    if isinstance(shape, str):
        return log.count(shape) == 1
    taken, parts = shape
    complete = [whole(part, log) for part in parts]
    if taken == "all":
        return all(complete)
    return sum(complete) == taken and sum(absent(part, log) for part in parts) == (
        len(parts) - taken
    )


def absent(shape, log):
    """Whether nothing of a block is in the log."""
    return shape not in log if isinstance(shape, str) else all(absent(s, log) for s in shape[1])


def assert_meant(nest, result, rounds):
    assert result.status == "completed", result.error
    *parts, rest = " ".join(result.state["log"]).split("|")
    assert not rest
    assert len(parts) == rounds
    assert all(whole(nest.shape, part.split()) for part in parts)


@given(seed=st.integers(0, 10**9), rounds=st.integers(1, 3))
@settings(max_examples=120, deadline=None)
def test_a_race_leaves_whole_winners_and_nothing_else(seed, rounds):
    nest = Nest(seed, 3, rounds)

    for schedule in (None, seed, seed + 1):
        result = run(nest.graph, registry=nest.registry, schedule_seed=schedule)

        assert_meant(nest, result, rounds)
        events = through_json([Event.from_dict(raw) for raw in result.events])
        assert fold(nest.graph, events).state == result.state


@pytest.mark.parametrize("seed", range(25))
def test_a_fold_equals_the_live_marking_and_a_cut_run_goes_on(seed):
    nest = Nest(seed, 2, 2)
    journal = RecordingJournal()
    journal.append([new_run(nest.graph, {})])
    folded = fold(nest.graph, journal.events)
    driver = Driver(nest.graph, nest.registry, journal, folded=folded, schedule_seed=seed)
    journal.marking = driver._marking
    assert driver.advance()
    events = through_json(journal.events)

    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(nest.graph, events[:count]).marking))) == live
    for cut in range(1, len(events) + 1):
        rest = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        again = Driver(nest.graph, nest.registry, rest, folded=fold(nest.graph, events[:cut]))
        assert again.advance()
        assert_meant(nest, again.result(), 2)


def test_the_check_notices_what_a_loser_leaves_behind(monkeypatch):
    """The test of the test: with losers that count, some result is not one that can be meant."""
    from engine.planning import tokens

    monkeypatch.setattr(tokens, "orphan", lambda *anything: None)
    noticed = 0
    for seed in range(60):
        nest = Nest(seed)
        try:
            assert_meant(nest, run(nest.graph, registry=nest.registry, schedule_seed=seed), 1)
        except AssertionError:
            noticed += 1

    assert noticed > 5
