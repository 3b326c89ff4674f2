"""What events about child runs change in the rows of waits.

A parent has one open row of kind `child` for each run that it waits for. The row goes away when the
run's end is brought; it is closed when nobody waits any more, and then the run, if it goes on, is
cancelled by whoever sees that first.
"""

from typing import Any

from engine import Event, EventKind
from studio.journal import codec

CHILD = "child"
"""Kind of these rows."""

CHANGING = frozenset({EventKind.CHILD_STARTED, EventKind.CHILD_ENDED, EventKind.CHILD_DROPPED})

CLOSE = (
    "UPDATE studio_wait SET closed_at = %s"
    f" WHERE run_id = %s AND ref = %s AND kind = '{CHILD}' AND closed_at IS NULL"
)
REMOVE = (
    "DELETE FROM studio_wait"
    f" WHERE run_id = %s AND ref = %s AND kind = '{CHILD}' AND closed_at IS NULL"
)


def opened(event: Event) -> dict[str, Any]:
    """What the row of a started child holds: {run, att, workflow, version?, item?, due?}."""
    return {**event.data, "att": event.att}


def closing(event: Event, run_id: int, vendor: str) -> tuple[str, list[object]]:
    """The SQL of an event after which nobody waits for the child."""
    over = event.kind is EventKind.CHILD_ENDED and event.data["status"] != "timed_out"
    if over:
        return REMOVE, [run_id, str(event.act)]
    return CLOSE, [codec.column(vendor, event.time), run_id, str(event.act)]
