"""Appends by those who do not drive the run: its creator, somebody who cancels it."""

import time
from collections.abc import Mapping, Sequence

from engine import Event
from studio.journal import blobs, codec
from studio.journal.buffer import Pending, encode_event
from studio.journal.raw_connection import Conflict, Raw, Row

INSERT_BLOB = {
    # Nobody else writes meanwhile.
    "sqlite": "INSERT INTO studio_blob (sha256, size, data, created_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (sha256) DO NOTHING",
    # A change takes the row's lock: who deletes it at this moment either sees the use that is
    # written behind it, or has deleted it, and then it is inserted.
    "postgresql": "INSERT INTO studio_blob (sha256, size, data, created_at)"
    " VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (sha256) DO UPDATE SET created_at = EXCLUDED.created_at",
}
INSERT_USE = (
    "INSERT INTO studio_blobuse (run_id, sha256) VALUES (%s, %s)"
    " ON CONFLICT (run_id, sha256) DO NOTHING"
)
COPY_USES = (
    "INSERT INTO studio_blobuse (run_id, sha256)"
    " SELECT %s, sha256 FROM studio_blobuse WHERE run_id = %s"
    " ON CONFLICT (run_id, sha256) DO NOTHING"
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


def insert_blobs(connection: Raw, large: Mapping[int, blobs.Blobs]) -> None:
    """The large values by the run that refers to them, and that it does. In a transaction of the
    caller's, with the references."""
    every = {sha: text for of_run in large.values() for sha, text in of_run.items()}
    if not every:
        return
    now = codec.column(connection.vendor, time.time())
    # In one order everywhere, so that two of us wait for each other and not both.
    rows: list[Row] = [(sha, len(every[sha].encode()), every[sha], now) for sha in sorted(every)]
    connection.insert_many(INSERT_BLOB[connection.vendor], rows)
    uses: list[Row] = [(run_id, sha) for run_id, of_run in large.items() for sha in of_run]
    connection.insert_many(INSERT_USE, uses)


def _encoded(connection: Raw, events: Sequence[Event]) -> list[Pending]:
    for event in events:
        event.time = event.time or time.time()
    return [pending for event in events for pending in encode_event(event, connection.vendor)]


def _insert(connection: Raw, run_id: int, head: int, pendings: Sequence[Pending]) -> int:
    for pending in pendings:
        if pending.blobs:
            insert_blobs(connection, {run_id: pending.blobs})
    rows = [pending.row(run_id, seq) for seq, pending in enumerate(pendings, head + 1)]
    connection.insert_many(codec.INSERT_EVENT, rows)
    return head + len(rows)
