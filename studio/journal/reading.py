"""Rows of the journal as the events that were written, with large values in their places."""

from collections.abc import Sequence

from engine import Event
from studio.journal import blobs, codec
from studio.journal.raw_connection import Raw, Row


def events_of(connection: Raw, rows: Sequence[Row]) -> list[Event]:
    """Events of rows (seq, at, kind, node, activation, attempt, data). Raises Unavailable.

    Whoever acts on an event needs it whole: its row holds null where a large value stood.
    """

    def read(sha256: str) -> str:
        return blob(connection, sha256)

    return [codec.event(row, blobs.restore(codec.decode(row[6]), read)) for row in rows]


def blob(connection: Raw, sha256: str) -> str:
    """The JSON text of a large value."""
    found = connection.execute("SELECT data FROM studio_blob WHERE sha256 = %s", (sha256,))
    return str(found[0][0])
