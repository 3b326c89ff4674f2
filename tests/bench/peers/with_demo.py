"""The demo's engine, read from the folder TREADLE_BENCH_DEMO names (the one that holds `app/`).

It keeps neither isolation nor a journal, and logs a shallow copy of the state per step.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any


def folder() -> str | None:
    """The demo's folder, when it is given."""
    return os.environ.get("TREADLE_BENCH_DEMO")


def loop_async(steps: int) -> Callable[[], None]:
    """Sync tools, which the demo wraps into coroutines."""
    sys.path.insert(0, str(folder()))
    from app import engine as demo

    def bump(state: dict[str, Any]) -> dict[str, Any]:
        state["n"] += 1
        return state

    demo.tool_registry.register("bump", bump)
    graph = demo.GraphDef(
        id="loop",
        nodes={"bump": demo.NodeDef(name="bump", tool="bump")},
        edges=[
            demo.EdgeDef(
                from_node="bump", to_node="bump", condition_key="n", operator="lt", value=steps
            )
        ],
        start_node="bump",
    )

    def work() -> None:
        run = demo.Run(id="run", graph_id="loop", state={"n": 0}, log=[])
        asyncio.run(demo.execute_graph(graph, run))
        assert run.state["n"] == steps
        assert run.status is demo.RunStatus.COMPLETED

    return work
