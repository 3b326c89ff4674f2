"""Burr without persister or tracker. An application holds its state, so each run builds one."""

import asyncio
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from burr.core import ApplicationBuilder, State, action, expr
from burr.core.action import Condition
from burr.core.graph import GraphBuilder
from burr.core.parallelism import MapStates

from .treadle import carried


@action(reads=["n"], writes=["n"])
def bump(state: State) -> State:
    return state.update(n=state["n"] + 1)


@action(reads=["n"], writes=["n"])
async def abump(state: State) -> State:
    return state.update(n=state["n"] + 1)


@action(reads=[], writes=[])
def done(state: State) -> State:
    return state


@action(reads=[], writes=[])
async def adone(state: State) -> State:
    return state


def _loop_graph(steps: int, node: Any, end: Any) -> Any:
    again: Condition = expr(f"n < {steps}")
    builder = GraphBuilder().with_actions(bump=node, done=end)
    return builder.with_transitions(("bump", "bump", again), ("bump", "done")).build()


def _application(graph: Any, entry: str = "bump", **rest: Any) -> Any:
    builder = ApplicationBuilder().with_graph(graph).with_entrypoint(entry)
    return builder.with_state(n=0, **rest).build()


def loop_sync(steps: int, size: int = 0) -> Callable[[], None]:
    graph, rest = _loop_graph(steps, bump, done), carried(size)

    def work() -> None:
        _, _, state = _application(graph, **rest).run(halt_after=["done"])
        assert state["n"] == steps

    return work


def chain_sync(length: int) -> Callable[[], None]:
    names = [f"n{number}" for number in range(length)]

    def work() -> None:
        builder = GraphBuilder().with_actions(**dict.fromkeys(names, bump))
        built = builder.with_transitions(*itertools.pairwise(names)).build()
        _, _, state = _application(built, names[0]).run(halt_after=[names[-1]])
        assert state["n"] == length

    return work


def loop_async(steps: int) -> Callable[[], None]:
    graph = _loop_graph(steps, abump, adone)

    async def once() -> None:
        _, _, state = await _application(graph).arun(halt_after=["done"])
        assert state["n"] == steps

    return lambda: asyncio.run(once())


@action(reads=["number"], writes=["doc"])
def write(state: State) -> State:
    return state.update(doc=state["number"])


class Fan(MapStates):
    """`width` branches of one action, reduced to a list."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width

    def action(self, state: State, inputs: dict[str, Any]) -> Any:
        return write

    def states(self, state: State, context: Any, inputs: dict[str, Any]) -> Any:
        for number in range(self._width):
            yield state.update(number=number)

    def reduce(self, state: State, states: Any) -> State:
        return state.update(docs=[one["doc"] for one in states])

    @property
    def reads(self) -> list[str]:
        return []

    @property
    def writes(self) -> list[str]:
        return ["docs"]


def fan_sync(width: int) -> Callable[[], None]:
    """MapStates on Burr's thread pool of 32, the way Burr runs branches of sync actions."""
    graph = GraphBuilder().with_actions(fan=Fan(width), done=done)
    built = graph.with_transitions(("fan", "done")).build()

    def work() -> None:
        app = (
            ApplicationBuilder()
            .with_graph(built)
            .with_entrypoint("fan")
            .with_state(docs=[])
            .with_parallel_executor(lambda: ThreadPoolExecutor(max_workers=32))
            .build()
        )
        _, _, state = app.run(halt_after=["done"])
        assert len(state["docs"]) == width

    return work
