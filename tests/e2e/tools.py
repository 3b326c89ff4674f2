"""Tools slow enough to watch, to stop and to be cut in the middle."""

import time
from typing import Any

from engine import ToolContext, default_registry


@default_registry.tool("watch.slow", effect="idempotent")
def slow(state: dict[str, Any], ctx: ToolContext) -> None:
    """Take a third of a second and count it."""
    time.sleep(0.3)
    state["n"] = state.get("n", 0) + 1
    ctx.log(f"count is {state['n']}")


@default_registry.tool("watch.say", effect="pure")
def say(state: dict[str, Any], ctx: ToolContext) -> None:
    """Log every line of `lines`."""
    for line in state["lines"]:
        ctx.log(line)


@default_registry.tool("watch.refuse", effect="pure")
def refuse(state: dict[str, Any], ctx: ToolContext) -> None:
    """Fail with what `text` says."""
    raise ValueError(state["text"])
