"""How long Django's connection waits for locks, for a part of a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from studio.journal.raw_connection import DjangoConnection

_NOW = "SELECT current_setting('lock_timeout')"
_SET = "SELECT set_config('lock_timeout', %s, true)"


@contextmanager
def waiting_at_most(connection: DjangoConnection, ms: int) -> Iterator[None]:
    """Inside a transaction of the caller's: what waits longer for a lock raises `Locked`.

    The error undoes what is inside; SQLite has one lock for all, which a writer has already.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.transaction():
        before = str(connection.execute(_NOW)[0][0])
        connection.execute(_SET, (str(ms),))
        yield
        connection.execute(_SET, (before,))
