"""Claims: the right to drive runs, taken by an append and a conditional UPDATE.

All runs of a moment are claimed in one transaction with a fixed number of statements, since the
engine's loop stands still meanwhile. Clocks only decide when a second driver may start; who may
write is decided by the journal's key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from engine import Event, EventKind, RunStatus
from studio.claims import lanes
from studio.claims.fitness import ANYTHING, Fit
from studio.claims.lanes import Lane
from studio.claims.leases import MAX_LOST, give_up, lost_claims
from studio.claims.line import Turns
from studio.claims.owner import Owner, is_gone
from studio.journal import codec, snapshots
from studio.journal.births import Birth
from studio.journal.buffer import Pending
from studio.journal.database_clock import now as _now
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Conflict, Locked, Raw, Row, impatient
from studio.waits import wait_rows

DRIVABLE = (RunStatus.QUEUED.value, RunStatus.RUNNING.value, RunStatus.CANCELLING.value)
_WAITING = RunStatus.WAITING.value


@dataclass(slots=True)
class Claim:
    """A run that this process may drive, and what is needed to begin."""

    run_id: int
    public_id: str
    version_id: int
    graph_hash: str
    fence: int
    rows: list[Row]
    """The journal after the snapshot, the claim included: (seq, at, kind, node, activation,
    attempt, data)."""
    snapshot: Row | None = None
    """(seq, data) of the newest snapshot, if there is one."""
    lane: Lane | None = None
    """The lane in which it has a place, if it has one."""
    events: list[Event] | None = None
    """The same as events, where they are at hand: of a run that was made this moment."""
    birth: Birth | None = None
    """What has yet to be written of a run, `events` too; until then its key is none of a row."""

    @property
    def head(self) -> int:
        return int(self.rows[-1][0]) if self.rows else 0


def claim(
    connection: Raw,
    run_ids: Sequence[int],
    owner: Owner,
    lease_seconds: int,
    turns: Turns | None = None,
    fit: Fit = ANYTHING,
) -> list[Claim]:
    """Claim those of these runs that are free and fit, in one transaction. Raises Unavailable.

    A run whose claims keep dying is paused instead, for a person to look at. In place of a queued
    run in a lane, the first in line there is claimed, if there is a place for it.
    """
    lanes_of: list[Lane] = []
    try:
        with connection.transaction():
            claims = _claim_all(connection, run_ids, owner, lease_seconds, lanes_of, fit)
    except Conflict:
        # A driver that lives wrote into one of them just now: take the others one by one.
        alone = len(run_ids) == 1
        if alone:
            return []
        return _one_by_one(connection, run_ids, owner, lease_seconds, turns, fit)
    except Locked:
        # Somebody is in the middle of a transaction about one of them, perhaps asleep in it.
        if len(run_ids) == 1:
            return []
        with impatient(connection):
            return _one_by_one(connection, run_ids, owner, lease_seconds, turns, fit)
    for lane in lanes_of:
        claims += _claim_in(connection, lane, owner, lease_seconds, turns or Turns(), fit)
    return claims


def _claim_in(
    connection: Raw, lane: Lane, owner: Owner, lease_seconds: int, turns: Turns, fit: Fit
) -> list[Claim]:
    """Claim the first in line of a lane, in a transaction of its own: it holds one lock only."""
    try:
        with connection.transaction():
            lanes.lock(connection, lane)
            now = codec.column_of(connection.vendor, _now(connection))
            found = lanes.next_in(connection, lane, now, 1, turns, fit)
            return _claim_all(connection, found, owner, lease_seconds, None, fit)
    except (Conflict, Locked):
        return []


def _one_by_one(
    connection: Raw,
    run_ids: Sequence[int],
    owner: Owner,
    lease_seconds: int,
    turns: Turns | None,
    fit: Fit,
) -> list[Claim]:
    return [
        claimed
        for run_id in run_ids
        for claimed in claim(connection, [run_id], owner, lease_seconds, turns, fit)
    ]


# One transaction --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a run stands when somebody wants to claim it: its row, and what its journal says."""

    run_id: int
    public_id: str
    version_id: int
    graph_hash: str
    status: str
    fence: int
    holder: str
    until: object
    lost: int
    queue: str
    workflow_id: int
    lane_key: str | None
    snapshot_seq: int | None

    @property
    def lane(self) -> Lane | None:
        return None if self.lane_key is None else Lane(self.workflow_id, self.lane_key)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A run that is being claimed: its journal, the claim included."""

    standing: _Standing
    rows: list[Row]
    snapshot: Row | None
    lost: int

    @property
    def fence(self) -> int:
        return self.standing.fence + 1


def _claim_all(
    connection: Raw,
    run_ids: Sequence[int],
    owner: Owner,
    lease_seconds: int,
    lanes_of: list[Lane] | None,
    fit: Fit,
) -> list[Claim]:
    """Claim what is free of these. The lanes of those that must wait for their turn are noted in
    `lanes_of`, instead. Raises Conflict when somebody wrote to one of them just now."""
    if not run_ids:
        return []
    now = _now(connection)
    standings = _standings(connection, run_ids)
    asked = [standings[run_id] for run_id in dict.fromkeys(run_ids) if run_id in standings]
    fitting = [each for each in asked if _fits(connection, each, lanes_of, fit)]
    due = _due(connection, [each.run_id for each in fitting if each.status == _WAITING], now)
    free = [
        each
        for each in fitting
        if (each.status in DRIVABLE or each.run_id in due)
        and _is_free(each.holder, each.until, owner, now)
    ]
    # Everybody who claims locks in this order, so that two never wait for each other.
    taken = {
        each.standing.run_id: each
        for each in _take(
            connection, sorted(free, key=lambda one: one.run_id), owner, lease_seconds, now
        )
    }
    return [
        _claim_of(taken[each.run_id])
        for each in free
        if not _is_given_up(connection, taken[each.run_id])
    ]


_SELECT_RUNS = (
    "SELECT run.id, run.public_id, run.version_id, version.hash, run.status, run.fence,"
    " run.lease_owner, run.lease_until, run.lost_attempts, run.queue, run.workflow_id, run.lane,"
    " (SELECT MAX(seq) FROM studio_snapshot WHERE run_id = run.id)"
    " FROM studio_run run JOIN studio_version version ON version.id = run.version_id"
    " WHERE run.id IN ({marks})"
)
_SELECT_EVENTS = (
    "SELECT run_id, seq, at, kind, node, activation, attempt, data FROM studio_runevent"
    " WHERE run_id IN ({marks}) ORDER BY run_id, seq"
)
_TAKE = (
    "UPDATE studio_run SET lease_owner = %s, lease_until = %s, fence = %s, status = %s,"
    " lost_attempts = %s, started_at = COALESCE(started_at, %s)"
    " WHERE id = %s AND fence = %s AND lease_owner = %s AND status = %s"
)


def _among(sql: str, keys: Sequence[int]) -> str:
    return sql.format(marks=", ".join(["%s"] * len(keys)))


def _standings(connection: Raw, run_ids: Sequence[int]) -> dict[int, _Standing]:
    rows = connection.execute(_among(_SELECT_RUNS, run_ids), run_ids)
    return {row[0]: _Standing(*row) for row in rows}


def _fits(connection: Raw, run: _Standing, lanes_of: list[Lane] | None, fit: Fit) -> bool:
    if not fit.takes(connection, run.queue, run.version_id, run.graph_hash, run.status):
        fit.refused.append(run.run_id)
        return False
    lane = run.lane
    if lane is not None and lanes_of is not None and run.status == RunStatus.QUEUED:
        lanes_of.append(lane)
        return False
    return True


def _due(connection: Raw, run_ids: Sequence[int], now: datetime) -> set[int]:
    """Those of these of which a wait is over."""
    if not run_ids:
        return set()
    sql = _among(
        "SELECT DISTINCT run_id FROM studio_wait WHERE run_id IN ({marks})"
        " AND closed_at IS NULL AND due_at <= %s",
        run_ids,
    )
    return {
        row[0]
        for row in connection.execute(sql, [*run_ids, codec.column_of(connection.vendor, now)])
    }


def _is_free(holder: str, until: object, owner: Owner, now: datetime) -> bool:
    if not holder or until is None:
        return True
    return codec.moment_of(until) < now or is_gone(holder, owner)


def _take(
    connection: Raw, runs: Sequence[_Standing], owner: Owner, lease_seconds: int, now: datetime
) -> list[_Taken]:
    """Write that these runs are driven by this owner now. Raises Conflict."""
    if not runs:
        return []
    journals = _journals(connection, runs)
    at, until = (
        codec.column_of(connection.vendor, moment)
        for moment in (now, now + timedelta(seconds=lease_seconds))
    )
    taken, appended, changed = [], [], []
    for run in runs:
        snapshot, rows = journals[run.run_id]
        lost = lost_claims(rows, run.lost, bool(snapshot)) if run.holder else run.lost
        pending = _claimed(connection, run, owner, now)
        seq = int(rows[-1][0]) + 1 if rows else (snapshot[0] if snapshot else 0) + 1
        appended.append(pending.row(run.run_id, seq))
        rows.append((seq, pending.at, pending.kind, None, None, None, pending.text))
        going = run.status if run.status == RunStatus.CANCELLING else RunStatus.RUNNING.value
        values = (str(owner), until, run.fence + 1, going, lost, at)
        changed.append((*values, run.run_id, run.fence, run.holder, run.status))
        taken.append(_Taken(run, rows, snapshot, lost))
    # The appends first, the rows after them: everybody who writes to a run locks in that order.
    connection.insert_many(codec.INSERT_EVENT, appended)
    if connection.change_many(_TAKE, changed) != len(changed):
        raise Conflict
    reach("claim.claiming")
    for each in taken:
        if each.snapshot or _has_parked(each.rows):
            sql, closed = wait_rows.retries_over(each.standing.run_id, at)
            connection.execute(sql, closed)
    return taken


def _claimed(connection: Raw, run: _Standing, owner: Owner, now: datetime) -> Pending:
    data = {"owner": str(owner), "fence": run.fence + 1}
    event = Event(EventKind.RUN_CLAIMED, data, time=now.timestamp())
    return Pending(event, connection.vendor, codec.encode_clean(event.data), {})


def _journals(
    connection: Raw, runs: Sequence[_Standing]
) -> dict[int, tuple[Row | None, list[Row]]]:
    """The newest snapshot of each run, if there is one, and its events after that."""
    found: dict[int, tuple[Row | None, list[Row]]] = {each.run_id: (None, []) for each in runs}
    whole = [each.run_id for each in runs if each.snapshot_seq is None]
    if whole:
        rows = connection.execute(_among(_SELECT_EVENTS, whole), whole)
        for run_id, events in groupby(rows, itemgetter(0)):
            found[run_id] = None, [row[1:] for row in events]
    for each in runs:
        if each.snapshot_seq is not None:
            snapshot = snapshots.last_row(connection, each.run_id)
            head = snapshot[0] if snapshot else 0
            later = connection.execute(codec.SELECT_EVENTS, (each.run_id, head))
            found[each.run_id] = snapshot, later
    return found


def _has_parked(rows: Sequence[Row]) -> bool:
    """Whether the run has waited before: then it may have rows of retries."""
    return any(row[2] == EventKind.RUN_WAITING.value for row in rows)


def _is_given_up(connection: Raw, taken: _Taken) -> bool:
    """Whether the run took its worker down too often: then it is paused."""
    if taken.lost < MAX_LOST:
        return False
    give_up(connection, taken.standing.run_id, taken.fence, taken.rows, taken.lost)
    return True


def _claim_of(taken: _Taken) -> Claim:
    run = taken.standing
    return Claim(
        run.run_id,
        str(UUID(str(run.public_id))),
        run.version_id,
        run.graph_hash,
        taken.fence,
        taken.rows,
        taken.snapshot,
        run.lane,
    )
