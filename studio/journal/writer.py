"""Writes the journals of all runs of a thread: whatever they appended, in one transaction."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Protocol

from engine import Event, EventKind, Fenced, RunStatus
from studio.journal import births, blobs, codec, long_runs, snapshots
from studio.journal.append import insert_blobs
from studio.journal.births import Birth
from studio.journal.buffer import Pending, RunJournal
from studio.journal.failpoints import reach
from studio.journal.late_results import LateResults
from studio.journal.raw_connection import (
    Conflict,
    Full,
    Locked,
    Raw,
    Row,
    SqliteConnection,
    Unavailable,
    impatient,
)
from studio.journal.reading import events_of
from studio.journal.run_row import CHANGING, RowChange, update_sql
from studio.meters import BATCHES, COMMITS, LOST
from studio.waits.wait_rows import statements

LINGER_S = 0.01
"""How long an append nobody waits for may stay in memory."""
TURNS = 5
"""Within so many turns of the loop a start that waits there is a run with steps to write."""
ELSEWHERE_S = 0.05
"""How long the loop goes on by itself while another process writes."""
LOCKED_S = 1.0
"""How long a run is left alone about which somebody else is in a transaction."""
RETRY_FIRST_S = 0.02
RETRY_LAST_S = 2.0

_RESTING = frozenset(kind.value for kind in CHANGING)
_LOST = EventKind.ATTEMPT_LOST.value
_RINGING = frozenset({EventKind.WAIT_OPENED.value, EventKind.SIGNAL_EMITTED.value})

log = logging.getLogger(__name__)


def _nobody() -> None:
    """Nobody looks for signals."""


class Elsewhere:
    """Whether the loop is worth another turn while somebody else holds the lock to write."""

    def __init__(self) -> None:
        self._until = time.monotonic() + ELSEWHERE_S
        self._turns_left = TURNS
        self._known = 0

    def may_bring_more(self, dirty: int) -> bool:
        """`dirty`: how many runs have something to write by now."""
        if dirty > self._known:
            self._known, self._turns_left = dirty, TURNS
        self._turns_left -= 1
        return self._turns_left > 0 and time.monotonic() < self._until


class Writer:
    """Commits what the runs of this thread appended, all of them in one transaction.

    Lives on one event loop and owns its connection; nothing here is thread-safe.
    """

    def __init__(self, connection: Raw, wake: Callable[[int], None]) -> None:
        self.vendor = connection.vendor
        self.commits = 0
        """Transactions committed, for the curious and for tests."""
        self.is_full = False
        """Whether the last transaction found no room on the disk."""
        self._connection = connection
        self._wake = wake
        self.signalled: Callable[[], None] = _nobody
        """Called after a commit by which signals and waits may have come to fit each other."""
        self.traced: Callable[[str, Iterable[Pending]], None] | None = None
        """Called with the id of a run and what was committed of it."""
        self._dirty: dict[int, RunJournal] = {}
        self._handle: asyncio.Handle | None = None
        self._late = LateResults(connection)
        self._lingering: asyncio.Handle | None = None
        """Rings for appends that nobody waits for."""
        self._is_soon = False
        self._elsewhere = Elsewhere()
        self._retry_s = 0.0
        self._turn = asyncio.Lock()
        self._is_waiting = False
        """Whether a transactional tool of this process holds the only lock there is to write."""

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is written now: the database is away, or somebody else's for a while."""
        return self._is_waiting or self._retry_s > 0

    def schedule(self, journal: RunJournal, *, soon: bool) -> None:
        """Write this journal's appends: at the end of this tick, or within `LINGER_S`."""
        self._dirty[journal.run_id] = journal
        if self._is_waiting or self._retry_s or self._is_soon:
            return
        if soon:
            self._is_soon = True
            self._elsewhere = Elsewhere()
            self._handle = asyncio.get_running_loop().call_soon(self._commit_in_turn)
        elif self._lingering is None:
            # It rings for whatever is there by then: a timer for every append would be one a step.
            self._lingering = asyncio.get_running_loop().call_later(LINGER_S, self._lingered)

    def _lingered(self) -> None:
        self._lingering = None
        if not self._retry_s:
            self.commit()

    def _commit_in_turn(self) -> None:
        """Commit, but while another process writes to SQLite's file let the loop go on.

        What comes of that is written along. To wait here would be to stand still meanwhile, and to
        have a transaction more to write afterwards.
        """
        with self._connection.ahead() as may_begin:
            if may_begin or not self._elsewhere.may_bring_more(len(self._dirty)):
                self.commit()
            else:
                self._handle = asyncio.get_running_loop().call_soon(self._commit_in_turn)

    def write_now(self) -> None:
        """Write everything that is buffered, unless the database has to be left alone."""
        if not self._retry_s:
            self.commit()

    def commit(self) -> None:
        """Write everything that is buffered now."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle, self._is_soon, retry_s = None, False, self._retry_s
        self._retry_s = 0.0
        if self._is_waiting:
            return
        dirty, self._dirty = self._dirty.values(), {}
        journals = [each for each in dirty if each.pending and not each.is_held | each.is_locked]
        try:
            self._commit_all(journals)
        except Unavailable as error:
            self._again_later(journals, error, retry_s)

    def _commit_all(self, journals: list[RunJournal]) -> None:
        if not journals:
            return
        try:
            self._transact(journals)
        except Locked:
            self._commit_what_is_free(journals)
        except Full:
            self._commit_what_fits(journals)
        except Unavailable:
            raise
        except Exception:
            # One run's trouble must not hold up the others: each gets its own transaction.
            for journal in journals:
                self._commit_one(journal)

    def _commit_what_fits(self, journals: list[RunJournal]) -> None:
        """Each run by itself: a small step may have room where a large value has none.

        Raises Full when anything is left.
        """
        refused: Full | None = None
        for journal in journals:
            try:
                self._commit_one(journal)
            except Full as error:
                journal.stand_still()
                refused = error
        if refused is not None:
            raise refused

    def _commit_what_is_free(self, journals: list[RunJournal]) -> None:
        """Each run by itself: one about which somebody is in a transaction has to wait."""
        with impatient(self._connection):
            for journal in journals:
                try:
                    self._commit_one(journal)
                except Locked as error:
                    if journal.birth is not None:
                        journal.fail(error)
                        continue
                    log.warning("run %s has to wait: %s", journal.run_id, error)
                    journal.is_locked = True
                    asyncio.get_running_loop().call_later(LOCKED_S, self._try_again, journal)

    def _try_again(self, journal: RunJournal) -> None:
        journal.is_locked = False
        self.schedule(journal, soon=True)

    def _commit_one(self, journal: RunJournal) -> None:
        try:
            while journal.pending:
                self.catch_up(journal)
                try:
                    return self._transact([journal])
                except Conflict:
                    if journal.birth is not None:
                        raise
        except Unavailable:
            raise
        except Fenced as error:
            log.warning("run %s was taken over by another driver", journal.run_id)
            self._lose(journal, error)
        except Exception as error:
            log.exception("the journal of run %s cannot be written", journal.run_id)
            self._lose(journal, error)

    def _transact(self, journals: list[RunJournal]) -> None:
        """One transaction: blobs, events, then the rows of runs that end."""
        counts = [len(journal.pending) for journal in journals]
        began = time.perf_counter()
        reach("append.before")
        newborn = [each for each in journals if each.birth is not None]
        numbers = [each.run_id for each in newborn]
        try:
            keys = births.keys(self._connection, len(newborn)) if newborn else []
            with self._connection.batch():
                if newborn:
                    births.insert(self._connection, newborn, keys)
                write_rows(self._connection, journals)
                reach("append.writing")
        except BaseException:
            for journal, number in zip(newborn, numbers, strict=True):
                journal.run_id = number
            raise
        if newborn:
            reach("start.committed")
        self.is_full = False
        COMMITS.observe(time.perf_counter() - began)
        BATCHES.observe(sum(counts))
        self.commits += 1
        reach("append.written")
        self._has_stored(zip(journals, counts, strict=True))

    def _has_stored(self, stored: Iterable[tuple[RunJournal, int]]) -> None:
        """So many of the first appends of these journals are committed: tell all who listen."""
        rings = False
        for journal, count in stored:
            if self.traced is not None and journal.public_id:
                self.traced(journal.public_id, islice(journal.pending, count))
            rests, is_snapped = False, False
            for pending in islice(journal.pending, count):
                kind = pending.kind
                rings = rings or kind in _RINGING
                rests = rests or kind in _RESTING
                is_snapped = is_snapped or pending.snapshot is not None
                if kind == _LOST:
                    LOST.add()
            is_new = journal.birth is not None
            journal.written(count)
            if is_snapped or rests:
                long_runs.note(journal.run_id, journal.head, rests=rests)
            if not is_new:  # else nobody can have watched it
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
                self.give_up(journal, error)
            except Unavailable as error:
                log.debug("the next sweep looks again: %s", error)
        if journal.pending:
            self.schedule(journal, soon=True)

    def whole(self, rows: Sequence[Row]) -> list[Event]:
        """Rows of the journal as events. Raises Unavailable."""
        return events_of(self._connection, rows)

    def stored(self, part: "Batch") -> bool:
        """Whether these appends are in the journal, all of them. Raises Unavailable.

        The first may be there without the others: another transaction wrote them, and the answer
        to it was lost.
        """
        rows = self._connection.execute(codec.SELECT_EVENTS, (part.run_id, part.head))
        mine = list(part.pending)
        return 0 < len(mine) <= len(rows) and all(
            pending.equals(row) for pending, row in zip(mine, rows, strict=False)
        )

    def taken(self, part: "Batch") -> Fenced | None:
        """What says that the run is no longer this driver's, if anything. Raises Unavailable."""
        rows = self._connection.execute(codec.SELECT_EVENTS, (part.run_id, part.head))
        try:
            for row in rows:
                refuse_taken(part.run_id, codec.event(row))
        except Fenced as error:
            return error
        return None

    def give_up(self, journal: RunJournal, error: BaseException) -> None:
        """Nothing more can be written for this journal: tell its driver."""
        log.warning("run %s is let go of: %s", journal.run_id, error)
        self._lose(journal, error)

    # Others -------------------------------------------------------------------------------------

    def catch_up(self, journal: RunJournal) -> None:
        """Read what stands after this journal's head. Raises Fenced when it is a claim.

        Own events found there were committed although the connection died before it could say so.
        Nothing is read while a transactional step is being committed: it looks by itself.
        """
        if journal.birth is not None:
            return
        if journal.is_held:
            journal.is_asked = True
            return
        rows = self._connection.execute(codec.SELECT_EVENTS, (journal.run_id, journal.head))
        own = 0
        while own < min(len(rows), len(journal.pending)) and journal.pending[own].equals(rows[own]):
            own += 1
        others = events_of(self._connection, rows[own:])
        journal.written(own)
        for event in others:
            refuse_taken(journal.run_id, event)
            journal.head = event.seq
            journal.stay()
            if journal.notify is not None:
                journal.notify(event)
        if others:
            # Whatever was decided between two of them knew only the first.
            journal.forget_snapshots()

    def _lose(self, journal: RunJournal, error: BaseException) -> None:
        """Another driver has the run or will have it."""
        self._late.keep_pending(journal)
        journal.fail(error)

    def came_late(self, journal: RunJournal, events: Iterable[Event]) -> None:
        """A driver that has lost its run says how calls ended that it had under way."""
        self._late.keep(journal, events)

    def _again_later(self, journals: list[RunJournal], error: Unavailable, waited_s: float) -> None:
        """Keep everything and try again: nothing is lost while the database is away.

        Runs that are not written yet are left to those who asked for them, who wait in threads.
        """
        for journal in journals:
            if journal.birth is not None:
                journal.fail(error)
                continue
            self._dirty.setdefault(journal.run_id, journal)
        self.is_full = isinstance(error, Full)
        self._retry_s = min(RETRY_LAST_S, waited_s * 2 or RETRY_FIRST_S)
        if self._retry_s > 1:
            log.warning("the database cannot be written, trying again: %s", error)
        if self._handle is not None:
            self._handle.cancel()
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
    birth: Birth | None
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
        reach("snapshot.writing")


def _change_rows(connection: Raw, batches: Sequence[Batch]) -> None:
    for batch in batches:
        for pending in batch.pending:
            if pending.change is not None:
                if batch.birth is None:  # else the row was written like that
                    sql, values = update_sql(pending.change)
                    connection.execute(sql, [*values, batch.run_id, batch.fence])
                _tell_change(pending.change)
            if pending.touches is not None:
                for sql, values in statements(pending.touches, batch.run_id, connection.vendor):
                    connection.execute(sql, values)


def _tell_change(change: RowChange) -> None:
    if "finished_at" in change:
        reach("final.writing")
    elif change["status"] == RunStatus.WAITING:
        reach("wait.parking")


def _new_blobs(batches: Sequence[Batch]) -> dict[int, blobs.Blobs]:
    """By run the large values to which no stored event or snapshot of it refers yet."""
    found: dict[int, blobs.Blobs] = {}
    for batch in batches:
        large = {
            sha256: text
            for pending in batch.pending
            if pending.blobs or pending.snapshot is not None
            for sha256, text in pending.all_blobs()
            if sha256 not in batch.known_blobs
        }
        if large:
            found[batch.run_id] = large
    return found
