"""The tool module a Treadle server imports for the bench (TREADLE_TOOLS)."""

import asyncio

from engine import ToolContext, default_registry

from .tools import NAMES, STEPS

for name, step in zip(NAMES, STEPS, strict=True):
    default_registry.register(name, step, effect="pure")


async def talk(ctx: ToolContext, n: int) -> dict[str, int]:
    """Write two lines and take a moment."""
    ctx.log(f"step {n} begins")
    await asyncio.sleep(0.04)
    ctx.log(f"step {n} ends")
    return {"n": n + 1}


default_registry.register("bench.talk", talk, effect="pure")
