"""Which runs a process may claim now, in the order of their turn. Nothing is written here."""

from engine import RunStatus
from studio.claims import lanes, line
from studio.claims.fitness import ANYTHING, Fit
from studio.claims.lanes import Lane
from studio.claims.line import Turns
from studio.claims.owner import Owner, is_gone
from studio.journal import codec
from studio.journal.database_clock import now as _now
from studio.journal.raw_connection import Raw

NEXT = 4
"""Runs of a lane that are called when a place in it may be free."""

_WAITING = RunStatus.WAITING.value
_IS_BEGUN = "status IN ('running', 'cancelling')"


def claimable(
    connection: Raw,
    owner: Owner,
    limit: int,
    turns: Turns | None = None,
    fit: Fit = ANYTHING,
) -> list[int]:
    """Runs that could be claimed now: those that were begun before, then the line."""
    now = codec.column_of(connection.vendor, _now(connection))
    free = connection.execute(
        f"SELECT id FROM studio_run WHERE {_IS_BEGUN}"
        f" AND (lease_until IS NULL OR lease_until < %s){fit.begun_condition}"
        " ORDER BY priority DESC, id LIMIT %s",
        (now, limit),
    )
    found = [row[0] for row in free]
    found += _due(connection, now, limit - len(found), fit)
    found += orphans(connection, owner, limit - len(found), fit)
    return found + _first_in_line(connection, now, limit - len(found), turns or Turns(), fit)


def in_line(connection: Raw, limit: int, turns: Turns, fit: Fit) -> list[int]:
    """Queued runs that are next. Raises Unavailable."""
    now = codec.column_of(connection.vendor, _now(connection))
    return _first_in_line(connection, now, limit, turns, fit)


def _first_in_line(connection: Raw, now: object, limit: int, turns: Turns, fit: Fit) -> list[int]:
    """Queued runs that have never been claimed, or were resumed, in the order of their turn."""
    if limit <= 0:
        return []
    queued = lanes.open_runs(connection, now, limit, Turns(), fit)
    for queue in fit.queues or line.queues(connection):
        queued += line.waiting(connection, line.ordinary(queue, fit.with_tools), limit)
    if len(queued) < 2:
        return [run.id for run in queued]
    return turns.give(queued, line.under_way(connection), limit)


def _due(connection: Raw, now: object, limit: int, fit: Fit) -> list[int]:
    """Waiting runs of which a wait is over."""
    if limit <= 0:
        return []
    rows = connection.execute(
        "SELECT DISTINCT run.id FROM studio_wait parked"
        " JOIN studio_run run ON run.id = parked.run_id"
        " WHERE parked.closed_at IS NULL AND parked.due_at <= %s AND run.status = %s"
        f"{fit.condition}"
        " ORDER BY run.id LIMIT %s",
        (now, _WAITING, limit),
    )
    return [row[0] for row in rows]


def orphans(connection: Raw, owner: Owner, limit: int, fit: Fit) -> list[int]:
    """Runs whose lease still lasts although its process on this host is gone. Raises
    Unavailable."""
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
        f" AND lease_owner IN ({', '.join(['%s'] * len(gone))}){fit.begun_condition}"
        " ORDER BY id LIMIT %s",
        (*gone, limit),
    )
    return [row[0] for row in rows]


def next_in_lane(connection: Raw, lane: Lane) -> list[int]:
    """The queued runs of a lane that could take a place now. Raises Unavailable."""
    now = codec.column_of(connection.vendor, _now(connection))
    return lanes.next_in(connection, lane, now, NEXT)
