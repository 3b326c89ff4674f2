"""What is written together: all or nothing, and on PostgreSQL in one round trip."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from engine import Event, EventKind
from studio.journal import codec
from studio.journal.buffer import Pending
from studio.journal.raw_connection import Conflict, Raw, Row
from studio.models import Run, RunEvent
from tests.studio.journal.conftest import MakeRun

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="a server is asked")


def lines(run: Run, first: int, count: int) -> list[Row]:
    """Rows of so many log lines, each with its number as its message."""
    events = [Event(EventKind.LOG, {"message": str(seq)}) for seq in range(first, first + count)]
    return [
        Pending(event, connection.vendor, codec.encode(event.data), {}).row(run.pk, seq)
        for seq, event in enumerate(events, first)
    ]


def stored(run: Run) -> list[tuple[int, str]]:
    rows = RunEvent.objects.filter(run=run).order_by("id")
    return [(row.seq, codec.decode(row.data)["message"]) for row in rows]


@pytest.mark.parametrize("count", [0, 1, 2, 5, 6, 7, 12, 13, 40])
def test_rows_of_a_batch_are_stored_in_order_however_many_they_are(
    raw: Raw, make_run: MakeRun, count: int
) -> None:
    run = make_run()

    with raw.batch():
        raw.insert_many(codec.INSERT_EVENT, lines(run, 1, count))

    assert stored(run) == [(seq, str(seq)) for seq in range(1, count + 1)]


@pytest.mark.parametrize("count", [2, 6, 7, 13])
@pytest.mark.parametrize("in_batch", [True, False])
def test_rows_are_stored_together_or_not_at_all(
    raw: Raw, make_run: MakeRun, count: int, in_batch: bool
) -> None:
    run = make_run()
    raw.insert_many(codec.INSERT_EVENT, lines(run, count, 1))

    with pytest.raises(Conflict), raw.batch() if in_batch else raw.transaction():
        raw.insert_many(codec.INSERT_EVENT, lines(run, 1, count))

    assert stored(run) == [(count, str(count))]
    raw.insert_many(codec.INSERT_EVENT, lines(run, count + 1, 1))
    assert len(stored(run)) == 2, "the connection does not work any more"


def test_a_batch_that_breaks_off_writes_nothing(raw: Raw, make_run: MakeRun) -> None:
    run = make_run()

    def break_off() -> None:
        with raw.batch():
            raw.insert_many(codec.INSERT_EVENT, lines(run, 1, 2))
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        break_off()
    with raw.batch():
        pass

    assert stored(run) == []


def test_what_else_a_batch_writes_is_stored_with_its_rows(raw: Raw, make_run: MakeRun) -> None:
    run, other = make_run(), make_run()

    def write(touched: Run) -> None:
        with raw.batch():
            raw.execute(
                "UPDATE studio_run SET error_code = %s WHERE id = %s", ("E_TRIAL", touched.pk)
            )
            raw.insert_many(codec.INSERT_EVENT, lines(run, 1, 2))

    write(run)
    with pytest.raises(Conflict):
        write(other)

    run.refresh_from_db()
    other.refresh_from_db()
    assert (run.error_code, other.error_code) == ("E_TRIAL", "")


@only_postgres
@pytest.mark.parametrize("count", [1, 2, 6, 7, 40])
def test_a_batch_asks_the_server_once(
    raw: Raw, make_run: MakeRun, tmp_path: Path, count: int
) -> None:
    run = make_run()

    def write(first: int) -> Callable[[], None]:
        def batch() -> None:
            with raw.batch():
                raw.insert_many(codec.INSERT_EVENT, lines(run, first, count))

        return batch

    assert asked(raw, tmp_path / "trace", write(1)) == 1
    assert asked(raw, tmp_path / "again", write(count + 1)) == 1


def asked(raw: Any, path: Path, act: Callable[[], None]) -> int:
    """How often the client waited for the server's word that it is ready for more."""
    pgconn = raw._connection.pgconn
    with path.open("wb") as file:
        pgconn.trace(os.dup(file.fileno()))
        try:
            act()
        finally:
            pgconn.untrace()
    return path.read_text().count("ReadyForQuery")
