"""One task makes call after call; nobody can tell, but for the speed."""

import asyncio
from contextvars import ContextVar
from itertools import pairwise

import pytest

from engine import Driver, MemoryJournal, arun, fold, new_run
from engine.driving.attempts import FAIR_TURNS
from tests.engine.helpers import graph_of, kinds, registry_of

END = {"type": "end"}


def chain(*names, **more):
    return graph_of({name: name for name in names}, list(pairwise(names)), names[0], **more)


async def nothing():
    return None


async def test_a_tool_may_use_timeouts_and_tasks_of_its_own_wherever_it_runs():
    async def patient():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await asyncio.sleep(60)
        async with asyncio.TaskGroup() as group:
            one = group.create_task(asyncio.sleep(0.001, 1))
        return {"one": one.result()}

    registry = registry_of({"a": nothing, "b": patient, "c": patient})
    result = await arun(chain("a", "b", "c"), registry=registry)

    assert (result.status, result.state) == ("completed", {"one": 1})


async def test_context_variables_stay_with_their_call_across_waits():
    who = ContextVar("who", default="nobody")
    seen = []

    def tool(name):
        async def call():
            seen.append(who.get())
            who.set(name)
            await asyncio.sleep(0)
            seen.append(who.get())

        return call

    registry = registry_of({"a": tool("a"), "b": tool("b"), "c": tool("c")})
    await arun(chain("a", "b", "c"), registry=registry)

    assert seen == ["nobody", "a", "nobody", "b", "nobody", "c"]
    assert who.get() == "nobody"


async def test_a_chain_that_never_waits_lets_others_have_the_loop():
    ticks = []

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    async def bump(n):
        return {"n": n + 1}

    graph = graph_of(
        {"a": "bump", "b": END},
        [("a", "a", {"when": "n < 900", "max": None}), ("a", "b", {"else": True})],
    )
    ticking = asyncio.ensure_future(tick())
    await arun(graph, {"n": 0}, registry=registry_of({"bump": bump}))
    ticking.cancel()

    assert len(ticks) >= 900 // FAIR_TURNS


def driver_of(graph, tools, journal=None, effect="pure", **more):
    journal = journal or MemoryJournal()
    journal.append([new_run(graph, {"n": 0})])
    folded = fold(graph, journal.events)
    return Driver(graph, registry_of(tools, effect), journal, folded=folded, **more)


@pytest.mark.parametrize("before", range(4))
async def test_a_call_in_the_middle_of_a_lane_can_be_cancelled(before):
    waiting, ended = asyncio.Event(), []

    async def wait():
        waiting.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    names = [f"n{i}" for i in range(before)]
    driver = driver_of(chain(*names, "w"), {**dict.fromkeys(names, nothing), "w": wait})
    driving = asyncio.ensure_future(driver.drive())
    await waiting.wait()
    driver.cancel()
    result = await asyncio.wait_for(driving, 2)

    assert (result.status, ended) == ("cancelled", [True])


async def test_a_tool_can_cancel_its_own_run():
    graph = graph_of({"a": "a", "b": "b", "c": "a"}, [("a", "b"), ("b", "c")])

    async def suicidal():
        driver.cancel("from inside")
        await asyncio.sleep(60)

    driver = driver_of(graph, {"a": nothing, "b": suicidal})
    result = await asyncio.wait_for(driver.drive(), 2)

    assert result.status == "cancelled"


async def test_an_endless_chain_that_never_waits_can_be_cancelled_from_outside():
    async def bump(n):
        return {"n": n + 1}

    graph = graph_of(
        {"a": "bump"},
        [("a", "a", {"max": None})],
        limits={"max_steps": 1_000_000},
    )
    driver = driver_of(graph, {"bump": bump})
    driving = asyncio.ensure_future(driver.drive())
    for _ in range(5):
        await asyncio.sleep(0)
    driver.cancel()
    result = await asyncio.wait_for(driving, 2)

    assert result.status == "cancelled"
    assert 0 < result.state["n"] < 1_000_000


async def test_a_failure_in_the_middle_of_a_lane_takes_its_error_edge():
    async def broken():
        await asyncio.sleep(0)
        raise LookupError("gone")

    graph = graph_of(
        {"a": "a", "b": "b", "c": {"type": "set", "set": {"why": "error.type"}}},
        [("a", "b"), ("b", "c", {"on": "error"})],
    )
    result = await arun(graph, registry=registry_of({"a": nothing, "b": broken}))

    assert result.state == {"why": "LookupError"}


class BrokenJournal(MemoryJournal):
    """A journal whose disk is full."""

    async def flush(self):
        raise OSError(28, "No space left on device")


async def test_a_journal_that_cannot_be_written_is_not_the_tools_fault():
    calls = []
    graph = graph_of({"a": "a"}, [])
    driver = driver_of(graph, {"a": lambda: calls.append(1)}, BrokenJournal(), "idempotent")

    with pytest.raises(OSError, match="No space left"):
        await driver.drive()
    assert calls == [], "what led to the call was not durable"


async def test_awaitables_that_are_no_coroutines_work_too():
    class Later:
        def __await__(self):
            yield from asyncio.sleep(0).__await__()
            return {"later": True}

    class Tool:
        async def __call__(self):
            return {"called": True}

    def plain():
        return Later()

    registry = registry_of({"a": nothing, "b": plain, "c": Tool()})
    result = await arun(chain("a", "b", "c"), registry=registry)

    assert result.state == {"later": True, "called": True}
    assert kinds(result)[-1] == "run.completed"


async def test_a_long_way_without_tools_lets_others_have_the_loop():
    ticks = []

    async def tick():
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    names = [f"n{i}" for i in range(900)]
    graph = graph_of({n: {"type": "noop"} for n in names}, list(pairwise(names)), "n0")
    ticking = asyncio.ensure_future(tick())
    result = await arun(graph)
    ticking.cancel()

    assert (result.status, len(ticks) >= 10) == ("completed", True)


@pytest.mark.parametrize("effect", ["pure", "idempotent"])
async def test_a_call_that_is_stopped_before_its_task_began_ends_too(effect):
    """`a` fails while the task of `b` has yet to have its first turn."""
    graph = graph_of(
        {"fork": {"type": "noop"}, "a": "a", "b": "b"},
        [("fork", "a"), ("fork", "b")],
        "fork",
        failure_mode="cancel",
    )
    called = []

    async def fails():
        raise ValueError("no")

    async def never():
        called.append("b")
        await asyncio.sleep(60)

    registry = registry_of({"a": fails, "b": never}, effect)
    async with asyncio.timeout(5):
        result = await arun(graph, registry=registry, schedule_seed=1)

    assert (result.status, result.error.node) == ("failed", "a")


async def test_a_cancel_does_not_wait_for_a_call_whose_task_has_not_begun():
    async def endless():
        await asyncio.sleep(60)

    graph = graph_of({"a": "a"}, [])
    journal = MemoryJournal()
    journal.append([new_run(graph, {})])
    registry = registry_of({"a": endless})
    driver = Driver(graph, registry, journal, folded=fold(graph, journal.events))
    asyncio.get_running_loop().call_soon(driver.cancel)
    async with asyncio.timeout(5):
        result = await driver.drive()

    assert result.status == "cancelled"
