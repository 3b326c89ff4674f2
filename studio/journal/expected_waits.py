"""Which rows of waits a journal leads to: the same statements, on a scratch database."""

import sqlite3
from typing import Any

from engine import Event, EventKind
from studio.waits import wait_rows

Waits = dict[tuple[str, str], dict[str, Any]]
"""By (ref, kind) the columns of an open row."""

COLUMNS = ("run_id", "activation", "ref", "kind", "due_at", "signal", "key", "data", "created_at")

_TABLE = f"CREATE TABLE studio_wait ({', '.join(COLUMNS)}, closed_at, UNIQUE (run_id, ref, kind))"


class ExpectedWaits:
    """Takes the events of one run in order."""

    def __init__(self) -> None:
        self._scratch = sqlite3.connect(":memory:", isolation_level=None)
        self._scratch.execute(_TABLE)

    def take(self, event: Event) -> None:
        """What the event does to the rows."""
        if event.kind is EventKind.RUN_CLAIMED:
            # Whoever drives a run again has taken its retries in hand.
            self._do(wait_rows.retries_over(1, ""))
        elif event.kind in wait_rows.TOUCHING and event.kind is not EventKind.SIGNAL_EMITTED:
            for statement in wait_rows.statements(event, 1, "sqlite"):
                self._do(statement)

    def _do(self, statement: wait_rows.Statement) -> None:
        sql, values = statement
        self._scratch.execute(sql.replace("%s", "?"), values)

    def open(self) -> Waits:
        """The rows that are open now."""
        rows = self._scratch.execute(
            f"SELECT {', '.join(COLUMNS)} FROM studio_wait WHERE closed_at IS NULL ORDER BY rowid"
        )
        found = (dict(zip(COLUMNS, row, strict=True)) for row in rows)
        return {(row["ref"], row["kind"]): row for row in found}

    def close(self) -> None:
        self._scratch.close()
