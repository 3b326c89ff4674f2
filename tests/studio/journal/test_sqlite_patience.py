"""SQLite has one lock to write: who finds it taken waits for a while, then says so."""

import threading
from pathlib import Path

import pytest

from studio.journal.raw_connection import SqliteConnection, Unavailable


def connection(path: Path, busy_ms: int) -> SqliteConnection:
    made = SqliteConnection(str(path), "PRAGMA journal_mode=WAL", busy_ms=busy_ms)
    made.execute("CREATE TABLE IF NOT EXISTS line (n INTEGER)")
    return made


def test_who_finds_the_lock_taken_waits_for_it(tmp_path: Path) -> None:
    one, other = (connection(tmp_path / "db", 20_000) for _ in range(2))
    has_begun = threading.Event()

    def write() -> None:
        has_begun.set()
        with other.transaction():
            other.insert_many("INSERT INTO line (n) VALUES (%s)", [(n,) for n in range(1000)])
        other.change("UPDATE line SET n = n + 1 WHERE n = %s", (0,))

    writer = threading.Thread(target=write)
    with one.transaction():
        writer.start()
        has_begun.wait(20)
        one.execute("INSERT INTO line (n) VALUES (-1)")
    writer.join(30)

    [(count, first)] = one.execute("SELECT COUNT(*), MIN(n) FROM line")
    assert (count, first) == (1001, -1)
    one.close()
    other.close()


def test_patience_ends(tmp_path: Path) -> None:
    one, other = (connection(tmp_path / "db", 20) for _ in range(2))

    with one.transaction():
        for ask in (
            lambda: other.transaction().__enter__(),
            lambda: other.change("INSERT INTO line (n) VALUES (%s)", (1,)),
            lambda: other.change_many("INSERT INTO line (n) VALUES (%s)", [(1,)]),
            lambda: other.insert_row("INSERT INTO line (n) VALUES (%s)", (1,)),
        ):
            with pytest.raises(Unavailable, match="locked"):
                ask()
        other.set_patience(0)
        with pytest.raises(Unavailable, match="locked"):
            other.change("INSERT INTO line (n) VALUES (%s)", (1,))
        assert other.execute("SELECT COUNT(*) FROM line") == [(0,)]

    other.set_patience(None)
    assert other.insert_row("INSERT INTO line (n) VALUES (%s)", (1,)) == 1
    one.close()
    other.close()


def test_a_transaction_that_began_ahead_is_gone_on_with(tmp_path: Path) -> None:
    one, other = (connection(tmp_path / "db", 20) for _ in range(2))

    with one.ahead() as may_begin, one.transaction():
        assert may_begin
        one.execute("INSERT INTO line (n) VALUES (1)")
        with other.ahead() as may_other:
            assert not may_other

    with one.ahead() as may_begin:
        assert may_begin  # and nobody goes on with it
    with other.ahead() as may_other, other.transaction():
        assert may_other
        other.execute("INSERT INTO line (n) VALUES (2)")
    assert one.execute("SELECT n FROM line ORDER BY n") == [(1,), (2,)]
    one.close()
    other.close()
