"""What a driver still says of calls that must not be made twice, once it has lost its run."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import Driver, Fenced, Graph, MemoryJournal, ToolRegistry, fold, new_run
from engine.events import Event

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


def driving(registry: ToolRegistry, journal: Losing, *tools: str, executor=None) -> Driver:
    """A driver of a graph that begins with one node for each tool."""
    nodes = {tool: {"type": "tool", "tool": tool} for tool in tools}
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
async def test_no_call_is_made_that_still_waits_for_a_thread(error, effect, notes):
    registry, journal, go, called = ToolRegistry(), Losing(), threading.Event(), []

    @registry.tool("pay", effect=effect)
    def pay():
        called.append(1)

    with ThreadPoolExecutor(1) as executor:
        executor.submit(go.wait, 20)
        driver = driving(registry, journal, "pay", executor=executor)
        task = asyncio.create_task(driver.drive())
        await until(lambda: executor._work_queue.qsize() == 1)
        driver.break_off(error)
        with pytest.raises(type(error)):
            await task
        go.set()

    assert not called
    await asyncio.sleep(0.01)
    assert [late.data["error"]["code"] for late in journal.late()] == ["E_NOT_CALLED"] * notes
