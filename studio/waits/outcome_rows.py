"""Calls of unknown outcome as rows: what the operators' list and the inbox query.

A row is open until a person has decided, or nobody needs to any more: the run was cancelled, or the
branch withdrawn.
"""

from typing import Any

from engine import Event, EventKind
from engine.errors import Code
from studio.journal import codec

OUTCOME = "outcome"
"""Kind of the row."""

CHANGING = frozenset({EventKind.ATTEMPT_LOST, EventKind.OUTCOME_DECIDED})

_CLOSE = (
    "UPDATE studio_wait SET closed_at = %s"
    f" WHERE run_id = %s AND ref = %s AND kind = '{OUTCOME}' AND closed_at IS NULL"
)


def ref_of(act: int | None, att: int | None) -> str:
    """What names a call within its run: its activation and attempt."""
    return f"{act}.{att}"


def opened(event: Event) -> dict[str, Any] | None:
    """What the row of a lost attempt holds; None if nobody has to decide about it."""
    error = event.data.get("error") or {}
    if error.get("code") != Code.OUTCOME_UNKNOWN or "edges" in event.data:
        return None
    item = {"item": event.data["item"]} if "item" in event.data else {}
    return {"att": event.att, **item}


def closing(run_id: int, act: int | None, att: int | None, at: object) -> tuple[str, list[object]]:
    """The SQL that closes the row of a call."""
    return _CLOSE, [at, run_id, ref_of(act, att)]


def closing_of(event: Event, run_id: int, vendor: str) -> tuple[str, list[object]]:
    """The SQL of a decision."""
    return closing(run_id, event.act, event.att, codec.column(vendor, event.time))
