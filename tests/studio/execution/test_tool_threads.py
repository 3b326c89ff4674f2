"""Where a sync tool is called: in a thread, until a pure one has proven to be quick."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from engine import Driver, Graph, MemoryJournal, ToolRegistry
from studio.execution import tool_threads
from studio.execution.tool_threads import PROOF, ToolThreads

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
