"""Who waits for a run to end, on whichever loop or thread they wait."""

import time
from collections.abc import Callable, Iterable
from uuid import UUID

from engine import TERMINAL_RUN_STATUSES
from studio.journal import codec
from studio.journal.raw_connection import Raw
from studio.journal.told import Rest
from studio.waits import children

Notify = Callable[[Rest | None], None]
"""Takes how the run stands, if its driver could tell from memory; else the journal says it."""

_ENDED = (*(status.value for status in TERMINAL_RUN_STATUSES), "paused")
"""Statuses in which a run does nothing any more: nobody should wait for longer.

So does a waiting run, if its time does not come soon, for those who are not patient."""
SOON_S = 60.0
"""A waiting run that goes on by itself within this many seconds is worth waiting for."""


class Waiters:
    """Callbacks by the public id of a run. Lives on the engine's loop.

    The patient ones wait for the run even while it waits itself: something may come to it.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[Notify]] = {}
        self._patient: dict[str, list[Notify]] = {}
        self._left: set[str] = set()
        """Those that the last look left to their drivers."""

    def __len__(self) -> int:
        return len(self._waiting.keys() | self._patient.keys())

    def add(self, public_id: str, notify: Notify, *, patient: bool = False) -> None:
        waiting = self._patient if patient else self._waiting
        waiting.setdefault(public_id, []).append(notify)

    def remove(self, public_id: str, notify: Notify) -> None:
        for waiting in (self._waiting, self._patient):
            callbacks = waiting.get(public_id, [])
            if notify in callbacks:
                callbacks.remove(notify)
            if not callbacks:
                waiting.pop(public_id, None)

    def rests(self, public_id: str, rest: Rest | None = None) -> None:
        """The run waits for something that may take its time."""
        for notify in self._waiting.pop(public_id, []):
            notify(rest)

    def waits_for(self, public_id: str) -> bool:
        return public_id in self._waiting or public_id in self._patient

    def ended(self, public_id: str, rest: Rest | None = None) -> None:
        self.rests(public_id, rest)
        for notify in self._patient.pop(public_id, []):
            notify(rest)

    def look(self, connection: Raw, is_driven: Callable[[str], bool]) -> None:
        """Ask the database about those that another process may have driven to their end.

        The driver of one that is driven here tells of it this moment, and can say more: only if
        it has not by the next look, as it still has a call under way, is it told from here.
        """
        driven: set[str] = set()
        if self._waiting:
            for public_id in self._due(
                _resting(connection, list(self._waiting)), is_driven, driven
            ):
                self.rests(public_id)
        if self._patient:
            for public_id in self._due(_ended(connection, list(self._patient)), is_driven, driven):
                self.ended(public_id)
        self._left = driven

    def _due(
        self, found: list[str], is_driven: Callable[[str], bool], driven: set[str]
    ) -> list[str]:
        """Those to tell of now; the others are added to `driven`."""
        due = [each for each in found if each in self._left or not is_driven(each)]
        driven.update(set(found).difference(due))
        return due


def has_ended(connection: Raw, public_id: str, *, patient: bool = False) -> bool:
    """Whether nobody needs to wait for the run now."""
    return bool((_ended if patient else _resting)(connection, [public_id]))


def _ended(connection: Raw, public_ids: Iterable[str]) -> list[str]:
    stored = [codec.uuid_column(connection.vendor, UUID(public_id)) for public_id in public_ids]
    rows = connection.execute(
        f"SELECT public_id FROM studio_run WHERE public_id IN ({_marks(len(stored))})"
        f" AND status IN ({_marks(len(_ENDED))})",
        (*stored, *_ENDED),
    )
    return [str(UUID(str(row[0]))) for row in rows]


def _resting(connection: Raw, public_ids: Iterable[str]) -> list[str]:
    stored = [codec.uuid_column(connection.vendor, UUID(public_id)) for public_id in public_ids]
    rows = connection.execute(
        f"SELECT public_id, id, status FROM studio_run WHERE public_id IN ({_marks(len(stored))})"
        f" AND (status IN ({_marks(len(_ENDED))}) OR (status = 'waiting' AND NOT EXISTS ("
        "SELECT 1 FROM studio_wait WHERE studio_wait.run_id = studio_run.id"
        " AND closed_at IS NULL AND due_at <= %s)))",
        (*stored, *_ENDED, codec.column(connection.vendor, time.time() + SOON_S)),
    )
    return [
        str(UUID(str(public_id)))
        for public_id, run_id, status in rows
        if status != "waiting" or not children.at_work(connection, run_id)
    ]


def _marks(count: int) -> str:
    return ", ".join(["%s"] * count)
