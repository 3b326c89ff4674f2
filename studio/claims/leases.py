"""Leases that are held: kept by a heartbeat, handed back, taken from runs that cannot be driven.

Clocks only decide when a second driver may start; who may write is decided by the journal's key.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

from engine import Event, EventKind
from studio.claims.owner import Owner
from studio.journal import codec
from studio.journal.buffer import Pending
from studio.journal.database_clock import now as _now
from studio.journal.raw_connection import Raw, Row
from studio.journal.run_row import change_for, update_sql

MAX_LOST = 3
"""Claims in a row that die without a commit before a person has to look."""

_PROGRESS = frozenset(
    kind.value
    for kind in (
        EventKind.ATTEMPT_SUCCEEDED,
        EventKind.ATTEMPT_FAILED,
        EventKind.ATTEMPT_TIMED_OUT,
    )
)


def lost_claims(rows: Sequence[Row], before: int, snapshot: bool = False) -> int:
    """How many claims in a row died without a commit, the last one counted.

    `rows` begin behind a snapshot, if there is one: a driver that wrote one had made a commit.
    """
    for _, _, kind, *_ in reversed(rows):
        if kind == EventKind.RUN_CLAIMED.value:
            return before + 1
        if kind in _PROGRESS:
            return 0
    return 0 if snapshot else before + 1


def abandon(connection: Raw, run_id: int, fence: int, error: BaseException) -> None:
    """Hand a run back that could not be driven; after `MAX_LOST` times in a row pause it."""
    with connection.transaction():
        found = connection.execute(
            "SELECT lost_attempts FROM studio_run WHERE id = %s AND fence = %s", (run_id, fence)
        )
        if not found:
            return
        rows = connection.execute(codec.SELECT_EVENTS, (run_id, 0))
        lost = lost_claims(rows, found[0][0])
        if lost >= MAX_LOST:
            reason = (
                f"Driving this run failed {lost} times in a row: {type(error).__name__}: {error}"
            )
            _pause(connection, run_id, fence, rows, "E_DRIVER", reason)
            return
        connection.execute(
            "UPDATE studio_run SET lease_owner = '', lease_until = NULL, lost_attempts = %s"
            " WHERE id = %s AND fence = %s",
            (lost, run_id, fence),
        )


def give_up(connection: Raw, run_id: int, fence: int, rows: list[Row], lost: int) -> None:
    """Pause a run that took its worker down again and again."""
    reason = (
        f"{lost} workers in a row died while driving this run, without committing a step: look at"
        " the tools that were running, then resume or cancel it."
    )
    _pause(connection, run_id, fence, rows, "E_WORKER_LOST", reason)


def _pause(
    connection: Raw, run_id: int, fence: int, rows: list[Row], code: str, reason: str
) -> None:
    event = Event(EventKind.RUN_PAUSED, {"code": code, "reason": reason}, time=time.time())
    _append(connection, run_id, rows, event)
    sql, values = update_sql(change_for(event, connection.vendor, dict))
    connection.execute(sql, [*values, run_id, fence])


def release(connection: Raw, run_id: int, fence: int) -> None:
    """Hand a run back as it is, for anybody to go on with."""
    connection.execute(
        "UPDATE studio_run SET lease_owner = '', lease_until = NULL WHERE id = %s AND fence = %s",
        (run_id, fence),
    )


def renew(connection: Raw, owner: Owner, lease_seconds: int) -> int:
    """Keep every lease of this owner. Returns how many were kept.

    One whose row somebody is writing is left to the next time: it must not cost the others.
    """
    until = _now(connection) + timedelta(seconds=lease_seconds)
    mine = "lease_owner = %s AND status IN ('running', 'cancelling', 'paused')"
    if connection.vendor == "postgresql":
        mine = f"id IN (SELECT id FROM studio_run WHERE {mine} FOR NO KEY UPDATE SKIP LOCKED)"
    return connection.change(
        f"UPDATE studio_run SET lease_until = %s WHERE {mine}",
        (codec.column_of(connection.vendor, until), str(owner)),
    )


def _append(connection: Raw, run_id: int, rows: Sequence[Row], event: Event, head: int = 0) -> Row:
    """Append behind these rows; behind `head`, if there are none."""
    seq = int(rows[-1][0]) + 1 if rows else head + 1
    pending = Pending(event, connection.vendor, codec.encode_clean(event.data), {})
    connection.insert_many(codec.INSERT_EVENT, [pending.row(run_id, seq)])
    return (seq, pending.at, pending.kind, None, None, None, pending.text)
