"""Calling tools: failures, retries, timeouts, error edges, cancel, logs."""

import asyncio
import logging
import threading
import time
from concurrent.futures import Executor, Future

import pytest

from engine import (
    Driver,
    Graph,
    MemoryJournal,
    ToolRegistry,
    VirtualClock,
    arun,
    fold,
    new_run,
    run,
)
from engine.events import Event
from tests.engine.helpers import graph_of, kinds, registry_of, run_tools

END = {"type": "end"}


def node(**fields):
    return {"type": "tool", "tool": "t", **fields}


def driver_of(graph, registry, state=None, **more):
    journal = MemoryJournal()
    created = new_run(graph, state)
    journal.append([created])
    return Driver(graph, registry, journal, folded=fold(graph, [created]), **more), journal


# Failures ---------------------------------------------------------------------------------------


def boom(state):
    raise ValueError("no good")


def test_a_failure_keeps_class_message_and_the_tools_own_traceback():
    result = run_tools(graph_of({"a": node()}, []), {"t": boom})

    assert (result.status, result.error.code, result.error.node) == ("failed", "E_TOOL", "a")
    assert result.error.message == "ValueError: no good"
    assert result.error.details["type"] == "ValueError"
    assert "boom" in result.error.details["traceback"]
    assert "driver.py" not in result.error.details["traceback"]


@pytest.mark.parametrize(
    "error", [SystemExit(3), asyncio.CancelledError(), StopIteration(), KeyError()]
)
def test_odd_exceptions_are_failures_of_the_tool(error):
    async def tool():
        raise error

    result = asyncio.run(arun(graph_of({"a": node()}, []), registry=registry_of({"t": tool})))

    assert (result.status, result.error.code) == ("failed", "E_TOOL")


def test_a_failure_lets_running_siblings_finish_and_starts_nothing_new():
    graph = graph_of(
        {"f": {"type": "noop"}, "bad": "bad", "slow": "slow", "next": "next"},
        [("f", "bad"), ("f", "slow"), ("slow", "next")],
        "f",
    )

    async def bad():
        raise RuntimeError

    async def slow():
        await asyncio.sleep(0.01)
        return {"slow": "done"}

    async def following():
        return {"next": "must not run"}

    registry = registry_of({"bad": bad, "slow": slow, "next": following})
    result = asyncio.run(arun(graph, registry=registry))

    assert (result.status, result.error.node, result.state) == ("failed", "bad", {"slow": "done"})


def test_an_error_edge_handles_the_failure_and_carries_it():
    nodes = {
        "a": node(),
        "b": {"type": "set", "set": {"seen": "error.type + ' at ' + error.node"}},
        "c": {"type": "set", "set": {"gone": "has(state.error) ? 'no' : 'yes'"}},
    }
    result = run_tools(graph_of(nodes, [("a", "b", {"on": "error"}), ("b", "c")]), {"t": boom})

    assert result.status == "completed"
    assert result.state == {"seen": "ValueError at a", "gone": "yes"}
    assert "attempt.failed" in kinds(result, "a")


def test_a_tool_behind_an_error_edge_reads_ctx_error():
    graph = graph_of({"a": node(), "b": "handler"}, [("a", "b", {"on": "error"})])

    def handler(ctx):
        return {"why": f"{ctx.error['type']}: {ctx.error['message']}, {ctx.error['attempts']}"}

    result = run(graph, registry=registry_of({"t": lambda: 1 / 0, "handler": handler}))

    assert result.state["why"].startswith(
        "ZeroDivisionError: ZeroDivisionError: division by zero, 1"
    )


def test_an_error_rides_along_until_the_next_success():
    nodes = {"a": node(), "b": "b", "c": "c"}
    edges = [("a", "b", {"on": "error"}), ("b", "c")]
    seen = {}

    def reads(name):
        def tool(ctx):
            seen[name] = ctx.error and ctx.error["node"]

        return tool

    result = run(
        graph_of(nodes, edges), registry=registry_of({"t": boom, "b": reads("b"), "c": reads("c")})
    )

    assert result.status == "completed"
    assert seen == {"b": "a", "c": None}


def test_error_edges_may_have_conditions():
    nodes = {"a": node(), "b": END, "c": END}
    edges = [
        ("a", "b", {"on": "error", "when": "error.type == 'KeyError'"}),
        ("a", "c", {"on": "error", "else": True}),
    ]
    assert "c" in run_tools(graph_of(nodes, edges), {"t": boom}).activations
    assert run_tools(graph_of(nodes, edges[:1]), {"t": boom}).error.code == "E_TOOL"


@pytest.mark.parametrize(
    ("on_error", "status", "visited"),
    [("fail", "failed", {"a": 1}), ("continue", "completed", {"a": 1, "b": 1}),
     ("end_branch", "completed", {"a": 1})],
)  # fmt: skip
def test_on_error(on_error, status, visited):
    graph = graph_of({"a": node(on_error=on_error), "b": END}, [("a", "b")])
    result = run_tools(graph, {"t": boom})

    assert (result.status, result.activations) == (status, visited)


# Retries ----------------------------------------------------------------------------------------


def flaky(failures, error=ConnectionError):
    tries = []

    async def tool(ctx):
        tries.append((ctx.attempt, ctx.idempotency_key))
        if len(tries) <= failures:
            raise error("not yet")
        return {"tries": len(tries)}

    return tool, tries


def with_clock(tool, effect="idempotent", **fields):
    clock = VirtualClock()
    graph = graph_of({"a": node(**fields)}, [])
    began = clock.now()
    registry = registry_of({"t": tool}, effect)
    result = asyncio.run(arun(graph, registry=registry, clock=clock, run_id="run"))
    return result, clock.now() - began


def test_connection_errors_are_tried_three_times_by_default():
    tool, tries = flaky(2)
    result, waited = with_clock(tool)

    assert (result.status, result.state) == ("completed", {"tries": 3})
    assert tries == [(1, "run:1"), (2, "run:1"), (3, "run:1")]
    assert 2.3 < waited < 3.7, "one second, then two, each 20 % more or less"


def test_the_fourth_failure_is_final():
    tool, tries = flaky(5)
    result, _ = with_clock(tool)

    assert (result.status, result.error.code, len(tries)) == ("failed", "E_TOOL", 3)


@pytest.mark.parametrize(
    ("error", "effect"),
    [
        (ValueError, "idempotent"),
        (TypeError, "idempotent"),
        (AssertionError, "pure"),
        (RuntimeError, "idempotent"),
        (TimeoutError, "idempotent"),
        (ConnectionError, "once"),
    ],
)
def test_other_errors_and_once_tools_are_not_tried_again(error, effect):
    tool, tries = flaky(1, error)
    result, _ = with_clock(tool, effect)

    assert (result.status, len(tries)) == ("failed", 1)


def test_a_policy_of_the_nodes_own():
    tool, tries = flaky(4, KeyError)
    retry = {
        "max_attempts": 6,
        "initial": "10s",
        "factor": 3,
        "max": "60s",
        "jitter": 0,
        "on": ["LookupError"],
    }
    result, waited = with_clock(tool, retry=retry)

    assert (result.status, len(tries)) == ("completed", 5)
    assert waited == pytest.approx(10 + 30 + 60 + 60)


def test_not_on_wins_over_on():
    tool, tries = flaky(1, KeyError)
    result, _ = with_clock(tool, retry={"on": ["Exception"], "not_on": ["KeyError"]})

    assert (result.status, len(tries)) == ("failed", 1)


def test_a_retry_waits_without_a_worker_and_its_due_time_is_in_the_journal():
    tool, _ = flaky(1)
    result, _ = with_clock(tool)
    failed = next(e for e in result.events if e["k"] == "attempt.failed")

    assert failed["data"]["retry_at"] > 0
    assert kinds(result, "a") == [
        "attempt.started",
        "attempt.failed",
        "attempt.started",
        "attempt.succeeded",
    ]


def test_a_run_that_was_cut_while_waiting_for_a_retry_goes_on_waiting():
    tool, tries = flaky(1)
    graph, registry = graph_of({"a": node()}, []), registry_of({"t": tool}, "idempotent")
    whole, _ = with_clock(tool)
    cut = next(e["seq"] for e in whole.events if e["k"] == "attempt.failed")
    clock = VirtualClock()
    folded = fold(graph, whole.events[:cut])
    driver = Driver(graph, registry, MemoryJournal(), folded=folded, clock=clock)
    result = asyncio.run(driver.drive())

    assert (result.status, len(tries)) == ("completed", 3)


def test_sync_tools_are_tried_again_under_run_too():
    failures = [ConnectionError(), ConnectionError()]

    def tool():
        if failures:
            raise failures.pop()
        return {"ok": True}

    graph = graph_of({"a": node(retry={"on": ["ConnectionError"], "initial": "1ms"})}, [])

    assert run(graph, registry=registry_of({"t": tool})).state == {"ok": True}


# Transactional tools ----------------------------------------------------------------------------


def test_without_a_database_a_transactional_tool_is_like_any_other():
    def tool(n):
        return {"n": n + 1}

    graph = graph_of({"a": node(), "b": node()}, [("a", "b")])
    assert run(graph, {"n": 1}, registry=registry_of({"t": tool}, "transactional")).state == {
        "n": 3
    }


def test_connection_errors_of_transactional_tools_are_tried_again():
    def tool(ctx):
        if ctx.attempt < 3:
            raise ConnectionError
        return {"n": ctx.attempt}

    graph = graph_of({"a": node()}, [])
    registry = registry_of({"t": tool}, "transactional")
    assert run(graph, registry=registry, clock=VirtualClock()).state == {"n": 3}


def test_a_node_cannot_make_an_async_tool_transactional():
    async def tool():
        return None

    graph = graph_of({"a": node(effect="transactional")}, [])
    result = run(graph, registry=registry_of({"t": tool}))

    assert (result.status, result.error.code) == ("failed", "E_UNSUPPORTED")


class FakeStep:
    """Stands for a database: what a step did, in order."""

    def __init__(self, log):
        self.log = log

    def run(self, work, answer):
        self.log.append("begin")
        answer(work())

    def commit(self):
        self.log.append("commit")

    def roll_back(self):
        self.log.append("roll back")

    def drop(self):
        self.log.append("drop")


class TransactionalJournal(MemoryJournal):
    """A journal that says it can commit steps with what their tools write."""

    __slots__ = ("log", "transactions")

    def __init__(self):
        super().__init__()
        self.log = []
        self.transactions = self

    async def open(self, activation, attempt, timeout_s):
        return FakeStep(self.log)

    def append(self, events):
        self.log += [str(event.kind) for event in events if event.kind.startswith("attempt")]
        super().append(events)


async def stepped(tool, **fields):
    journal = TransactionalJournal()
    graph = graph_of({"a": node(**fields)}, [])
    created = new_run(graph)
    journal.append([created])
    registry = registry_of({"t": tool}, "transactional")
    driver = Driver(graph, registry, journal, folded=fold(graph, [created]))
    result = await driver.drive()
    return result, journal.log


async def test_the_step_is_decided_inside_the_transaction():
    result, log = await stepped(lambda: {"n": 1})

    assert result.state == {"n": 1}
    assert log == ["attempt.started", "begin", "attempt.succeeded", "commit"]


async def test_a_result_that_is_refused_is_rolled_back_first():
    _, log = await stepped(lambda: {"n": float("nan")})

    assert log == ["attempt.started", "begin", "roll back", "attempt.failed"]


@pytest.mark.parametrize("error", [KeyError(), SystemExit(1), StopIteration()])
async def test_what_a_transactional_tool_raises_is_its_failure(error):
    def tool():
        raise error

    result, log = await stepped(tool)

    assert result.status == "failed"
    assert log == ["attempt.started", "begin", "roll back", "attempt.failed"]


async def test_a_result_that_comes_too_late_is_rolled_back():
    over = threading.Event()

    def tool(ctx):
        while not ctx.cancelled:
            time.sleep(0.002)
        over.set()

    async def wait():
        while not over.is_set():
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.05)

    journal = TransactionalJournal()
    nodes = {"a": node(timeout="20ms"), "b": node()}
    nodes["b"]["tool"] = "wait"
    graph = graph_of(nodes, [("a", "b", {"on": "timeout"})])
    created = new_run(graph)
    journal.append([created])
    registry = registry_of({"t": tool}, "transactional")
    registry.register("wait", wait)
    await Driver(graph, registry, journal, folded=fold(graph, [created])).drive()

    assert "commit" not in journal.log
    assert journal.log.index("attempt.timed_out") < journal.log.index("roll back")


def test_a_lost_transactional_attempt_is_made_again_only_where_it_was_rolled_back():
    graph = graph_of({"a": node()}, [])
    registry = registry_of({"t": lambda: {"n": 1}}, "transactional")
    created = new_run(graph)
    started = Event.from_dict(
        {"seq": 2, "k": "attempt.started", "node": "a", "act": 1, "att": 1, "data": {}, "ts": ""}
    )

    def recovered(journal):
        folded = fold(graph, [created, started])
        return asyncio.run(Driver(graph, registry, journal, folded=folded).drive())

    assert recovered(TransactionalJournal()).status == "completed"
    left = recovered(MemoryJournal())
    assert (left.status, left.error.code) == ("paused", "E_OUTCOME_UNKNOWN")


# Timeouts ---------------------------------------------------------------------------------------


def test_an_async_tool_is_cancelled_at_its_timeout():
    ended = []

    async def tool():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    graph = graph_of({"a": node(timeout="20ms")}, [])
    result = asyncio.run(arun(graph, registry=registry_of({"t": tool})))

    assert (result.status, result.error.code, ended) == ("failed", "E_TIMEOUT", [True])
    assert kinds(result, "a") == ["attempt.started", "attempt.timed_out"]


def test_a_timeout_takes_its_own_edge_else_the_error_edge():
    async def tool():
        await asyncio.sleep(60)

    nodes = {"a": node(timeout="10ms"), "b": END, "c": END}
    both = [("a", "b", {"on": "error"}), ("a", "c", {"on": "timeout"})]

    for edges, visited in ((both, "c"), (both[:1], "b")):
        result = asyncio.run(arun(graph_of(nodes, edges), registry=registry_of({"t": tool})))
        assert (result.status, visited in result.activations) == ("completed", True)


def test_a_sync_tool_is_given_up_at_its_timeout_and_told_and_its_result_is_refused():
    told = threading.Event()
    late = threading.Event()

    def tool(ctx):
        while not ctx.cancelled:
            time.sleep(0.002)
        told.set()
        late.set()
        return {"late": True}

    async def wait(state):
        while not late.is_set():
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.05)
        return {"handled": True}

    graph = graph_of({"a": node(timeout="30ms"), "b": "wait"}, [("a", "b", {"on": "timeout"})])
    result = run(graph, registry=registry_of({"t": tool, "wait": wait}))

    assert told.is_set()
    assert result.state == {"handled": True}
    assert kinds(result, "a") == ["attempt.started", "attempt.timed_out", "attempt.late_result"]


async def test_a_call_that_still_waits_for_a_thread_at_its_timeout_is_not_made():
    from concurrent.futures import ThreadPoolExecutor

    called = []

    def tool(ctx):
        called.append(ctx.node)
        time.sleep(0.4)

    nodes = {"f": {"type": "noop"}, "a": node(), "b": node(timeout="0.1s", on_error="continue")}
    graph = graph_of(nodes, [("f", "a"), ("f", "b")], "f")
    with ThreadPoolExecutor(1) as one:
        driver, journal = driver_of(graph, registry_of({"t": tool}, "idempotent"), executor=one)
        result = await driver.drive()

    assert (result.status, called) == ("completed", ["a"])
    assert [str(e.kind) for e in journal.events if e.node == "b"][1] == "attempt.timed_out"


def test_a_timeout_can_be_retried():
    tries = []

    async def tool():
        tries.append(1)
        if len(tries) < 3:
            await asyncio.sleep(60)
        return {"tries": len(tries)}

    graph = graph_of(
        {"a": node(timeout="10ms", retry={"on": ["TimeoutError"], "initial": "1ms"})}, []
    )
    result = asyncio.run(arun(graph, registry=registry_of({"t": tool})))

    assert result.state == {"tries": 3}


def test_virtual_time_covers_timeouts():
    clock = VirtualClock()

    async def tool():
        await clock.sleep(3600)

    graph = graph_of({"a": node(timeout="10m")}, [])
    result = asyncio.run(arun(graph, registry=registry_of({"t": tool}), clock=clock))

    assert result.error.code == "E_TIMEOUT"


# Cancel, pause, stop ----------------------------------------------------------------------------


async def test_cancel_ends_async_tools_and_the_run():
    started = asyncio.Event()

    async def tool():
        started.set()
        await asyncio.sleep(60)

    driver, journal = driver_of(
        graph_of({"a": node(), "b": END}, [("a", "b")]), registry_of({"t": tool})
    )
    driving = asyncio.ensure_future(driver.drive())
    await started.wait()
    driver.cancel("enough", by="alice")
    driver.cancel("again")
    result = await driving

    assert result.status == "cancelled"
    assert [str(e.kind) for e in journal.events][2:] == [
        "run.cancel_requested", "run.cancel_requested", "attempt.cancelled", "run.cancelled",
    ]  # fmt: skip
    assert journal.events[-1].data == {"reason": "enough"}


def test_virtual_time_stands_still_while_threads_work():
    """A tool in a thread takes no virtual time, so its hour is not over after a blink."""

    def slow():
        time.sleep(0.05)
        return {"done": True}

    nodes = {
        "a": {"type": "wait", "for": "1m"},
        "b": {"type": "tool", "tool": "slow", "timeout": "1h"},
    }
    graph = graph_of(nodes, [("a", "b")])
    registry = registry_of({"slow": slow}, effect="idempotent")

    result = run(graph, registry=registry, clock=VirtualClock())

    assert (result.status, result.state) == ("completed", {"done": True})


async def test_cancel_does_not_wait_for_ever_for_a_thread_that_ignores_it():
    release = threading.Event()

    def stubborn():
        release.wait(10)

    graph = graph_of({"a": node()}, [])
    driver, _ = driver_of(graph, registry_of({"t": stubborn}), cancel_grace_s=0.05)
    driving = asyncio.ensure_future(driver.drive())
    await asyncio.sleep(0.02)
    driver.cancel()
    began = time.perf_counter()
    result = await driving
    release.set()

    assert result.status == "cancelled"
    assert time.perf_counter() - began < 2


async def test_cancel_closes_a_waiting_retry_at_once():
    tool, _ = flaky(5)
    graph = graph_of({"a": node(retry={"on": ["Exception"], "initial": "1h", "max": "1h"})}, [])
    driver, _ = driver_of(graph, registry_of({"t": tool}))
    driving = asyncio.ensure_future(driver.drive())
    await asyncio.sleep(0.02)
    driver.cancel()

    assert (await asyncio.wait_for(driving, 2)).status == "cancelled"


async def test_a_cancel_written_by_somebody_else_is_taken_in():
    started = asyncio.Event()

    async def tool():
        started.set()
        await asyncio.sleep(60)

    driver, journal = driver_of(graph_of({"a": node()}, []), registry_of({"t": tool}))
    driving = asyncio.ensure_future(driver.drive())
    await started.wait()
    driver.notify({"seq": 9, "k": "run.cancel_requested", "data": {"reason": "no"}, "ts": None})
    result = await driving

    assert result.status == "cancelled"
    assert "run.cancel_requested" not in [str(e.kind) for e in journal.events]


async def test_pause_lets_what_runs_finish():
    graph = graph_of({"a": node(), "b": "next"}, [("a", "b")])

    async def tool():
        driver.pause("look at this")
        return {"a": 1}

    driver, _ = driver_of(graph, registry_of({"t": tool, "next": lambda: {"b": 1}}))
    result = await driver.drive()

    assert (result.status, result.state, result.error.message) == (
        "paused",
        {"a": 1},
        "look at this",
    )


async def test_a_driver_that_is_itself_cancelled_leaves_nothing_behind():
    ended = []

    async def tool():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    driver, _ = driver_of(graph_of({"a": node()}, []), registry_of({"t": tool}))
    driving = asyncio.ensure_future(driver.drive())
    await asyncio.sleep(0.01)
    driving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await driving
    await asyncio.sleep(0)

    assert ended == [True]


async def test_max_active_pauses_the_run():
    async def tool():
        await asyncio.sleep(0.02)
        return {"n": 1}

    graph = graph_of(
        {"a": node()}, [("a", "a", {"when": "true", "max": None})],
        limits={"max_active": 0.05, "no_progress": 0},
    )  # fmt: skip
    result = await arun(graph, registry=registry_of({"t": tool}))

    assert (result.status, result.error.code) == ("paused", "E_TIME_BUDGET")


# Parallel ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 3])
async def test_max_parallel_bounds_what_runs_at_once(limit):
    running, most = [0], [0]

    async def tool():
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.002)
        running[0] -= 1

    nodes = {"f": {"type": "noop"}, **{f"n{i}": node() for i in range(10)}}
    graph = graph_of(
        nodes, [("f", f"n{i}") for i in range(10)], "f", limits={"max_parallel": limit}
    )
    result = await arun(graph, registry=registry_of({"t": tool}))

    assert (result.status, most[0]) == ("completed", limit)


def test_sync_tools_that_are_not_pure_run_beside_each_other():
    barrier = threading.Barrier(3, timeout=5)

    def tool():
        barrier.wait()

    nodes = {"f": {"type": "noop"}, **{f"n{i}": node() for i in range(3)}}
    graph = graph_of(nodes, [("f", f"n{i}") for i in range(3)], "f")

    assert run(graph, registry=registry_of({"t": tool}, "idempotent")).status == "completed"


def test_pure_sync_tools_are_called_on_the_thread_of_run():
    threads = []
    graph = graph_of({"a": node()}, [])
    run(graph, registry=registry_of({"t": lambda: threads.append(threading.current_thread())}))

    assert threads == [threading.current_thread()]


async def test_sync_tools_do_not_block_the_loop():
    ticks = []

    def tool():
        time.sleep(0.1)

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0.005)

    ticking = asyncio.ensure_future(tick())
    await arun(graph_of({"a": node()}, []), registry=registry_of({"t": tool}))
    ticking.cancel()

    assert len(ticks) > 5


def test_run_inside_a_loop_says_what_to_do():
    async def main():
        async def tool():
            return None

        return run(graph_of({"a": node()}, []), registry=registry_of({"t": tool}))

    with pytest.raises(RuntimeError, match="await arun"):
        asyncio.run(main())


# Signs of life ----------------------------------------------------------------------------------


def silent_after(clock, beats, sign):
    async def tool(ctx):
        for _ in range(beats):
            await clock.sleep(20)
            sign(ctx)
        await clock.sleep(1_000)

    return tool


@pytest.mark.parametrize(
    "sign",
    [
        lambda ctx: ctx.heartbeat(),
        lambda ctx: ctx.progress(1),
        lambda ctx: ctx.log("still here"),
    ],
)
def test_a_tool_that_gives_no_sign_of_life_is_over(sign):
    clock = VirtualClock()
    began = clock.now()
    tool = silent_after(clock, 5, sign)

    graph = graph_of({"a": node(idle_timeout="30s")}, [])
    result = run(graph, registry=registry_of({"t": tool}), clock=clock)

    assert (result.status, result.error.code) == ("failed", "E_TIMEOUT")
    assert result.error.details["idle"] is True
    assert "idle_timeout of 30 s" in result.error.message
    over = next(e for e in result.events if e["k"] == "attempt.timed_out")
    assert over["data"]["ms"] == 130_000
    assert Event.from_dict(over).time - began == pytest.approx(130)


def test_a_tool_that_gives_signs_of_life_may_take_as_long_as_it_likes():
    clock = VirtualClock()

    async def tool(ctx):
        for _ in range(1_000):
            await clock.sleep(29)
            ctx.heartbeat()
        return {"done": True}

    graph = graph_of({"a": node(idle_timeout="30s")}, [])
    assert run(graph, registry=registry_of({"t": tool}), clock=clock).state == {"done": True}


def test_the_timeout_ends_a_tool_however_lively_it_is():
    clock = VirtualClock()
    tool = silent_after(clock, 10_000, lambda ctx: ctx.heartbeat())

    graph = graph_of({"a": node(idle_timeout="30s", timeout="10m")}, [])
    result = run(graph, registry=registry_of({"t": tool}), clock=clock)

    assert (result.error.code, "idle" in result.error.details) == ("E_TIMEOUT", False)


def test_a_silent_tool_takes_the_timeout_edge_and_can_be_tried_again():
    clock = VirtualClock()
    tries = []

    async def tool():
        tries.append(clock.now())
        await clock.sleep(1_000)

    nodes = {
        "a": node(
            idle_timeout="30s",
            retry={"max_attempts": 2, "on": ["TimeoutError"], "initial": "1s", "jitter": 0},
        ),
        "b": END,
    }
    graph = graph_of(nodes, [("a", "b", {"on": "timeout"})])
    result = run(graph, registry=registry_of({"t": tool}), clock=clock)

    assert (result.status, "b" in result.activations) == ("completed", True)
    assert tries[1] - tries[0] == pytest.approx(31)


def test_a_silent_sync_tool_is_given_up_and_told():
    told = threading.Event()

    def tool(ctx):
        for _ in range(20):
            ctx.heartbeat()
            time.sleep(0.01)
        while not ctx.cancelled:
            time.sleep(0.002)
        told.set()

    graph = graph_of({"a": node(idle_timeout=0.15)}, [])
    result = run(graph, registry=registry_of({"t": tool}, "idempotent"))

    assert (result.status, result.error.code) == ("failed", "E_TIMEOUT")
    assert result.error.details["idle"] is True
    assert told.wait(5)


async def test_a_call_that_waits_for_a_thread_is_not_idle():
    from concurrent.futures import ThreadPoolExecutor

    def tool(ctx):
        time.sleep(0.4)

    nodes = {"f": {"type": "noop"}, **{f"n{i}": node(idle_timeout=1.5) for i in range(6)}}
    graph = graph_of(nodes, [("f", f"n{i}") for i in range(6)], "f")
    with ThreadPoolExecutor(1) as one:
        driver, _ = driver_of(graph, registry_of({"t": tool}, "idempotent"), executor=one)
        result = await driver.drive()

    assert result.status == "completed"


def test_items_of_a_map_have_an_idle_timeout_too():
    clock = VirtualClock()

    async def tool(ctx, item):
        await clock.sleep(item)

    body = {"tool": "t", "idle_timeout": "30s"}
    spec = {"type": "map", "over": "[10, 40]", "body": body, "on_item_error": "collect"}
    result = run(graph_of({"a": spec}, []), registry=registry_of({"t": tool}), clock=clock)

    assert result.status == "completed"
    assert result.state["a"][1]["error"]["code"] == "E_TIMEOUT"


# Lines ------------------------------------------------------------------------------------------


def test_log_and_progress_are_events_in_order():
    def tool(ctx):
        ctx.log("one")
        ctx.log("two", level="warning")
        ctx.progress(1, 2, "half")
        with pytest.raises(ValueError, match="level is one of"):
            ctx.log("x", level="loud")

    result = run(graph_of({"a": node()}, []), registry=registry_of({"t": tool}))
    lines = [(e["k"], e["node"], e["act"], e["att"], e["data"]) for e in result.events[2:-2]]

    assert lines == [
        ("log", "a", 1, 1, {"level": "info", "message": "one"}),
        ("log", "a", 1, 1, {"level": "warning", "message": "two"}),
        ("progress", "a", 1, 1, {"done": 1, "total": 2, "note": "half"}),
    ]


def test_lines_from_threads_come_before_the_end_of_their_attempt():
    def tool(ctx):
        for i in range(50):
            ctx.log(str(i))

    result = run(graph_of({"a": node(timeout="5s")}, []), registry=registry_of({"t": tool}))
    said = [e["data"]["message"] for e in result.events if e["k"] == "log"]

    assert said == [str(i) for i in range(50)]
    assert kinds(result)[-2:] == ["attempt.succeeded", "run.completed"]


def test_long_lines_are_cut():
    result = run(
        graph_of({"a": node()}, []), registry=registry_of({"t": lambda ctx: ctx.log("x" * 20_000)})
    )

    message = next(e for e in result.events if e["k"] == "log")["data"]["message"]
    assert len(message.encode()) == 8 * 1024
    assert message.endswith("x…")


@pytest.mark.parametrize("fails", [False, True])
async def test_lines_of_a_tool_that_ends_at_once_come_before_its_end(fails):
    async def tool(ctx):
        ctx.log("one")
        if fails:
            raise KeyError

    nodes = {"a": node(on_error="continue"), "b": node()}
    result = await arun(graph_of(nodes, [("a", "b")]), registry=registry_of({"t": tool}))

    for name in nodes:
        assert kinds(result, name)[1] == "log"


def test_a_cut_line_is_whole_text():
    result = run(
        graph_of({"a": node()}, []),
        registry=registry_of({"t": lambda ctx: ctx.log("x" + "é" * 20_000)}),
    )
    message = next(e for e in result.events if e["k"] == "log")["data"]["message"]

    assert len(message.encode()) <= 8 * 1024
    assert message == "x" + "é" * (len(message) - 2) + "…"


def test_an_attempt_that_writes_too_much_is_told_so_once():
    def tool(ctx):
        for _ in range(3_000):
            ctx.log("x" * 8_000)
        ctx.progress(1, note="more")
        if ctx.attempt == 1:
            raise ConnectionError

    graph = graph_of({"a": node(retry={"initial": "1ms"})}, [])
    result = run(graph, registry=registry_of({"t": tool}))
    limit = 10 * 1024 * 1024

    for attempt in (1, 2):
        told = [e for e in result.events if e["att"] == attempt and not e["k"].startswith("att")]
        assert [e["k"] for e in told].count("truncated") == 1
        assert (told[-1]["k"], told[-1]["data"]) == ("truncated", {"limit": limit})
        size = sum(len(e["data"].get("message", "")) for e in told)
        assert limit - 8_192 < size <= limit
    assert result.status == "completed"


class BatchJournal(MemoryJournal):
    def __init__(self):
        super().__init__()
        self.appends = []

    def append(self, events):
        self.appends.append([str(event.kind) for event in events])
        super().append(events)


async def counted(tool, **fields):
    graph = graph_of({"a": node(**fields)}, [])
    journal = BatchJournal()
    created = new_run(graph)
    journal.append([created])
    folded = fold(graph, [created])
    registry = registry_of({"t": tool}, "idempotent")
    await Driver(graph, registry, journal, folded=folded).drive()
    return [kinds for kinds in journal.appends if kinds[0] == "log"]


async def test_lines_are_written_together():
    def tool(ctx):
        for i in range(1_000):
            ctx.log(str(i))

    batches = await counted(tool)

    assert sum(map(len, batches)) == 1_000
    assert len(batches) <= 20


async def test_big_lines_are_not_kept_back():
    def tool(ctx):
        for _ in range(20):
            ctx.log("x" * 8_000)
            time.sleep(0.004)

    batches = await counted(tool)

    assert len(batches) >= 2
    assert max(map(len, batches)) <= 12


async def test_a_line_is_written_within_a_tenth_of_a_second():
    seen = []

    async def tool(ctx):
        ctx.log("one")
        await asyncio.sleep(0.4)
        seen.append(len(written))

    written = []
    graph = graph_of({"a": node()}, [])
    driver, _ = driver_of(graph, registry_of({"t": tool}), on_log=written.append)
    await driver.drive()

    assert seen == [1]


def test_lines_carry_the_time_at_which_they_were_said():
    clock = VirtualClock()
    began = clock.now()

    async def tool(ctx):
        await clock.sleep(10)
        ctx.log("one")
        await clock.sleep(0.05)
        ctx.log("two")
        await clock.sleep(10)

    result = run(graph_of({"a": node()}, []), registry=registry_of({"t": tool}), clock=clock)
    times = [Event.from_dict(e).time - began for e in result.events if e["k"] == "log"]

    assert times == pytest.approx([10, 10.05], abs=0.002)


async def test_on_log_sees_the_lines():
    seen = []
    registry = registry_of({"t": lambda ctx: ctx.log("hello")})
    driver, _ = driver_of(graph_of({"a": node()}, []), registry, on_log=seen.append)
    await driver.drive()

    assert [event.data["message"] for event in seen] == ["hello"]


def test_logging_and_print_are_captured_where_asked_for(capsys, monkeypatch):
    import sys

    from engine import capture

    handlers = list(logging.getLogger().handlers)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(capture, "_printed", None)
    capture.install()
    capture.install()
    try:

        def tool():
            logging.getLogger("some.library").warning("careful %s", 5)
            print("printed")  # noqa: T201
            print("half", end="")  # noqa: T201

        async def other():
            await asyncio.sleep(0)
            print("async")  # noqa: T201

        graph = graph_of({"a": node(), "b": "other"}, [("a", "b")])
        result = run(graph, registry=registry_of({"t": tool, "other": other}))
        print("outside")  # noqa: T201
    finally:
        logging.getLogger().handlers[:] = handlers
    said = [(e["node"], e["data"]) for e in result.events if e["k"] == "log"]

    assert said == [
        ("a", {"level": "warning", "message": "careful 5"}),
        ("a", {"level": "info", "message": "printed"}),
        ("a", {"level": "info", "message": "half"}),
        ("b", {"level": "info", "message": "async"}),
    ]
    assert capsys.readouterr().out == "outside\n"


async def test_context_variables_of_one_tool_do_not_reach_the_next():
    from contextvars import ContextVar

    who = ContextVar("who", default="nobody")
    seen = []

    async def tool():
        seen.append(who.get())
        who.set("somebody")

    graph = graph_of({"a": node(), "b": node()}, [("a", "b")])
    await arun(graph, registry=registry_of({"t": tool}))

    assert seen == ["nobody", "nobody"]


# The port ---------------------------------------------------------------------------------------


class CountingJournal(MemoryJournal):
    """Counts flushes, and what was called since the last one."""

    def __init__(self):
        super().__init__()
        self.flushed_at = []

    async def flush(self):
        await super().flush()
        self.flushed_at.append(len(self.events))


@pytest.mark.parametrize(("effect", "flushes"), [("pure", 1), ("idempotent", 3), ("once", 3)])
async def test_the_journal_is_flushed_before_a_tool_that_is_not_pure_and_at_the_end(
    effect, flushes
):
    graph = graph_of({"a": node(), "b": node()}, [("a", "b")])
    journal = CountingJournal()
    journal.append([new_run(graph)])
    driver = Driver(
        graph, registry_of({"t": lambda: None}, effect), journal, folded=fold(graph, journal.events)
    )
    await driver.drive()

    assert len(journal.flushed_at) == flushes
    assert journal.flushed_at[-1] == len(journal.events)


async def test_too_many_appends_in_flight_wait_for_the_disk():
    async def tool(n):
        return {"n": n + 1}

    nodes = {"a": node(), "b": END}
    edges = [("a", "a", {"when": "n < 900", "max": None}), ("a", "b", {"else": True})]
    graph = graph_of(nodes, edges)
    journal = CountingJournal()
    journal.append([new_run(graph, {"n": 0})])
    driver = Driver(graph, registry_of({"t": tool}), journal, folded=fold(graph, journal.events))
    await driver.drive()

    assert len(journal.flushed_at) >= 4


async def test_a_fenced_driver_stops_and_says_so():
    from engine import Fenced

    async def tool():
        journal.fence()

    graph = graph_of({"a": node(), "b": node()}, [("a", "b")])
    journal = MemoryJournal()
    journal.append([new_run(graph)])
    registry = registry_of({"t": tool}, "idempotent")
    driver = Driver(graph, registry, journal, folded=fold(graph, journal.events))

    with pytest.raises(Fenced):
        await driver.drive()
    assert [str(e.kind) for e in journal.events] == ["run.created", "attempt.started"]


def test_events_read_back_are_the_same():
    result = run(Graph.from_dict({
        "format": "treadle/1", "key": "x", "entry": ["a"], "nodes": {"a": {"type": "noop"}},
    }), registry=ToolRegistry())  # fmt: skip

    assert [Event.from_dict(e).as_dict() for e in result.events] == result.events


class HereExecutor(Executor):
    """Makes each call at once, on the thread that submits it."""

    def submit(self, function, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


async def test_an_executor_may_make_calls_right_here():
    def tool(ctx):
        ctx.log("line")
        return {"thread": threading.get_ident()}

    def broken():
        raise LookupError

    graph = graph_of({"a": node(), "b": "broken"}, [("a", "b")])
    driver, journal = driver_of(
        graph, registry_of({"t": tool, "broken": broken}), executor=HereExecutor()
    )
    result = await driver.drive()

    assert (result.status, result.error.message) == ("failed", "LookupError")
    assert result.state == {"thread": threading.get_ident()}
    assert [str(e.kind) for e in journal.events][2:4] == ["log", "attempt.succeeded"]
