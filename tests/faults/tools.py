"""Tools that write down what they do: TREADLE_TOOLS=tests.faults.tools in the process to be hurt.

Importing this also arms the process (`tests.faults.arms`), and with TRIAL_FENCE=off takes its fence
away (`tests.faults.fenceless`).
"""

import os
import time
from pathlib import Path
from typing import Any

from django.db import connection

from engine import ToolContext, default_registry
from studio.journal import failpoints, snapshots
from tests.faults import arms, fenceless, graphs
from tests.faults.ledger import note
from tests.properties.deeds import as_tool

EFFECTS = ("pure", "idempotent", "once", "transactional")
SLOW_S = float(os.environ.get("TRIAL_SLOW_S", "0.012"))
"""How long every call takes: longer than a pure step waits for company before it is written."""


def work(effect: str, state: dict[str, Any], ctx: ToolContext) -> dict[str, Any]:
    """Count on, and write the node into the log that the state carries."""
    about = {"run": ctx.run_id, "node": ctx.node, "act": ctx.activation, "att": ctx.attempt}
    note("begun", effect=effect, **about)
    failpoints.reach("tool.begun")
    if effect == "transactional":
        book(ctx.run_id, ctx.node, ctx.activation)
    _take_time(state)
    gave = {"n": state.get("n", 0) + 1, "log": [*state.get("log", []), ctx.node]}
    note("done", effect=effect, **about, **_given(effect, gave))
    failpoints.reach("tool.done")
    return gave


def _take_time(state: dict[str, Any]) -> None:
    """As long as the state says: so many seconds, or until a file is there."""
    time.sleep(state.get("slow_s", SLOW_S))
    while "until" in state and not Path(state["until"]).exists():
        time.sleep(0.01)


def book(run: str, node: str, act: int) -> None:
    """A row in the table that the transactional tools write to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trial_booking (run, node, act) VALUES (%s, %s, %s)", [run, node, act]
        )


def deed(effect: str, state: dict[str, Any], ctx: ToolContext) -> Any:
    """What the random graph that the state names wants of this node."""
    about = {"run": ctx.run_id, "node": ctx.node, "act": ctx.activation, "att": ctx.attempt}
    made = graphs.case(state["seed"])
    assert made is not None
    note("begun", effect=effect, **about)
    if effect == "transactional":
        book(ctx.run_id, ctx.node, ctx.activation)
    time.sleep(SLOW_S)
    found = made.deeds.get(ctx.node) or made.deeds[f"{ctx.node}_item"]
    gave = as_tool(found, None, None)(state, ctx)
    note("done", effect=effect, **about, **_given(effect, gave))
    return gave


def _given(effect: str, gave: Any) -> dict[str, Any]:
    """What a person has to know of a call whose end nobody heard of."""
    return {"gave": gave} if effect == "once" else {}


def _tool(effect: str) -> None:
    def tool(state: dict[str, Any], ctx: ToolContext) -> dict[str, Any]:
        return work(effect, state, ctx)

    def deed_tool(state: dict[str, Any], ctx: ToolContext) -> Any:
        return deed(effect, state, ctx)

    default_registry.register(f"fault.{effect}", tool, effect=effect)
    default_registry.register(f"fault.deed_{effect}", deed_tool, effect=effect)


for _effect in EFFECTS:
    _tool(_effect)
snapshots.EVERY_COMMITS = int(os.environ.get("TRIAL_SNAPSHOT_EVERY", snapshots.EVERY_COMMITS))
arms.take_up()
if os.environ.get("TRIAL_FENCE") == "off":
    fenceless.take_away()
