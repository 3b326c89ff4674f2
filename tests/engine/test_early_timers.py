"""A retry that waits is not forgotten when its timer rings early, as uvloop's do."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from engine import Graph, SystemClock, ToolRegistry, arun


class HastyClock(SystemClock):
    """Rings once a little before the time that was asked for."""

    def __init__(self) -> None:
        self.early = 0

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        if delay_s > 0.005 and not self.early:
            self.early += 1
            delay_s -= 0.005
        return asyncio.get_running_loop().call_later(delay_s, callback)


async def test_an_early_timer_is_set_again() -> None:
    registry = ToolRegistry()
    calls: list[float] = []

    @registry.tool("flaky", effect="pure")
    def flaky() -> dict[str, Any]:
        calls.append(time.time())
        if len(calls) == 1:
            raise ConnectionError("not yet")
        return {"done": True}

    graph = Graph.from_dict(
        {
            "format": "treadle/1",
            "key": "k",
            "entry": ["a"],
            "nodes": {
                "a": {
                    "type": "tool",
                    "tool": "flaky",
                    "retry": {"max_attempts": 3, "initial": "50ms", "jitter": 0},
                }
            },
            "edges": [],
        }
    )
    clock = HastyClock()

    result = await asyncio.wait_for(arun(graph, registry=registry, clock=clock), 5)

    assert clock.early == 1
    assert result.status == "completed"
    assert len(calls) == 2
