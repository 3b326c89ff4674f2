"""What drivers say of calls that ended after their run was lost: kept in its journal, for a person
who may adopt it.

Only of attempts whose beginning stands in the journal as the driver knew it. The numbers of others
were given away again, perhaps to a call that must not be made twice.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engine import Event, EventKind
from studio.journal import blobs, codec
from studio.journal.append import append_as_other
from studio.journal.buffer import Pending, RunJournal
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw, Unavailable

RETRY_S = 0.5
"""After how long late results are written again that the database did not take."""

_LATE_RESULT = EventKind.ATTEMPT_LATE_RESULT.value
_ENDED = frozenset(
    kind.value
    for kind in (
        EventKind.ATTEMPT_SUCCEEDED,
        EventKind.ATTEMPT_FAILED,
        EventKind.ATTEMPT_TIMED_OUT,
        EventKind.ATTEMPT_LATE_RESULT,
    )
)
_KEPT = ("ops", "result", "error", "ms", "item")
"""What is kept of the end of an attempt: all that a person could adopt."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Late:
    """What one driver brought of one run."""

    run_id: int
    head: int
    """The last seq that the driver knew."""
    events: list[Event]


class LateResults:
    """Writes them at once, or as soon as the database is back: somebody may wait for them."""

    def __init__(self, connection: Raw) -> None:
        self._connection = connection
        self._left: list[_Late] = []
        """What the database has not taken."""
        self._handle: asyncio.Handle | None = None

    def keep_pending(self, journal: RunJournal) -> None:
        """What a driver had decided and could not write any more."""
        self._keep(
            journal,
            [
                _late(pending.kind, _data_of(pending), pending, journal.fence)
                for pending in journal.pending
                if pending.att is not None and pending.kind in _ENDED
            ],
        )

    def keep(self, journal: RunJournal, events: Iterable[Event]) -> None:
        """What a driver hears of calls that it had under way."""
        self._keep(
            journal,
            [
                _late(event.kind.value, event.data, event, journal.fence)
                for event in events
                if event.att is not None and event.kind.value in _ENDED
            ],
        )

    def _keep(self, journal: RunJournal, events: list[Event]) -> None:
        # Nothing is there yet of a run that is written with its first entries.
        if events and journal.birth is None:
            self._left.append(_Late(journal.run_id, journal.head, events))
            self._write()

    def _write(self) -> None:
        left, self._left = self._left, []
        for late in left:
            reach("late.recording")
            try:
                self._append(late)
            except Unavailable as error:
                log.warning("late results of run %s have to wait: %s", late.run_id, error)
                self._left.append(late)
            except Exception:
                # The run may have been deleted meanwhile.
                log.exception("late results of run %s cannot be recorded", late.run_id)
        if self._left and self._handle is None:
            self._handle = asyncio.get_running_loop().call_later(RETRY_S, self._write_again)

    def _write_again(self) -> None:
        self._handle = None
        self._write()

    def _append(self, late: _Late) -> None:
        acts = sorted({event.act for event in late.events if event.act is not None})
        marks = ", ".join(["%s"] * len(acts))
        begun = set(
            self._connection.execute(
                "SELECT activation, attempt FROM studio_runevent WHERE run_id = %s AND seq <= %s"
                f" AND kind = %s AND activation IN ({marks})",
                (late.run_id, late.head, EventKind.ATTEMPT_STARTED.value, *acts),
            )
        )
        events = [event for event in late.events if (event.act, event.att) in begun]
        if events:
            append_as_other(self._connection, late.run_id, events)


class _About(Protocol):
    """Which attempt it is."""

    @property
    def node(self) -> str | None: ...
    @property
    def act(self) -> int | None: ...
    @property
    def att(self) -> int | None: ...


def _late(kind: str, data: Mapping[str, Any], about: _About, fence: int) -> Event:
    """How an attempt ended, as its late result; what was one already stays it."""
    ok = data["ok"] if kind == _LATE_RESULT else kind == EventKind.ATTEMPT_SUCCEEDED.value
    kept = {key: data[key] for key in _KEPT if key in data}
    said = {"ok": ok, "fence": fence, **kept}
    return Event(EventKind.ATTEMPT_LATE_RESULT, said, about.node, about.act, about.att)


def _data_of(pending: Pending) -> dict[str, Any]:
    return blobs.restore(codec.decode(pending.text), pending.blobs.__getitem__)
