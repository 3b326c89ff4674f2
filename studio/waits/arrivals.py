"""What comes to an open wait from outside: the journal has it and its row is closed, or neither.

Whoever commits first has ended the wait. Everybody writes in the order journal, run, waits, so that
two who come at once do not lock each other out.
"""

from collections.abc import Callable

from engine import Event, RunStatus
from studio.journal import codec
from studio.journal.append import append_within
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Conflict, Raw

_CLOSE = "UPDATE studio_wait SET closed_at = %s WHERE id = %s AND closed_at IS NULL"
_CLOSE_OTHERS = (
    "UPDATE studio_wait SET closed_at = %s"
    " WHERE run_id = %s AND activation = %s AND closed_at IS NULL"
)
_WAKE = "UPDATE studio_run SET status = %s WHERE id = %s AND status = %s"


class Closed(Exception):
    """The wait had ended before; nothing was written."""


def bring(
    connection: Raw,
    run_id: int,
    event: Event,
    wait_id: int,
    also: Callable[[object], None] | None = None,
) -> None:
    """Append what ends this open wait, close its row, and have a waiting run driven again.

    `also` does more in the same transaction, given the time. Raises Closed.
    """
    while True:
        try:
            with connection.transaction():
                _bring(connection, run_id, event, wait_id, also)
                reach("arrival.writing")
            reach("arrival.written")
            return
        except Conflict:
            continue


def _bring(
    connection: Raw,
    run_id: int,
    event: Event,
    wait_id: int,
    also: Callable[[object], None] | None,
) -> None:
    append(connection, run_id, event)
    at = codec.column(connection.vendor, event.time)
    if connection.change(_CLOSE, (at, wait_id)) != 1:
        raise Closed
    connection.execute(_CLOSE_OTHERS, (at, run_id, event.act))
    if also is not None:
        also(at)


def append(connection: Raw, run_id: int, event: Event) -> None:
    """Append an event that a waiting run has to look at. The caller has a transaction open.

    Raises Conflict when somebody appended at the same moment.
    """
    append_within(connection, run_id, [event])
    connection.execute(_WAKE, (RunStatus.RUNNING.value, run_id, RunStatus.WAITING.value))


def leave(connection: Raw, run_id: int, event: Event) -> None:
    """Append an event that the run may need later, and have a waiting run look at it."""
    while True:
        try:
            with connection.transaction():
                return append(connection, run_id, event)
        except Conflict:
            continue
