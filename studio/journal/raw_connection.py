"""A database connection outside the ORM, for what happens once per step.

The engine's thread owns one of these; so do the heartbeat and the lease code that runs beside it.
The address and the PRAGMAs come from Django's settings, so both speak to the same database with
the same guarantees. SQL is written with `%s` for either vendor.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol, TypeVar, cast

import psycopg
from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction
from psycopg.pq import TransactionStatus

from studio.journal.failpoints import reach

Row = tuple[Any, ...]
Done = TypeVar("Done")

# psycopg keeps how it translated a statement only up to 50 parameters.
VALUES_AT_ONCE = 48
"""Values, of one row or several, that go to PostgreSQL in one INSERT."""
SQLITE_VALUES_AT_ONCE = 256
"""The same for SQLite: each execution gives the interpreter's lock away and gets it back."""

# A commit that waits for another writer blocks the engine's loop: give up soon, try again later.
SQLITE_BUSY_MS = 250
SQLITE_PAUSE_S = 0.0002
SQLITE_LAST_PAUSE_S = 0.005
POSTGRES_LOCK_MS = 250
IMPATIENT_MS = 20
"""How long each of several is waited for when it is known that somebody is in the way of some."""
POSTGRES_NAME = "treadle"
"""What PostgreSQL calls the sessions of this module."""


class Conflict(Exception):
    """An INSERT met a row that was already there: somebody else wrote that seq."""


class Unavailable(Exception):
    """Locked, full, restarting or gone: the same transaction may succeed later."""


_CLOSED = "this connection was closed by its owner"


class Full(Unavailable):
    """The disk of the database has no room for it: a smaller transaction may succeed now."""


class Locked(Unavailable):
    """Another transaction has a row of it, perhaps for long: what is about other runs is free."""


def is_session_ended(error: BaseException) -> bool:
    """Whether PostgreSQL ended the session because its transaction stood still for too long.

    The process slept meanwhile. For psycopg this is no OperationalError, as other lost connections
    are.
    """
    ended = psycopg.errors.IdleInTransactionSessionTimeout
    return isinstance(error, ended) or isinstance(error.__cause__, ended)


def idle_ms(lease_seconds: int) -> int:
    """How long a transaction of ours may stand still before PostgreSQL ends its session.

    Leases are renewed when a third of them is over: who stops has two thirds left at least. So the
    locks of one who sleeps are gone when his leases are.
    """
    return max(1_000, lease_seconds * 2_000 // 3)


def is_full(error: BaseException | None) -> bool:
    """Whether this error of a driver, or the one below it, says that there is no room."""
    while error is not None:
        if isinstance(error, psycopg.errors.DiskFull):
            return True
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            return True
        error = error.__cause__
    return False


def _unavailable(error: Exception) -> Unavailable:
    # Django's errors have the driver's below them.
    if isinstance(error, psycopg.errors.LockNotAvailable) or isinstance(
        error.__cause__, psycopg.errors.LockNotAvailable
    ):
        return Locked(str(error))
    return Full(str(error)) if is_full(error) else Unavailable(str(error))


class Raw(Protocol):
    """One connection. `execute` outside a transaction commits by itself."""

    vendor: str

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]: ...

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Execute and return the number of rows changed."""
        ...

    def insert_many(self, sql: str, rows: Sequence[Row]) -> None: ...

    def change_many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        """Execute once for each row of values, and return the number of rows changed in all."""
        ...

    def insert_row(self, sql: str, row: Sequence[object]) -> int:
        """Insert into a table with a key `id`, and return that."""
        ...

    def transaction(self) -> contextlib.AbstractContextManager[None]: ...

    def batch(self) -> contextlib.AbstractContextManager[None]:
        """A transaction that only writes: nothing in it waits for the server's answer.

        What `execute` says in it is not known before its end, so it answers no rows.
        """
        ...

    def ahead(self) -> contextlib.AbstractContextManager[bool]:
        """Whether a transaction may begin at once; on SQLite it has begun then.

        The first one inside goes on with it; where none comes it is over in the end.
        """
        ...

    def set_patience(self, ms: int | None) -> None:
        """Wait so long for a lock; None: as long as at first."""
        ...

    def close(self) -> None:
        """For good: whoever uses it afterwards hears Unavailable."""
        ...


@contextlib.contextmanager
def impatient(connection: Raw) -> Iterator[None]:
    """Wait for locks of single rows only for a moment: each of many may be held.

    SQLite has one lock for all, and its patience says something else.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.set_patience(IMPATIENT_MS)
    try:
        yield
    finally:
        # Of a connection that is gone nothing is left: the next one has its patience.
        with contextlib.suppress(Unavailable):
            connection.set_patience(None)


def connect(alias: str = "default") -> Raw:
    """Open a connection of one's own to the database that Django's `alias` names."""
    django_connection = connections[alias]
    if django_connection.vendor == "sqlite":
        return SqliteConnection(str(django_connection.settings_dict["NAME"]), _init_command(alias))
    if django_connection.vendor == "postgresql":
        parameters = _libpq(django_connection.get_connection_params())
        return PostgresConnection(parameters, idle_ms(settings.LEASE_SECONDS))
    raise RuntimeError(f"Treadle runs on SQLite and PostgreSQL, not on {django_connection.vendor}.")


def _init_command(alias: str) -> str:
    options: Any = settings.DATABASES[alias].get("OPTIONS", {})
    return str(options.get("init_command", ""))


_LIBPQ = (
    "dbname",
    "user",
    "password",
    "host",
    "port",
    "options",
    "sslmode",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
)


def _libpq(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in _LIBPQ if parameters.get(name)}


class SqliteConnection:
    """One sqlite3 connection. Transactions are IMMEDIATE, so that they never fail half-way."""

    vendor = "sqlite"

    def __init__(self, path: str, init_command: str, busy_ms: int = SQLITE_BUSY_MS) -> None:
        self._connection = sqlite3.connect(
            path,
            uri=path.startswith("file:"),
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        self._connection.executescript(init_command)
        self._connection.execute("PRAGMA busy_timeout=0")  # it waits by itself, see `_patiently`
        self._busy_s = busy_ms / 1000
        self._patience_s = self._busy_s
        self._is_ahead = False
        """Whether a transaction has begun that nobody has asked for yet."""
        self._is_closed = False

    def _patiently(self, work: Callable[[], Done]) -> Done:
        """Do it, again and again while another connection writes. In a transaction nobody does.

        SQLite's own waiting sleeps for up to 25 ms at a time; most commits are over in one.
        """
        if self._is_closed:
            raise Unavailable(_CLOSED)
        began, pause_s = time.monotonic(), SQLITE_PAUSE_S
        while True:
            try:
                return work()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() - began >= self._patience_s:
                    raise
            time.sleep(pause_s)
            pause_s = min(SQLITE_LAST_PAUSE_S, pause_s * 1.5)

    def _execute(self, sql: str, parameters: Sequence[object]) -> sqlite3.Cursor:
        with _sqlite_errors():
            return self._patiently(
                lambda: self._connection.execute(_question_marks(sql), parameters)
            )

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with _sqlite_errors():
            return self._execute(sql, parameters).fetchall()

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        return self._execute(sql, parameters).rowcount

    def insert_many(self, sql: str, rows: Sequence[Row]) -> None:
        for statement, values in _in_few(sql, rows, SQLITE_VALUES_AT_ONCE):
            self.change_many(statement, values)

    def change_many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        with _sqlite_errors():
            return self._patiently(
                lambda: self._connection.executemany(_question_marks(sql), rows).rowcount
            )

    def insert_row(self, sql: str, row: Sequence[object]) -> int:
        # RETURNING needs SQLite 3.35; the key of the last row is there in all of them.
        return self._execute(sql, row).lastrowid or 0

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        if not self._is_ahead:
            self._execute("BEGIN IMMEDIATE", ())
        self._is_ahead = False
        try:
            yield
            with _sqlite_errors():
                self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def batch(self) -> contextlib.AbstractContextManager[None]:
        return self.transaction()

    @contextlib.contextmanager
    def ahead(self) -> Iterator[bool]:
        if self._is_closed:
            yield True
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._is_ahead = True
        except sqlite3.OperationalError as error:
            # Whatever else it is, who begins in the ordinary way hears of it.
            yield error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY
            return
        try:
            yield True
        finally:
            if self._is_ahead:
                self._is_ahead = False
                self._connection.execute("ROLLBACK")

    def set_patience(self, ms: int | None) -> None:
        """Wait so long for a lock; None: as long as at first."""
        self._patience_s = self._busy_s if ms is None else ms / 1000

    def close(self) -> None:
        self._is_closed = True
        self._connection.close()


@lru_cache(maxsize=256)
def _question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


@contextlib.contextmanager
def _sqlite_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        # A vanished run breaks its foreign key: that is no conflict, and no retry helps.
        if "UNIQUE" in str(error):
            raise Conflict(str(error)) from error
        raise
    except sqlite3.OperationalError as error:
        raise _unavailable(error) from error


_Held = tuple[str, Sequence[Sequence[object]]]
"""A statement, and the values for each time that it is executed."""


def _in_few(sql: str, rows: Sequence[Row], at_once: int) -> Iterator[_Held]:
    """An INSERT of single rows as one of several rows each, and one of those that are left."""
    takes_more = rows and " VALUES (" in sql and sql.endswith("%s)")
    count = max(1, at_once // len(rows[0])) if takes_more else 1
    whole = len(rows) // count * count
    if whole:
        full = [_joined(rows[at : at + count]) for at in range(0, whole, count)]
        yield _of_rows(sql, count), full
    if whole < len(rows):
        yield _of_rows(sql, len(rows) - whole), [_joined(rows[whole:])]


def _joined(rows: Sequence[Row]) -> Row:
    return tuple(chain.from_iterable(rows))


@lru_cache(maxsize=256)
def _of_rows(sql: str, count: int) -> str:
    """An INSERT of one row as one of so many."""
    if count == 1:
        return sql
    values = sql[sql.rindex(" VALUES ") + len(" VALUES ") :]
    return sql + f", {values}" * (count - 1)


class PostgresConnection:
    """One psycopg connection that reconnects when the server went away."""

    vendor = "postgresql"

    def __init__(self, parameters: dict[str, Any], idle_ms: int) -> None:
        self._parameters = parameters
        self._idle_ms = idle_ms
        self._is_closed = False
        self._connection = self._open()
        self._held: list[_Held] | None = None
        """What a batch has written so far. It goes to the server at the batch's end."""

    def _open(self) -> psycopg.Connection[Row]:
        with _postgres_errors():
            connection = psycopg.connect(
                **self._parameters,
                autocommit=True,
                prepare_threshold=2,
                application_name=POSTGRES_NAME,
            )
            try:
                connection.execute("SET TIME ZONE 'UTC'")
                connection.execute(f"SET lock_timeout = {POSTGRES_LOCK_MS}")
                connection.execute(f"SET idle_in_transaction_session_timeout = {self._idle_ms}")
            except BaseException:
                connection.close()
                raise
            return connection

    def _live(self) -> psycopg.Connection[Row]:
        if self._is_closed:
            # Opened anew it would stay open: nobody closes it a second time.
            raise Unavailable(_CLOSED)
        if self._connection.closed:
            self._connection = self._open()
        return self._connection

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        if self._held is not None:
            self._held.append((sql, [parameters]))
            return []
        with _postgres_errors():
            cursor = self._live().execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        self._refuse_in_batch()
        with _postgres_errors():
            return self._live().execute(sql, parameters).rowcount

    def insert_many(self, sql: str, rows: Sequence[Row]) -> None:
        statements = list(_in_few(sql, rows, VALUES_AT_ONCE))
        if self._held is not None:
            self._held += statements
        elif self._live().info.transaction_status is TransactionStatus.IDLE:
            with _postgres_errors():
                self._send(statements)
        else:
            for statement, values in statements:
                self.change_many(statement, values)

    def change_many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        self._refuse_in_batch()
        with _postgres_errors(), self._live().cursor() as cursor:
            cursor.executemany(sql, rows)
            return cursor.rowcount

    def _refuse_in_batch(self) -> None:
        if self._held is not None:
            raise RuntimeError("a batch only writes: how many rows it changes is known at its end")

    def insert_row(self, sql: str, row: Sequence[object]) -> int:
        return int(self.execute(f"{sql} RETURNING id", row)[0][0])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with _postgres_errors(), self._live().transaction():
            yield

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        held: list[_Held] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
        with _postgres_errors():
            self._send(held)

    def ahead(self) -> contextlib.AbstractContextManager[bool]:
        return contextlib.nullcontext(True)

    def _send(self, held: list[_Held]) -> None:
        """All of it, or nothing, in one round trip."""
        if len(held) == 1 and len(held[0][1]) == 1:
            # A statement alone is a transaction of its own. A step is mostly that.
            [(sql, [values])] = held
            self._live().execute(sql, values)
        elif held:
            self._send_together(self._live(), held)

    def _send_together(self, connection: psycopg.Connection[Row], held: list[_Held]) -> None:
        # `connection.transaction()` would wait for the answers to its own statements.
        try:
            with connection.pipeline(), connection.cursor() as cursor:
                cursor.execute("BEGIN")
                for sql, rows in held:
                    for values in rows:
                        cursor.execute(sql, values)
                reach("append.committing")
                cursor.execute("COMMIT")
        except BaseException:
            if not connection.closed:
                connection.rollback()
            raise

    def set_patience(self, ms: int | None) -> None:
        self.execute(f"SET lock_timeout = {POSTGRES_LOCK_MS if ms is None else ms}")

    def close(self) -> None:
        self._is_closed = True
        self._connection.close()


@contextlib.contextmanager
def _postgres_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(str(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        # Deadlocks, lock timeouts and serialisation failures are OperationalError too.
        raise _unavailable(error) from error
    except psycopg.InternalError as error:
        if is_session_ended(error):
            raise Unavailable(str(error)) from error
        raise


class DjangoConnection:
    """Django's own connection of this thread, spoken to like the others.

    Its transactions are `atomic` blocks: savepoints inside the caller's.
    """

    def __init__(self, alias: str = "default") -> None:
        self._alias = alias
        self.vendor = connections[alias].vendor

    @property
    def is_in_transaction(self) -> bool:
        """Whether the caller has a transaction open."""
        return connections[self._alias].in_atomic_block

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with _django_errors(), connections[self._alias].cursor() as cursor:
            cursor.execute(sql, cast(Any, parameters))
            return cursor.fetchall() if cursor.description else []

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        with _django_errors(), connections[self._alias].cursor() as cursor:
            cursor.execute(sql, cast(Any, parameters))
            return int(cursor.rowcount)

    def insert_many(self, sql: str, rows: Sequence[Row]) -> None:
        self.change_many(sql, rows)

    def change_many(self, sql: str, rows: Sequence[Sequence[object]]) -> int:
        with _django_errors(), connections[self._alias].cursor() as cursor:
            cursor.executemany(sql, cast(Any, rows))
            return int(cursor.rowcount)

    def insert_row(self, sql: str, row: Sequence[object]) -> int:
        if self.vendor == "postgresql":
            return int(self.execute(f"{sql} RETURNING id", row)[0][0])
        with _django_errors(), connections[self._alias].cursor() as cursor:
            cursor.execute(sql, cast(Any, row))
            return int(cursor.lastrowid)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with _django_errors(), transaction.atomic(using=self._alias):
            yield

    def batch(self) -> contextlib.AbstractContextManager[None]:
        return self.transaction()

    def ahead(self) -> contextlib.AbstractContextManager[bool]:
        return contextlib.nullcontext(True)

    def set_patience(self, ms: int | None) -> None:
        """Left to Django."""

    def close(self) -> None:
        """Left to Django."""


@contextlib.contextmanager
def _django_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "UNIQUE" in str(error) or isinstance(error.__cause__, psycopg.errors.UniqueViolation):
            raise Conflict(str(error)) from error
        raise
    except OperationalError as error:
        raise _unavailable(error) from error
    except DatabaseError as error:
        if is_session_ended(error):
            raise Unavailable(str(error)) from error
        raise
