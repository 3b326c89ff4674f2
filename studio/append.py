"""Appends by those who do not drive the run: its creator, somebody who cancels it."""

import time
from collections.abc import Sequence

from engine import Event
from studio import blobs, codec
from studio.journal import Pending, encode_event
from studio.raw_connection import Conflict, Raw, Row

INSERT_BLOB = (
    "INSERT INTO studio_blob (sha256, size, data, created_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (sha256) DO NOTHING"
)


def append_first(connection: Raw, run_id: int, events: Sequence[Event]) -> None:
    """Begin the journal of a run that was made in this transaction."""
    _insert(connection, run_id, 0, _encoded(connection, events))


def append_as_other(connection: Raw, run_id: int, events: Sequence[Event]) -> int:
    """Append at the journal's end. Returns the last seq. Raises Unavailable.

    Its driver may append at the same moment: the key lets one of both through, the other looks
    again.
    """
    while True:
        try:
            with connection.transaction():
                return append_within(connection, run_id, events)
        except Conflict:
            continue


def append_within(connection: Raw, run_id: int, events: Sequence[Event]) -> int:
    """The same inside the caller's transaction. Raises Conflict, after which all of it is undone
    and done again."""
    head = int(connection.execute(codec.SELECT_HEAD, (run_id,))[0][0])
    return _insert(connection, run_id, head, _encoded(connection, events))


def insert_blobs(connection: Raw, large: blobs.Blobs) -> None:
    now = codec.column(connection.vendor, time.time())
    rows: list[Row] = [(sha, len(text.encode()), text, now) for sha, text in large.items()]
    connection.insert_many(INSERT_BLOB, rows)


def _encoded(connection: Raw, events: Sequence[Event]) -> list[Pending]:
    for event in events:
        event.time = event.time or time.time()
    return [pending for event in events for pending in encode_event(event, connection.vendor)]


def _insert(connection: Raw, run_id: int, head: int, pendings: Sequence[Pending]) -> int:
    for pending in pendings:
        if pending.blobs:
            insert_blobs(connection, pending.blobs)
    rows = [pending.row(run_id, seq) for seq, pending in enumerate(pendings, head + 1)]
    connection.insert_many(codec.INSERT_EVENT, rows)
    return head + len(rows)
