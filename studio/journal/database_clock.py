"""The one clock that all processes share."""

from datetime import UTC, datetime

from studio.journal.raw_connection import Raw


def now(connection: Raw) -> datetime:
    """The database's clock. SQLite has none of its own: it is this machine's."""
    if connection.vendor == "postgresql":
        moment: datetime = connection.execute("SELECT clock_timestamp()")[0][0]
        return moment
    return datetime.now(UTC)
