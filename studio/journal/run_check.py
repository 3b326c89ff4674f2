"""One stored run against everything that must be true of it, in one pass over its journal.

The journal is read in pages and folded once; each snapshot is compared when the fold has come to
where it stands. So a long run takes no more memory than a short one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine import TERMINAL_RUN_STATUSES, EngineError, Event, EventKind, RunStatus
from engine.keeping.replay import Folded, begun, fold_on
from engine.keeping.snapshots import alike
from engine.planning.marking import Kin
from engine.planning.unknowns import undecided
from studio.journal import blobs, codec, graphs, reading, snapshots
from studio.journal.expected_waits import ExpectedWaits, Waits
from studio.journal.raw_connection import Raw, Row
from studio.journal.run_row import CHANGING
from studio.waits.outcome_rows import OUTCOME, ref_of

PAGE = 500
SHOWN = 5

Found = tuple[str, str]
"""Code and sentence of one thing that is wrong."""

_RUN = (
    "SELECT run.status, run.lease_owner, run.final_state, run.version_id, version.hash,"
    " run.finished_at FROM studio_run run JOIN studio_version version ON version.id ="
    " run.version_id WHERE run.id = %s"
)
_PAGE = codec.SELECT_EVENTS + f" LIMIT {PAGE}"
_DOUBLED = (
    "SELECT activation FROM studio_runevent WHERE run_id = %s AND kind = 'attempt.succeeded'"
    f" GROUP BY activation HAVING COUNT(*) > 1 ORDER BY activation LIMIT {SHOWN}"
)
_SNAPSHOTS = "SELECT seq, data FROM studio_snapshot WHERE run_id = %s AND seq > %s ORDER BY seq"
_WAITS = "SELECT ref, kind, due_at FROM studio_wait WHERE run_id = %s AND closed_at IS NULL"
_USES = "SELECT sha256 FROM studio_blobuse WHERE run_id = %s"
_CHILDREN = "SELECT public_id, parent_activation FROM studio_run WHERE parent_id = %s"


@dataclass(slots=True)
class Seen:
    """What one pass over a run found."""

    found: list[Found] = field(default_factory=list)
    folded: Folded | None = None
    """None when its journal cannot be read or folded."""
    last_resting: Event | None = None
    """The last event by which it ended, paused or began to wait."""
    waits: Waits = field(default_factory=dict)
    """The rows of waits that must be open."""
    needed: set[str] = field(default_factory=set)
    """The blobs that it refers to."""
    started: dict[str, int | None] = field(default_factory=dict)
    """Activations by the ids of child runs that it started."""

    def add(self, code: str, sentence: str) -> None:
        self.found.append((code, sentence))


class _Broken(Exception):
    """The journal cannot be read on."""


def check(connection: Raw, run_id: int) -> Seen:
    """Everything that is wrong with a run, as this connection sees it at one moment."""
    seen = Seen()
    [row] = connection.execute(_RUN, (run_id,))
    reader = _Reader(connection, run_id, row, seen)
    try:
        reader.read()
    except _Broken as broken:
        seen.folded = None
        seen.add("fold", str(broken))
    finally:
        reader.waits.close()
    doubled = [str(act) for (act,) in connection.execute(_DOUBLED, (run_id,))]
    if doubled:
        seen.add("doubled_step", f"activations committed more than once: {', '.join(doubled)}")
    _compare_blobs(connection, run_id, seen)
    if seen.folded is not None:
        _compare_row(row, seen.folded, seen)
        _compare_waits(connection, run_id, seen)
        _compare_children(connection, run_id, seen)
    return seen


class _Reader:
    """Folds the journal of a run and looks at what it passes."""

    def __init__(self, connection: Raw, run_id: int, row: Row, seen: Seen) -> None:
        self.connection = connection
        self.run_id = run_id
        self.seen = seen
        self.waits = ExpectedWaits()
        self._graph_hash, self._version_id = row[4], row[3]
        self._next = 1
        self._gap = False
        self._missing: set[str] = set()

    def read(self) -> None:
        """Raises _Broken."""
        pages = self._pages()
        snapshot_rows = self._snapshots()
        snapshot = next(snapshot_rows, None)
        for page in pages:
            for event in page:
                self._fold(event)
                while snapshot is not None and snapshot[0] <= event.seq:
                    self._compare(snapshot)
                    snapshot = next(snapshot_rows, None)
        if snapshot is not None:
            self.seen.add("snapshot", f"snapshot {snapshot[0]} stands behind the journal's end")
        if self._gap:
            self.seen.add("gap", "the numbers of its events have gaps")
        self.seen.waits = self.waits.open()

    def _pages(self) -> Iterator[list[Event]]:
        after = 0
        while rows := self.connection.execute(_PAGE, (self.run_id, after)):
            yield [event for row in rows if (event := self._event(row)) is not None]
            after = rows[-1][0]

    def _event(self, row: Row) -> Event | None:
        self._gap = self._gap or row[0] != self._next
        self._next = row[0] + 1
        try:
            data = codec.decode(row[6])
            names = blobs.references(data)
            self.seen.needed.update(names)
            return codec.event(row, blobs.restore(data, self._blob))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise _Broken(
                f"event {row[0]} cannot be read: {type(error).__name__}: {error}"
            ) from error

    def _blob(self, name: str) -> str:
        found = self.connection.execute("SELECT data FROM studio_blob WHERE sha256 = %s", (name,))
        if not found:
            if name not in self._missing:
                self._missing.add(name)
                self.seen.add("blob_missing", f"no blob {name}")
            raise _Broken(f"what it leads to is unknown without blob {name}")
        return str(found[0][0])

    def _fold(self, event: Event) -> None:
        seen = self.seen
        try:
            if seen.folded is None:
                kin = graphs.kin(self.connection, self._version_id)
                graph = kin(self._graph_hash)
                seen.folded = Folded(begun(graph, event, kin))
            fold_on(seen.folded, [event])
            self.waits.take(event)
        except (EngineError, LookupError, TypeError, ValueError) as error:
            raise _Broken(
                f"its journal cannot be folded: {type(error).__name__}: {error}"
            ) from error
        if event.kind in CHANGING:
            seen.last_resting = event
        elif event.kind is EventKind.CHILD_STARTED:
            seen.started[str(event.data["run"])] = event.act

    # Snapshots ----------------------------------------------------------------------------------

    def _snapshots(self) -> Iterator[Row]:
        after = 0
        while rows := self.connection.execute(_SNAPSHOTS + " LIMIT 1", (self.run_id, after)):
            yield rows[0]
            after = rows[0][0]

    def _compare(self, row: Row) -> None:
        folded = self.seen.folded
        assert folded is not None
        kin: Kin = graphs.kin(self.connection, self._version_id)
        try:
            self.seen.needed.update(name for _, name in codec.decode(row[1])["large"])
            kept = snapshots.opened(kin(self._graph_hash), row, self._read, kin)
        except (EngineError, LookupError, TypeError, ValueError) as error:
            self.seen.add(
                "snapshot", f"snapshot {row[0]} cannot be read: {type(error).__name__}: {error}"
            )
            return
        if kept is not None and (folded.seq != row[0] or not alike(kept, folded)):
            self.seen.add("snapshot", f"snapshot {row[0]} says something else than the journal")

    def _read(self, name: str) -> str:
        return reading.blob(self.connection, name)


# Rows beside the journal -------------------------------------------------------------------------


def _compare_row(row: Row, folded: Folded, seen: Seen) -> None:
    status, holder, final_state, _, version_hash, finished_at = row
    ended = status in TERMINAL_RUN_STATUSES
    if ended and holder:
        seen.add("lease", "it has ended and is still held by a driver")
    if folded.marking.plan.graph.hash != version_hash:
        seen.add("version", "the journal leads to another version than the row names")
    if not agree(status, folded.status):
        seen.add("status", f"the row says {status}, the journal {folded.status}")
    elif ended != (finished_at is not None):
        word = "no end" if ended else "an end"
        seen.add("finished_at", f"it is {status}, and its row has {word}")
    if final_state is None:
        if ended:
            seen.add("final_state", "it has ended, and its row holds no final state")
    elif _decoded(final_state) != folded.state:
        seen.add("final_state", "the row holds another final state than the journal leads to")


def _decoded(text: str) -> Any:
    try:
        return codec.decode(text)
    except ValueError:
        return None


def agree(row: str, told: RunStatus) -> bool:
    """A run that nobody took yet is queued in the row; its journal only knows that it exists.

    One that waited and was sent something runs in the row, before a driver has looked at it.
    """
    if row == RunStatus.RUNNING and told is RunStatus.WAITING:
        return True
    return row == told or {row, told} <= {RunStatus.QUEUED, RunStatus.RUNNING}


def _compare_waits(connection: Raw, run_id: int, seen: Seen) -> None:
    rows = connection.execute(_WAITS, (run_id,))
    stored = {(ref, kind) for ref, kind, _ in rows if kind != OUTCOME}
    expected = {key for key in seen.waits if key[1] != OUTCOME}
    _compare_outcomes({ref for ref, kind, _ in rows if kind == OUTCOME}, seen)
    if lost := expected - stored:
        seen.add("wait_missing", f"nothing ends what it waits for: no open row of {_named(lost)}")
    if left := stored - expected:
        seen.add("wait_left", f"it no longer waits for what has an open row: {_named(left)}")


def _compare_outcomes(listed: set[str], seen: Seen) -> None:
    """The calls that somebody has to decide are listed, and no others."""
    folded, needed = seen.folded, set()
    assert folded is not None
    if folded.status not in (RunStatus.COMPLETED, RunStatus.CANCELLED):
        needed = {ref_of(call.id, call.attempts) for call in undecided(folded.marking)}
    if listed != needed:
        said = f"calls listed as undecided: {sorted(listed)}, by its journal: {sorted(needed)}"
        seen.add("outcome", said)


def _named(waits: Iterable[tuple[str, str]]) -> str:
    names = sorted(f"{kind} {ref}" for ref, kind in waits)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _compare_children(connection: Raw, run_id: int, seen: Seen) -> None:
    assert seen.folded is not None
    stored = {_id(row[0]): row[1] for row in connection.execute(_CHILDREN, (run_id,))}
    started = seen.started
    strangers = sorted(
        name for name, act in stored.items() if name not in started or started[name] != act
    )
    if strangers:
        seen.add("child_unknown", f"its journal does not know of the runs {_some(strangers)}")
    if seen.folded.status is RunStatus.WAITING:
        awaited = {
            str(codec.decode(row["data"])["run"])
            for (_, kind), row in seen.waits.items()
            if kind == "child"
        }
        # A driver makes them within its turn; one that rests has made them.
        if missing := sorted(awaited - set(stored)):
            seen.add("child_missing", f"it waits for runs that do not exist: {_some(missing)}")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _id(stored: object) -> str:
    return str(UUID(str(stored)))


def _compare_blobs(connection: Raw, run_id: int, seen: Seen) -> None:
    noted = {name for (name,) in connection.execute(_USES, (run_id,))}
    if unnoted := seen.needed - noted:
        seen.add("blob_use", f"nothing keeps the blobs that it needs: {_some(sorted(unnoted))}")
