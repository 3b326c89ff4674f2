"""Who waits for a run to end, on whichever loop or thread they wait."""

import time
from collections.abc import Callable, Iterable
from uuid import UUID

from engine import TERMINAL_RUN_STATUSES
from studio import codec
from studio.queries.runs import RunView
from studio.raw_connection import Raw

Notify = Callable[[RunView | None], None]
"""Takes how the run stands, if its driver could tell from memory; else the journal says it."""

_RESTING = (*(status.value for status in TERMINAL_RUN_STATUSES), "paused")
"""Statuses in which a run does nothing by itself any more: nobody should wait for longer.

So does a waiting run, if its time does not come soon."""
SOON_S = 60.0
"""A waiting run that goes on by itself within this many seconds is worth waiting for."""


class Waiters:
    """Callbacks by the public id of a run. Lives on the engine's loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Notify]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, public_id: str, notify: Notify) -> None:
        self._waiting.setdefault(public_id, []).append(notify)

    def remove(self, public_id: str, notify: Notify) -> None:
        waiting = self._waiting.get(public_id, [])
        if notify in waiting:
            waiting.remove(notify)
        if not waiting:
            self._waiting.pop(public_id, None)

    def waits_for(self, public_id: str) -> bool:
        return public_id in self._waiting

    def ended(self, public_id: str, view: RunView | None = None) -> None:
        for notify in self._waiting.pop(public_id, []):
            notify(view)

    def look(self, connection: Raw) -> None:
        """Ask the database about those that another process may have driven to their end."""
        if self._waiting:
            for public_id in _resting(connection, list(self._waiting)):
                self.ended(public_id)


def has_ended(connection: Raw, public_id: str) -> bool:
    return bool(_resting(connection, [public_id]))


def _resting(connection: Raw, public_ids: Iterable[str]) -> list[str]:
    stored = [codec.uuid_column(connection.vendor, UUID(public_id)) for public_id in public_ids]
    rows = connection.execute(
        f"SELECT public_id FROM studio_run WHERE public_id IN ({_marks(len(stored))})"
        f" AND (status IN ({_marks(len(_RESTING))}) OR (status = 'waiting' AND NOT EXISTS ("
        "SELECT 1 FROM studio_wait WHERE studio_wait.run_id = studio_run.id"
        " AND closed_at IS NULL AND due_at <= %s)))",
        (*stored, *_RESTING, codec.column(connection.vendor, time.time() + SOON_S)),
    )
    return [str(UUID(str(row[0]))) for row in rows]


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)
