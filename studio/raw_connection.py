"""A database connection outside the ORM, for what happens once per step.

The engine's thread owns one of these; so do the heartbeat and the lease code that runs beside it.
The address and the PRAGMAs come from Django's settings, so both speak to the same database with
the same guarantees. SQL is written with `%s` for either vendor.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol, cast

import psycopg
from django.conf import settings
from django.db import IntegrityError, OperationalError, connections, transaction

Row = tuple[Any, ...]

# A commit that waits for another writer blocks the engine's loop: give up soon, try again later.
SQLITE_BUSY_MS = 250


class Conflict(Exception):
    """An INSERT met a row that was already there: somebody else wrote that seq."""


class Unavailable(Exception):
    """Locked, full, restarting or gone: the same transaction may succeed later."""


class Raw(Protocol):
    """One connection. `execute` outside a transaction commits by itself."""

    vendor: str

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]: ...

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Execute and return the number of rows changed."""
        ...

    def insert_many(self, sql: str, rows: Sequence[Row]) -> None: ...

    def insert_row(self, sql: str, row: Sequence[object]) -> int:
        """Insert into a table with a key `id`, and return that."""
        ...

    def transaction(self) -> contextlib.AbstractContextManager[None]: ...

    def batch(self) -> contextlib.AbstractContextManager[None]:
        """A transaction that only writes: nothing in it waits for the server's answer."""
        ...

    def close(self) -> None: ...


def connect(alias: str = "default") -> Raw:
    """Open a connection of one's own to the database that Django's `alias` names."""
    django_connection = connections[alias]
    if django_connection.vendor == "sqlite":
        return SqliteConnection(str(django_connection.settings_dict["NAME"]), _init_command(alias))
    if django_connection.vendor == "postgresql":
        return PostgresConnection(_libpq(django_connection.get_connection_params()))
    raise RuntimeError(f"Treadle runs on SQLite and PostgreSQL, not on {django_connection.vendor}.")


def _init_command(alias: str) -> str:
    options: Any = settings.DATABASES[alias].get("OPTIONS", {})
    return str(options.get("init_command", ""))


def _libpq(parameters: dict[str, Any]) -> dict[str, Any]:
    names = ("dbname", "user", "password", "host", "port", "connect_timeout", "options", "sslmode")
    return {name: parameters[name] for name in names if parameters.get(name)}


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
        self._busy_ms = busy_ms
        self.set_patience(None)

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with _sqlite_errors():
            return self._connection.execute(_question_marks(sql), parameters).fetchall()

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        with _sqlite_errors():
            return self._connection.execute(_question_marks(sql), parameters).rowcount

    def insert_many(self, sql: str, rows: Sequence[Row]) -> None:
        with _sqlite_errors():
            self._connection.executemany(_question_marks(sql), rows)

    def insert_row(self, sql: str, row: Sequence[object]) -> int:
        with _sqlite_errors():
            # RETURNING needs SQLite 3.35; the key of the last row is there in all of them.
            return self._connection.execute(_question_marks(sql), row).lastrowid or 0

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with _sqlite_errors():
            self._connection.execute("BEGIN IMMEDIATE")
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

    def set_patience(self, ms: int | None) -> None:
        """Wait so long for a lock; None: as long as at first."""
        busy_ms = self._busy_ms if ms is None else ms
        self._connection.execute(f"PRAGMA busy_timeout={busy_ms}")

    def close(self) -> None:
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
        raise Unavailable(str(error)) from error


class PostgresConnection:
    """One psycopg connection that reconnects when the server went away."""

    vendor = "postgresql"

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._parameters = parameters
        self._connection = self._open()

    def _open(self) -> psycopg.Connection[Row]:
        with _postgres_errors():
            connection = psycopg.connect(
                **self._parameters, autocommit=True, prepare_threshold=2, application_name="treadle"
            )
            connection.execute("SET TIME ZONE 'UTC'")
            return connection

    def _live(self) -> psycopg.Connection[Row]:
        if self._connection.closed:
            self._connection = self._open()
        return self._connection

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        with _postgres_errors():
            cursor = self._live().execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        with _postgres_errors():
            return self._live().execute(sql, parameters).rowcount

    def insert_many(self, sql: str, rows: Sequence[Row]) -> None:
        with _postgres_errors(), self._live().cursor() as cursor:
            cursor.executemany(sql, rows)

    def insert_row(self, sql: str, row: Sequence[object]) -> int:
        return int(self.execute(f"{sql} RETURNING id", row)[0][0])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with _postgres_errors(), self._live().transaction():
            yield

    @contextlib.contextmanager
    def batch(self) -> Iterator[None]:
        # BEGIN, the rows and COMMIT travel together: one round trip, not one each.
        with _postgres_errors(), self._live().pipeline(), self._connection.transaction():
            yield

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def _postgres_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(str(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        # Deadlocks, lock timeouts and serialisation failures are OperationalError too.
        raise Unavailable(str(error)) from error


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
        with _django_errors(), connections[self._alias].cursor() as cursor:
            cursor.executemany(sql, rows)

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
        raise Unavailable(str(error)) from error
