"""LangGraph: in memory without a checkpointer, and with a saver and durability="sync"."""

import asyncio
import itertools
import operator
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from .treadle import carried


class Count(TypedDict, total=False):
    """The state of the loop."""

    n: int
    rows: list[Any]


class Docs(TypedDict):
    """The state of the fan-out."""

    docs: Annotated[list[int], operator.add]


def bump(state: Count) -> dict[str, int]:
    return {"n": state["n"] + 1}


async def abump(state: Count) -> dict[str, int]:
    return {"n": state["n"] + 1}


def _loop_graph(steps: int, node: Any) -> Any:
    graph = StateGraph(Count)
    graph.add_node("bump", node)
    graph.add_edge(START, "bump")
    graph.add_conditional_edges(
        "bump", lambda state: "bump" if state["n"] < steps else END, ["bump", END]
    )
    return graph


def _config(steps: int) -> dict[str, Any]:
    return {"recursion_limit": steps + 10}


def loop_sync(steps: int, size: int = 0) -> Callable[[], None]:
    graph, rest = _loop_graph(steps, bump).compile(), carried(size)

    def work() -> None:
        assert graph.invoke({"n": 0, **rest}, _config(steps))["n"] == steps

    return work


def loop_async(steps: int) -> Callable[[], None]:
    graph = _loop_graph(steps, abump).compile()

    def work() -> None:
        assert asyncio.run(graph.ainvoke({"n": 0}, _config(steps)))["n"] == steps

    return work


def chain_sync(length: int) -> Callable[[], None]:
    names = [f"n{number}" for number in range(length)]

    def work() -> None:
        graph = StateGraph(Count)
        for name in names:
            graph.add_node(name, bump)
        graph.add_edge(START, names[0])
        for one, other in itertools.pairwise(names):
            graph.add_edge(one, other)
        graph.add_edge(names[-1], END)
        assert graph.compile().invoke({"n": 0}, _config(length))["n"] == length

    return work


def durable_loop(steps: int, saver: Any) -> Callable[[dict[str, Any], str], int]:
    """Each step is stored before the next one starts; the state and a thread id are given."""
    graph = _loop_graph(steps, bump).compile(checkpointer=saver)

    def work(state: dict[str, Any], thread: str) -> int:
        config = {**_config(steps), "configurable": {"thread_id": thread}}
        found: int = graph.invoke(state, config, durability="sync")["n"]
        return found

    return work


def _fan_graph(width: int, branch: Callable[[int], Any]) -> Any:
    graph = StateGraph(Docs)
    graph.add_node("start", lambda state: {"docs": []})
    graph.add_node("join", lambda state: {"docs": []})
    graph.add_edge(START, "start")
    names = [f"w{number}" for number in range(width)]
    for number, name in enumerate(names):
        graph.add_node(name, branch(number))
        graph.add_edge("start", name)
    graph.add_edge(names, "join")
    graph.add_edge("join", END)
    return graph.compile()


def fan_sync(width: int) -> Callable[[], None]:
    def branch(number: int) -> Any:
        return lambda state: {"docs": [number]}

    graph = _fan_graph(width, branch)

    def work() -> None:
        found = graph.invoke({"docs": []}, _config(width))
        assert len(found["docs"]) == width

    return work


def fan_async(width: int) -> Callable[[], None]:
    def branch(number: int) -> Any:
        async def write(state: Docs) -> dict[str, list[int]]:
            return {"docs": [number]}

        return write

    graph = _fan_graph(width, branch)

    def work() -> None:
        found = asyncio.run(graph.ainvoke({"docs": []}, _config(width)))
        assert len(found["docs"]) == width

    return work


class Numbers(TypedDict):
    """The state of the map: its list, and what the items gave."""

    numbers: list[int]
    docs: Annotated[list[int], operator.add]


def _map_graph(write: Any) -> Any:
    graph = StateGraph(Numbers)
    graph.add_node("write", write)
    graph.add_node("join", lambda state: {"docs": []})
    graph.add_conditional_edges(
        START, lambda state: [Send("write", {"number": n}) for n in state["numbers"]], ["write"]
    )
    graph.add_edge("write", "join")
    graph.add_edge("join", END)
    return graph.compile()


def map_sync(width: int) -> Callable[[], None]:
    def write(sent: dict[str, int]) -> dict[str, list[int]]:
        return {"docs": [sent["number"]]}

    graph, numbers = _map_graph(write), list(range(width))

    def work() -> None:
        found = graph.invoke({"numbers": numbers, "docs": []}, _config(width))
        assert len(found["docs"]) == width

    return work


def map_async(width: int) -> Callable[[], None]:
    async def write(sent: dict[str, int]) -> dict[str, list[int]]:
        return {"docs": [sent["number"]]}

    graph, numbers = _map_graph(write), list(range(width))

    def work() -> None:
        found = asyncio.run(graph.ainvoke({"numbers": numbers, "docs": []}, _config(width)))
        assert len(found["docs"]) == width

    return work
