"""Treadle's engine in memory: sync tools under run(), async tools under arun()."""

import asyncio
from collections.abc import Callable
from typing import Any

from engine import Graph, ToolRegistry, arun, run


def _loop_graph(steps: int) -> Graph:
    return Graph.from_dict(
        {
            "format": "treadle/1",
            "key": "loop",
            "entry": ["bump"],
            "limits": {"max_steps": steps + 10},
            "nodes": {"bump": {"type": "tool", "tool": "bump"}, "done": {"type": "end"}},
            "edges": [
                {
                    "id": "again",
                    "from": "bump",
                    "to": "bump",
                    "when": f"n < {steps}",
                    "max": steps + 10,
                },
                {"id": "out", "from": "bump", "to": "done", "else": True},
            ],
        }
    )


def loop_sync(steps: int) -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("bump", effect="pure")
    def bump(n: int) -> dict[str, int]:
        """Count one up."""
        return {"n": n + 1}

    graph = _loop_graph(steps)

    def work() -> None:
        result = run(graph, {"n": 0}, registry=registry)
        assert (result.status, result.state["n"]) == ("completed", steps)

    return work


def loop_async(steps: int) -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("bump", effect="pure")
    async def bump(n: int) -> dict[str, int]:
        """Count one up."""
        return {"n": n + 1}

    graph = _loop_graph(steps)

    async def once() -> None:
        result = await arun(graph, {"n": 0}, registry=registry)
        assert (result.status, result.state["n"]) == ("completed", steps)

    return lambda: asyncio.run(once())


def _fan_graph(width: int) -> Graph:
    names = [f"w{number}" for number in range(width)]
    nodes: dict[str, Any] = {"start": {"type": "noop"}, "join": {"type": "noop"}}
    for number, name in enumerate(names):
        nodes[name] = {"type": "tool", "tool": "write", "inputs": {"number": str(number)}}
    edges = [{"id": f"out-{name}", "from": "start", "to": name} for name in names]
    edges += [{"id": f"in-{name}", "from": name, "to": "join"} for name in names]
    return Graph.from_dict(
        {
            "format": "treadle/1",
            "key": "fan",
            "entry": ["start"],
            "limits": {"max_steps": width + 10},
            "state": {"defaults": {"docs": []}, "reducers": {"docs": "append"}},
            "nodes": nodes,
            "edges": edges,
        }
    )


def fan_sync(width: int) -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("write", effect="pure")
    def write(number: int) -> dict[str, list[int]]:
        """One document."""
        return {"docs": [number]}

    graph = _fan_graph(width)

    def work() -> None:
        result = run(graph, {}, registry=registry)
        assert result.state["docs"] == list(range(width))

    return work


def fan_async(width: int) -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("write", effect="pure")
    async def write(number: int) -> dict[str, list[int]]:
        """One document."""
        return {"docs": [number]}

    graph = _fan_graph(width)

    async def once() -> None:
        result = await arun(graph, {}, registry=registry)
        assert result.state["docs"] == list(range(width))

    return lambda: asyncio.run(once())


def _map_graph() -> Graph:
    node = {
        "type": "map",
        "over": "numbers",
        "as": "number",
        "body": {"tool": "write"},
        "collect": {"docs": "results"},
    }
    nodes = {"map": node}
    return Graph.from_dict({"format": "treadle/1", "key": "map", "entry": ["map"], "nodes": nodes})


def map_sync(width: int) -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("write", effect="pure")
    def write(number: int) -> int:
        """One document."""
        return number

    graph, numbers = _map_graph(), list(range(width))

    def work() -> None:
        result = run(graph, {"numbers": numbers}, registry=registry)
        assert result.state["docs"] == numbers

    return work


def map_async(width: int) -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("write", effect="pure")
    async def write(number: int) -> int:
        """One document."""
        return number

    graph, numbers = _map_graph(), list(range(width))

    async def once() -> None:
        result = await arun(graph, {"numbers": numbers}, registry=registry)
        assert result.state["docs"] == numbers

    return lambda: asyncio.run(once())
