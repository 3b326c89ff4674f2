"""Runs that are written together with what they did first, in one transaction.

A run that is begun for somebody who waits for its end takes its first steps before it has a row:
those of pure tools that are quick, in one turn of the engine's loop. At the end of that turn it is
written as it stands then, with its journal. Before that nobody has seen anything of it, and none of
its tools has done anything outside: a process that dies here leaves no run, as one does that dies
before a start commits. Until it is written a run goes by a number below zero.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count

from studio.journal.buffer import Pending, RunJournal
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw, Row
from studio.journal.run_start import INSERT_AUDIT, Lease, RunStart, audit_row, columns, insert_sql

_numbers = count(-1, -1)


def number() -> int:
    """What an unwritten run goes by in this process."""
    return next(_numbers)


def _nobody(run_id: int) -> None:
    pass


@dataclass(slots=True)
class Birth:
    """What is written of a run besides its journal."""

    start: RunStart
    lease: Lease
    key: "Future[int]"
    """The run's key once it is committed, or what kept it from being written."""
    entries: Sequence[Pending]
    """How its journal begins."""
    named: Callable[[int], None] = _nobody
    """Hears of the key first."""

    def written(self, run_id: int) -> None:
        self.named(run_id)
        self.key.set_result(run_id)

    def failed(self, error: BaseException) -> None:
        """The run is not there, and will not be: all that it did is forgotten."""
        if not self.key.done():
            self.key.set_exception(error)


def keys(connection: Raw, wanted: int) -> list[int]:
    """Keys for so many runs, where a transaction hears of none. Raises Unavailable."""
    if connection.vendor != "postgresql":
        return []
    return [int(row[0]) for row in connection.execute(_KEYS, (wanted,))]


_KEYS = (
    "SELECT nextval(pg_get_serial_sequence('studio_run', 'id')) FROM generate_series(1, %s::int)"
)


def _free_keys(connection: Raw, wanted: int) -> Sequence[int]:
    """The next keys on SQLite, where nobody else writes until this transaction ends."""
    [(last,)] = connection.execute(_LAST_KEY)
    return range(last + 1, last + 1 + wanted)


# No key comes again, also that of the last run after it was deleted.
_LAST_KEY = (
    "SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'studio_run'), 0),"
    " COALESCE((SELECT MAX(id) FROM studio_run), 0))"
)


def insert(connection: Raw, journals: Sequence[RunJournal], given: Sequence[int]) -> None:
    """Write the rows of these runs, and name their journals. In a transaction of the caller's.

    `given`: what `keys` gave.
    """
    given = given or _free_keys(connection, len(journals))
    alike: dict[tuple[str, ...], list[Row]] = {}
    audits = []
    for journal, key in zip(journals, given, strict=True):
        birth = journal.birth
        assert birth is not None
        row = columns(connection.vendor, birth.start, birth.lease)
        for pending in journal.pending:
            if pending.change is not None:
                row.update(pending.change)
        row["id"] = journal.run_id = key
        alike.setdefault(tuple(row), []).append(tuple(row.values()))
        audits.append(audit_row(connection.vendor, birth.start))
    for names, rows in alike.items():
        connection.insert_many(insert_sql(names), rows)
    connection.insert_many(INSERT_AUDIT, audits)
    reach("start.writing")
