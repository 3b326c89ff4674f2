"""Ends what PostgreSQL does not end by itself: sessions of the engine that stand still half-way.

A batch is sent in one go, BEGIN to COMMIT. Who is stopped in the middle of sending leaves a session
that waits for the rest with its locks, and that is not idle to PostgreSQL. After an `executemany`
of psycopg it is idle, but its timer is off: psycopg sends a Flush behind the Sync, and no answer to
that sets the timer again. No timeout before version 17 ends either. So whoever sweeps does.
"""

import logging

from studio.journal.raw_connection import POSTGRES_NAME, Raw

_END = (
    "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND application_name = %s"
    " AND pid <> pg_backend_pid() AND state <> 'idle' AND wait_event = 'ClientRead'"
    " AND xact_start IS NOT NULL"
    " AND clock_timestamp() - state_change > %s * INTERVAL '1 millisecond'"
)

log = logging.getLogger(__name__)


def end(connection: Raw, after_ms: int) -> int:
    """End those whose transaction has waited for its client for longer; how many there were.

    Raises Unavailable."""
    if connection.vendor != "postgresql":
        return 0
    ended = connection.execute(_END, (POSTGRES_NAME, after_ms))
    for pid, _ in ended:
        log.warning("session %s of the database was ended: its process stands still", pid)
    return len(ended)
