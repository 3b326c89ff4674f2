"""Writes the journals of all runs of a thread: whatever they appended, in one transaction."""

import asyncio
import logging
from collections.abc import Callable

from engine import Event, EventKind, Fenced
from studio import blobs, codec, snapshots
from studio.append import append_as_other, insert_blobs
from studio.journal import RunJournal
from studio.raw_connection import Conflict, Raw, Row, Unavailable
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

log = logging.getLogger(__name__)


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
        self._dirty: dict[int, RunJournal] = {}
        self._handle: asyncio.Handle | None = None
        self._is_soon = False
        self._retry_s = 0.0

    def schedule(self, journal: RunJournal, *, soon: bool) -> None:
        """Write this journal's appends: at the end of this tick, or within `LINGER_S`."""
        self._dirty[journal.run_id] = journal
        if self._retry_s or self._is_soon or (self._handle is not None and not soon):
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
        journals = [journal for journal in self._dirty.values() if journal.pending]
        self._dirty = {}
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
        rows = [
            pending.row(journal.run_id, seq)
            for journal in journals
            for seq, pending in enumerate(journal.pending, journal.head + 1)
        ]
        large = self._new_blobs(journals)
        with self._connection.batch():
            if large:
                insert_blobs(self._connection, large)
            self._connection.insert_many(codec.INSERT_EVENT, rows)
            self._write_snapshots(journals)
            self._change_rows(journals)
        self.commits += 1
        for journal, count in zip(journals, counts, strict=True):
            journal.written(count)
            self._wake(journal.run_id)

    def _write_snapshots(self, journals: list[RunJournal]) -> None:
        rows: list[Row] = [
            (journal.run_id, seq, pending.snapshot.text)
            for journal in journals
            for seq, pending in enumerate(journal.pending, journal.head + 1)
            if pending.snapshot is not None
        ]
        if rows:
            self._connection.insert_many(snapshots.INSERT, rows)

    def _change_rows(self, journals: list[RunJournal]) -> None:
        for journal in journals:
            for pending in journal.pending:
                if pending.change is not None:
                    sql, values = update_sql(pending.change)
                    self._connection.execute(sql, [*values, journal.run_id, journal.fence])
                for sql, values in pending.waits:
                    self._connection.execute(sql, values)

    def catch_up(self, journal: RunJournal) -> None:
        """Read what stands after this journal's head. Raises Fenced when it is a claim.

        Own events found there were committed although the connection died before it could say so.
        """
        rows = self._connection.execute(codec.SELECT_EVENTS, (journal.run_id, journal.head))
        own = 0
        while own < min(len(rows), len(journal.pending)) and journal.pending[own].equals(rows[own]):
            own += 1
        journal.written(own)
        for row in rows[own:]:
            event = codec.event(row)
            if event.kind is EventKind.RUN_CLAIMED:
                raise Fenced(f"run {journal.run_id} is driven by {event.data.get('owner')} now")
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

    def _new_blobs(self, journals: list[RunJournal]) -> blobs.Blobs:
        return {
            sha256: text
            for journal in journals
            for pending in journal.pending
            for sha256, text in pending.all_blobs()
            if sha256 not in journal.known_blobs
        }
