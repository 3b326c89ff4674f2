"""What an event changes in its run's row: the columns that lists and queries need.

The change is written in the transaction of the append, so row and journal never disagree.
"""

from collections.abc import Callable
from typing import Any

from engine import TERMINAL_RUN_STATUSES, Event, EventKind, RunStatus
from studio.journal import codec

RowChange = dict[str, object]
"""New values by column of studio_run."""

FinalState = Callable[[], dict[str, Any]]

_ENDS = {
    EventKind.RUN_COMPLETED: RunStatus.COMPLETED,
    EventKind.RUN_FAILED: RunStatus.FAILED,
    EventKind.RUN_CANCELLED: RunStatus.CANCELLED,
    EventKind.RUN_PAUSED: RunStatus.PAUSED,
    EventKind.RUN_WAITING: RunStatus.WAITING,
}
CHANGING = frozenset(_ENDS)
"""Kinds after which a driver lets go of the run."""


def change_for(event: Event, vendor: str, final_state: FinalState) -> RowChange:
    """The columns that an event of `CHANGING` sets; the lease ends with it."""
    status = _ENDS[event.kind]
    error = error_of(event)
    change: RowChange = {
        "status": status.value,
        "error": codec.encode_clean(error) if error else "",
        "error_code": str(error["code"])[:40] if error else "",
        "lease_owner": "",
        "lease_until": None,
        "lost_attempts": 0,
    }
    if status in TERMINAL_RUN_STATUSES:
        change["finished_at"] = codec.column(vendor, event.time)
        change["final_state"] = codec.encode_clean(final_state())
    return change


def error_of(event: Event) -> dict[str, Any] | None:
    """The error that an ending or pausing event carries, in the shape every error has."""
    if event.kind is EventKind.RUN_COMPLETED:
        return None
    found = event.data.get("error")
    if found:
        return dict(found)
    if event.kind is EventKind.RUN_PAUSED:
        return {
            "code": event.data.get("code") or "E_PAUSED",
            "message": event.data.get("reason") or "The run was paused.",
            "node": event.node,
            "edge": None,
            "details": {},
        }
    return None


def update_sql(change: RowChange) -> tuple[str, list[object]]:
    """The UPDATE of one run that still has this fence; append run id and fence to the values."""
    columns = ", ".join(f"{column} = %s" for column in change)
    return (
        f"UPDATE studio_run SET {columns} WHERE id = %s AND fence = %s",
        list(change.values()),
    )
