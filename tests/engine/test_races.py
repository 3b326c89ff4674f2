"""Joins that do not wait for everything, and nodes that end what others do."""

import asyncio
import threading

import pytest

from engine import Driver, Event, MemoryJournal, arun, fold, new_run
from engine.errors import GraphError
from engine.keeping.replay import replay
from engine.linting.lint import lint
from tests.engine.helpers import dump, graph_of, registry_of, run_tools, state_tools, through_json

NOOP = {"type": "noop"}
SEEDS = range(20)


def join(policy, tool="j", **more):
    return {"type": "tool", "tool": tool, "join": {"policy": policy, **more}}


def named(*names):
    return {name: (lambda s, name=name: {"log": name}) for name in names}


def logging(nodes, edges, entry="f", **more):
    return graph_of(nodes, edges, entry, state={"reducers": {"log": "append"}}, **more)


def runs(graph, *names, state=None):
    """The run in many orders; each journal folds to the state that the run ended with."""
    found = []
    for seed in (None, *SEEDS):
        result = run_tools(graph, named(*names), state, schedule_seed=seed)
        folded = fold(graph, through_json([Event.from_dict(e) for e in result.events]))
        assert (folded.status, folded.state) == (result.status, result.state)
        assert not folded.marking.activations
        assert not folded.marking.parked
        assert not folded.marking.live
        found.append(result)
    return found


def events_of(result, kind):
    return [e for e in result.events if e["k"] == kind]


THREE = {"f": NOOP, "a": "a", "b": "b", "b2": "b2", "c": "c"}
WAYS = [("f", "a"), ("f", "b"), ("f", "c"), ("b", "b2"), ("a", "j"), ("b2", "j"), ("c", "j")]


def test_each_activates_once_per_token():
    graph = logging({**THREE, "j": join("each"), "k": "k"}, [*WAYS, ("j", "k")])

    for result in runs(graph, "a", "b", "b2", "c", "j", "k"):
        assert result.status == "completed", result.error
        assert (result.activations["j"], result.activations["k"]) == (3, 3)
        assert not events_of(result, "join.fired")


def test_each_lets_the_tokens_meet_again():
    nodes = {"f": NOOP, "a": "a", "b": "b", "x": join("each", "x"), "c": "c", "j": "j"}
    edges = [("f", "a"), ("f", "b"), ("f", "c"), ("a", "x"), ("b", "x"), ("x", "j"), ("c", "j")]

    for result in runs(logging(nodes, edges), "a", "b", "c", "x", "j"):
        assert result.activations["x"] == 2
        assert sorted(result.state["log"])[:5] == ["a", "b", "c", "j", "j"]


def test_first_cancel_goes_on_with_the_first_and_withdraws_the_others():
    graph = logging({**THREE, "j": join("first_cancel"), "k": "k"}, [*WAYS, ("j", "k")])
    winners = set()

    for result in runs(graph, "a", "b", "b2", "c", "j", "k"):
        assert result.status == "completed", result.error
        assert (result.activations["j"], result.activations["k"]) == (1, 1)
        assert result.state["log"] in (["a", "j", "k"], ["b", "b2", "j", "k"], ["c", "j", "k"])
        winners.add(result.state["log"][0])
    assert len(winners) > 1, "the schedules decide who wins"


def test_first_goes_on_with_the_first_and_lets_the_others_run_out():
    graph = logging({**THREE, "j": join("first"), "k": "k"}, [*WAYS, ("j", "k")])
    winners = set()

    for result in runs(graph, "a", "b", "b2", "c", "j", "k"):
        assert result.status == "completed", result.error
        assert result.activations == {"f": 1, "a": 1, "b": 1, "b2": 1, "c": 1, "j": 1, "k": 1}
        assert result.state["log"] in (["a", "j", "k"], ["b", "b2", "j", "k"], ["c", "j", "k"])
        winners.add(result.state["log"][0])
    assert len(winners) > 1


def test_losers_meet_only_losers_and_never_leave_the_region():
    nodes = {**THREE, "i": "i", "j": join("first"), "out": "out", "k": "k"}
    edges = [
        ("f", "a"), ("f", "b"), ("f", "c"), ("b", "i"), ("c", "b2"), ("b2", "i"), ("i", "out"),
        ("a", "j"), ("i", "j"), ("j", "k"),
    ]  # fmt: skip
    fired = set()

    for result in runs(logging(nodes, edges), "a", "b", "b2", "c", "i", "j", "out", "k"):
        assert (result.status, result.activations["j"]) == ("completed", 1)
        joins = [e["data"] for e in events_of(result, "join.fired") if e["node"] == "i"]
        assert [sorted(data["edges"]) for data in joins] == [["b-i", "b2-i"]]
        if "orphans" in joins[0]:
            assert result.state["log"] == ["a", "j", "k"]
            assert "out" not in result.activations
        fired.add("orphans" in joins[0])
    assert fired == {True, False}


def test_what_a_loser_does_wrong_fails_nobody():
    async def quick():
        return {"winner": "quick"}

    async def breaks():
        await asyncio.sleep(0.01)
        raise ValueError("too late to matter")

    nodes = {"f": NOOP, "q": "quick", "s": "breaks", "j": {**NOOP, "join": "first"}}
    graph = graph_of(nodes, [("f", "s"), ("f", "q"), ("q", "j"), ("s", "j")], "f")
    tools = registry_of({"quick": quick, "breaks": breaks})
    result = asyncio.run(arun(graph, registry=tools))

    assert (result.status, result.state) == ("completed", {"winner": "quick"})
    assert events_of(result, "attempt.failed")[0]["data"]["edges"] == []


def test_n_of_m_takes_the_first_n_in_the_order_of_the_ways_in():
    graph = logging({**THREE, "j": join("n_of_m", n=2, cancel=True)}, WAYS)

    for result in runs(graph, "a", "b", "b2", "c", "j"):
        assert result.activations["j"] == 1
        assert result.state["log"] in (
            ["a", "c", "j"],
            ["a", "b", "b2", "j"],
            ["b", "b2", "c", "j"],
        )


def test_n_of_m_says_what_is_missing_when_too_few_can_come():
    edges = [("f", "a"), ("f", "b", {"when": "deep"}), ("f", "c", {"when": "deep"}), *WAYS[3:]]
    graph = logging({**THREE, "j": join("n_of_m", n=2, cancel=True)}, edges)
    result = run_tools(graph, named("a"), {"deep": False})

    assert (result.status, result.error.code) == ("failed", "E_JOIN_STARVED")
    assert result.error.details == {"missing": ["b2-j", "c-j"]}
    assert "2 of 3" in result.error.message


def test_what_lies_outside_of_the_region_goes_on():
    nodes = {"f": NOOP, "g": NOOP, "a": "a", "b": "b", "side": "side", "j": join("first_cancel")}
    edges = [("f", "g"), ("f", "side"), ("g", "a"), ("g", "b"), ("a", "j"), ("b", "j")]

    for result in runs(logging(nodes, edges), "a", "b", "side", "j"):
        assert "side" in result.state["log"]
        assert result.activations["j"] == 1


def test_a_race_in_a_loop_is_run_anew_every_round():
    nodes = {"h": NOOP, "a": "a", "b": "b", "j": join("first_cancel"), "end": {"type": "end"}}
    edges = [
        ("h", "a"), ("h", "b"), ("a", "j"), ("b", "j"),
        ("j", "h", {"when": "size(log) < 6"}), ("j", "end", {"else": True}),
    ]  # fmt: skip

    for result in runs(logging(nodes, edges, "h"), "a", "b", "j"):
        assert result.activations["j"] == 3
        assert result.state["log"][1::2] == ["j"] * 3


def test_a_join_inside_the_region_loses_what_waits_before_it():
    nodes = {**THREE, "i": "i", "j": join("first_cancel"), "after": "after"}
    edges = [
        ("f", "a"), ("f", "b"), ("f", "c"), ("b", "i"), ("c", "b2"), ("b2", "i"),
        ("a", "j"), ("i", "j"), ("j", "after"),
    ]  # fmt: skip

    for result in runs(logging(nodes, edges), "a", "b", "b2", "c", "i", "j", "after"):
        assert result.status == "completed"
        assert result.state["log"] in (["a", "j", "after"], ["b", "c", "b2", "i", "j", "after"])


def test_a_node_that_terminates_ends_the_run_with_its_own_state():
    nodes = {"f": NOOP, "a": "a", "b": "b", "c": "c", "stop": {"type": "end", "terminate": True}}
    graph = logging(nodes, [("f", "a"), ("f", "b"), ("b", "c"), ("a", "stop")])

    for result in runs(graph, "a", "b", "c"):
        assert (result.status, result.state) == ("completed", {"log": ["a"]})
        assert events_of(result, "run.completed")[0]["data"] == {"by": "stop"}


def test_a_node_withdraws_the_tokens_of_the_nodes_it_cancels():
    nodes = {
        "f": NOOP, "a": {"type": "tool", "tool": "a", "cancels": ["b", "c", "j"]},
        "b": "b", "c": "c", "d": "d", "j": "j", "z": "z",
    }  # fmt: skip
    edges = [("f", "a"), ("f", "b"), ("f", "d"), ("b", "c"), ("c", "j"), ("d", "j"), ("j", "z")]

    logs = set()
    for result in runs(logging(nodes, edges), "a", "b", "c", "d", "j", "z"):
        assert result.status == "completed", result.error
        assert "a" in result.state["log"]
        logs.add(tuple(result.state["log"]))
    assert ("a", "d", "j", "z") in logs or ("a",) in logs


def overlapping(lock, count=6):
    """How many of the tools that hold `lock` ran at the same time, at most."""
    running, most = [0], [0]
    names = [f"n{i}" for i in range(count)]

    async def work():
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.001)
        running[0] -= 1

    tool = {"type": "tool", "tool": "work", **({"lock": lock} if lock else {})}
    graph = graph_of({"f": NOOP, **dict.fromkeys(names, tool)}, [("f", n) for n in names], "f")
    result = asyncio.run(arun(graph, registry=registry_of({"work": work})))
    assert result.status == "completed", result.error
    assert sum(result.activations.values()) == count + 1
    return most[0]


def test_nodes_that_share_a_lock_never_run_at_the_same_time():
    assert overlapping("printer") == 1
    assert overlapping(None) > 1


def test_a_lock_is_held_while_its_holder_waits_for_a_retry():
    seen = []

    def flaky(state):
        seen.append("flaky")
        if seen.count("flaky") == 1:
            raise ConnectionError("later")

    nodes = {
        "f": NOOP,
        "a": {"type": "tool", "tool": "flaky", "lock": "l", "retry": {"initial": "1ms"}},
        "b": {"type": "tool", "tool": "b", "lock": "l"},
    }
    graph = graph_of(nodes, [("f", "a"), ("f", "b")], "f")
    result = run_tools(graph, {"flaky": flaky, "b": lambda s: seen.append("b")})

    assert result.status == "completed"
    assert seen == ["flaky", "flaky", "b"]


def test_a_coroutine_that_lost_the_race_is_cancelled_and_a_thread_is_told():
    told, cancelled = threading.Event(), []

    async def quick():
        await asyncio.sleep(0.01)
        return {"winner": "quick"}

    async def slow():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append("slow")
            raise

    def deaf(ctx):
        while not ctx.cancelled:
            told.wait(0.001)
        told.set()
        return {"winner": "deaf"}

    graph = graph_of(
        {"f": NOOP, "q": "quick", "s": "slow", "d": "deaf", "j": join("first_cancel", "after")},
        [("f", "q"), ("f", "s"), ("f", "d"), ("q", "j"), ("s", "j"), ("d", "j")],
        "f",
    )

    async def after():
        await asyncio.to_thread(told.wait, 5)
        await asyncio.sleep(0.01)

    tools = {"quick": quick, "slow": slow, "deaf": deaf, "after": after}
    result = asyncio.run(arun(graph, registry=registry_of(tools)))

    assert (result.status, result.state["winner"]) == ("completed", "quick")
    assert cancelled == ["slow"]
    assert told.is_set()
    assert [e["node"] for e in events_of(result, "attempt.late_result")] == ["d"]


def test_a_run_cut_anywhere_goes_on_as_it_was():
    nodes = {**THREE, "j": join("n_of_m", n=2, cancel=True), "k": "k"}
    graph = logging(nodes, [*WAYS, ("j", "k")])
    registry = state_tools(named("a", "b", "b2", "c", "j", "k"))
    for seed in range(5):
        journal = MemoryJournal([new_run(graph, {})])
        driver = Driver(
            graph, registry, journal, folded=fold(graph, journal.events), schedule_seed=seed
        )
        assert driver.advance()
        events = through_json(journal.events)
        assert dump(fold(graph, events).marking) == dump(driver._marking)
        for cut in range(1, len(events) + 1):
            rest = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
            again = Driver(graph, registry, rest, folded=fold(graph, events[:cut]))
            assert again.advance()
            assert again.result().status == "completed"
            assert again.activations["k"] == 1


def test_the_failure_of_a_run_is_that_of_the_first_failed_node_in_the_document():
    nodes = {"f": NOOP, "a": "a", "b": "b", "c": "c"}
    graph = graph_of(nodes, [("f", "c"), ("f", "b"), ("f", "a")], "f")

    def fails(state):
        raise ValueError("no")

    tools = dict.fromkeys(("a", "b", "c"), fails)
    for seed in SEEDS:
        result = run_tools(graph, tools, schedule_seed=seed)
        assert (result.status, result.error.node) == ("failed", "a")


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"join": {"policy": "n_of_m", "cancel": True}}, "missing_key"),
        ({"join": {"policy": "n_of_m", "n": 0, "cancel": True}}, "wrong_type"),
        ({"join": {"policy": "all", "n": 2}}, "unknown_key"),
        ({"join": {"policy": "each", "cancel": True}}, "unknown_key"),
        ({"cancels": ["nobody"]}, "unknown_node"),
        ({"lock": ""}, "wrong_type"),
        ({"terminate": True}, "unknown_key"),
    ],
)
def test_what_cannot_be_meant_is_refused(spec, code):
    with pytest.raises(GraphError) as caught:
        graph_of({"a": "a", "j": {"type": "noop", **spec}}, [("a", "j")])

    assert [p.code for p in caught.value.problems] == [code]


def test_a_race_that_nothing_runs_in_and_an_n_too_big_are_errors():
    empty = graph_of(
        {"f": NOOP, "j": {"type": "noop", "join": {"policy": "first_cancel"}}},
        [("f", "j"), {"id": "two", "from": "f", "to": "j"}],
        "f",
    )
    greedy = graph_of(
        {"f": NOOP, "a": NOOP, "b": NOOP, "j": join("n_of_m", n=3, cancel=True)},
        [("f", "a"), ("f", "b"), ("a", "j"), ("b", "j")],
        "f",
    )  # fmt: skip

    assert [p.code for p in lint(empty)] == ["empty_race"]
    assert [p.code for p in lint(greedy)] == ["n_too_big"]


def test_a_replay_tells_that_a_loser_was_cancelled():
    async def quick():
        return {"winner": "quick"}

    async def slow():
        await asyncio.sleep(60)

    graph = graph_of(
        {"f": NOOP, "q": "quick", "s": "slow", "j": {**NOOP, "join": "first_cancel"}},
        [("f", "s"), ("f", "q"), ("q", "j"), ("s", "j")],
        "f",
    )
    result = asyncio.run(arun(graph, registry=registry_of({"quick": quick, "slow": slow})))
    told = replay(graph, result.events)

    assert told.activations["s"].status == "cancelled"
    assert told.current_nodes == []


def failing_beside(mode, effect="pure"):
    """How a slow tool ended beside a failing one."""
    ended = []

    async def breaks():
        await asyncio.sleep(0.005)
        raise ValueError("no")

    async def slow():
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            ended.append("stopped")
            raise
        ended.append("finished")

    more = {} if mode is None else {"failure_mode": mode}
    graph = graph_of({"f": NOOP, "b": "b", "s": "s"}, [("f", "b"), ("f", "s")], "f", **more)
    result = asyncio.run(arun(graph, registry=registry_of({"b": breaks, "s": slow}, effect)))
    assert (result.status, result.error.node) == ("failed", "b")
    return ended, [e["k"] for e in result.events if e["node"] == "s"][-1]


def test_what_runs_beside_a_failure_finishes_or_is_told_to_stop():
    assert failing_beside(None) == (["finished"], "attempt.succeeded")
    assert failing_beside("drain") == (["finished"], "attempt.succeeded")
    assert failing_beside("cancel") == (["stopped"], "attempt.cancelled")
    assert failing_beside("cancel", "once") == (["finished"], "attempt.succeeded")
