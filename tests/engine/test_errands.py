"""Child runs are started only when what asks for them is durable."""

import asyncio

from engine.driving.errands import Errands
from engine.graph.model import Callee
from engine.planning.child_calls import ChildCall, Refusal


def call(act: int) -> ChildCall:
    callee = Callee(workflow="child", version=1)
    return ChildCall(f"run-{act}", callee, "n", act, 1, None, 1, {}, resumes=False)


class Journal:
    """Flushes take until they are let go on."""

    def __init__(self) -> None:
        self.gates: list[asyncio.Event] = []

    async def flush(self) -> None:
        self.gates.append(asyncio.Event())
        await self.gates[-1].wait()


class Children:
    busy = False

    def __init__(self) -> None:
        self.started: list[str] = []
        self.dropped: list[str] = []

    def name(self, act: int, att: int) -> str:
        return f"run-{act}"

    async def start(self, calls: list[ChildCall]) -> list[Refusal]:
        self.started += [call.run for call in calls]
        return []

    async def drop(self, runs: list[str]) -> None:
        self.dropped += runs


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_asked_for_during_a_flush_waits_for_the_next() -> None:
    """Else a crash leaves a child that no journal names, and the step's next child has no place."""
    journal, children, broken = Journal(), Children(), []
    errands = Errands(
        children,
        flush=journal.flush,
        bring=lambda event: None,
        wake=lambda: None,
        broken=broken.append,
    )
    errands.take_loop(asyncio.get_running_loop())

    errands.ask_for([call(1)], [])
    await turns()
    errands.ask_for([call(2)], ["run-7"])
    await turns()
    assert (children.started, errands.are_open) == ([], True)

    journal.gates[0].set()
    await turns()
    assert (children.started, children.dropped, errands.are_open) == (["run-1"], [], True)

    journal.gates[1].set()
    await turns()
    assert (children.started, children.dropped) == (["run-1", "run-2"], ["run-7"])
    assert (errands.are_open, errands.are_on, broken) == (False, False, [])
