"""A connection that its owner has closed is closed for good, whoever comes late."""

import time
from collections.abc import Callable

import pytest
from django.db import connection

from studio.journal.raw_connection import POSTGRES_NAME, Raw, Unavailable, connect

pytestmark = pytest.mark.django_db(transaction=True)


def sessions(raw: Raw) -> int:
    [(count,)] = raw.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = %s",
        (POSTGRES_NAME,),
    )
    return int(count)


def until_only_one_is_open(raw: Raw) -> None:
    """The server sees a moment later that somebody has hung up."""
    deadline = time.monotonic() + 10
    while sessions(raw) != 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def in_transaction(closed: Raw) -> None:
    with closed.transaction():
        closed.execute("SELECT 1")


def in_batch(closed: Raw) -> None:
    with closed.batch():
        closed.execute(DELETE, (0,))


def ahead(closed: Raw) -> None:
    """Who begins in the ordinary way hears of it."""
    with closed.ahead() as may_begin:
        assert may_begin
        closed.execute("SELECT 1")


DELETE = "DELETE FROM studio_run WHERE id = %s"
USES: dict[str, Callable[[Raw], object]] = {
    "execute": lambda closed: closed.execute("SELECT 1"),
    "change": lambda closed: closed.change(DELETE, (0,)),
    "insert_many": lambda closed: closed.insert_many("INSERT INTO x (y) VALUES (%s)", [(1,)]),
    "change_many": lambda closed: closed.change_many(DELETE, [(0,)]),
    "transaction": in_transaction,
    "batch": in_batch,
    "ahead": ahead,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_late_use_fails_as_if_the_database_were_away(
    raw: Raw, use: Callable[[Raw], object]
) -> None:
    closed = connect()
    closed.close()

    with pytest.raises(Unavailable, match="closed"):
        use(closed)

    if raw.vendor == "postgresql":
        until_only_one_is_open(raw)
    closed.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no sessions")
def test_a_session_that_the_server_ended_is_opened_anew(raw: Raw) -> None:
    other = connect()
    try:
        [(pid,)] = other.execute("SELECT pg_backend_pid()")
        raw.execute("SELECT pg_terminate_backend(%s)", (pid,))
        with pytest.raises(Unavailable):
            other.execute("SELECT 1")
        assert other.execute("SELECT 1") == [(1,)]
    finally:
        other.close()
