"""Patterns of several instances, of triggers and of waiting, by the catalogue's numbers."""

import asyncio

import pytest

from engine import VirtualClock, run
from tests.engine.helpers import graph_of, registry_of

NOOP = {"type": "noop"}
SEEDS = (None, *range(6))
EACH = {"type": "map", "as": "x", "body": {"tool": "say", "inputs": {"word": "x"}}}
SAID = {"collect": {"log": "results"}}
LOG = {"type": "set", "set": {"log": "['end']"}}
FORK = [("f", "m"), ("f", "w"), ("m", "j"), ("w", "j")]


def note(word):
    return {"type": "set", "set": {"log": f"['{word}']"}}


def emit(**more):
    return {"type": "emit", "signal": "go", **more}


def waits(**alternatives):
    return {"type": "wait", "any": alternatives}


def after(seconds):
    return {"type": "wait", "for": f"{seconds}s"}


GO = {"type": "wait", "signal": "go"}
RACE = {**NOOP, "join": {"policy": "first_cancel"}}

PATTERNS = {
    "12 multiple instances without synchronisation": (
        {"f": NOOP, "m": {**EACH, "over": "xs", **SAID}, "b": note("b")},
        [("f", "m"), ("f", "b")],
        {"a b c b"},
    ),
    "13 multiple instances with a design-time number": (
        {"f": {**EACH, "over": "['x', 'y']", **SAID}, "end": LOG},
        [("f", "end")],
        {"x y end"},
    ),
    "14 multiple instances with a run-time number": (
        {"f": {**EACH, "over": "xs", **SAID}, "end": LOG},
        [("f", "end")],
        {"a b c end"},
    ),
    "16 deferred choice": (
        {"f": waits(sent={"signal": "go"}, late={"for": "5s"}), "s": emit(), "t": after(1),
         "a": note("a"), "b": note("b")},
        [("f", "a", {"on": "sent"}), ("f", "b", {"on": "late"}), ("t", "s")],
        {"a"},
    ),
    "16 deferred choice, the other way": (
        {"f": waits(sent={"signal": "go"}, late={"for": "1s"}), "s": emit(), "t": after(5),
         "a": note("a"), "b": note("b")},
        [("f", "a", {"on": "sent"}), ("f", "b", {"on": "late"}), ("t", "s")],
        {"b"},
    ),
    "18 milestone": (
        {"f": NOOP, "a": note("a"), "b": note("b")},
        [("f", "a", {"when": "size(xs) == 3"}), ("f", "b", {"when": "size(xs) == 4"})],
        {"a"},
    ),
    "22 recursion": (
        {"f": {"type": "set", "set": {"depth": "depth + 1", "log": "['d' + string(depth + 1)]"}},
         "again": {"type": "subgraph", "workflow": "self", "in": {"depth": "depth"},
                   "out": {"log": "state.log"}},
         "end": {"type": "end"}},
        [("f", "again", {"when": "depth < 3"}), ("f", "end", {"else": True})],
        {"d1 d2 d3"},
    ),
    "23 transient trigger": (
        {"f": NOOP, "e": emit(mode="transient"), "t": after(1), "w": waits(
            go={"signal": "go"}, late={"for": "5s"}), "a": note("a"), "b": note("b")},
        [("f", "e"), ("f", "t"), ("t", "w"), ("w", "a", {"on": "go"}), ("w", "b", {"on": "late"})],
        {"b"},
    ),
    "23 transient trigger, somebody waits": (
        {"f": NOOP, "e": emit(mode="transient"), "t": after(1), "w": waits(
            go={"signal": "go"}, late={"for": "5s"}), "a": note("a"), "b": note("b")},
        [("f", "t"), ("f", "w"), ("t", "e"), ("w", "a", {"on": "go"}), ("w", "b", {"on": "late"})],
        {"a"},
    ),
    "24 persistent trigger": (
        {"f": NOOP, "e": emit(), "t": after(1), "w": GO, "a": note("a")},
        [("f", "e"), ("f", "t"), ("t", "w"), ("w", "a")],
        {"a"},
    ),
    "26 cancel multiple instance task": (
        {"f": NOOP, "m": {**EACH, "over": "xs", "body": {"tool": "slow"}, **SAID}, "never": LOG,
         "a": {**note("a"), "cancels": ["m"]}, "t": after(1)},
        [("f", "m"), ("m", "never"), ("f", "t"), ("t", "a")],
        {"a"},
    ),
    "27 complete multiple instance task": (
        {"f": NOOP, "m": {**EACH, "over": "xs", "body": {"tool": "slow"}, **SAID},
         "w": GO, "s": emit(), "t": after(1), "j": RACE, "end": LOG},
        [*FORK, ("j", "end"), ("f", "t"), ("t", "s")],
        {"end"},
    ),
    "31 blocking partial join": (
        {"f": NOOP, "a": note("a"), "b": note("b"), "c": note("c"),
         "j": {**note("j"), "join": {"policy": "n_of_m", "n": 2}}, "end": {"type": "end"}},
        [("f", "a"), ("f", "b"), ("f", "c"), ("a", "j"), ("b", "j"), ("c", "j"),
         ("j", "f", {"when": "size(log) < 6"}), ("j", "end", {"else": True})],
        {f"{one} j {two} j" for one in ("a b", "a c", "b c") for two in ("a b", "a c", "b c")},
    ),
    "34 static partial join for multiple instances": (
        {"f": NOOP, **{n: {"type": "tool", "tool": "hear", "inputs": {"word": f"'{n}'"},
                           "outputs": {"log": "[result]"}} for n in "abc"},
         "j": {**LOG, "join": {"policy": "n_of_m", "n": 2}}},
        [("f", "a"), ("f", "b"), ("f", "c"), ("a", "j"), ("b", "j"), ("c", "j")],
        {"a b end", "a c end", "b c end"},
    ),
    "35 cancelling partial join for multiple instances": (
        {"f": {**EACH, "over": "xs", "max_concurrency": 1, "complete_when": "done >= 2", **SAID},
         "end": LOG},
        [("f", "end")],
        {"a b end"},
    ),
    "36 dynamic partial join for multiple instances": (
        {"f": {**EACH, "over": "xs", "max_concurrency": 1, **SAID,
               "complete_when": "results.exists(r, r == wanted)"}, "end": LOG},
        [("f", "end")],
        {"a b end"},
    ),
}  # fmt: skip


async def say(word):
    return word


async def slow(x):
    await asyncio.Event().wait()


TOOLS = registry_of({"say": say, "hear": say, "slow": slow})


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_leaves_only_what_it_may(pattern):
    nodes, edges, allowed = PATTERNS[pattern]
    entry = ["f", *(n for n in nodes if n != "f" and n not in {edge[1] for edge in edges})]
    spec = {"reducers": {"log": "append"}, "defaults": {"log": []}}
    graph = graph_of(nodes, edges, entry, state=spec)
    state = {"xs": ["a", "b", "c"], "depth": 0, "wanted": "b"}

    for seed in SEEDS:
        result = run(
            graph,
            state,
            registry=TOOLS,
            clock=VirtualClock(),
            schedule_seed=seed,
            workflows={"self": graph},
        )
        assert result.status == "completed", result.error
        assert " ".join(result.state["log"]) in allowed, seed
