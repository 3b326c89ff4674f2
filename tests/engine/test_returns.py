"""Bursts of sync tools: their results come back with one wake of the loop, and none waits for
another."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from engine import Graph, ToolRegistry, arun
from engine.driving.driver import Driver
from engine.driving.returns import bring
from engine.driving.threads import ToolThreads
from engine.keeping.memory import MemoryJournal

WIDTH = 31


def _hold(begun: threading.Event, end: threading.Event) -> bool:
    """Keep a thread busy until the end is said."""
    begun.set()
    return end.wait(60)


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that counts how often threads wake it."""

    wakes = 0

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        self.wakes += 1
        return super().call_soon_threadsafe(callback, *args, context=context)


def counted(work: Callable[[], Any]) -> tuple[Any, int]:
    """What a coroutine function gives, and how often threads woke its loop."""
    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, CountingLoop)
        return runner.run(work()), loop.wakes


def fan(registry: ToolRegistry, *more: str) -> Graph:
    """A fork to `WIDTH` calls of the tool `one`, and one call of each of `more`."""
    calls = {f"n{at}": "one" for at in range(WIDTH)} | {name: name for name in more}
    nodes: dict[str, Any] = {"start": {"type": "noop"}, "join": {"type": "noop"}}
    nodes |= {
        name: {"type": "tool", "tool": tool, "inputs": {"at": f"'{name}'"}}
        for name, tool in calls.items()
    }
    edges = [{"id": f"to-{name}", "from": "start", "to": name} for name in calls]
    edges += [{"id": f"of-{name}", "from": name, "to": "join"} for name in calls]
    document = {"format": "treadle/1", "key": "fan", "entry": ["start"], "nodes": nodes}
    state = {"defaults": {"seen": []}, "reducers": {"seen": "append"}}
    return Graph.from_dict({**document, "edges": edges, "state": state})


def test_a_burst_of_sync_tools_wakes_the_loop_once() -> None:
    registry = ToolRegistry()
    registry.register("one", lambda at: {"seen": [at]}, effect="idempotent")
    pool = ToolThreads(WIDTH, registry)

    @registry.tool("hold", effect="pure")
    async def hold(at: str) -> None:
        """Keep the loop from turning until every thread has made its calls."""
        pool.shutdown(wait=True)

    driver = Driver(fan(registry, "hold"), registry, MemoryJournal(), executor=pool)
    ended, wakes = counted(driver.drive)

    assert ended.state["seen"] == [f"n{at}" for at in range(WIDTH)]
    assert wakes == 1


def test_what_many_threads_bring_is_taken_at_once() -> None:
    async def wait_for_all() -> list[int]:
        futures = [asyncio.get_running_loop().create_future() for _ in range(WIDTH)]
        threads = [threading.Thread(target=bring, args=(f, at)) for at, f in enumerate(futures)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return list(await asyncio.gather(*futures))

    assert counted(wait_for_all) == (list(range(WIDTH)), 1)


def test_no_call_of_a_burst_waits_for_another() -> None:
    registry = ToolRegistry()
    together = threading.Barrier(WIDTH, timeout=60)
    registry.register("one", lambda at: {"seen": [together.wait() >= 0]}, effect="idempotent")

    result = asyncio.run(arun(fan(registry), registry=registry))

    assert result.error is None
    assert result.state["seen"] == [True] * WIDTH


def test_a_slow_tool_does_not_hold_up_the_results_of_the_others() -> None:
    registry = ToolRegistry()
    quick = threading.Semaphore(0)
    registry.register("one", lambda at: {"seen": [at]}, effect="idempotent")

    @registry.tool("slow", effect="idempotent")
    def slow(at: str) -> None:
        """Ends once whatever follows on the others has been done."""
        for _ in range(WIDTH):
            assert quick.acquire(timeout=60)

    @registry.tool("after", effect="idempotent")
    def after() -> None:
        """What follows on one of the quick ones."""
        quick.release()

    graph = fan(registry, "slow").to_dict()
    graph["nodes"] |= {f"a{at}": {"type": "tool", "tool": "after"} for at in range(WIDTH)}
    graph["edges"] += [{"id": f"a{at}", "from": f"n{at}", "to": f"a{at}"} for at in range(WIDTH)]

    result = asyncio.run(arun(Graph.from_dict(graph), registry=registry))

    assert (result.status, result.error) == ("completed", None)


async def test_a_result_for_a_loop_that_is_closed_is_nobodys() -> None:
    gone = asyncio.new_event_loop()
    waiting = gone.create_future()
    gone.close()

    bring(waiting, 1)

    assert not waiting.done()


async def test_a_sync_tool_that_raises_stop_iteration_fails_like_any_other() -> None:
    registry = ToolRegistry()

    @registry.tool("one", effect="idempotent")
    def one() -> None:
        raise StopIteration("enough")

    nodes = {"a": {"type": "tool", "tool": "one"}}
    graph = Graph.from_dict({"format": "treadle/1", "key": "x", "entry": ["a"], "nodes": nodes})

    result = await arun(graph, registry=registry)

    assert result.error is not None
    assert "StopIteration" in result.error.message


def test_calls_that_no_thread_has_taken_are_cancelled_with_the_pool() -> None:
    pool = ToolThreads(1, ToolRegistry())
    begun, end = threading.Event(), threading.Event()
    first = pool.submit(_hold, begun, end)
    assert begun.wait(60)
    later = [pool.submit(int) for _ in range(3)]

    pool.shutdown(wait=False, cancel_futures=True)
    end.set()

    assert first.result(60) is True
    assert all(call.cancelled() for call in later)


def test_calls_that_were_handed_over_are_made_by_a_pool_that_shuts_down() -> None:
    pool = ToolThreads(2, ToolRegistry())
    begun, end = threading.Event(), threading.Event()
    first = pool.submit(_hold, begun, end)
    assert begun.wait(60)
    later = [pool.submit(int, str(at)) for at in range(20)]

    pool.shutdown(wait=False)
    end.set()

    assert first.result(60) is True
    assert [call.result(60) for call in later] == list(range(20))
