"""Writes the journals of all runs of a thread: whatever they appended, in one transaction."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Protocol

from engine import Event, EventKind, Fenced
from studio import blobs, codec, snapshots
from studio.append import append_as_other, insert_blobs
from studio.journal import Pending, RunJournal
from studio.raw_connection import Conflict, Raw, Row, SqliteConnection, Unavailable
from studio.run_row import update_sql

LINGER_S = 0.01
"""How long an append nobody waits for may stay in memory."""
RETRY_FIRST_S = 0.02
RETRY_LAST_S = 2.0

_FINISHED = frozenset(
    kind.value
    for kind in (
        EventKind.ATTEMPT_SUCCEEDED,
        EventKind.ATTEMPT_FAILED,
        EventKind.ATTEMPT_TIMED_OUT,
    )
)

_RINGING = frozenset({EventKind.WAIT_OPENED.value, EventKind.SIGNAL_EMITTED.value})

log = logging.getLogger(__name__)


def _nobody() -> None:
    """Nobody looks for signals."""


class Writer:
    """Commits what the runs of this thread appended, all of them in one transaction.

    Lives on one event loop and owns its connection; nothing here is thread-safe.
    """

    def __init__(self, connection: Raw, wake: Callable[[int], None]) -> None:
        self.vendor = connection.vendor
        self.commits = 0
        """Transactions committed, for the curious and for tests."""
        self._connection = connection
        self._wake = wake
        self.signalled: Callable[[], None] = _nobody
        """Called after a commit by which signals and waits may have come to fit each other."""
        self._dirty: dict[int, RunJournal] = {}
        self._handle: asyncio.Handle | None = None
        self._is_soon = False
        self._retry_s = 0.0
        self._turn = asyncio.Lock()
        self._is_waiting = False
        """Whether a transactional tool of this process holds the only lock there is to write."""

    def schedule(self, journal: RunJournal, *, soon: bool) -> None:
        """Write this journal's appends: at the end of this tick, or within `LINGER_S`."""
        self._dirty[journal.run_id] = journal
        if (
            self._is_waiting
            or self._retry_s
            or self._is_soon
            or (self._handle is not None and not soon)
        ):
            return
        if self._handle is not None:
            self._handle.cancel()
        loop = asyncio.get_running_loop()
        self._is_soon = soon
        self._handle = (
            loop.call_soon(self.commit) if soon else loop.call_later(LINGER_S, self.commit)
        )

    def commit(self) -> None:
        """Write everything that is buffered now."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self._is_soon, retry_s = None, False, self._retry_s
        self._retry_s = 0.0
        if self._is_waiting:
            return
        dirty, self._dirty = self._dirty.values(), {}
        journals = [journal for journal in dirty if journal.pending and not journal.is_held]
        try:
            self._commit_all(journals)
        except Unavailable as error:
            self._again_later(journals, error, retry_s)

    def _commit_all(self, journals: list[RunJournal]) -> None:
        if not journals:
            return
        try:
            self._transact(journals)
        except Unavailable:
            raise
        except Exception:
            # One run's trouble must not hold up the others: each gets its own transaction.
            for journal in journals:
                self._commit_one(journal)

    def _commit_one(self, journal: RunJournal) -> None:
        try:
            while journal.pending:
                self.catch_up(journal)
                try:
                    return self._transact([journal])
                except Conflict:
                    continue
        except Unavailable:
            raise
        except Fenced as error:
            log.warning("run %s was taken over by another driver", journal.run_id)
            self._record_late(journal)
            journal.fail(error)
        except Exception as error:
            log.exception("the journal of run %s cannot be written", journal.run_id)
            journal.fail(error)

    def _transact(self, journals: list[RunJournal]) -> None:
        """One transaction: blobs, events, then the rows of runs that end."""
        counts = [len(journal.pending) for journal in journals]
        with self._connection.batch():
            write_rows(self._connection, journals)
        self.commits += 1
        self._has_stored(zip(journals, counts, strict=True))

    def _has_stored(self, stored: Iterable[tuple[RunJournal, int]]) -> None:
        """So many of the first appends of these journals are committed: tell all who listen."""
        rings = False
        for journal, count in stored:
            rings = rings or any(p.kind in _RINGING for p in islice(journal.pending, count))
            journal.written(count)
            self._wake(journal.run_id)
        if rings:
            self.signalled()

    # Transactional steps ------------------------------------------------------------------------

    async def take_turn(self) -> None:
        """Let a transactional tool begin: on SQLite they write one after the other."""
        if isinstance(self._connection, SqliteConnection):
            await self._turn.acquire()

    def stand_back(self) -> None:
        """On SQLite that tool is the only one who writes from now on, until its turn ends.

        Whoever waited for the lock on this loop would wait for a tool that waits for the loop.
        """
        if isinstance(self._connection, SqliteConnection):
            self._is_waiting = True
            self._connection.set_patience(0)

    def end_turn(self) -> None:
        """That tool's transaction is over."""
        if isinstance(self._connection, SqliteConnection):
            self._connection.set_patience(None)
            self._is_waiting = False
            self._turn.release()
            self.commit()

    def has_written(self, journal: RunJournal, count: int) -> None:
        """A transactional step has committed the first `count` appends of a journal."""
        self.commits += 1
        self._has_stored([(journal, count)])

    def go_on(self, journal: RunJournal) -> None:
        """No transactional step is being committed any more: the rest is the writer's again."""
        if journal.is_asked:
            journal.is_asked = False
            try:
                self.catch_up(journal)
            except Fenced as error:
                journal.fail(error)
            except Unavailable as error:
                log.debug("the next sweep looks again: %s", error)
        if journal.pending:
            self.schedule(journal, soon=True)

    def stored(self, part: "Batch") -> bool:
        """Whether these appends are in the journal. Raises Unavailable."""
        rows = self._connection.execute(codec.SELECT_EVENTS, (part.run_id, part.head))
        return bool(rows and part.pending and next(iter(part.pending)).equals(rows[0]))

    def give_up(self, journal: RunJournal, error: BaseException) -> None:
        """Nothing more can be written for this journal: tell its driver."""
        log.warning("run %s is let go of: %s", journal.run_id, error)
        if isinstance(error, Fenced):
            try:
                self._record_late(journal)
            except Unavailable as trouble:
                log.warning("late results of run %s are not recorded: %s", journal.run_id, trouble)
        journal.fail(error)

    # Others -------------------------------------------------------------------------------------

    def catch_up(self, journal: RunJournal) -> None:
        """Read what stands after this journal's head. Raises Fenced when it is a claim.

        Own events found there were committed although the connection died before it could say so.
        Nothing is read while a transactional step is being committed: it looks by itself.
        """
        if journal.is_held:
            journal.is_asked = True
            return
        rows = self._connection.execute(codec.SELECT_EVENTS, (journal.run_id, journal.head))
        own = 0
        while own < min(len(rows), len(journal.pending)) and journal.pending[own].equals(rows[own]):
            own += 1
        journal.written(own)
        for row in rows[own:]:
            event = codec.event(row)
            refuse_taken(journal.run_id, event)
            journal.head = event.seq
            journal.stay()
            if journal.notify is not None:
                journal.notify(event)
        if rows[own:]:
            # Whatever was decided between two of them knew only the first.
            journal.forget_snapshots()

    def _record_late(self, journal: RunJournal) -> None:
        """What this driver still had to say about finished attempts is kept, not used."""
        late = [
            Event(
                EventKind.ATTEMPT_LATE_RESULT,
                {"ok": pending.kind == EventKind.ATTEMPT_SUCCEEDED.value, "fence": journal.fence},
                pending.node,
                pending.act,
                pending.att,
            )
            for pending in journal.pending
            if pending.att is not None and pending.kind in _FINISHED
        ]
        if late:
            append_as_other(self._connection, journal.run_id, late)

    def _again_later(self, journals: list[RunJournal], error: Unavailable, waited_s: float) -> None:
        """Keep everything and try again: nothing is lost while the database is away."""
        for journal in journals:
            self._dirty.setdefault(journal.run_id, journal)
        self._retry_s = min(RETRY_LAST_S, waited_s * 2 or RETRY_FIRST_S)
        if self._retry_s > 1:
            log.warning("the database cannot be written, trying again: %s", error)
        self._handle = asyncio.get_running_loop().call_later(self._retry_s, self.commit)


def refuse_taken(run_id: int, event: Event) -> None:
    """Raise Fenced when somebody else's event takes the run from its driver."""
    if event.kind is EventKind.RUN_CLAIMED:
        raise Fenced(f"run {run_id} is driven by {event.data.get('owner')} now")
    if event.kind is EventKind.RUN_MOVED:
        raise Fenced(f"run {run_id} was moved to another version")


class Batch(Protocol):
    """What of a run is written: a journal, or the part of it that a transactional step takes."""

    run_id: int
    fence: int
    head: int
    known_blobs: set[str]

    @property
    def pending(self) -> Iterable[Pending]:
        """What is written behind `head`."""


def write_rows(connection: Raw, batches: Sequence[Batch]) -> None:
    """Blobs, events, snapshots, then the rows of runs that end. In a transaction of the caller's.

    Raises Conflict where somebody else wrote behind a head.
    """
    large = _new_blobs(batches)
    if large:
        insert_blobs(connection, large)
    rows: list[Row] = [
        pending.row(batch.run_id, seq)
        for batch in batches
        for seq, pending in enumerate(batch.pending, batch.head + 1)
    ]
    connection.insert_many(codec.INSERT_EVENT, rows)
    _write_snapshots(connection, batches)
    _change_rows(connection, batches)


def _write_snapshots(connection: Raw, batches: Sequence[Batch]) -> None:
    rows: list[Row] = [
        (batch.run_id, seq, pending.snapshot.text)
        for batch in batches
        for seq, pending in enumerate(batch.pending, batch.head + 1)
        if pending.snapshot is not None
    ]
    if rows:
        connection.insert_many(snapshots.INSERT, rows)


def _change_rows(connection: Raw, batches: Sequence[Batch]) -> None:
    for batch in batches:
        for pending in batch.pending:
            if pending.change is not None:
                sql, values = update_sql(pending.change)
                connection.execute(sql, [*values, batch.run_id, batch.fence])
            for sql, values in pending.waits:
                connection.execute(sql, values)


def _new_blobs(batches: Sequence[Batch]) -> blobs.Blobs:
    return {
        sha256: text
        for batch in batches
        for pending in batch.pending
        for sha256, text in pending.all_blobs()
        if sha256 not in batch.known_blobs
    }
