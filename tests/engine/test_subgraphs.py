"""Nodes that start runs of other workflows, and map nodes whose items are runs."""

import asyncio
import json

import pytest

from engine import (
    Driver,
    Event,
    EventKind,
    Graph,
    MemoryJournal,
    MemoryStore,
    PinRefused,
    ToolRegistry,
    VirtualClock,
    arun,
    fold,
    new_run,
    run,
    validate,
)
from engine.driving.nested import Nested
from engine.planning.child_calls import WorkflowTable
from engine.policies import RunStatus
from engine.steering.forking import fork
from engine.telling.explaining import reasons
from engine.testing import FakeTools, assert_path, shuffle, unpinned
from tests.engine.graphs import random_dag
from tests.engine.helpers import (
    RecordingJournal,
    dump,
    graph_of,
    kinds,
    registry_of,
    state_tools,
    through_json,
)
from tests.engine.test_snapshots import assert_every_prefix_can_be_skipped

SEARCH = graph_of(
    {"a": {"type": "tool", "tool": "find", "outputs": {"found": "result"}}},
    [],
    state={
        "schema": {
            "type": "object",
            "required": ["query"],
            "properties": {"query": {"type": "string"}},
        },
        "defaults": {"found": []},
    },
)
OUTER = {
    "type": "subgraph",
    "workflow": "search",
    "in": {"query": "q"},
    "out": {"d": "state.found"},
}


def outer(spec=None, *edges, **nodes):
    """A subgraph node with more behind it."""
    there = {"s": {**OUTER, **(spec or {})}, **nodes}
    return graph_of(there, list(edges), entry="s")


def find(query):
    if query == "bad":
        raise ValueError("nothing is found there")
    return [f"about {query}"]


TOOLS = registry_of({"find": find})


def ran(graph, state=None, registry=TOOLS, **more):
    more.setdefault("workflows", {"search": SEARCH})
    return run(graph, {"q": "x"} if state is None else state, registry=registry, **more)


# One child --------------------------------------------------------------------------------------


def test_a_child_starts_with_what_in_gives_and_out_takes_from_its_final_state():
    result = ran(outer({"out": {"d": "state.found", "n": "size(result.found) + size(q)"}}))

    assert (result.status, result.state) == ("completed", {"q": "x", "d": ["about x"], "n": 2})
    (child,) = result.children.values()
    assert (child.status, child.state) == ("completed", {"query": "x", "found": ["about x"]})
    assert child.events[0]["data"]["parent"] == {
        "run": pytest.approx(child.events[0]["data"]["parent"]["run"]),
        "node": "s",
        "act": 1,
        "att": 1,
        "depth": 1,
    }
    assert kinds(result, "s") == ["child.started", "child.ended", "attempt.succeeded"]
    assert [e["att"] for e in result.events if e["node"] == "s"] == [1, 1, 1]
    assert result.activations == {"s": 1}


def test_without_out_nothing_is_written_and_without_in_the_child_has_its_defaults():
    child = graph_of({"a": "one"}, [], state={"defaults": {"n": 7}})
    graph = graph_of({"a": {"type": "subgraph", "workflow": "c"}}, [])

    result = run(
        graph,
        {"n": 1},
        registry=state_tools({"one": lambda s: {"m": s["n"]}}),
        workflows={"c": child},
    )

    assert result.state == {"n": 1}
    assert [c.state for c in result.children.values()] == [{"n": 7, "m": 7}]


def test_a_version_is_taken_as_it_is_named_and_else_the_highest():
    def version(n):
        return graph_of({"a": {"type": "set", "set": {"v": str(n)}}}, [])

    table = {"w": {1: version(1), 2: version(2)}}
    spec = {"type": "subgraph", "workflow": "w", "out": {"v": "state.v"}}

    assert run(graph_of({"a": spec}, []), workflows=table).state == {"v": 2}
    assert run(graph_of({"a": {**spec, "version": 1}}, []), workflows=table).state == {"v": 1}
    lost = run(graph_of({"a": {**spec, "version": 3}}, []), workflows=table)
    assert (lost.status, lost.error.code, lost.error.node) == ("failed", "E_WORKFLOW", "a")
    assert "its versions: 1, 2" in lost.error.message


def test_a_workflow_that_is_not_there_fails_the_node():
    result = ran(outer(), workflows={})

    assert (result.status, result.error.code) == ("failed", "E_WORKFLOW")
    assert "no workflow 'search'" in result.error.message
    assert result.children == {}


def test_a_start_that_the_child_refuses_fails_the_node():
    result = ran(outer({"in": {"query": "7"}}))

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_INPUT", "s")
    assert "'search' refuses what 's' gives it" in result.error.message


def test_an_input_that_cannot_be_evaluated_fails_the_node_before_anything_starts():
    result = ran(outer({"in": {"query": "nope"}}))

    assert (result.error.code, kinds(result, "s")) == ("E_EXPRESSION", ["attempt.failed"])


def test_the_error_of_a_child_is_the_error_of_its_node():
    result = ran(outer(), {"q": "bad"})

    error = result.error
    (run_id,) = result.children
    assert (result.status, error.code, error.node) == ("failed", "E_TOOL", "s")
    assert error.message == (
        f"'search' failed in run {run_id}: " + error.details["origin"]["message"]
    )
    assert (error.details["run"], error.details["workflow"]) == (run_id, "search")
    assert error.details["origin"]["node"] == "a"


def test_an_error_edge_takes_it():
    graph = outer(
        None,
        ("s", "ok"),
        ("s", "sad", {"on": "error"}),
        ok={"type": "noop"},
        sad={"type": "set", "set": {"why": "error.type", "code": "error.code"}},
    )

    result = ran(graph, {"q": "bad"})

    assert (result.status, result.state["why"]) == ("completed", "ValueError")
    assert_path(result, ["sad"])


def test_on_error_goes_on():
    result = ran(outer({"on_error": "continue"}, ("s", "b"), b={"type": "noop"}), {"q": "bad"})

    assert (result.status, result.state) == ("completed", {"q": "bad"})


def test_a_timeout_cancels_the_child_and_takes_its_edge():
    clock = VirtualClock(1000.0)

    async def slow(query):
        await clock.sleep(3600)

    graph = outer(
        {"timeout": "30s"},
        ("s", "late", {"on": "timeout"}),
        late={"type": "set", "set": {"late": "true"}},
    )

    result = ran(graph, registry=registry_of({"find": slow}, "idempotent"), clock=clock)

    assert (result.status, result.state["late"]) == ("completed", True)
    assert [child.status for child in result.children.values()] == ["cancelled"]
    (late,) = [e for e in result.events if e["k"] == "attempt.timed_out"]
    assert late["ts"] == "1970-01-01T00:17:10.000Z"


def test_a_pinned_subgraph_starts_nothing():
    result = ran(outer(), pinned={"s": {"found": [1]}})

    assert (result.state["d"], result.children) == ([1], {})


def test_recursion_ends_at_ten_levels():
    again = {"type": "subgraph", "workflow": "r", "in": {"n": "n + 1"}, "out": {"n": "state.n"}}
    bounded = graph_of(
        {"a": {"type": "noop"}, "s": again, "z": {"type": "end"}},
        [("a", "s", {"when": "n < limit"}), ("a", "z", {"else": True})],
        state={"defaults": {"limit": 10}},
    )
    deep = graph_of({"s": again}, [], entry="s")

    assert run(bounded, {"n": 0}, workflows={"r": bounded}).state["n"] == 10
    result = run(deep, {"n": 0}, workflows={"r": deep})
    assert (result.status, result.error.code) == ("failed", "E_DEPTH")
    assert "11 levels deep, 10 are allowed" in result.error.message
    assert result.error.details["origin"]["details"] == {"max_depth": 10}


def test_the_first_of_two_children_withdraws_the_other():
    clock = VirtualClock()

    async def slow(query):
        await clock.sleep(float(query))
        return [query]

    def way(seconds):
        return {**OUTER, "in": {"query": f"'{seconds}'"}}

    graph = graph_of(
        {
            "a": {"type": "noop"},
            "s": way(5),
            "t": way(500),
            "j": {"type": "noop", "join": "first_cancel"},
        },
        [("a", "s"), ("a", "t"), ("s", "j"), ("t", "j")],
    )

    result = ran(graph, registry=registry_of({"find": slow}, "idempotent"), clock=clock)

    assert (result.status, result.state["d"]) == ("completed", ["5"])
    assert sorted(c.status for c in result.children.values()) == ["cancelled", "completed"]
    assert "child.dropped" in kinds(result, "t")


def test_an_end_that_terminates_cancels_the_children():
    clock = VirtualClock()

    async def slow(query):
        await clock.sleep(500)

    graph = graph_of(
        {
            "a": {"type": "noop"},
            "s": OUTER,
            "w": {"type": "wait", "for": "5s"},
            "z": {"type": "end", "terminate": True},
        },
        [("a", "s"), ("a", "w"), ("w", "z")],
    )

    result = ran(graph, registry=registry_of({"find": slow}, "idempotent"), clock=clock)

    assert (result.status, kinds(result)[-1]) == ("completed", "run.completed")
    assert [c.status for c in result.children.values()] == ["cancelled"]


def test_a_child_that_waits_for_a_person_lets_its_parent_wait():
    asks = graph_of({"h": {"type": "human"}}, [], entry="h")

    result = run(graph_of({"a": {"type": "subgraph", "workflow": "w"}}, []), workflows={"w": asks})

    assert result.status == "waiting"
    assert [c.status for c in result.children.values()] == ["waiting"]


def test_what_a_run_waits_for_names_the_child():
    asks = graph_of({"h": {"type": "human"}}, [], entry="h")
    graph = graph_of({"a": {"type": "subgraph", "workflow": "w"}}, [])
    result = run(graph, workflows={"w": asks})

    (reason,) = reasons(fold(graph, result.events).marking, [])

    assert (reason["what"], reason["node"], reason["run"]) == ("child", "a", *result.children)
    assert "of workflow 'w'" in reason["text"]


# Driving by hand: cancel, resume, recovery, forks -------------------------------------------------


class World:
    """A store that outlives drivers, as a database would, and drivers of one parent run."""

    def __init__(self, graph, workflows, registry=TOOLS, state=None, clock=None):
        self.graph, self.registry, self.clock = graph, registry, clock or VirtualClock()
        self.table = WorkflowTable(workflows)
        self.children = MemoryStore()
        self.events = [new_run(graph, {"q": "x"} if state is None else state, now=1.0)]
        MemoryJournal(journal := []).append(self.events)
        self.events = journal
        self.nested = None

    def driver(self, journal=None, run_id="parent", seed=None):
        journal = journal or MemoryJournal(self.events)
        self.nested = Nested(
            self.graph,
            run_id,
            self.table,
            registry=self.registry,
            store=self.children,
            clock=self.clock,
            schedule_seed=seed,
        )
        driver = Driver(
            self.graph,
            self.registry,
            journal,
            folded=fold(self.graph, self.events),
            clock=self.clock,
            children=self.nested,
            run_id=run_id,
            schedule_seed=seed,
        )
        self.nested.parent = driver
        return driver

    def drive(self, driver=None):
        return asyncio.run(asyncio.wait_for((driver or self.driver()).drive(), 20))

    def say(self, kind, **data):
        MemoryJournal(self.events).append([Event(kind, data, time=self.clock.now())])

    def runs(self):
        return [e.data["run"] for e in self.events if e.kind is EventKind.CHILD_STARTED]

    def status(self, run_id):
        return [str(e.kind) for e in self.children.events(run_id)][-1]


def test_cancel_goes_down_to_the_children():
    clock = VirtualClock()
    world = World(outer(), {"search": SEARCH}, clock=clock)

    async def slow(query):
        driver.cancel("enough")
        await clock.sleep(900)

    world.registry = registry_of({"find": slow}, "idempotent")
    driver = world.driver()

    assert world.drive(driver).status is RunStatus.CANCELLED
    assert world.status(world.runs()[0]) == "run.cancelled"
    told = [str(e.kind) for e in world.events]
    assert told.index("child.dropped") < told.index("run.cancelled")


def flaky(times):
    left = [times]

    def once(query):
        left[0] -= 1
        if left[0] >= 0:
            raise ValueError("not yet")
        return [query]

    return registry_of({"find": once})


def test_a_retry_lets_the_child_that_failed_go_on():
    world = World(outer(), {"search": SEARCH}, flaky(1))
    assert world.drive().status is RunStatus.FAILED

    world.say(EventKind.RUN_RESUMED)
    again = world.drive()

    assert (again.status, again.state["d"]) == (RunStatus.COMPLETED, ["x"])
    first, second = world.runs()
    assert first == second
    assert "run.resumed" in [str(e.kind) for e in world.children.events(first)]
    assert [e.att for e in world.events if e.kind is EventKind.CHILD_STARTED] == [1, 2]


def test_a_retry_starts_anew_when_the_child_was_cancelled():
    world = World(outer(), {"search": SEARCH})

    def cancels(query):
        child, _ = next(iter(world.nested._driving.values()))
        child.cancel("by hand")
        return [query]

    world.registry = registry_of({"find": cancels})
    ended = world.drive()
    assert (ended.status, ended.error.code) == (RunStatus.FAILED, "E_CANCELLED")

    world.registry = TOOLS
    world.say(EventKind.RUN_RESUMED)

    assert world.drive().state["d"] == ["about x"]
    first, second = world.runs()
    assert (first != second, world.status(first)) == (True, "run.cancelled")


SPREAD = graph_of(
    {
        "a": {"type": "noop"},
        "s": OUTER,
        "m": {
            "type": "map",
            "over": "['u', 'v', 'w']",
            "max_concurrency": 2,
            "body": {"workflow": "search", "inputs": {"query": "item + q"}},
            "collect": {"many": "results.map(r, r.found[0])"},
        },
        "k": {
            "type": "map",
            "over": "['h', 'i']",
            "dispatch": "queue",
            "body": {"tool": "find", "inputs": {"query": "item"}},
        },
        "j": {"type": "set", "set": {"n": "size(many) + size(d) + size(k)"}},
    },
    [("a", "s"), ("a", "m"), ("s", "k"), ("k", "j"), ("m", "j")],
)
SPREAD_STATE = {
    "q": "x",
    "d": ["about x"],
    "many": ["about ux", "about vx", "about wx"],
    "k": [["about h"], ["about i"]],
    "n": 6,
}


@pytest.mark.parametrize("seed", range(25))
def test_a_fold_equals_the_live_marking_after_every_append(seed):
    world = World(SPREAD, {"search": SEARCH})
    journal = RecordingJournal()
    journal.events = world.events
    driver = world.driver(journal, seed=seed)
    journal.marking = driver._marking

    assert world.drive(driver).state == SPREAD_STATE

    events = through_json(journal.events)
    for count, live in journal.seen:
        assert json.loads(json.dumps(dump(fold(SPREAD, events[:count]).marking))) == live


def test_a_parent_cut_after_any_event_goes_on_with_the_children_there_are():
    whole = World(SPREAD, {"search": SEARCH})
    whole.drive()
    events = through_json(whole.events)

    for cut in range(1, len(events) + 1):
        for children in (whole.children, MemoryStore()):
            world = World(SPREAD, {"search": SEARCH})
            world.children = children
            world.events = [Event.from_dict(raw) for raw in events[:cut]]
            ended = world.drive()
            said = f"cut after event {cut} of {len(events)}"
            assert (ended.status, ended.state) == (RunStatus.COMPLETED, SPREAD_STATE), said
            assert fold(SPREAD, through_json(world.events)).state == SPREAD_STATE
            # Every activation has one run of its own, the same before and after the cut.
            runs = [e for e in world.events if e.kind is EventKind.CHILD_STARTED]
            assert len({e.act for e in runs}) == len({e.data["run"] for e in runs}) == len(runs)


def test_a_parent_that_failed_and_was_resumed_may_be_cut_anywhere():
    """The child is resumed once, however often its parent's driver dies."""
    whole = World(outer(), {"search": SEARCH}, flaky(1))
    whole.drive()
    whole.say(EventKind.RUN_RESUMED)
    whole.drive()
    events = through_json(whole.events)
    resumed = next(e["seq"] for e in events if e["k"] == "run.resumed")

    for cut in range(resumed, len(events) + 1):
        world = World(outer(), {"search": SEARCH})
        world.children = whole.children
        world.events = [Event.from_dict(raw) for raw in events[:cut]]
        assert world.drive().status is RunStatus.COMPLETED
    child = [str(e.kind) for e in whole.children.events(whole.runs()[0])]
    assert child.count("attempt.succeeded") == 1


def test_a_snapshot_after_any_event_says_the_same():
    for graph, state in ((SPREAD, "x"), (outer(), "bad")):
        world = World(graph, {"search": SEARCH}, state={"q": state})
        world.drive()
        world.say(EventKind.RUN_RESUMED)
        assert_every_prefix_can_be_skipped(graph, through_json(world.events))
        child = world.children.events(world.runs()[0])
        assert_every_prefix_can_be_skipped(SEARCH, through_json(child))


def test_a_fork_keeps_finished_children_and_starts_running_ones_anew():
    whole = World(SPREAD, {"search": SEARCH})
    whole.drive()
    events = through_json(whole.events)

    for seq in range(1, len(events)):
        prefix = [Event.from_dict(raw) for raw in events[:seq]]
        done = {e.data["run"] for e in prefix if e.kind is EventKind.CHILD_ENDED}
        made = fork(SPREAD, prefix, run="parent", now=2.0)
        world = World(SPREAD, {"search": SEARCH})
        world.events = prefix
        MemoryJournal(world.events).append(made)
        ended = world.drive(world.driver(run_id="fork"))
        assert (ended.status, ended.state) == (RunStatus.COMPLETED, SPREAD_STATE), seq
        new = [e.data["run"] for e in world.events[seq:] if e.kind is EventKind.CHILD_STARTED]
        assert not set(new) & set(whole.runs()), seq
        assert len(new) == 6 - len(done), seq


def test_a_fork_of_a_failed_parent_does_not_touch_the_child_of_the_first():
    whole = World(outer(), {"search": SEARCH}, flaky(1))
    whole.drive()
    before = len(whole.children.events(whole.runs()[0]))

    made = fork(whole.graph, list(whole.events), run="parent", now=2.0)
    MemoryJournal(whole.events).append(made)
    ended = whole.drive(whole.driver(run_id="fork"))

    assert ended.status is RunStatus.COMPLETED
    assert len(whole.children.events(whole.runs()[0])) == before


def test_the_result_of_a_child_that_outlives_its_failed_parent_is_kept():
    clock = VirtualClock()

    async def slow(query):
        if query == "bad":
            raise ValueError("no")
        await clock.sleep(50)
        return [query]

    graph = graph_of(
        {"a": {"type": "noop"}, "s": OUTER, "t": {**OUTER, "in": {"query": "'bad'"}}},
        [("a", "s"), ("a", "t")],
    )
    world = World(graph, {"search": SEARCH}, registry_of({"find": slow}), clock=clock)
    assert world.drive().status is RunStatus.FAILED

    world.registry = TOOLS
    world.graph = graph
    world.say(EventKind.RUN_RESUMED)
    ended = world.drive()

    assert ended.status is RunStatus.FAILED  # 'bad' is still bad
    good = world.runs()[0]
    assert world.runs().count(good) == 1
    assert [
        e.data["status"]
        for e in world.events
        if e.kind is EventKind.CHILD_ENDED and e.data["run"] == good
    ] == ["completed"]


# Maps -------------------------------------------------------------------------------------------


def mapped(dispatch=None, body=None, **more):
    spec = {
        "type": "map",
        "over": "qs",
        "body": body or {"workflow": "search", "inputs": {"query": "item"}},
        **({"dispatch": dispatch} if dispatch else {}),
        **more,
    }
    return graph_of({"m": spec}, [], entry="m")


def test_items_that_are_runs_give_their_final_states_in_the_order_of_the_list():
    clock = VirtualClock()

    async def slow(query):
        await clock.sleep(10 - int(query))
        return [query]

    graph = mapped(collect={"r": "results.map(x, x.found[0])"})
    result = ran(
        graph, {"qs": ["1", "2", "3"]}, registry_of({"find": slow}, "idempotent"), clock=clock
    )

    assert (result.status, result.state["r"]) == ("completed", ["1", "2", "3"])
    parents = [c.events[0]["data"]["parent"]["item"] for c in result.children.values()]
    assert parents == [0, 1, 2]


def test_at_most_the_window_is_under_way():
    result = ran(mapped(max_concurrency=2), {"qs": [str(n) for n in range(7)]})

    open_now, most = 0, 0
    for event in result.events:
        open_now += {"child.started": 1, "child.ended": -1}.get(event["k"], 0)
        most = max(most, open_now)
    assert (result.status, most, len(result.children)) == ("completed", 2, 7)


@pytest.mark.parametrize("dispatch", ["local", "queue"])
def test_a_queued_tool_gives_what_a_local_one_gives(dispatch):
    tools = registry_of({"find": lambda query, q, index: [query, q, index]})
    body = {"tool": "find", "inputs": {"query": "item.a + q"}}

    result = ran(
        mapped(dispatch, body, **{"as": "thing"}), {"qs": [{"a": "1"}, {"a": "2"}], "q": "x"}, tools
    )

    assert result.state["m"] == [["1x", "x", 0], ["2x", "x", 1]]
    assert len(result.children) == (2 if dispatch == "queue" else 0)


@pytest.mark.parametrize("dispatch", ["local", "queue"])
def test_items_that_fail(dispatch):
    body = {"tool": "find", "inputs": {"query": "item"}} if dispatch == "queue" else None
    qs = {"qs": ["1", "bad", "3"]}

    failed = ran(mapped(dispatch, body), qs)
    assert (failed.status, failed.error.code, failed.error.details["item"]) == (
        "failed",
        "E_TOOL",
        1,
    )
    skipped = ran(mapped(dispatch, body, on_item_error="skip"), qs)
    assert (skipped.status, len(skipped.state["m"])) == ("completed", 2)
    collected = ran(mapped(dispatch, body, on_item_error="collect"), qs)
    assert collected.state["m"][1]["error"]["type"] == "ValueError"


def test_a_map_that_has_enough_cancels_the_rest_of_its_runs():
    clock = VirtualClock()

    async def slow(query):
        await clock.sleep(float(query))
        return [query]

    graph = mapped(complete_when="done >= 1")
    result = ran(
        graph, {"qs": ["900", "2", "800"]}, registry_of({"find": slow}, "idempotent"), clock=clock
    )

    assert (result.status, result.state["m"][0]["found"]) == ("completed", ["2"])
    assert sorted(c.status for c in result.children.values()) == [
        "cancelled",
        "cancelled",
        "completed",
    ]


def test_the_tool_of_a_queued_body_keeps_its_retries_and_timeout():
    clock = VirtualClock()
    left = [2]

    async def flaky_find(query):
        left[0] -= 1
        if left[0] >= 0:
            raise ConnectionError("busy")
        return query

    body = {
        "tool": "find",
        "inputs": {"query": "item"},
        "retry": {"max_attempts": 3},
        "timeout": "1h",
    }
    result = ran(
        mapped("queue", body), {"qs": ["1"]}, registry_of({"find": flaky_find}), clock=clock
    )

    (child,) = result.children.values()
    assert (result.state["m"], kinds(child).count("attempt.failed")) == (["1"], 2)


# Properties -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_a_graph_in_a_subgraph_does_what_it_does_by_itself(seed):
    document, tools = random_dag(seed)
    inner, registry = Graph.from_dict(document), state_tools(tools)
    state = {"p": seed % 3, "q": 1, "r": 2}
    alone = run(inner, state, registry=registry, schedule_seed=seed)
    keys = sorted(alone.state) if alone.status == "completed" else []
    wrapped = graph_of(
        {
            "s": {
                "type": "subgraph",
                "workflow": "w",
                "in": {key: key for key in state},
                "out": {key: f"state.{key}" for key in keys},
            }
        },
        [],
        entry="s",
        state={"reducers": {}},
    )

    within = run(wrapped, state, registry=registry, schedule_seed=seed + 1, workflows={"w": inner})

    assert within.status == alone.status
    if alone.status == "completed":
        assert within.state == alone.state
    else:
        assert within.error.code == alone.error.code


@pytest.mark.parametrize("seed", range(40))
def test_a_node_made_a_subgraph_changes_nothing_of_a_graph(seed):
    """The body of each node of a random graph, drawn inline and as a workflow of its own."""
    document, tools = random_dag(seed)
    whole = Graph.from_dict(document)
    registry = state_tools(tools)
    state = {"p": seed % 3, "q": 1, "r": 2}
    alone = run(whole, state, registry=registry)
    table, nodes = {}, {}
    for name, spec in document["nodes"].items():
        table[name] = graph_of({name: {"type": "tool", "tool": name}}, [], entry=name)
        nodes[name] = {
            **{key: value for key, value in spec.items() if key not in ("type", "tool")},
            "type": "subgraph",
            "workflow": name,
            "in": {"log": "log", "p": "p", "q": "q", "r": "r"},
            "out": {"log": "result.log", name: f"result.{name}"},
        }
    split = Graph.from_dict({**document, "nodes": nodes})

    apart = run(split, state, registry=registry, schedule_seed=seed, workflows=table)

    assert (apart.status, apart.activations) == (alone.status, alone.activations)
    if alone.status == "completed":
        assert apart.state == alone.state


def test_schedules_are_repeated_by_their_seed():
    def told(seed):
        result = ran(
            SPREAD, registry=FakeTools({"find": find}), schedule_seed=seed, clock=VirtualClock(),
            run_id="r",
        )  # fmt: skip
        return [{**e, "ts": None} for e in result.events], list(result.children)

    assert told(3) == told(3)


def test_the_shuffle_test_goes_through_subgraphs():
    report = shuffle(SPREAD, {"q": "x"}, registry=TOOLS, schedules=30, workflows={"search": SEARCH})
    assert report.ok, report.as_dict()

    seen = []
    races = ToolRegistry()

    async def bad(query):
        seen.append(query)
        return [len(seen)]

    races.register("find", bad, effect="pure")
    report = shuffle(SPREAD, {"q": "x"}, registry=races, schedules=10, workflows={"search": SEARCH})
    assert not report.ok


def test_a_pin_reaches_into_the_runs_that_a_node_starts():
    child = graph_of({"fetch": "find", "up": {"type": "set", "set": {"found": "fetch"}}},
                     [("fetch", "up")], entry="fetch", key="search")  # fmt: skip
    middle = graph_of(
        {"s": {"type": "subgraph", "workflow": "search", "out": {"found": "state.found"}}},
        [], entry="s", key="middle",
    )  # fmt: skip
    graph = graph_of(
        {"m": {"type": "subgraph", "workflow": "middle", "out": {"found": "state.found"}},
         "each": {"type": "map", "over": "[1, 2]", "body": {"workflow": "search", "inputs": {}}}},
        [("m", "each")], entry="m",
    )  # fmt: skip
    table = {"search": child, "middle": middle}
    registry = ToolRegistry()
    registry.register("find", lambda: 1 / 0, effect="once")

    names = ["m/s/fetch", "each/fetch"]
    assert unpinned(graph, registry, workflows=WorkflowTable(table)) == names
    pins = {name: {"fetch": name} for name in names}
    assert unpinned(graph, registry, pins, WorkflowTable(table)) == []
    result = run(graph, {}, registry=registry, workflows=table, pinned=pins)

    assert (result.status, result.error) == ("completed", None)
    assert result.state["found"] == "m/s/fetch"
    assert [item["found"] for item in result.state["each"]] == ["each/fetch"] * 2
    report = shuffle(graph, {}, registry=registry, workflows=table, pinned=pins, schedules=5)
    assert (report.ok, report.status) == (True, "completed")


def test_a_pin_of_no_node_of_a_child_is_refused_before_anything_runs():
    child = graph_of({"fetch": "find"}, [], entry="fetch", key="search")
    node = {"type": "subgraph", "workflow": "search"}
    each = {"type": "map", "over": "[1]", "dispatch": "queue", "body": {"tool": "find"}}
    graph = graph_of({"a": "find", "s": node, "each": each}, [("a", "s"), ("s", "each")])
    tools, table = FakeTools({"find": {}}), {"search": child}

    for pin, where, hint in [
        ("s/fetsch", "/pinned/s~1fetsch", "its nodes: fetch; did you mean 'fetch'?"),
        ("each/other", "/pinned/each~1other", "its nodes: each"),
    ]:
        for start in (run, shuffle):
            with pytest.raises(PinRefused, match="has no node") as refused:
                start(graph, {}, registry=tools, workflows=table, pinned={pin: 1})
            assert (refused.value.pointer, refused.value.hint) == (where, hint)
    assert tools.calls == []


def test_a_pin_of_a_child_whose_workflow_is_not_there_is_the_failure_of_its_node():
    graph = graph_of({"s": {"type": "subgraph", "workflow": "gone"}}, [], entry="s")

    result = run(graph, {}, workflows={}, pinned={"s/fetch": 1})

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_WORKFLOW", "s")


def test_a_run_whose_children_are_elsewhere_says_that_whole_steps_are_pinned():
    graph = graph_of({"s": {"type": "subgraph", "workflow": "search"}}, [], entry="s")

    with pytest.raises(PinRefused, match="pin 's', with the state its run ends in"):
        new_run(graph, {}, pinned={"s/fetch": 1})


def test_a_workflow_that_runs_itself_or_is_not_there_is_pinned_as_a_whole():
    again = {"type": "subgraph", "workflow": "loop"}
    loop = graph_of({"n": "pure", "again": again}, [("n", "again")], entry="n", key="loop")
    graph = graph_of({"a": again, "b": {"type": "subgraph", "workflow": "gone"}}, [("a", "b")])
    registry = ToolRegistry()
    registry.register("pure", lambda: None, effect="pure")

    found = unpinned(graph, registry, workflows=WorkflowTable({"loop": loop}))

    assert found == ["a/again", "b"]
    assert unpinned(graph, registry, {"a": {}, "b": {}}, WorkflowTable({"loop": loop})) == []


def test_workflows_that_run_each_other_many_times_are_looked_into_once():
    registry = ToolRegistry()
    registry.register("pure", lambda: None, effect="pure")
    table = {"w0": graph_of({"n": "pure"}, [], entry="n", key="w0")}
    for depth in range(1, 9):
        nodes = {f"n{at}": {"type": "subgraph", "workflow": f"w{depth - 1}"} for at in range(50)}
        entry = list(nodes)
        table[f"w{depth}"] = graph_of(nodes, [], entry=entry, key=f"w{depth}")

    assert unpinned(table["w8"], registry, workflows=WorkflowTable(table)) == []


async def test_fakes_answer_in_children_too():
    tools = FakeTools({"find": lambda query: [query.upper()]})

    result = await arun(outer(), {"q": "x"}, registry=tools, workflows={"search": SEARCH})

    assert (result.state["d"], tools.calls_of("find")) == (["X"], [{"query": "x"}])


# Lint -------------------------------------------------------------------------------------------


def problems(spec, workflows, **more):
    document = {
        "format": "treadle/1",
        "key": "p",
        "entry": ["s"],
        "edges": [],
        "nodes": {"s": spec},
        **more,
    }
    found = validate(document, TOOLS, workflows=WorkflowTable(workflows))
    return [(p.code, p.pointer) for p in found if p.severity == "error"]


def test_lint_knows_workflows_and_versions():
    assert problems(OUTER, {"search": SEARCH}) == []
    assert problems(OUTER, {}) == [("unknown_workflow", "/nodes/s/workflow")]
    assert problems({**OUTER, "version": 9}, {"search": {1: SEARCH}}) == [
        ("unknown_version", "/nodes/s/version")
    ]
    assert problems({**OUTER, "in": {}}, {"search": SEARCH}) == [("unbound_input", "/nodes/s")]
    body = {"workflow": "gone", "inputs": {}}
    spec = {"type": "map", "over": "[1]", "body": body}
    assert problems(spec, {}) == [("unknown_workflow", "/nodes/s/body/workflow")]


def test_lint_refuses_keys_that_a_closed_schema_has_not():
    closed = graph_of(
        {"a": {"type": "noop"}},
        [],
        state={
            "schema": {"type": "object", "properties": {"x": {}}, "additionalProperties": False}
        },
    )

    found = problems({**OUTER, "workflow": "c", "in": {"y": "1"}}, {"c": closed})

    assert found == [("unknown_input", "/nodes/s/in/y")]


def test_a_key_of_out_that_nobody_reads_is_named_where_it_stands():
    state = {"schema": {"type": "object", "properties": {"q": {"type": "string"}}}}
    document = graph_of({"s": OUTER}, [], entry="s", state=state).to_dict()

    (found,) = validate(document, TOOLS, workflows=WorkflowTable({"search": SEARCH}))

    assert (found.code, found.pointer) == ("unread_key", "/nodes/s/out/d")


def test_what_out_reads_of_the_child_is_not_read_of_the_parent():
    document = graph_of(
        {"s": OUTER},
        [],
        entry="s",
        state={"schema": {"type": "object", "properties": {"q": {"type": "string"}, "d": {}}}},
    ).to_dict()

    assert validate(document, TOOLS, workflows=WorkflowTable({"search": SEARCH})) == []


def test_the_version_is_part_of_the_hash():
    assert outer().hash != outer({"version": 1}).hash != outer({"version": 2}).hash
