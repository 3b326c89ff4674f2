"""Where a sync tool is called: in a thread, until a pure one has proven to be quick."""

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from engine import Driver, Graph, MemoryJournal, ToolRegistry
from engine.driving import threads as tool_threads
from engine.driving.attempts import FAIR_TURNS
from engine.driving.threads import PROOF
from studio.execution.tool_threads import ToolThreads
from tests.studio import build

Called = Callable[..., str]


@pytest.fixture
def registry() -> ToolRegistry:
    return ToolRegistry()


@pytest.fixture
def threads(registry: ToolRegistry) -> Iterator[ToolThreads]:
    pool = ToolThreads(2, registry)
    yield pool
    pool.shutdown()


@pytest.fixture
def call(threads: ToolThreads) -> Callable[..., str]:
    """Call a tool as the engine does; gives the name of the thread it ran in."""

    def go(function: Callable[..., Any], *args: Any) -> str:
        result: str = threads.submit(lambda bound: bound(), partial(function, *args)).result(10)
        return result

    return go


def where(*_: object) -> str:
    return threading.current_thread().name


def here() -> str:
    return threading.current_thread().name


def until_here(call: Called, function: Callable[..., Any], tries: int = 3_000) -> bool:
    return any(call(function) == here() for _ in range(tries))


def test_a_lost_thread_is_replaced_and_counted_until_it_comes_back(threads: ToolThreads) -> None:
    gate = threading.Event()
    told: list[int] = []
    threads.on_leak = lambda: told.append(threads.leaked)
    stuck = [threads.submit(lambda call: call(), gate.wait) for _ in range(2)]
    behind = threads.submit(lambda call: call(), here)
    assert not behind.done()

    for work in stuck:
        threads.give_up(work)
        threads.give_up(work)
    assert told == [1, 2]
    assert behind.result(5), "what waited for a thread got a new one"

    gate.set()
    for work in stuck:
        work.result(5)
    deadline = time.monotonic() + 5
    while threads.leaked and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads.leaked == 0
    threads.give_up(stuck[0])
    assert threads.leaked == 0, "a call that has ended holds no thread"


def test_a_quick_pure_tool_comes_to_the_loop_after_its_proof(
    registry: ToolRegistry, call: Called
) -> None:
    registry.register("where", where, effect="pure")

    first = [call(where) for _ in range(PROOF)]

    assert all(name.startswith("treadle-tool") for name in first)
    assert until_here(call, where)


@pytest.mark.parametrize("effect", ["idempotent", "once"])
def test_a_tool_that_is_not_pure_stays_in_the_threads(
    registry: ToolRegistry, call: Called, effect: str
) -> None:
    registry.register("where", where, effect=effect)

    assert not until_here(call, where, 300)


def test_a_function_with_two_effects_stays_in_the_threads(
    registry: ToolRegistry, call: Called
) -> None:
    registry.register("one", where, effect="pure")
    registry.register("two", where, effect="once")

    assert not until_here(call, where, 300)


def test_a_tool_that_sleeps_stays_in_the_threads(registry: ToolRegistry, call: Called) -> None:
    def sleepy() -> str:
        time.sleep(0.001)
        return where()

    registry.register("sleepy", sleepy, effect="pure")

    assert not until_here(call, sleepy, 100)


def test_a_tool_that_computes_stays_in_the_threads(registry: ToolRegistry, call: Called) -> None:
    def busy() -> str:
        sum(range(100_000))
        return where()

    registry.register("busy", busy, effect="pure")

    assert not until_here(call, busy, 100)


def test_a_slow_call_on_the_loop_sends_the_tool_back(
    registry: ToolRegistry, call: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_threads, "PENANCE", 10**6)
    slow = threading.Event()

    def moody() -> str:
        if slow.is_set():
            time.sleep(0.06)
        return where()

    registry.register("moody", moody, effect="pure")
    assert until_here(call, moody)
    slow.set()

    assert call(moody) == here(), "once"
    assert call(moody).startswith("treadle-tool"), "and not again"


def test_a_call_that_computes_for_long_on_the_loop_does_so_twice_at_most(
    registry: ToolRegistry, call: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_threads, "PENANCE", 10**6)
    monkeypatch.setattr(tool_threads, "SLOW_S", 60)
    slow = threading.Event()

    def moody() -> str:
        if slow.is_set():
            until = time.thread_time() + 0.004
            while time.thread_time() < until:
                pass
        return where()

    registry.register("moody", moody, effect="pure")
    assert until_here(call, moody)
    slow.set()

    assert call(moody) == here(), "the clock makes it a suspect"
    assert call(moody) == here(), "its CPU time is measured"
    assert call(moody).startswith("treadle-tool"), "and not again"


def test_a_call_that_only_had_to_wait_its_turn_stays_on_the_loop(
    registry: ToolRegistry, call: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_threads, "SLOW_S", 60)
    late = threading.Event()

    def moody() -> str:
        if late.is_set():
            time.sleep(0.004)
        return where()

    registry.register("moody", moody, effect="pure")
    assert until_here(call, moody)
    late.set()

    assert {call(moody) for _ in range(20)} == {here()}


def test_errors_come_out_of_both_places(registry: ToolRegistry, threads: ToolThreads) -> None:
    def broken() -> str:
        raise ValueError("broken")

    registry.register("broken", broken, effect="pure")

    for _ in range(PROOF * 20):
        future = threads.submit(lambda bound: bound(), partial(broken))
        assert isinstance(future.exception(10), ValueError)


def test_what_is_no_tool_runs_in_a_thread(threads: ToolThreads) -> None:
    assert threads.submit(where).result(10).startswith("treadle-tool")


async def test_the_engine_shows_these_threads_what_it_calls(
    registry: ToolRegistry, threads: ToolThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_threads, "PROOF", 0)
    registry.register("trial.where", lambda: {"pure": where()}, effect="pure")
    registry.register("trial.touch", lambda: {"once": where()}, effect="once")
    nodes = {name: {"type": "tool", "tool": f"trial.{name}"} for name in ("where", "touch")}
    edge = {"id": "e", "from": "where", "to": "touch"}
    document = {"format": "treadle/1", "key": "x", "nodes": nodes, "edges": [edge]}
    graph = Graph.from_dict({**document, "entry": ["where"]})

    ended = await Driver(graph, registry, MemoryJournal(), executor=threads).drive()

    assert ended.error is None
    assert ended.state["pure"] == here()
    assert str(ended.state["once"]).startswith("treadle-tool")


class Counting(ToolThreads):
    """Counts the calls that were handed to the pool, and those that really went to a thread."""

    handed = hops = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.handed += 1
        return super().submit(fn, *args, **kwargs)

    def _call_in_thread(self, *args: Any, **kwargs: Any) -> Any:
        self.hops += 1
        return super()._call_in_thread(*args, **kwargs)


async def drive_loop(registry: ToolRegistry, pool: ToolThreads, rounds: int) -> Any:
    graph = Graph.from_dict(build.loop("bump", rounds))
    return await Driver(graph, registry, MemoryJournal(), executor=pool).drive()


async def test_a_burst_of_proven_tools_needs_no_thread(registry: ToolRegistry) -> None:
    registry.register("bump", lambda n=0: {"n": n + 1}, effect="pure")
    pool = Counting(2, registry)

    first = await drive_loop(registry, pool, 10 * PROOF)
    proof, pool.hops, pool.handed = pool.hops, 0, 0
    later = await drive_loop(registry, pool, 1_000)
    pool.shutdown()

    assert (first.state["n"], later.state["n"]) == (10 * PROOF, 1_000)
    assert PROOF <= proof < 10 * PROOF
    assert pool.hops == 0
    # The first call of a run stands in no lane yet; from then on each follows in the same turn.
    assert pool.handed <= 1 + 1_000 // FAIR_TURNS


async def test_a_prompt_tool_that_fails_or_awaits_is_no_exception(registry: ToolRegistry) -> None:
    async def later(n: int) -> dict[str, int]:
        await asyncio.sleep(0)
        return {"n": n + 1}

    def bump(n: int = 0) -> Any:
        if n == 5 * PROOF:
            raise ValueError("enough")
        return later(n) if n == 4 * PROOF else {"n": n + 1}

    registry.register("bump", bump, effect="pure")
    pool = Counting(2, registry)
    await drive_loop(registry, pool, 3 * PROOF)
    graph = Graph.from_dict(build.loop("bump", 10 * PROOF))

    ended = await Driver(graph, registry, MemoryJournal(), executor=pool).drive()
    pool.shutdown()

    assert ended.state["n"] == 5 * PROOF
    assert ended.error is not None
    assert "enough" in ended.error.message


async def test_a_prompt_tool_has_context_variables_of_its_own(
    registry: ToolRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_threads, "PROOF", 0)
    word: contextvars.ContextVar[str] = contextvars.ContextVar("word", default="clean")
    seen: list[str] = []

    def bump(n: int = 0) -> dict[str, int]:
        seen.append(word.get())
        word.set("dirty")
        return {"n": n + 1}

    registry.register("bump", bump, effect="pure")
    pool = Counting(2, registry)

    await drive_loop(registry, pool, 20)
    pool.shutdown()

    assert set(seen) == {"clean"}
    assert word.get() == "clean"
