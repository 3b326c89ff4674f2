"""The right to drive a run: claimed by a conditional UPDATE and an append, kept by a heartbeat.

Clocks only decide when a second driver may start; who may write is decided by the journal's key.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engine import Event, EventKind, RunStatus
from studio import codec, lanes, line, snapshots, wait_rows
from studio.database_clock import now as _now
from studio.journal import Pending
from studio.lanes import Lane
from studio.line import Turns
from studio.owner import Owner, is_gone
from studio.raw_connection import Conflict, Raw, Row
from studio.run_row import change_for, update_sql

MAX_LOST = 3
"""Claims in a row that die without a commit before a person has to look."""
NEXT = 4
"""Runs of a lane that are called when a place in it may be free."""

DRIVABLE = (RunStatus.QUEUED.value, RunStatus.RUNNING.value, RunStatus.CANCELLING.value)
_WAITING = RunStatus.WAITING.value
_IS_BEGUN = "status IN ('running', 'cancelling')"

_PROGRESS = frozenset(
    kind.value
    for kind in (
        EventKind.ATTEMPT_SUCCEEDED,
        EventKind.ATTEMPT_FAILED,
        EventKind.ATTEMPT_TIMED_OUT,
    )
)


@dataclass(frozen=True, slots=True)
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

    @property
    def head(self) -> int:
        return int(self.rows[-1][0])


def claim(
    connection: Raw,
    run_ids: Sequence[int],
    owner: Owner,
    lease_seconds: int,
    turns: Turns | None = None,
) -> list[Claim]:
    """Claim those of these runs that are free, in one transaction. Raises Unavailable.

    A run whose claims keep dying is paused instead, for a person to look at. In place of a queued
    run in a lane, the first in line there is claimed, if there is a place for it.
    """
    lanes_of: list[Lane] = []
    try:
        with connection.transaction():
            claims = _claim_each(connection, run_ids, owner, lease_seconds, lanes_of)
    except Conflict:
        # A driver that lives wrote into one of them just now: take the others one by one.
        alone = len(run_ids) == 1
        return [] if alone else _one_by_one(connection, run_ids, owner, lease_seconds, turns)
    for lane in lanes_of:
        claims += _claim_in(connection, lane, owner, lease_seconds, turns or Turns())
    return claims


def _claim_in(
    connection: Raw, lane: Lane, owner: Owner, lease_seconds: int, turns: Turns
) -> list[Claim]:
    """Claim the first in line of a lane, in a transaction of its own: it holds one lock only."""
    try:
        with connection.transaction():
            lanes.lock(connection, lane)
            now = codec.column_of(connection.vendor, _now(connection))
            found = lanes.next_in(connection, lane, now, 1, turns)
            claimed = [_claim_one(connection, key, owner, lease_seconds, None) for key in found]
    except Conflict:
        return []
    return [each for each in claimed if each is not None]


def next_in_lane(connection: Raw, lane: Lane) -> list[int]:
    """The queued runs of a lane that could take a place now. Raises Unavailable."""
    now = codec.column_of(connection.vendor, _now(connection))
    return lanes.next_in(connection, lane, now, NEXT)


def _one_by_one(
    connection: Raw,
    run_ids: Sequence[int],
    owner: Owner,
    lease_seconds: int,
    turns: Turns | None,
) -> list[Claim]:
    return [
        claimed
        for run_id in run_ids
        for claimed in claim(connection, [run_id], owner, lease_seconds, turns)
    ]


def _claim_each(
    connection: Raw,
    run_ids: Sequence[int],
    owner: Owner,
    lease_seconds: int,
    lanes_of: list[Lane],
) -> list[Claim]:
    claims = [_claim_one(connection, run_id, owner, lease_seconds, lanes_of) for run_id in run_ids]
    return [claimed for claimed in claims if claimed is not None]


_SELECT_RUN = (
    "SELECT run.public_id, run.version_id, version.hash, run.status, run.fence, run.lease_owner,"
    " run.lease_until, run.lost_attempts, run.workflow_id, run.lane FROM studio_run run"
    " JOIN studio_version version ON version.id = run.version_id WHERE run.id = %s"
)
_TAKE = (
    "UPDATE studio_run SET lease_owner = %s, lease_until = %s, fence = %s, status = %s,"
    " lost_attempts = %s, started_at = COALESCE(started_at, %s)"
    " WHERE id = %s AND fence = %s AND lease_owner = %s AND status = %s"
)


def _claim_one(
    connection: Raw,
    run_id: int,
    owner: Owner,
    lease_seconds: int,
    lanes_of: list[Lane] | None,
) -> Claim | None:
    """Claim one run. The lane of one that is not its turn yet is noted in `lanes_of`, instead."""
    found = connection.execute(_SELECT_RUN, (run_id,))
    if not found:
        return None
    public_id, version_id, graph_hash, status, fence, holder, until, lost, *place = found[0]
    lane = None if place[1] is None else Lane(*place)
    if lane is not None and lanes_of is not None and status == RunStatus.QUEUED:
        lanes_of.append(lane)
        return None
    now = _now(connection)
    may_go_on = status in DRIVABLE or (status == _WAITING and _is_due(connection, run_id, now))
    if not may_go_on or not _is_free(holder, until, owner, now):
        return None
    snapshot = snapshots.last_row(connection, run_id)
    head = snapshot[0] if snapshot else 0
    rows = connection.execute(codec.SELECT_EVENTS, (run_id, head))
    lost = _lost_claims(rows, lost, bool(snapshot)) if holder else lost
    at, until = codec.column_of(connection.vendor, now), now + timedelta(seconds=lease_seconds)
    running = status if status == RunStatus.CANCELLING else RunStatus.RUNNING.value
    # The append first, the row after it: everybody who writes to a run locks in that order.
    event = Event(
        EventKind.RUN_CLAIMED, {"owner": str(owner), "fence": fence + 1}, time=now.timestamp()
    )
    rows.append(_append(connection, run_id, rows, event, head))
    taken = connection.change(
        _TAKE,
        (
            str(owner),
            codec.column_of(connection.vendor, until),
            fence + 1,
            running,
            lost,
            at,
            run_id,
            fence,
            holder,
            status,
        ),
    )
    if taken != 1:
        raise Conflict
    if snapshot or _has_parked(rows):
        sql, values = wait_rows.retries_over(run_id, at)
        connection.execute(sql, values)
    if lost >= MAX_LOST:
        _give_up(connection, run_id, fence + 1, rows, lost)
        return None
    public = str(UUID(str(public_id)))
    return Claim(run_id, public, version_id, graph_hash, fence + 1, rows, snapshot, lane)


def _has_parked(rows: Sequence[Row]) -> bool:
    """Whether the run has waited before: then it may have rows of retries."""
    return any(row[2] == EventKind.RUN_WAITING.value for row in rows)


def _is_due(connection: Raw, run_id: int, now: datetime) -> bool:
    """Whether a wait of the run is over."""
    return bool(
        connection.execute(
            "SELECT 1 FROM studio_wait WHERE run_id = %s AND closed_at IS NULL AND due_at <= %s"
            " LIMIT 1",
            (run_id, codec.column_of(connection.vendor, now)),
        )
    )


def _is_free(holder: str, until: object, owner: Owner, now: datetime) -> bool:
    if not holder or until is None:
        return True
    return codec.moment_of(until) < now or is_gone(holder, owner)


def _lost_claims(rows: Sequence[Row], before: int, snapshot: bool = False) -> int:
    """How many claims in a row died without a commit, the last one counted.

    `rows` begin behind a snapshot, if there is one: a driver that wrote one had made a commit.
    """
    for _, _, kind, *_ in reversed(rows):
        if kind == EventKind.RUN_CLAIMED.value:
            return before + 1
        if kind in _PROGRESS:
            return 0
    return 0 if snapshot else before + 1


def _append(connection: Raw, run_id: int, rows: Sequence[Row], event: Event, head: int = 0) -> Row:
    """Append behind these rows; behind `head`, if there are none."""
    seq = int(rows[-1][0]) + 1 if rows else head + 1
    pending = Pending(event, connection.vendor, codec.encode_clean(event.data), {})
    connection.insert_many(codec.INSERT_EVENT, [pending.row(run_id, seq)])
    return (seq, pending.at, pending.kind, None, None, None, pending.text)


def abandon(connection: Raw, run_id: int, fence: int, error: BaseException) -> None:
    """Hand a run back that could not be driven; after `MAX_LOST` times in a row pause it."""
    with connection.transaction():
        found = connection.execute(
            "SELECT lost_attempts FROM studio_run WHERE id = %s AND fence = %s", (run_id, fence)
        )
        if not found:
            return
        rows = connection.execute(codec.SELECT_EVENTS, (run_id, 0))
        lost = _lost_claims(rows, found[0][0])
        if lost >= MAX_LOST:
            reason = (
                f"Driving this run failed {lost} times in a row: {type(error).__name__}: {error}"
            )
            _pause(connection, run_id, fence, rows, "E_DRIVER", reason)
            return
        connection.execute(
            "UPDATE studio_run SET lease_owner = '', lease_until = NULL, lost_attempts = %s"
            " WHERE id = %s AND fence = %s",
            (lost, run_id, fence),
        )


def _give_up(connection: Raw, run_id: int, fence: int, rows: list[Row], lost: int) -> None:
    """Pause a run that took its worker down again and again."""
    reason = (
        f"{lost} workers in a row died while driving this run, without committing a step: look at"
        " the tools that were running, then resume or cancel it."
    )
    _pause(connection, run_id, fence, rows, "E_WORKER_LOST", reason)


def _pause(
    connection: Raw, run_id: int, fence: int, rows: list[Row], code: str, reason: str
) -> None:
    event = Event(EventKind.RUN_PAUSED, {"code": code, "reason": reason}, time=time.time())
    _append(connection, run_id, rows, event)
    sql, values = update_sql(change_for(event, connection.vendor, dict))
    connection.execute(sql, [*values, run_id, fence])


def release(connection: Raw, run_id: int, fence: int) -> None:
    """Hand a run back as it is, for anybody to go on with."""
    connection.execute(
        "UPDATE studio_run SET lease_owner = '', lease_until = NULL WHERE id = %s AND fence = %s",
        (run_id, fence),
    )


def renew(connection: Raw, owner: Owner, lease_seconds: int) -> int:
    """Keep every lease of this owner. Returns how many there are."""
    until = _now(connection) + timedelta(seconds=lease_seconds)
    return connection.change(
        "UPDATE studio_run SET lease_until = %s WHERE lease_owner = %s"
        " AND status IN ('running', 'cancelling', 'paused')",
        (codec.column_of(connection.vendor, until), str(owner)),
    )


def claimable(connection: Raw, owner: Owner, limit: int, turns: Turns | None = None) -> list[int]:
    """Runs that could be claimed now: those that were begun before, then the line."""
    now = codec.column_of(connection.vendor, _now(connection))
    free = connection.execute(
        f"SELECT id FROM studio_run WHERE {_IS_BEGUN}"
        " AND (lease_until IS NULL OR lease_until < %s) ORDER BY priority DESC, id LIMIT %s",
        (now, limit),
    )
    found = [row[0] for row in free]
    found += _due(connection, now, limit - len(found))
    found += _orphans(connection, owner, limit - len(found))
    return found + _first_in_line(connection, now, limit - len(found), turns or Turns())


def _first_in_line(connection: Raw, now: object, limit: int, turns: Turns) -> list[int]:
    """Queued runs that have never been claimed, or were resumed, in the order of their turn."""
    if limit <= 0:
        return []
    queued = line.waiting(connection, line.ORDINARY, limit)
    queued += lanes.open_runs(connection, now, limit, Turns())
    if len(queued) < 2:
        return [run.id for run in queued]
    return turns.give(queued, line.under_way(connection), limit)


def _due(connection: Raw, now: object, limit: int) -> list[int]:
    """Waiting runs of which a wait is over."""
    if limit <= 0:
        return []
    rows = connection.execute(
        "SELECT DISTINCT run.id FROM studio_wait parked"
        " JOIN studio_run run ON run.id = parked.run_id"
        " WHERE parked.closed_at IS NULL AND parked.due_at <= %s AND run.status = %s"
        " ORDER BY run.id LIMIT %s",
        (now, _WAITING, limit),
    )
    return [row[0] for row in rows]


def _orphans(connection: Raw, owner: Owner, limit: int) -> list[int]:
    """Runs whose lease still lasts although its process on this host is gone."""
    if limit <= 0:
        return []
    holders = connection.execute(
        f"SELECT DISTINCT lease_owner FROM studio_run WHERE {_IS_BEGUN} AND lease_owner <> ''"
    )
    gone = [holder for (holder,) in holders if is_gone(holder, owner)]
    if not gone:
        return []
    rows = connection.execute(
        f"SELECT id FROM studio_run WHERE {_IS_BEGUN}"
        f" AND lease_owner IN ({', '.join(['%s'] * len(gone))}) ORDER BY id LIMIT %s",
        (*gone, limit),
    )
    return [row[0] for row in rows]
