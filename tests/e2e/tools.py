"""Tools slow enough to watch, to stop and to be cut in the middle."""

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from engine import SecretName, ToolContext, default_registry


@default_registry.tool("watch.slow", effect="idempotent")
def slow(state: dict[str, Any], ctx: ToolContext) -> None:
    """Take a third of a second and count it."""
    time.sleep(0.3)
    state["n"] = state.get("n", 0) + 1
    ctx.log(f"count is {state['n']}")


@default_registry.tool("watch.gate", effect="idempotent")
async def gate(path: str, ctx: ToolContext) -> None:
    """Wait until there is a file."""
    while not Path(path).exists():
        await asyncio.sleep(0.02)


@default_registry.tool("watch.say", effect="pure")
def say(state: dict[str, Any], ctx: ToolContext) -> None:
    """Log every line of `lines`."""
    for line in state["lines"]:
        ctx.log(line)


@default_registry.tool("watch.refuse", effect="pure")
def refuse(state: dict[str, Any], ctx: ToolContext) -> None:
    """Fail with what `text` says."""
    raise ValueError(state["text"])


@default_registry.tool("watch.large", effect="pure")
def large(state: dict[str, Any]) -> None:
    """Write a text of `size` characters."""
    state["text"] = "0123456789" * (state["size"] // 10)


@dataclass
class Receiver:
    """Whom something is sent to."""

    address: str
    kind: Literal["mail", "chat"] = "mail"
    tags: list[str] = field(default_factory=list)


@default_registry.tool("watch.send", effect="once")
def send(
    text: str,
    receivers: list[Receiver],
    tries: Annotated[int, Field(ge=1, le=5)] = 3,
    key: SecretName | None = None,
    when: int | str = 0,
) -> dict[str, int]:
    """Send a text to each receiver.

    Nothing leaves the machine: this is for forms.
    """
    return {"sent": len(receivers)}


@default_registry.tool("watch.charge", effect="once")
def charge(cents: int, ctx: ToolContext) -> dict[str, int]:
    """Charge a card: note the call in the file WATCH_CALLS, and wait while WATCH_GO is missing."""
    with Path(os.environ["WATCH_CALLS"]).open("a", encoding="utf-8") as file:
        file.write(f"{cents} {ctx.attempt}\n")
    while not Path(os.environ["WATCH_GO"]).exists():
        time.sleep(0.01)
    return {"receipt": cents * 10 + ctx.attempt}
