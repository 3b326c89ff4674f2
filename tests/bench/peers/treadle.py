"""Treadle's engine in memory: sync tools under run(), async tools under arun()."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from engine import Graph, ToolRegistry, arun, lint, run, validate


def _loop_graph(steps: int) -> Graph:
    return Graph.from_dict(
        {
            "format": "treadle/1",
            "key": "loop",
            "entry": ["bump"],
            "limits": {"max_steps": steps + 10, "max_state_bytes": 4_000_000},
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


def carried(size: int) -> dict[str, Any]:
    """About that many bytes of a state that no step touches: lists of small maps, as people have
    them.
    """
    return {"rows": [{"id": i, "text": "x" * 74} for i in range(size // 100)]} if size else {}


def loop_sync(steps: int, size: int = 0) -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("bump", effect="pure")
    def bump(n: int) -> dict[str, int]:
        """Count one up."""
        return {"n": n + 1}

    graph, rest = _loop_graph(steps), carried(size)

    def work() -> None:
        result = run(graph, {"n": 0, **rest}, registry=registry)
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


def map_sync(width: int, effect: str = "pure") -> Callable[[], None]:
    registry = ToolRegistry()

    @registry.tool("write", effect=effect)
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


def _chain(length: int) -> dict[str, Any]:
    names = [f"n{number}" for number in range(length)]
    return {
        "format": "treadle/1",
        "key": "chain",
        "entry": [names[0]],
        "limits": {"max_steps": length + 10},
        "nodes": {name: {"type": "tool", "tool": "bump"} for name in names},
        "edges": [{"id": f"to-{b}", "from": a, "to": b} for a, b in pairwise(names)],
    }


def chain_sync(length: int) -> Callable[[], None]:
    registry = _with_bump()
    document = _chain(length)

    def work() -> None:
        result = run(Graph.from_dict(document), {"n": 0}, registry=registry)
        assert (result.status, result.state["n"]) == ("completed", length)

    return work


def _with_bump() -> ToolRegistry:
    registry = ToolRegistry()

    @registry.tool("bump", effect="pure")
    def bump(n: int) -> dict[str, int]:
        """Count one up."""
        return {"n": n + 1}

    return registry


def _large(nodes: int) -> dict[str, Any]:
    """Diamonds in a row, each in a loop of its own, with conditions, inputs and outputs."""
    made: dict[str, Any] = {}
    edges: list[dict[str, Any]] = []
    for i in range(nodes // 5):
        fork, left, right, join, last = (f"{part}{i}" for part in ("f", "l", "r", "j", "z"))
        made[fork] = {"type": "tool", "tool": "bump"}
        made[left] = {"type": "tool", "tool": "bump", "outputs": {f"left{i}": "result"}}
        made[right] = {"type": "set", "set": {f"right{i}": "n + 1"}}
        made[join] = {"type": "noop"}
        made[last] = {"type": "tool", "tool": "bump", "inputs": {"n": "n"}}
        ways = [(fork, left), (fork, right), (left, join), (right, join)]
        edges += [{"id": f"{a}-{b}", "from": a, "to": b} for a, b in ways]
        edges.append({"id": f"on{i}", "from": join, "to": last, "when": f"n < {i}"})
        edges.append({"id": f"back{i}", "from": join, "to": fork, "else": True, "max": 5})
        if i:
            edges.append({"id": f"next{i}", "from": f"z{i - 1}", "to": fork})
    document = {"format": "treadle/1", "key": "large", "entry": ["f0"], "nodes": made}
    return {**document, "edges": edges}


def linted(shape: Callable[[int], dict[str, Any]], nodes: int) -> Callable[[], None]:
    """Reading, planning and linting a graph of a shape."""
    registry, document = _with_bump(), shape(nodes)

    def work() -> None:
        lint(Graph.from_dict(document), registry)

    return work


def checked(nodes: int) -> Callable[[], None]:
    """Everything that stands between a document's text and its first run."""
    registry, document = _with_bump(), _large(nodes)

    def work() -> None:
        assert validate(document, registry) == []

    return work
