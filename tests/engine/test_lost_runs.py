"""What a driver still says of calls that must not be made twice, once it has lost its run."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import Driver, Fenced, Graph, MemoryJournal, ToolRegistry, fold, new_run
from engine.events import Event
from tests.engine import isolated_tools

LOST = pytest.mark.parametrize("error", [Fenced("taken"), OSError("gone")], ids=["taken", "broken"])
EFFECTS = pytest.mark.parametrize(("effect", "notes"), [("once", 1), ("idempotent", 0)])


class Losing(MemoryJournal):
    """A journal that can be written to until it is told what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: Exception | None = None
        self.writes = asyncio.Event()
        self.writes.set()

    async def flush(self) -> None:
        await super().flush()
        await self.writes.wait()
        if self.wrong is not None:
            raise self.wrong

    def late(self) -> list[Event]:
        return [event for event in self.events if event.kind == "attempt.late_result"]


def driving(registry: ToolRegistry, journal: Losing, *tools: str, executor=None, **more) -> Driver:
    """A driver of a graph that begins with one node for each tool."""
    nodes = {tool: {"type": "tool", "tool": tool, **more} for tool in tools}
    document = {
        "format": "treadle/1",
        "key": "lost",
        "entry": list(nodes),
        "nodes": nodes,
        "edges": [],
    }
    graph = Graph.from_dict(document)
    journal.append([new_run(graph)])
    return Driver(graph, registry, journal, folded=fold(graph, journal.events), executor=executor)


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


@LOST
async def test_the_result_of_a_call_that_was_under_way_is_kept(error):
    registry, journal, begun, go = ToolRegistry(), Losing(), threading.Event(), threading.Event()

    @registry.tool("pay", effect="once")
    def pay():
        begun.set()
        assert go.wait(20)
        return {"paid": 5}

    driver = driving(registry, journal, "pay")
    task = asyncio.create_task(driver.drive())
    await until(begun.is_set)
    driver.break_off(error)
    with pytest.raises(type(error)):
        await task
    go.set()
    await until(journal.late)

    (late,) = journal.late()
    assert (late.node, late.act, late.att) == ("pay", 1, 1)
    assert abs(late.time - time.time()) < 60
    assert late.data == {"ok": True, "ops": [["set", "paid", 5]]}


@LOST
@EFFECTS
async def test_a_call_that_was_announced_and_not_made_is_said_to_be_none(error, effect, notes):
    registry, journal = ToolRegistry(), Losing()

    @registry.tool("pay", effect=effect)
    def pay():
        raise AssertionError("it was called")

    journal.wrong = error
    with pytest.raises(type(error)):
        await driving(registry, journal, "pay").drive()

    assert [late.data["error"]["code"] for late in journal.late()] == ["E_NOT_CALLED"] * notes


@LOST
async def test_no_call_is_made_for_a_run_that_was_lost_while_its_journal_was_written(error):
    """The journal has the attempt, and the driver hears of its loss before the call."""
    registry, journal = ToolRegistry(), Losing()

    @registry.tool("pay", effect="once")
    async def pay():
        raise AssertionError("it was called")

    journal.writes.clear()
    driver = driving(registry, journal, "pay")
    task = asyncio.create_task(driver.drive())
    await until(lambda: [event.kind for event in journal.events][-1] == "attempt.started")
    driver.break_off(error)
    with pytest.raises(type(error)):
        await task
    journal.writes.set()
    await until(journal.late)

    (late,) = journal.late()
    assert late.data["error"]["code"] == "E_NOT_CALLED"


@LOST
@EFFECTS
@pytest.mark.parametrize("isolation", ["thread", "process"])
async def test_no_call_is_made_that_still_waits_for_a_thread(
    error, effect, notes, isolation, tmp_path
):
    registry, journal, go, called = ToolRegistry(), Losing(), threading.Event(), tmp_path / "called"
    registry.register("pay", isolated_tools.touch, effect=effect)

    with ThreadPoolExecutor(1) as executor:
        executor.submit(go.wait, 20)
        more = {"isolation": isolation, "inputs": {"path": f"'{called}'"}}
        driver = driving(registry, journal, "pay", executor=executor, **more)
        task = asyncio.create_task(driver.drive())
        await until(lambda: executor._work_queue.qsize() == 1)
        driver.break_off(error)
        with pytest.raises(type(error)):
            await task
        go.set()

    assert not called.exists()
    await asyncio.sleep(0.01)
    assert [late.data["error"]["code"] for late in journal.late()] == ["E_NOT_CALLED"] * notes


@pytest.mark.parametrize("isolation", ["thread", "process"])
async def test_no_call_is_made_for_a_run_that_was_cancelled_while_its_journal_was_written(
    isolation, tmp_path
):
    registry, journal, called = ToolRegistry(), Losing(), tmp_path / "called"
    registry.register("pay", isolated_tools.touch, effect="once")

    journal.writes.clear()
    more = {"isolation": isolation, "inputs": {"path": f"'{called}'"}}
    driver = driving(registry, journal, "pay", **more)
    task = asyncio.create_task(driver.drive())
    await until(lambda: [event.kind for event in journal.events][-1] == "attempt.started")
    driver.cancel()
    journal.writes.set()

    assert (await task).status == "cancelled"
    assert not called.exists()
    assert journal.events[-2].kind == "attempt.cancelled"


async def test_no_call_is_made_whose_time_is_over_before_its_journal_is_written():
    """It would be made beside the attempt that follows."""
    registry, journal, called = ToolRegistry(), Losing(), []

    @registry.tool("pay", effect="idempotent")
    def pay(ctx):
        called.append(ctx.attempt)

    journal.writes.clear()
    retry = {"max_attempts": 2, "initial": "1ms", "on": ["TimeoutError"]}
    driver = driving(registry, journal, "pay", timeout="1s", retry=retry)
    task = asyncio.create_task(driver.drive())
    await until(lambda: "attempt.timed_out" in [event.kind for event in journal.events])
    journal.writes.set()

    assert (await task).status == "completed"
    assert called == [2]
