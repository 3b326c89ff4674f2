"""Transactional tools: what a tool writes and the commit of its step are one transaction.

The tool runs in a thread, inside `atomic()` on that thread's Django connection. When it has
returned, the engine's loop decides the step as always, but what the run has appended is not given
to the writer: the thread inserts it on the tool's own connection and commits both together. The
journal's key fences both: where another driver has the run, both are rolled back.
"""

import asyncio
import contextlib
import inspect
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from engine import EventKind, Fenced
from studio.journal import codec
from studio.journal.births import Birth
from studio.journal.buffer import Pending, RunJournal
from studio.journal.failpoints import reach
from studio.journal.raw_connection import (
    Conflict,
    DjangoConnection,
    Row,
    Unavailable,
    idle_ms,
    is_session_ended,
)
from studio.journal.writer import Writer, refuse_taken, write_rows

LOOK_S = 1.0
"""How often a thread that waits for a decision looks whether there is still anybody to decide."""
RETRY_S = 0.1
MOST_LOSSES = 3
"""So often the database may go away under one attempt: beyond, it is the tool that sees to it."""
IDLE_S = 30
"""For how long every transaction of Django's may be idle on PostgreSQL, see the settings."""
MARGIN_MS = 5_000
"""How much longer a tool's transaction may be idle than the tool may take: its own timeout is
first."""

_SUCCESSES = (EventKind.ATTEMPT_SUCCEEDED.value, EventKind.WAIT_OPENED.value)
"""How an attempt ends whose writes are kept: done, or with a question to a person."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class DatabaseUnavailable(ConnectionError):
    """The database refused a tool's transaction: a lock, a deadlock, a lost connection.

    Nothing of it was kept, so it may be tried again, as after every connection error.
    """


@dataclass(slots=True)
class Part:
    """What a run has appended and a transactional step takes along. Shaped as a journal."""

    run_id: int
    fence: int
    head: int
    pending: Sequence[Pending]
    known_blobs: set[str]
    birth: Birth | None = None
    """The run was written before its tool was called."""
    others: list[Row] = field(default_factory=list)
    """What others wrote to the run meanwhile: it stands before what is left of `pending`."""
    found: int = 0
    """Of the run's own appends, how many were in the journal already."""


class Steps:
    """The transactional steps of one run."""

    def __init__(self, journal: RunJournal, writer: Writer) -> None:
        self._journal = journal
        self._writer = writer

        self._decided: deque[Step] = deque()
        """Steps that are decided and not yet committed: the first one is being committed."""

    async def open(self, activation: int, attempt: int, timeout_s: float | None) -> "Step":
        """Prepare a step, when it is its turn: SQLite lets one at a time write."""
        await self._writer.take_turn()
        return Step(self, self._journal, self._writer, activation, attempt, timeout_s)

    def hold(self, step: "Step") -> None:
        """What the run has appended up to here is for this step's thread to write."""
        self._journal.is_held = True
        self._decided.append(step)
        if len(self._decided) == 1:
            step.hand_over()

    def release(self) -> None:
        """The first of the decided steps is committed."""
        self._decided.popleft()
        if self._decided:
            self._decided[0].hand_over()
        else:
            self._journal.is_held = False
            self._writer.go_on(self._journal)

    def give_up(self, error: BaseException) -> None:
        """The first of them could not be committed, so none behind it can."""
        journal = self._journal
        undone = {step.attempt for step in self._decided}
        for step in self._decided:
            step.roll_back()
        self._decided.clear()
        journal.is_held = False
        kept = [pending for pending in journal.pending if (pending.act, pending.att) not in undone]
        journal.pending.clear()
        journal.pending.extend(kept)
        self._writer.give_up(journal, error)


class Step:
    """One attempt of a transactional tool."""

    def __init__(
        self,
        steps: Steps,
        journal: RunJournal,
        writer: Writer,
        activation: int,
        attempt: int,
        timeout_s: float | None,
    ) -> None:
        self.attempt = (activation, attempt)
        self._timeout_s = timeout_s
        self._steps = steps
        self._journal = journal
        self._writer = writer
        self._end = 0
        """How many events the run had appended once the step was decided."""
        self._loop = asyncio.get_running_loop()
        self._has_room: Future[None] = Future()
        self._decided: Future[Part | None] = Future()
        self._losses = 0
        """Calls under which the database went away."""
        self._part: Part | None = None
        """What was decided, once the thread has heard of it: it is to be committed."""

    # In the thread ------------------------------------------------------------------------------

    def run(self, work: Callable[[], Any], answer: Callable[[Any], None]) -> None:
        """Call the tool, and commit or roll back as is decided about what it returned.

        Where the database goes away under it nothing of the call was kept, and that is no fault of
        the tool: it is called again once the database is back, unless that happens again and again
        or the tool made its transaction stand still for too long.
        """
        error: BaseException | None = None
        try:
            self._make_room()
            while not self._has_committed(work, answer):
                time.sleep(RETRY_S)
            reach("transaction.after_commit")
        except BaseException as raised:
            if self._part is None:
                raise _unavailable(raised) from raised
            error = raised
        finally:
            connections[DEFAULT_DB_ALIAS].close()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                self._loop.call_soon_threadsafe(self._ended, self._part, error)

    def _has_committed(self, work: Callable[[], Any], answer: Callable[[Any], None]) -> bool:
        """Whether the step is through; else the database went away before anything was decided."""
        is_open = is_lost = False
        try:
            with transaction.atomic(durable=True):
                is_open = True
                try:
                    self._write_together(work, answer)
                except Exception:
                    is_lost = self._part is None and _has_lost_connection()
                    raise
        except Exception as error:
            self._losses += is_lost
            is_lost = is_lost and self._losses <= MOST_LOSSES and not is_session_ended(error)
            is_away = is_lost or (not is_open and _cannot_connect(error))
            if not is_away or self._decided.done() or self._loop.is_closed():
                raise
            log.warning("a transactional tool is called again: %s", error)
            connections[DEFAULT_DB_ALIAS].close()
            return False
        return True

    def _write_together(self, work: Callable[[], Any], answer: Callable[[Any], None]) -> None:
        """Inside the transaction: what the tool writes, and then its step."""
        if self._timeout_s is not None and self._timeout_s > IDLE_S:
            _let_idle(int(self._timeout_s * 1_000) + MARGIN_MS)
        reach("transaction.before_tool")
        value = work()
        _check(value)
        reach("transaction.after_tool")
        answer(value)
        self._part = self._decision()
        if self._part is None:
            transaction.set_rollback(True)
        else:
            # From here on the run's own rows are locked, and nothing takes its time.
            _let_idle(idle_ms(settings.LEASE_SECONDS))
            _write(self._part)
            reach("transaction.before_commit")

    def _make_room(self) -> None:
        """Have the loop keep out of the way, before the lock is taken that it writes under."""
        if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
            self._loop.call_soon_threadsafe(self._stand_back)
            self._heard(self._has_room)

    def _decision(self) -> Part | None:
        return self._heard(self._decided)

    def _heard(self, promise: "Future[T]") -> T | None:
        """What the loop says; None if there is nobody left to say it."""
        while True:
            try:
                return promise.result(LOOK_S)
            except TimeoutError:
                if self._loop.is_closed():
                    return None

    # On the loop --------------------------------------------------------------------------------

    def drop(self) -> None:
        """The tool is not called after all."""
        self._writer.end_turn()

    def _stand_back(self) -> None:
        self._writer.stand_back()
        self._has_room.set_result(None)

    def commit(self) -> None:
        """What the run has appended goes to the thread, if this step is among it."""
        journal = self._journal
        if journal.failure is not None or not self._has_succeeded():
            self.roll_back()
        else:
            self._end = journal.appended
            self._steps.hold(self)

    def hand_over(self) -> None:
        """Give the thread what is to be written, up to the end of this step."""
        journal = self._journal
        pending = list(islice(journal.pending, self._end - journal.durable))
        self._decided.set_result(
            Part(journal.run_id, journal.fence, journal.head, pending, journal.known_blobs)
        )

    def roll_back(self) -> None:
        """Nothing of what the tool wrote is to stay. Harmless once that is decided."""
        if not self._decided.done():
            self._decided.set_result(None)

    def _has_succeeded(self) -> bool:
        """Whether the run has appended that this attempt succeeded: it may have been refused."""
        return any(
            pending.kind in _SUCCESSES and (pending.act, pending.att) == self.attempt
            for pending in self._journal.pending
        )

    def _ended(self, part: Part | None, error: BaseException | None) -> None:
        """The thread has committed, or rolled back."""
        self._writer.end_turn()
        if part is None:
            return
        if error is None:
            self._committed(part)
        elif isinstance(error, Fenced):
            self._steps.give_up(error)
        else:
            self._look(part, error)

    def _committed(self, part: Part) -> None:
        journal = self._journal
        try:
            events = self._writer.whole(part.others)
        except Unavailable:
            self._loop.call_later(RETRY_S, self._committed, part)
            return
        if part.found:
            journal.written(part.found)
        if events:
            journal.head = events[-1].seq
            journal.stay()
            journal.forget_snapshots()
        self._writer.has_written(journal, len(part.pending))
        if journal.notify is not None:
            for event in events:
                journal.notify(event)
        self._steps.release()

    def _look(self, part: Part, error: BaseException) -> None:
        """Something broke on the way to the end of the commit: what is stored decides."""
        try:
            is_there = self._writer.stored(part)
            taken = None if is_there else self._writer.taken(part)
        except Unavailable:
            self._loop.call_later(RETRY_S, self._look, part, error)
            return
        if is_there:
            if not isinstance(error, OperationalError):
                log.warning("after the commit of a transactional tool: %s", error, exc_info=error)
            self._committed(part)
        else:
            # The step is undone, though the run was decided on with it: its driver must stop.
            self._steps.give_up(taken or error)


def _let_idle(ms: int) -> None:
    """Let PostgreSQL end this transaction when it stands still for so long."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = {ms}")


def _check(value: Any) -> None:
    """Raise what would make the commit fail, while it is still the tool's failure."""
    if inspect.isawaitable(value):
        raise TypeError("a transactional tool must not return a coroutine: make it a plain def")
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.needs_rollback:
        raise transaction.TransactionManagementError(
            "the tool went on after a database error that broke its transaction: catch such errors"
            " around an atomic() of your own"
        )
    if connection.vendor == "postgresql":
        # SQLite looks at deferred constraints at the commit only.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _has_lost_connection() -> bool:
    """Whether this thread's connection broke, rather than being closed by somebody."""
    connection = connections[DEFAULT_DB_ALIAS]
    raw = connection.connection
    return connection.vendor == "postgresql" and raw is not None and bool(raw.broken)


def _cannot_connect(error: Exception) -> bool:
    connection = connections[DEFAULT_DB_ALIAS]
    is_remote = connection.vendor == "postgresql"
    return is_remote and connection.connection is None and isinstance(error, OperationalError)


def _unavailable(error: BaseException) -> BaseException:
    if is_session_ended(error) or (isinstance(error, OperationalError) and not _is_wrong(error)):
        return DatabaseUnavailable(str(error))
    return error


def _is_wrong(error: OperationalError) -> bool:
    """Whether SQLite says that the statement is, such as one about a table that is not there."""
    return getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def _write(part: Part) -> None:
    """Insert the run's appends on the tool's connection. Raises Fenced."""
    connection = DjangoConnection(DEFAULT_DB_ALIAS)
    while True:
        try:
            with connection.transaction():
                write_rows(connection, [part])
            return
        except Conflict:
            _make_way(part, connection.execute(codec.SELECT_EVENTS, (part.run_id, part.head)))


def _make_way(part: Part, rows: Sequence[Row]) -> None:
    """Others wrote to the run, or its own writer had: go on behind that. Raises Fenced."""
    if not rows:
        raise Fenced(f"run {part.run_id} was written to by somebody who cannot be seen yet")
    own = 0
    if not part.others:
        while own < min(len(rows), len(part.pending)) and part.pending[own].equals(rows[own]):
            own += 1
    for row in rows[own:]:
        refuse_taken(part.run_id, codec.event(row))
    part.found += own
    part.pending = part.pending[own:]
    part.others += rows[own:]
    part.head = int(rows[-1][0])
    if rows[own:]:
        for pending in part.pending:
            pending.snapshot = None
            if pending.kind == EventKind.RUN_WAITING.value:
                pending.change = None
