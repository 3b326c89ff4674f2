"""Map nodes: one tool call per item of a list, and what becomes of the results."""

import asyncio
import json
import time

import pytest

from engine import Driver, Event, MemoryJournal, arun, fold, new_run, run, validate
from engine.driving.clock import VirtualClock
from engine.errors import GraphError, JournalCorrupt
from engine.keeping.replay import replay
from engine.policies import RunStatus
from tests.engine import isolated_tools
from tests.engine.helpers import RecordingJournal, dump, graph_of, registry_of, through_json


def map_graph(body="work", edges=(), nodes=None, limits=None, **more):
    """A graph of the map node `m` over the state key `xs`, whose body calls it x."""
    body = {"tool": body} if isinstance(body, str) else body
    node = {"type": "map", "over": "xs", "as": "x", "body": body, **more}
    return graph_of({"m": node, **(nodes or {})}, list(edges), "m", limits=limits or {})


def item_events(events, kind):
    return [e for e in events if e["k"] == kind and "item" in e["data"]]


def double(x):
    return x * 2


def odd(x):
    if x % 2:
        raise ValueError(f"{x} is odd")
    return x


# Results ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_results_stand_in_the_order_of_the_list_whatever_comes_first(seed):
    result = run(
        map_graph(),
        {"xs": list(range(9))},
        registry=registry_of({"work": double}),
        schedule_seed=seed,
    )

    assert result.state["m"] == [x * 2 for x in range(9)]
    assert result.activations == {"m": 1}


async def test_items_that_end_out_of_order_keep_their_places():
    done = [asyncio.Event() for _ in range(4)]
    done[3].set()

    async def work(x):
        await done[x + 1].wait()
        done[x].set()
        return x

    result = await arun(map_graph(), {"xs": [0, 1, 2]}, registry=registry_of({"work": work}))

    assert result.state["m"] == [0, 1, 2]
    ended = [e["data"]["item"] for e in item_events(result.events, "attempt.succeeded")]
    assert ended == [2, 1, 0]


def test_an_empty_list_gives_an_empty_list():
    result = run(map_graph(), {"xs": []}, registry=registry_of({"work": double}))

    assert (result.status, result.state["m"]) == (RunStatus.COMPLETED, [])


def test_collect_writes_keys_through_their_reducers_and_the_edges_follow():
    graph = map_graph(
        {"tool": "work", "inputs": {"x": "x + base + index"}},
        collect={"log": "results.map(r, r + total)", "n": "done"},
        nodes={"after": {"type": "set", "set": {"seen": "log"}}},
        edges=[("m", "after")],
    ).to_dict()
    graph["state"] = {"reducers": {"log": "append"}, "defaults": {"log": [0]}}
    graph = type(map_graph()).from_dict(graph)

    result = run(graph, {"xs": [1, 2], "base": 10}, registry=registry_of({"work": double}))

    assert result.state["seen"] == [0, 24, 28]
    assert result.state["n"] == 2
    assert "m" not in result.state


def test_items_do_not_see_each_other_and_change_no_state():
    def work(state):
        state["seen"].append(state["x"])
        return state

    result = run(map_graph(), {"xs": [1, 2], "seen": []}, registry=registry_of({"work": work}))

    assert result.state["m"] == [{"seen": [1]}, {"seen": [2]}]
    assert result.state["seen"] == []


def test_nothing_is_lost_of_items_that_are_null_or_have_the_name_of_a_state_key():
    graph = map_graph({"tool": "work", "inputs": {"x": "[x, item, state.x, index]"}})

    result = run(graph, {"xs": [None, 1], "x": "own"}, registry=registry_of({"work": lambda x: x}))

    assert result.state["m"] == [[None, None, "own", 0], [1, 1, "own", 1]]


def test_a_map_in_a_loop_takes_its_list_anew():
    graph = graph_of(
        {
            "grow": {"type": "set", "set": {"xs": "xs + [size(xs)]"}},
            "m": {"type": "map", "over": "xs", "as": "x", "body": {"tool": "work"}},
        },
        [
            ("grow", "m"),
            ("m", "grow", {"when": "size(xs) < 3"}),
            {"id": "out", "from": "m", "to": "done", "else": True},
        ][:2],
        "grow",
    ).to_dict()
    graph["nodes"]["m"]["on_no_route"] = "end"
    result = run(
        type(map_graph()).from_dict(graph), {"xs": []}, registry=registry_of({"work": double})
    )

    assert result.state["m"] == [0, 2, 4]


def test_a_pinned_map_takes_the_results_it_is_given():
    graph = map_graph(collect={"n": "size(results)"})

    result = run(graph, {"xs": [1]}, registry=registry_of({"work": double}), pinned={"m": [1, 2]})

    assert result.state["n"] == 2


def test_items_can_be_worked_on_in_processes_of_their_own():
    graph = map_graph({"tool": "work", "inputs": {"number": "x"}, "isolation": "process"})

    result = run(graph, {"xs": [1, 2]}, registry=registry_of({"work": isolated_tools.awaited}))

    assert result.state["m"] == [{"doubled": 2}, {"doubled": 4}]


# Windows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "limits", "most"),
    [
        ({"max_concurrency": 3}, {}, 3),
        ({"max_concurrency": 9}, {"max_parallel": 2}, 2),
        ({}, {"max_parallel": 4}, 4),
    ],
)
async def test_no_more_items_run_at_once_than_the_window_allows(more, limits, most):
    running, seen = 0, []

    async def work(x):
        nonlocal running
        running += 1
        seen.append(running)
        await asyncio.sleep(0.001)
        running -= 1
        return x

    graph = map_graph(limits=limits, **more)
    result = await arun(graph, {"xs": list(range(12))}, registry=registry_of({"work": work}))

    assert result.state["m"] == list(range(12))
    assert max(seen) == most


def test_items_are_no_steps():
    graph = map_graph(limits={"max_steps": 1})

    result = run(graph, {"xs": list(range(50))}, registry=registry_of({"work": double}))

    assert result.status == RunStatus.COMPLETED


def test_ten_thousand_items_take_a_moment():
    began = time.perf_counter()

    result = run(map_graph(), {"xs": list(range(10_000))}, registry=registry_of({"work": double}))

    assert result.state["m"][-1] == 19_998
    assert time.perf_counter() - began < 10


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "more", "limits", "code", "said"),
    [
        ({"xs": {"a": 1}}, {}, {}, "E_INPUT", "needs a list"),
        ({"xs": [1, 2, 3]}, {"max_items": 2}, {}, "E_INPUT", "3 items"),
        ({"xs": [1, 2, 3]}, {"max_items": 9}, {"max_items": 2}, "E_INPUT", "more than the 2"),
        ({}, {}, {}, "E_EXPRESSION", "'over'"),
        ({"xs": [1]}, {"collect": {"n": "nowhere"}}, {}, "E_EXPRESSION", "nowhere"),
        ({"xs": [1]}, {"complete_when": "done"}, {}, "E_EXPRESSION", "not true or false"),
        ({"xs": [1]}, {"complete_when": "nowhere > 1"}, {}, "E_EXPRESSION", "complete_when"),
    ],
)
def test_what_cannot_be_done_fails_the_node_with_the_reason(state, more, limits, code, said):
    graph = map_graph(limits=limits, **more)

    result = run(graph, state, registry=registry_of({"work": double}))

    assert (result.status, result.error.code, result.error.node) == (RunStatus.FAILED, code, "m")
    assert said in result.error.message


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"body": {"workflow": "x", "tool": "t"}}, "unknown_key", "/nodes/m/body/tool"),
        ({"body": {"tool": "t", "isolation": "cell"}}, "wrong_type", "/nodes/m/body/isolation"),
        ({"dispatch": "else"}, "wrong_type", "/nodes/m/dispatch"),
        ({"over": "xs["}, "bad_expression", "/nodes/m/over"),
        ({"complete_when": "done >"}, "bad_expression", "/nodes/m/complete_when"),
        ({"collect": {"a": "("}}, "bad_expression", "/nodes/m/collect/a"),
        (
            {"body": {"tool": "t", "inputs": {"x": "x +"}}},
            "bad_expression",
            "/nodes/m/body/inputs/x",
        ),
        ({"body": {}}, "missing_key", "/nodes/m/body"),
        ({"body": {"tool": "t", "outputs": {}}}, "unknown_key", "/nodes/m/body/outputs"),
        ({"as": "results"}, "bad_key", "/nodes/m/as"),
        ({"as": "two words"}, "bad_key", "/nodes/m/as"),
        ({"max_concurrency": 0}, "wrong_type", "/nodes/m/max_concurrency"),
        ({"on_item_error": "shrug"}, "wrong_type", "/nodes/m/on_item_error"),
    ],
)
def test_a_document_that_cannot_run_is_refused_where_it_is_wrong(change, code, where):
    with pytest.raises(GraphError) as caught:
        map_graph(**change)

    assert [(p.code, p.pointer) for p in caught.value.problems] == [(code, where)]


def test_a_map_needs_a_list_and_a_body():
    with pytest.raises(GraphError) as caught:
        graph_of({"m": {"type": "map"}}, [], "m")

    assert {p.message for p in caught.value.problems} == {"'over' is missing", "'body' is missing"}


def test_lint_looks_into_the_body():
    document = map_graph({"tool": "work", "inputs": {"y": "x"}}).to_dict()
    document["state"] = {"schema": {"type": "object", "properties": {"xs": {"type": "array"}}}}

    def problems(**body):
        document["nodes"]["m"]["body"] = body
        found = validate(document, registry_of({"work": double, "other": lambda z: z}))
        return [(p.code, p.pointer, p.node) for p in found]

    assert problems(tool="wrok") == [("unknown_tool", "/nodes/m/body/tool", "m")]
    assert problems(tool="other") == [("unbound_input", "/nodes/m/body", "m")]
    assert problems(tool="work", inputs={"x": "x", "y": "1"}) == [
        ("unknown_input", "/nodes/m/body/inputs/y", "m")
    ]
    assert problems(tool="work", inputs={"x": "nowhere"}) == [("unwritten_key", "/nodes/m", "m")]
    assert problems(tool="work") == problems(tool="work", inputs={"x": "x + index"}) == []


# Items that fail --------------------------------------------------------------------------------


def test_an_item_that_fails_fails_the_node_and_is_named():
    result = run(map_graph(), {"xs": [2, 3, 4]}, registry=registry_of({"work": odd}))

    assert result.status == RunStatus.FAILED
    assert result.error.message == "item 1 of 'm' failed: ValueError: 3 is odd"
    assert result.error.details["item"] == 1


def test_what_runs_when_an_item_fails_is_finished_and_nothing_else_starts():
    graph = map_graph(max_concurrency=2)

    result = run(graph, {"xs": [1, 2, 4, 6, 8]}, registry=registry_of({"work": odd}))

    assert len(item_events(result.events, "attempt.started")) == 2
    assert len(item_events(result.events, "attempt.succeeded")) == 1


def test_failed_items_can_stand_among_the_results():
    graph = map_graph(on_item_error="collect", collect={"r": "results", "bad": "failed"})

    result = run(graph, {"xs": [2, 3, 4]}, registry=registry_of({"work": odd}))

    error = {"code": "E_TOOL", "type": "ValueError", "message": "ValueError: 3 is odd"}
    assert (result.state["r"], result.state["bad"]) == ([2, {"error": error}, 4], 1)


def test_failed_items_can_be_left_out():
    graph = map_graph(on_item_error="skip")

    result = run(graph, {"xs": [1, 2, 3, 4]}, registry=registry_of({"work": odd}))

    assert result.state["m"] == [2, 4]


def test_a_failed_map_takes_its_error_edge():
    graph = map_graph(
        nodes={"sorry": {"type": "set", "set": {"said": "error.message"}}},
        edges=[("m", "sorry", {"on": "error"})],
    )

    result = run(graph, {"xs": [1]}, registry=registry_of({"work": odd}))

    assert result.status == RunStatus.COMPLETED
    assert result.state["said"] == "item 0 of 'm' failed: ValueError: 1 is odd"


async def test_each_item_has_its_own_retries_and_one_key_for_all_of_them():
    keys = {}

    async def work(x, ctx):
        keys.setdefault(x, []).append(ctx.idempotency_key)
        if len(keys[x]) <= x:
            raise ConnectionError
        return ctx.attempt

    graph = map_graph({"tool": "work", "retry": {"max_attempts": 3, "initial": "1s"}})
    result = await arun(
        graph,
        {"xs": [0, 1, 2]},
        registry=registry_of({"work": work}),
        clock=VirtualClock(),
        run_id="r",
    )

    assert result.state["m"] == [1, 2, 3]
    assert keys == {0: ["r:2"], 1: ["r:3"] * 2, 2: ["r:4"] * 3}


async def test_an_item_that_takes_too_long_takes_the_timeout_edge():
    async def work(x):
        await asyncio.sleep(x)
        return x

    graph = map_graph(
        {"tool": "work", "timeout": "500ms"},
        nodes={"late": {"type": "set", "set": {"late": "error.code"}}},
        edges=[("m", "late", {"on": "timeout"})],
    )
    result = await arun(graph, {"xs": [0, 30]}, registry=registry_of({"work": work}))

    assert result.state["late"] == "E_TIMEOUT"
    assert [e["data"]["item"] for e in item_events(result.events, "attempt.timed_out")] == [1]


# Enough -----------------------------------------------------------------------------------------


async def test_the_rest_is_stopped_once_there_is_enough():
    stopped = []

    async def work(x):
        try:
            await asyncio.sleep(0 if x < 3 else 30)
        except asyncio.CancelledError:
            stopped.append(x)
            raise
        return x

    graph = map_graph(complete_when="done >= 3", max_concurrency=5)
    began = time.perf_counter()
    result = await arun(graph, {"xs": list(range(9))}, registry=registry_of({"work": work}))

    assert result.state["m"] == [0, 1, 2]
    assert time.perf_counter() - began < 10
    await asyncio.sleep(0)
    assert stopped == [3, 4] or set(stopped) <= {3, 4, 5, 6, 7}
    assert stopped


@pytest.mark.parametrize("seed", range(10))
def test_what_comes_too_late_is_recorded_and_not_used(seed):
    graph = map_graph(complete_when="done >= 2", max_concurrency=5)

    result = run(
        graph, {"xs": list(range(9))}, registry=registry_of({"work": double}), schedule_seed=seed
    )

    assert len(result.state["m"]) == 2
    late = item_events(result.events, "attempt.late_result")
    assert len(late) == 4
    assert {e["data"]["result"] for e in late}.isdisjoint(result.state["m"])


def test_the_results_so_far_can_decide():
    graph = map_graph(complete_when="results.exists(r, r > 5)", max_concurrency=1)

    result = run(graph, {"xs": [1, 2, 3, 4]}, registry=registry_of({"work": double}))

    assert result.state["m"] == [2, 4, 6]


# Ends and recovery ------------------------------------------------------------------------------


async def test_a_cancel_ends_all_items():
    graph = map_graph()
    began = asyncio.Event()

    async def work(x):
        began.set()
        await asyncio.sleep(30)

    created = new_run(graph, {"xs": [1, 2, 3]})
    driver = Driver(
        graph, registry_of({"work": work}), MemoryJournal([created]), folded=fold(graph, [created])
    )
    driving = asyncio.ensure_future(driver.drive())
    await began.wait()
    driver.cancel()

    assert (await driving).status == RunStatus.CANCELLED


CUT = {
    "fail": ({}, double, list(range(6))),
    "window": ({"max_concurrency": 2}, double, list(range(6))),
    "collect": ({"on_item_error": "collect"}, odd, [1, 2, 3, 4, 5]),
    "skip": ({"on_item_error": "skip", "max_concurrency": 2}, odd, [1, 2, 3, 4, 5]),
    "empty": ({}, double, []),
    "failing": ({"max_concurrency": 2}, odd, [2, 4, 5, 6, 7]),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", CUT)
def test_a_run_cut_after_any_event_calls_only_for_what_is_missing(case, seed):
    more, tool, xs = CUT[case]
    graph = map_graph(
        nodes={"after": {"type": "set", "set": {"n": "size(m)"}}}, edges=[("m", "after")], **more
    )
    calls = []

    def work(x):
        calls.append(x)
        return tool(x)

    registry = registry_of({"work": work})
    whole = run(graph, {"xs": xs}, registry=registry, schedule_seed=seed)
    events = through_json([Event.from_dict(e) for e in whole.events])

    for cut in range(1, len(events) + 1):
        calls.clear()
        kept = [Event.from_dict(raw) for raw in events[:cut]]
        rest = MemoryJournal(kept)
        driver = Driver(graph, registry, rest, folded=fold(graph, events[:cut]))
        assert driver.advance()
        again = driver.result()

        assert again.status == whole.status, f"cut after event {cut}"
        if whole.status == RunStatus.COMPLETED:
            assert again.state == whole.state, f"cut after event {cut}"
        ended = {
            xs[e["data"]["item"]]
            for e in events[:cut]
            if e["k"] in ("attempt.succeeded", "attempt.failed") and "item" in e["data"]
        }
        assert ended.isdisjoint(calls), f"cut after event {cut}"
        assert fold(graph, through_json(rest.events)).state == again.state


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", [*CUT, "enough"])
def test_a_fold_equals_the_live_marking_after_every_append(case, seed):
    enough = ({"complete_when": "done >= 2", "max_concurrency": 3}, double, [1, 2, 3, 4, 5])
    more, tool, xs = CUT.get(case, enough)
    graph = map_graph(**more)
    journal = RecordingJournal()
    created = new_run(graph, {"xs": xs})
    journal.append([created])
    driver = Driver(
        graph,
        registry_of({"work": tool}),
        journal,
        folded=fold(graph, [created]),
        schedule_seed=seed,
    )
    journal.marking = driver._marking

    assert driver.advance()

    events = through_json(journal.events)
    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(graph, events[:count]).marking))) == live


@pytest.mark.parametrize("seed", range(6))
def test_a_run_that_has_enough_stays_so_wherever_it_is_cut(seed):
    graph = map_graph(complete_when="done >= 2", max_concurrency=3)
    registry = registry_of({"work": double})
    events = run(graph, {"xs": [1, 2, 3, 4]}, registry=registry, schedule_seed=seed).events

    for cut in range(1, len(events) + 1):
        rest = MemoryJournal([Event.from_dict(raw) for raw in events[:cut]])
        driver = Driver(graph, registry, rest, folded=fold(graph, events[:cut]))
        assert driver.advance()
        state = driver.result().state
        assert len(state["m"]) == 2
        assert fold(graph, through_json(rest.events)).state == state
        assert not fold(graph, through_json(rest.events)).marking.running


def test_a_resumed_map_runs_only_what_failed_or_never_ran():
    graph = map_graph(max_concurrency=2)
    calls, broken = [], {3}

    def work(x, ctx):
        calls.append((x, ctx.idempotency_key))
        if x in broken:
            raise ValueError
        return x

    registry = registry_of({"work": work})
    failed = run(graph, {"xs": [1, 2, 3, 4, 5]}, registry=registry, run_id="r")
    assert failed.status == RunStatus.FAILED
    first = dict(calls)
    calls.clear()
    broken.clear()
    events = [*failed.events, {"k": "run.resumed", "data": {}, "seq": len(failed.events) + 1}]
    journal = MemoryJournal([Event.from_dict(e) for e in events])
    driver = Driver(graph, registry, journal, folded=fold(graph, events), run_id="r")

    assert driver.advance()
    assert driver.result().state["m"] == [1, 2, 3, 4, 5]
    assert dict(calls)[3] == first[3]
    assert sorted(x for x, _ in calls) == [3, 5] or sorted(x for x, _ in calls) == [3, 4, 5]


def test_a_once_tool_that_was_cut_is_not_called_again_for_its_item():
    graph = map_graph({"tool": "work", "effect": "once"}, max_concurrency=2)
    registry = registry_of({"work": double})
    events = run(graph, {"xs": [1, 2]}, registry=registry).events
    started = next(e["seq"] for e in events if e["k"] == "attempt.started")
    journal = MemoryJournal([Event.from_dict(e) for e in events[:started]])
    driver = Driver(graph, registry, journal, folded=fold(graph, events[:started]))

    assert driver.advance()
    result = driver.result()
    assert (result.status, result.error.code) == (RunStatus.PAUSED, "E_OUTCOME_UNKNOWN")


def test_a_journal_of_another_list_is_not_folded():
    graph = map_graph()
    events = run(graph, {"xs": [1, 2]}, registry=registry_of({"work": double})).events
    events[0]["data"]["state"]["xs"] = [1]

    with pytest.raises(JournalCorrupt, match="1 items"):
        fold(graph, events)


def test_a_replay_tells_how_far_a_map_is():
    graph = map_graph(on_item_error="skip", max_concurrency=1)
    events = run(graph, {"xs": [1, 2, 3]}, registry=registry_of({"work": odd})).events
    ends = [e["seq"] for e in events if "item" in e["data"] and e["k"] != "attempt.started"]

    midway = replay(graph, events[: ends[1]])
    whole = replay(graph, events)

    seen = midway.activations["m"]
    assert (seen.count, seen.status) == (1, "running")
    assert (seen.items.done, seen.items.failed, seen.items.total) == (1, 1, 3)
    assert midway.current_nodes == ["m"]
    assert whole.activations["m"].status == "completed"
    assert whole.activations["m"].items.done == 1
    assert [node for _, node, _ in whole.steps] == ["m"]


# Beside other branches --------------------------------------------------------------------------


async def test_a_map_that_loses_a_race_goes_with_its_items():
    stopped = []

    async def slow(x):
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            stopped.append(x)
            raise

    graph = graph_of(
        {
            "a": {"type": "noop"},
            "m": {"type": "map", "over": "xs", "as": "x", "body": {"tool": "slow"}},
            "quick": "quick",
            "j": {"type": "noop", "join": {"policy": "first_cancel"}},
        },
        [("a", "m"), ("a", "quick"), ("m", "j"), ("quick", "j")],
    )
    registry = registry_of({"slow": slow, "quick": lambda: {"won": True}})
    result = await arun(graph, {"xs": [1, 2]}, registry=registry)

    assert (result.status, result.state.get("won")) == (RunStatus.COMPLETED, True)
    assert "m" not in result.state
    left = fold(graph, result.events).marking
    assert (left.activations, left.maps, left.running) == ({}, {}, 0)
    assert replay(graph, result.events).activations["m"].status == "cancelled"


@pytest.mark.parametrize("seed", range(6))
def test_an_end_of_the_whole_run_takes_the_items_along(seed):
    graph = graph_of(
        {
            "a": {"type": "noop"},
            "m": {"type": "map", "over": "xs", "as": "x", "body": {"tool": "work"}},
            "quick": "quick",
            "end": {"type": "end", "terminate": True},
        },
        [("a", "quick"), ("a", "m"), ("quick", "end")],
    )
    registry = registry_of({"work": double, "quick": lambda: {"won": True}})
    result = run(
        graph,
        {"xs": list(range(200))},
        registry=registry,
        schedule_seed=seed,
        limits={"max_parallel": 2},
    )

    assert (result.status, result.state.get("won")) == (RunStatus.COMPLETED, True)
    assert fold(graph, through_json([Event.from_dict(e) for e in result.events])).state == (
        result.state
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_map_that_lost_a_race_runs_out_and_its_results_are_dropped(seed):
    graph = graph_of(
        {
            "a": {"type": "noop"},
            "m": {"type": "map", "over": "xs", "as": "x", "body": {"tool": "work"}},
            "quick": "quick",
            "j": {"type": "set", "set": {"joined": "true"}, "join": {"policy": "first"}},
        },
        [("a", "quick"), ("a", "m"), ("m", "j"), ("quick", "j")],
    )
    registry = registry_of({"work": double, "quick": lambda: {"won": True}})
    result = run(
        graph,
        {"xs": list(range(40))},
        registry=registry,
        schedule_seed=seed,
        limits={"max_parallel": 2},
    )

    assert (result.status, result.state["won"]) == (RunStatus.COMPLETED, True)
    assert "m" not in result.state
    assert len(item_events(result.events, "attempt.succeeded")) == 40
