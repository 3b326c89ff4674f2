"""Where sync tools are called: in a script's own thread, in a thread each, or on the loop."""

import threading

from engine import Graph, ToolRegistry, arun, run
from engine.driving.threads import PROOF

STEPS = 100 * PROOF


def counting(effect: str) -> tuple[Graph, ToolRegistry, list[str]]:
    """A loop of many steps, and the names of the threads that its tool was called in."""
    registry, called = ToolRegistry(), []

    @registry.tool("bump", effect=effect)
    def bump(n: int) -> dict[str, int]:
        called.append(threading.current_thread().name)
        return {"n": n + 1}

    edge = {"id": "e", "from": "bump", "to": "bump", "when": f"n < {STEPS}", "max": STEPS}
    out = {"id": "o", "from": "bump", "to": "done", "else": True}
    nodes = {"bump": {"type": "tool", "tool": "bump"}, "done": {"type": "end"}}
    limits = {"max_steps": 2 * STEPS}
    document = {"format": "treadle/1", "key": "x", "entry": ["bump"], "nodes": nodes}
    graph = Graph.from_dict({**document, "edges": [edge, out], "limits": limits})
    return graph, registry, called


def test_a_script_changes_threads_for_no_sync_tool() -> None:
    graph, registry, called = counting("once")

    assert run(graph, {"n": 0}, registry=registry).state["n"] == STEPS
    assert set(called) == {threading.current_thread().name}


async def test_async_code_changes_threads_until_a_pure_tool_has_proven_to_be_quick() -> None:
    graph, registry, called = counting("pure")

    result = await arun(graph, {"n": 0}, registry=registry)

    hops = sum(name.startswith("treadle-tool") for name in called)
    assert result.state["n"] == STEPS
    assert all(name.startswith("treadle-tool") for name in called[:PROOF])
    assert PROOF <= hops < STEPS // 2, "the rest of the burst is called on the loop"


async def test_tools_with_effects_stay_in_threads() -> None:
    graph, registry, called = counting("once")

    await arun(graph, {"n": 0}, registry=registry)

    assert all(name.startswith("treadle-tool") for name in called)
