"""Tools whose result does not follow from their inputs alone: the time, a new id, a pause.

All of them are idempotent: calling them again after a crash does no harm.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from engine.driving.context import ToolContext
from engine.values.durations import seconds

MAX_SLEEP_S = 3600.0


def now() -> dict[str, str]:
    """Tell the time, in UTC. Returns {"now": "2026-05-01T12:00:00.000000+00:00"}."""
    return {"now": datetime.now(UTC).isoformat(timespec="microseconds")}


def new_id(ctx: ToolContext, prefix: str = "", length: int = 20) -> dict[str, str]:
    """Make an id that no other visit gets: 8 to 40 letters and digits after the prefix.

    Every attempt of the same visit gets the same one, so a retry does not make a second order.
    It is no secret: it follows from the id of the run. Returns {"id": ...}.
    """
    if not 8 <= length <= 40:
        raise ValueError("length is from 8 to 40 characters")
    name = hashlib.sha256(f"treadle-id:{ctx.idempotency_key}".encode()).hexdigest()
    return {"id": f"{prefix}{name[:length]}"}


async def sleep(duration: str | float) -> None:
    """Wait for a duration such as "10s", at most one hour. A crash begins the wait again."""
    wait = seconds(duration)
    if wait > MAX_SLEEP_S:
        raise ValueError("a tool sleeps for one hour at most; use a node that waits")
    await asyncio.sleep(wait)


TOOLS: dict[str, Callable[..., Any]] = {
    "time.now": now,
    "time.sleep": sleep,
    "id.make": new_id,
}
