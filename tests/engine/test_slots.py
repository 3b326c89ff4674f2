"""A bound on the async tools that are under way, shared by runs."""

import asyncio

from engine import Graph, RunStatus, ToolRegistry
from engine.driving.driver import Driver
from engine.keeping.memory import MemoryJournal

WIDTH = 6


class Crowd:
    """A tool that knows how many of its calls are under way."""

    def __init__(self) -> None:
        self.now = self.most = self.calls = 0
        self.registry = ToolRegistry()
        self.registry.register("stay", self.stay, effect="pure")
        self.registry.register("stay_once", self.stay, effect="once")

    async def stay(self) -> dict[str, bool]:
        self.now += 1
        self.calls += 1
        self.most = max(self.most, self.now)
        try:
            for _ in range(5):
                await asyncio.sleep(0)
        finally:
            self.now -= 1
        return {"ok": True}


def fan(tool: str, timeout: str | None = None) -> Graph:
    more = {"timeout": timeout} if timeout else {}
    names = [f"b{at}" for at in range(WIDTH)]
    nodes = {name: {"type": "tool", "tool": tool, "outputs": {}, **more} for name in names}
    return Graph.from_dict(
        {
            "format": "treadle/1",
            "key": "x",
            "entry": names,
            "nodes": {**nodes, "done": {"type": "end"}},
            "edges": [{"id": name, "from": name, "to": "done"} for name in names],
        }
    )


async def drive(graph: Graph, crowd: Crowd, slots: asyncio.Semaphore | None) -> RunStatus:
    driver = Driver(graph, crowd.registry, MemoryJournal(), slots=slots)
    return (await driver.drive()).status


async def test_runs_share_the_slots() -> None:
    for tool in ("stay", "stay_once"):
        crowd, slots = Crowd(), asyncio.Semaphore(2)

        ends = await asyncio.gather(*(drive(fan(tool), crowd, slots) for _ in range(3)))

        assert ends == [RunStatus.COMPLETED] * 3
        assert (crowd.calls, crowd.most) == (3 * WIDTH, 2)


async def test_without_slots_all_of_them_are_under_way() -> None:
    crowd = Crowd()

    await drive(fan("stay"), crowd, None)

    assert crowd.most == WIDTH


async def test_who_waits_for_a_slot_can_be_cancelled_and_gives_none_back_too_often() -> None:
    crowd, slots = Crowd(), asyncio.Semaphore(1)
    driver = Driver(fan("stay"), crowd.registry, MemoryJournal(), slots=slots)
    driving = asyncio.ensure_future(driver.drive())
    while not crowd.calls:
        await asyncio.sleep(0)

    driver.cancel()
    ended = await driving

    assert ended.status is RunStatus.CANCELLED
    assert crowd.most == 1
    assert not slots.locked(), "the slot is free again"
    assert await drive(fan("stay"), crowd, slots) is RunStatus.COMPLETED
    assert crowd.most == 1
