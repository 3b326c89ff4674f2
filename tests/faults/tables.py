"""The tables as anybody may read them: SQL and JSON, nothing of the product's code."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg


@dataclass(frozen=True, slots=True)
class RunRow:
    id: int
    public_id: str
    status: str
    error_code: str
    final_state: dict[str, Any] | None
    key: str | None
    lease_owner: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class EventRow:
    id: int
    """Numbers rise in the order in which one connection wrote."""
    seq: int
    at: float
    """Seconds since 1970."""
    kind: str
    node: str | None
    act: int | None
    att: int | None
    data: dict[str, Any]


class Tables:
    """A connection of one's own. Reads only; opens itself again when the server was away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._is_sqlite = url.startswith("sqlite://")
        self._connection: Any = None

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Raises psycopg.OperationalError while the server is away."""
        if self._is_sqlite:
            if self._connection is None:
                path = self._url.removeprefix("sqlite://")
                self._connection = sqlite3.connect(path, timeout=20, check_same_thread=False)
            return list(self._connection.execute(sql.replace("%s", "?"), values))
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        try:
            return list(self._connection.execute(sql, values).fetchall())
        except psycopg.OperationalError:
            self._connection.close()
            raise

    def runs(self) -> list[RunRow]:
        rows = self.ask(
            "SELECT id, public_id, status, error_code, final_state, dedupe_key, lease_owner,"
            " parent_id FROM studio_run ORDER BY id"
        )
        return [
            RunRow(
                id=key,
                public_id=str(UUID(str(public_id))),
                status=status,
                error_code=code,
                final_state=json.loads(final) if final else None,
                key=dedupe,
                lease_owner=owner,
                parent=parent,
            )
            for key, public_id, status, code, final, dedupe, owner, parent in rows
        ]

    def under_way(self, queue: str) -> int:
        """How many runs of a queue have neither ended nor wait for a person."""
        rows = self.ask(
            "SELECT COUNT(*) FROM studio_run WHERE queue = %s"
            " AND status NOT IN ('completed', 'failed', 'cancelled', 'paused')",
            queue,
        )
        return int(rows[0][0])

    def undecided(self) -> int:
        """How many runs wait for a person to say what became of a call."""
        sql = "SELECT COUNT(*) FROM studio_run WHERE status = 'paused' AND error_code = %s"
        return int(self.ask(sql, "E_OUTCOME_UNKNOWN")[0][0])

    def started(self, keys: list[str]) -> int:
        """How many of these keys have their run."""
        marks = ", ".join(["%s"] * len(keys))
        rows = self.ask(f"SELECT COUNT(*) FROM studio_run WHERE dedupe_key IN ({marks})", *keys)
        return int(rows[0][0])

    def events(self, run_id: int) -> list[EventRow]:
        rows = self.ask(
            "SELECT id, seq, at, kind, node, activation, attempt, data FROM studio_runevent"
            " WHERE run_id = %s ORDER BY seq",
            run_id,
        )
        return [
            EventRow(key, seq, _seconds(at), kind, node, act, att, json.loads(data))
            for key, seq, at, kind, node, act, att, data in rows
        ]

    def bookings(self) -> list[tuple[str, str, int]]:
        return [tuple(row) for row in self.ask("SELECT run, node, act FROM trial_booking")]  # type: ignore[misc]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _seconds(at: Any) -> float:
    if isinstance(at, str):
        from datetime import UTC, datetime

        moment = datetime.fromisoformat(at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return float(at.timestamp())
