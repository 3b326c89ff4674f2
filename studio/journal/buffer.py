"""The engine's journal on the database: buffered appends, many runs in one transaction.

A driver appends and goes on. What was appended reaches the disk at the end of the loop's tick when
somebody waits for it (`flush`), else within ten milliseconds: so a chain of pure steps shares one
commit, and a crash costs at most those steps, which may be run again.

The unique (run, seq) is the fence. Whoever claims a run appends to its journal, so the former
driver's next append meets a row that is there already, and it stops.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from engine import Event, EventKind
from engine.driving.transactions import Transactions
from engine.keeping.snapshots import Snapshot
from studio.journal import blobs, codec, snapshots
from studio.journal.codec import EventRow
from studio.journal.raw_connection import Row
from studio.journal.run_row import CHANGING, FinalState, RowChange, change_for
from studio.journal.told import Told
from studio.waits import wait_rows

if TYPE_CHECKING:
    from studio.journal.births import Birth

_SUCCEEDED = EventKind.ATTEMPT_SUCCEEDED
_WAITING = EventKind.RUN_WAITING.value

_ENDS = frozenset(kind.value for kind in CHANGING)

STORAGE = (
    "The disk of the database was full. The run stood still, with what it had done kept in memory,"
    " until there was room again."
)

MAX_BUFFERED_BYTES = 1024 * 1024
"""More than this of one run is written at the end of the tick, waited for or not."""


class Scheduler(Protocol):
    """What a journal needs of the writer that all runs of a thread share."""

    vendor: str

    def schedule(self, journal: "RunJournal", *, soon: bool) -> None:
        """Write what the journal holds: at the end of this tick, or a little later."""

    def write_now(self) -> None:
        """Write what all journals hold, unless the database has to be left alone."""

    def came_late(self, journal: "RunJournal", events: Sequence[Event]) -> None:
        """Keep what a driver that has lost its run still says of calls that have ended."""


class Pending:
    """One event on its way: everything but its number."""

    __slots__ = (
        "act",
        "at",
        "att",
        "blobs",
        "change",
        "echo",
        "kind",
        "node",
        "snapshot",
        "text",
        "touches",
    )

    def __init__(self, event: Event, vendor: str, text: str, large: blobs.Blobs) -> None:
        self.kind = event.kind.value
        self.at = codec.column(vendor, event.time)
        self.node = event.node
        self.act = event.act
        self.att = event.att
        self.text = text
        self.blobs = large
        self.change: RowChange | None = None
        self.touches: Event | None = None
        """The event, if rows of the run's waits change with it."""
        self.echo: Event | None = None
        """The event, if its driver takes it in only once it is written."""
        self.snapshot: snapshots.Written | None = None
        """What the journal up to here leads to, if that is to be written."""

    def all_blobs(self) -> Iterator[tuple[str, str]]:
        """(name, text) of the large values of the event and of its snapshot."""
        yield from self.blobs.items()
        if self.snapshot is not None:
            yield from self.snapshot.blobs.items()

    def row(self, run_id: int, seq: int) -> EventRow:
        return (run_id, seq, self.kind, self.at, self.node, self.act, self.att, self.text)

    def equals(self, row: Row) -> bool:
        """Whether a stored row (seq, at, kind, node, …) is this very event."""
        _, at, kind, node, act, att, text = row
        return (kind, node, act, att, text) == (
            self.kind,
            self.node,
            self.act,
            self.att,
            self.text,
        ) and codec.from_column(at) == codec.from_column(self.at)


class RunJournal:
    """The journal of one run, as its driver sees it."""

    def __init__(
        self,
        writer: Scheduler,
        run_id: int,
        *,
        head: int,
        fence: int,
        final_state: FinalState = dict,
        notify: Callable[[Event], None] | None = None,
        has_waits: bool = False,
    ) -> None:
        self.run_id = run_id
        self.birth: Birth | None = None
        """What is written of the run with its first entries, if it is not written yet."""
        self.head = head
        """The last seq this journal knows to be stored."""
        self.fence = fence
        self.final_state = final_state
        """Gives the run's state when an event ends or pauses the run."""
        self.notify = notify
        """Takes what others appended meanwhile: a cancel request, a late result."""
        self.snapshot: Callable[[], Snapshot | None] | None = None
        """Gives what everything appended so far leads to."""
        self.has_waits = has_waits
        """Whether waits may be open when the run ends."""
        self.public_id = ""
        """The run's id for the world, where somebody traces it."""
        self.is_held = False
        """Whether what is pending is being committed by a transactional step, not by the writer."""
        self.is_locked = False
        """Whether somebody else is in a transaction about the run, so that nothing is written."""
        self.is_asked = False
        """Whether somebody wanted to look meanwhile what others wrote."""
        self.transactions: Transactions | None = None
        """Commits tools' own writes together with their steps, if that is possible here."""
        self.failure: BaseException | None = None
        """Why nothing more can be written: Fenced, or an error that no retry mends."""
        self.pending: deque[Pending] = deque()
        self.told: Told | None = None
        """The journal in memory, while it is short and somebody waits for the run."""
        self.known_blobs: set[str] = set()
        """Blobs that stored events of this run refer to: nobody may have deleted them."""
        self._writer = writer
        self._pace = snapshots.Pace()
        self._bytes = 0
        self._stands_still = False
        self._proposed = 0
        """Events on their way that the driver's marking does not know yet."""
        self._appended = 0
        self._durable = 0
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def appended(self) -> int:
        """How many events this journal was given."""
        return self._appended

    @property
    def durable(self) -> int:
        """How many of them are stored."""
        return self._durable

    def begin(self, birth: "Birth") -> None:
        """Write the run itself too, with the first entries."""
        self.birth = birth
        self.pending.extend(birth.entries)
        self._appended += len(birth.entries)
        self._bytes += sum(len(pending.text) for pending in birth.entries)

    def append(self, events: Sequence[Event]) -> None:
        """Take events in order. Never blocks."""
        if self.failure is not None:
            self._writer.came_late(self, events)
            return
        commits, size = 0, self._bytes
        for event in events:
            commits += event.kind is _SUCCEEDED
            for pending in encode_event(event, self._writer.vendor):
                self.pending.append(pending)
                self._appended += 1
                self._bytes += len(pending.text)
            if self.told is not None:
                self.told.add(event, len(self.pending[-1].text))
            if event.kind in CHANGING:
                self.pending[-1].change = change_for(event, self._writer.vendor, self.final_state)
            self.has_waits = self.has_waits or event.kind in wait_rows.CHANGING
            if self.has_waits and event.kind in wait_rows.TOUCHING:
                self.pending[-1].touches = event
        self._pace.count(commits, self._bytes - size)
        if self._pace.is_due and self.snapshot is not None and not self._proposed:
            taken = self.snapshot()
            if taken is not None:
                self._attach(self._pace.write(taken))
        self._writer.schedule(self, soon=self._bytes > MAX_BUFFERED_BYTES)

    def _attach(self, snapshot: snapshots.Written) -> None:
        """Write a snapshot with the last event, in place of one that is still on its way."""
        self.forget_snapshots()
        self.pending[-1].snapshot = snapshot

    def forget_snapshots(self) -> None:
        """Somebody else wrote to the run: no snapshot on its way knows of that."""
        for pending in self.pending:
            pending.snapshot = None

    def propose(self, events: Sequence[Event]) -> None:
        """Append events that the driver takes in by `notify` once they stand in the journal.

        What others wrote before them it has taken in by then.
        """
        for event in events:
            self._proposed += 1
            self.append([event])
            if self.pending:
                self.pending[-1].echo = event

    def stand_still(self) -> None:
        """There is no room on the disk: say so behind what is on its way, once.

        Nothing stands behind an end, and what rests is no longer this driver's.
        """
        kinds = {pending.kind for pending in self.pending}
        if self._stands_still or kinds & _ENDS:
            return
        self._stands_still = True
        data = {"code": "storage", "message": STORAGE}
        self.append([Event(EventKind.WARNING, data, time=time.time())])

    def stay(self) -> None:
        """Somebody else wrote to the run: what is on its way must not lay it down to wait."""
        for pending in self.pending:
            if pending.kind == _WAITING:
                pending.change = None

    async def flush(self) -> None:
        """Return when everything appended is durable. Raises Fenced if another driver owns it."""
        if self.failure is not None:
            raise self.failure
        if self._durable == self._appended:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._appended, waiter))
        self._writer.schedule(self, soon=True)
        await waiter
        if self.failure is not None:
            raise self.failure  # it came between the last write and this task's turn

    def flush_now(self) -> bool:
        """Write everything appended at once, with the loop's turn; whether it is durable."""
        if self.failure is None and self._durable != self._appended:
            self._writer.write_now()
        return self.failure is None and self._durable == self._appended

    def written(self, count: int) -> None:
        """The writer committed the first `count` pending events, at head + 1 and on."""
        echoes = []
        for _ in range(count):
            pending = self.pending.popleft()
            self._bytes -= len(pending.text)
            if pending.blobs:
                self.known_blobs.update(pending.blobs)
            if pending.snapshot is not None:
                self.known_blobs.update(pending.snapshot.blobs)
                self._pace.stored(pending.snapshot)
            if pending.echo is not None:
                echoes.append(pending.echo)
        if count and self.birth is not None:
            birth, self.birth = self.birth, None
            birth.written(self.run_id)
        self.head += count
        self._durable += count
        # The writer also says so when it found none of them.
        self._stands_still = self._stands_still and not count
        while self._waiters and self._waiters[0][0] <= self._durable:
            _, waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
        self._proposed -= len(echoes)
        for event in echoes:
            if self.notify is not None:
                self.notify(event)

    def let_go(self) -> None:
        """Forget the driver. What came late is still kept."""
        self.final_state, self.notify, self.snapshot = dict, None, None
        self.transactions = None

    def fail(self, error: BaseException) -> None:
        """Nothing can be written any more: tell everybody who waits."""
        self.failure = error
        self.pending.clear()
        while self._waiters:
            _, waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(error)


def encode_event(event: Event, vendor: str) -> list[Pending]:
    """The event, and a warning after it when its text had to be mended."""
    try:
        text, large = blobs.encode_data(event.data)
        suspicious = codec.needs_cleaning(text)
        if large:
            suspicious = suspicious or any(map(codec.needs_cleaning, large.values()))
    except UnicodeEncodeError:
        suspicious = True
    if not suspicious:
        return [Pending(event, vendor, text, large)]
    data, mended = codec.clean(event.data)
    pending = Pending(event, vendor, *blobs.encode_data(data))
    return [pending, _mended(event, vendor)] if mended else [pending]


def _mended(event: Event, vendor: str) -> Pending:
    warning = Event(
        EventKind.WARNING,
        {
            "code": "W_TEXT",
            "message": f"U+0000 or lone surrogates in {event.kind} became U+FFFD.",
        },
        event.node,
        event.act,
        event.att,
        time=event.time,
    )
    return Pending(warning, vendor, codec.encode(warning.data), {})
