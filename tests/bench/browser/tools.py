"""The tool module of the browser bench's studio (TREADLE_TOOLS): a step that says much."""

from typing import Any

from engine import ToolContext, default_registry


@default_registry.tool("bench.chatter", effect="pure")
def chatter(state: dict[str, Any], ctx: ToolContext) -> None:
    """Log so many lines."""
    for number in range(state["lines"]):
        ctx.log(f"line {number} of {state['lines']}, and some words to read")
