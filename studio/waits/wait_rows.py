"""What events change in the rows of waits: what the sweeper and the inbox query.

Written in the transaction of the append, like the row of the run.
"""

from collections.abc import Iterable
from typing import Any

from engine import Event, EventKind
from engine.planning.waits import activation_of
from engine.policies import SignalTo
from studio.journal import codec
from studio.journal.raw_connection import Raw
from studio.waits import child_rows, outcome_rows, signal_rows
from studio.waits.signal_keys import key_text

Statement = tuple[str, list[object]]

RETRY = "retry"
"""Kind of the row that a waiting run has for an attempt to be made later."""

_OPEN = (
    "INSERT INTO studio_wait"
    " (run_id, activation, ref, kind, due_at, signal, key, data, created_at, closed_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, NULL)"
    " ON CONFLICT (run_id, ref, kind) DO UPDATE SET"
    " due_at = excluded.due_at, signal = excluded.signal, key = excluded.key,"
    " data = excluded.data, created_at = excluded.created_at, closed_at = NULL"
)
_CLOSE = (
    "UPDATE studio_wait SET closed_at = %s"
    " WHERE run_id = %s AND activation = %s AND closed_at IS NULL"
)
_CLOSE_ALL = "UPDATE studio_wait SET closed_at = %s WHERE run_id = %s AND closed_at IS NULL"
_CLOSE_RETRIES = f"{_CLOSE_ALL} AND kind = '{RETRY}'"

PARKING = frozenset({EventKind.WAIT_OPENED, EventKind.WAIT_CLOSED, EventKind.RUN_WAITING})
CHANGING = child_rows.CHANGING | outcome_rows.CHANGING | PARKING | {EventKind.SIGNAL_EMITTED}
"""Kinds that change rows of waits, of child runs, of unknown outcomes, or of signals to others."""
_WITHDRAWING = frozenset({EventKind.TOKENS_WITHDRAWN, EventKind.JOIN_FIRED, EventKind.JOIN_FORCED})
ENDING = _WITHDRAWING | {EventKind.RUN_COMPLETED, EventKind.RUN_CANCELLED}
"""Kinds that end waits without anything having come; those of a failed run stay for a retry."""
TOUCHING = CHANGING | ENDING


def statements(event: Event, run_id: int, vendor: str) -> list[Statement]:
    """The SQL of an event of `CHANGING` or `ENDING`."""
    if event.kind is EventKind.SIGNAL_EMITTED:
        out = event.data["to"] == SignalTo.RUNS
        return signal_rows.sending(event, run_id, vendor) if out else []
    at = codec.column(vendor, event.time)
    if event.kind is EventKind.WAIT_OPENED:
        return [
            _opening(run_id, wait["id"], wait["kind"], wait, event, vendor)
            for wait in event.data["waits"]
        ]
    if event.kind is EventKind.RUN_WAITING:
        return [
            _opening(run_id, str(retry["act"]), RETRY, retry, event, vendor)
            for retry in event.data.get("retries", ())
        ]
    if event.kind is EventKind.CHILD_STARTED:
        wait = child_rows.opened(event)
        return [_opening(run_id, str(event.act), child_rows.CHILD, wait, event, vendor)]
    if event.kind in outcome_rows.CHANGING:
        return _of_outcome(event, run_id, vendor)
    if event.kind in child_rows.CHANGING:
        return [child_rows.closing(event, run_id, vendor)]
    if event.kind in _WITHDRAWING:
        return [(_CLOSE, [at, run_id, act]) for act in event.data.get("withdrawn", ())]
    if event.kind is EventKind.WAIT_CLOSED:
        return [(_CLOSE, [at, run_id, event.act])]
    return [(_CLOSE_ALL, [at, run_id])]


def _of_outcome(event: Event, run_id: int, vendor: str) -> list[Statement]:
    if event.kind is EventKind.OUTCOME_DECIDED:
        return [outcome_rows.closing_of(event, run_id, vendor)]
    wait = outcome_rows.opened(event)
    if wait is None:
        return []
    ref = outcome_rows.ref_of(event.act, event.att)
    return [_opening(run_id, ref, outcome_rows.OUTCOME, wait, event, vendor)]


def write(connection: Raw, run_id: int, events: Iterable[Event]) -> None:
    """The rows that a journal leads to, for a run that was given one. Nothing is sent again."""
    for event in events:
        if event.kind in TOUCHING and event.kind is not EventKind.SIGNAL_EMITTED:
            for sql, values in statements(event, run_id, connection.vendor):
                connection.execute(sql, values)


def retries_over(run_id: int, at: object) -> Statement:
    """The SQL that closes the retry rows of a run that somebody drives again."""
    return _CLOSE_RETRIES, [at, run_id]


def _opening(
    run_id: int, ref: str, kind: str, wait: dict[str, Any], event: Event, vendor: str
) -> Statement:
    due = codec.column(vendor, wait["due"]) if "due" in wait else None
    data = codec.encode_clean({**wait, "node": event.node})
    key = key_text(wait["key"]) if "key" in wait else None
    opened = codec.column(vendor, event.time)
    act, signal = activation_of(ref), wait.get("name", "")
    return _OPEN, [run_id, act, ref, kind, due, signal, key, data, opened]
