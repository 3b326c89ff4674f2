"""Tools of the studio's tests, in the process's registry."""

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import Any

from engine import ToolContext, default_registry

called: list[str] = []
gate = threading.Event()


def reset() -> None:
    called.clear()
    gate.clear()


@default_registry.tool("trial.count", effect="pure")
def count(state: dict[str, Any]) -> None:
    """Add one to `n`."""
    state["n"] = state.get("n", 0) + 1


@default_registry.tool("trial.count_async", effect="pure")
async def count_async(state: dict[str, Any]) -> None:
    """Add one to `n`, on the loop."""
    state["n"] = state.get("n", 0) + 1


@default_registry.tool("trial.touch", effect="idempotent")
def touch(state: dict[str, Any]) -> None:
    """Something the outside sees: the name is remembered."""
    called.append(str(state.get("n", 0)))
    state["n"] = state.get("n", 0) + 1


@default_registry.tool("trial.touch_async", effect="idempotent")
async def touch_async(state: dict[str, Any]) -> None:
    """Something the outside sees, on the loop."""
    state["n"] = state.get("n", 0) + 1


@default_registry.tool("trial.ledger", effect="idempotent")
def ledger(state: dict[str, Any]) -> None:
    """Write a line to the file TRIAL_LEDGER, slowly: what really happened, seen from outside."""
    with Path(os.environ["TRIAL_LEDGER"]).open("a", encoding="utf-8") as file:
        file.write(f"{state.get('n', 0)} {os.getpid()}\n")
    time.sleep(float(os.environ.get("TRIAL_SLOW_S", "0.2")))
    state["n"] = state.get("n", 0) + 1


@default_registry.tool("trial.charge", effect="once")
def charge(cents: int, ctx: ToolContext) -> dict[str, int]:
    """Write the key of the call to the file TRIAL_LEDGER, and wait while TRIAL_HOLD is missing."""
    with Path(os.environ["TRIAL_LEDGER"]).open("a", encoding="utf-8") as file:
        file.write(f"{cents} {ctx.idempotency_key} {ctx.attempt}\n")
    held = os.environ.get("TRIAL_HOLD")
    while held and not Path(held).exists():
        time.sleep(0.01)
    return {"paid": cents}


@default_registry.tool("trial.until_go", effect="once")
def until_go(ctx: ToolContext) -> dict[str, bool]:
    """As `trial.charge`, but wait for the file TRIAL_SECOND."""
    with Path(os.environ["TRIAL_LEDGER"]).open("a", encoding="utf-8") as file:
        file.write(f"second {ctx.idempotency_key} {ctx.attempt}\n")
    held = os.environ.get("TRIAL_SECOND")
    while held and not Path(held).exists():
        time.sleep(0.01)
    return {"second": True}


@default_registry.tool("trial.wait", effect="idempotent")
def wait(state: dict[str, Any]) -> None:
    """Wait until the test opens the gate."""
    called.append("wait")
    gate.wait(30)
    state["waited"] = True


@default_registry.tool("trial.wait_pure", effect="pure")
def wait_pure(state: dict[str, Any]) -> None:
    """The same without an effect."""
    wait(state)


@default_registry.tool("trial.block", effect="idempotent")
async def block(state: dict[str, Any]) -> None:
    """Wait without `await`, so that the loop stands still."""
    time.sleep(1.7)
    state["blocked"] = True


@default_registry.tool("trial.wait_well", effect="idempotent")
async def wait_well(state: dict[str, Any]) -> None:
    """Wait as one should."""
    await asyncio.sleep(1.7)


@default_registry.tool("trial.break", effect="pure")
def break_(state: dict[str, Any]) -> None:
    """Fail."""
    raise ValueError("broken on purpose")


@default_registry.tool("trial.mended", effect="pure")
def mended(state: dict[str, Any]) -> None:
    """Fail until the test opens the gate."""
    if not gate.is_set():
        raise ValueError("not yet mended")
    state["mended"] = True


@default_registry.tool("trial.die", effect="idempotent")
def die(state: dict[str, Any]) -> None:
    """Take the whole process down."""
    os.kill(os.getpid(), 9)


@default_registry.tool("trial.large", effect="pure")
def large(state: dict[str, Any]) -> dict[str, Any]:
    """A value that is stored as a blob."""
    return {"large": "x" * 100_000, "n": state.get("n", 0) + 1}


@default_registry.tool("trial.dirty", effect="pure")
def dirty(state: dict[str, Any]) -> dict[str, Any]:
    """Text that PostgreSQL refuses."""
    return {"text": "a\0b\ud800c"}


@default_registry.tool("trial.big", effect="pure")
def big() -> dict[str, Any]:
    """A result that weighs 100 kB."""
    return {"text": "x" * 100_000}


@default_registry.tool("trial.ask", effect="idempotent")
def ask(ctx: ToolContext) -> Any:
    """Ask until somebody says yes."""
    form = {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}
    times = (ctx.memo or {"times": 0})["times"]
    if ctx.answer is None or not ctx.answer["ok"]:
        memo = {"times": times + 1, "large": "x" * 100_000}
        return ctx.ask(form, memo, title=f"Question {times + 1}", assignees={"users": ["ann"]})
    return {"times": times, "attempt": ctx.attempt}
