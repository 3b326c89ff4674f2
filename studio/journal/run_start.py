"""How a new run is written: its row, its first journal entries, its audit entry.

One function for both ways in: Django's connection inside a caller's transaction, and the engine's
connection where the starts of a moment share one commit.
"""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from engine import Event, EventKind, RunStatus
from studio.claims.owner import Owner
from studio.journal import codec
from studio.journal.append import insert_blobs
from studio.journal.buffer import encode_event
from studio.journal.codec import EventRow
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw, Row
from studio.journal.run_row import RowChange

INSERT_AUDIT = (
    "INSERT INTO studio_auditentry (at, user_id, verb, object, ip, data)"
    " VALUES (%s, %s, 'run.start', %s, %s, %s)"
)


LINK_CHILD = (
    "UPDATE studio_run SET parent_id = %s, parent_node = %s, parent_activation = %s,"
    " parent_attempt = %s, parent_item = %s WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class ParentLink:
    """For whom a child run works."""

    run_id: int
    node: str
    activation: int
    attempt: int
    item: int | None


@dataclass(frozen=True, slots=True)
class RunStart:
    """Everything a new run is made of, checked."""

    public_id: uuid.UUID
    workflow_id: int
    version_id: int
    graph_hash: str
    owner_id: int | None
    source: str
    tags: list[str]
    dedupe_key: str | None
    dedupe_hash: str
    created: Event
    """The journal's first entry."""
    ip: str | None
    """Where the request came from, for the audit entry."""
    priority: int = 0
    lane: str | None = None
    """With which runs it shares its workflow's limit: such a run is claimed after it was made."""
    queue: str = "default"
    """Which workers drive it."""
    parent: ParentLink | None = None
    """The activation that started it, if one did."""


Found = dict[object, object]
"""What was looked up for the starts of one moment, so that they look only once."""

Plan = Callable[[Raw, Found], RunStart]
"""Makes the start where it is written, from what is looked up there. Raises what speaks against
it; nothing is written then."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to drive the run, taken while it is made."""

    owner: Owner
    until: datetime
    """By the database's clock, as all leases."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that was written, and how its journal begins."""

    run_id: int
    rows: list[Row]
    """(seq, at, kind, node, activation, attempt, data)."""
    events: list[Event] | None
    """The same, as long as nothing in them had to be mended on the way."""


def insert(connection: Raw, start: RunStart, lease: Lease | None = None) -> Begun:
    """Write the run. With a lease it is claimed already.

    Raises Conflict when the dedupe key was used before, or the activation has its child.
    """
    return insert_all(connection, [(start, lease)])[0]


def insert_all(connection: Raw, starts: Sequence[tuple[RunStart, Lease | None]]) -> list[Begun]:
    """Write several runs: their rows one by one, what stands beside them in one go."""
    journals = [
        _Journal(_insert_row(connection, start, lease), start, lease, connection.vendor)
        for start, lease in starts
    ]
    large = {each.run_id: each.blobs for each in journals if each.blobs}
    if large:
        insert_blobs(connection, large)
    connection.insert_many(codec.INSERT_EVENT, [row for each in journals for row in each.rows])
    audits = [audit_row(connection.vendor, start) for start, _ in starts]
    connection.insert_many(INSERT_AUDIT, audits)
    reach("start.writing")
    return [each.begun() for each in journals]


def columns(vendor: str, start: RunStart, lease: Lease | None) -> RowChange:
    """The run's row, before anything has happened to it."""
    at = codec.column(vendor, start.created.time)
    return {
        "public_id": codec.uuid_column(vendor, start.public_id),
        "workflow_id": start.workflow_id,
        "version_id": start.version_id,
        "status": (RunStatus.RUNNING if lease else RunStatus.QUEUED).value,
        "owner_id": start.owner_id,
        "source": start.source,
        "tags": json.dumps(start.tags),
        "created_at": at,
        "started_at": at if lease else None,
        "error": "",
        "error_code": "",
        "dedupe_key": start.dedupe_key,
        "dedupe_hash": start.dedupe_hash,
        "priority": start.priority,
        "lane": start.lane,
        "queue": start.queue,
        "lease_owner": str(lease.owner) if lease else "",
        "lease_until": codec.column_of(vendor, lease.until) if lease else None,
        "fence": 1 if lease else 0,
        "lost_attempts": 0,
    }


@lru_cache(maxsize=16)
def insert_sql(names: tuple[str, ...]) -> str:
    """The INSERT of a run's row with these columns."""
    marks = ", ".join(["%s"] * len(names))
    return f"INSERT INTO studio_run ({', '.join(names)}) VALUES ({marks})"


def _insert_row(connection: Raw, start: RunStart, lease: Lease | None) -> int:
    row = columns(connection.vendor, start, lease)
    run_id = connection.insert_row(insert_sql(tuple(row)), list(row.values()))
    if start.parent is not None:
        link = start.parent
        values = (link.run_id, link.node, link.activation, link.attempt, link.item, run_id)
        connection.execute(LINK_CHILD, values)
    return run_id


def audit_row(vendor: str, start: RunStart) -> Row:
    """That somebody started the run."""
    at = codec.column(vendor, start.created.time)
    data = json.dumps({"source": start.source})
    return (at, start.owner_id, str(start.public_id), start.ip, data)


class _Journal:
    """How the journal of a new run begins, on its way into the table."""

    def __init__(self, run_id: int, start: RunStart, lease: Lease | None, vendor: str) -> None:
        self.run_id = run_id
        self._events = [start.created]
        if lease:
            claimed = {"owner": str(lease.owner), "fence": 1}
            self._events.append(Event(EventKind.RUN_CLAIMED, claimed, time=time.time()))
        pendings = [each for event in self._events for each in encode_event(event, vendor)]
        self.rows = [pending.row(run_id, seq) for seq, pending in enumerate(pendings, 1)]
        self.blobs = {sha: text for each in pendings for sha, text in each.blobs.items()}

    def begun(self) -> Begun:
        """What is written now, as it would be read."""
        for seq, event in enumerate(self._events, 1):
            event.seq = seq
        read = [_as_read(row) for row in self.rows]
        return Begun(self.run_id, read, self._events if len(self._events) == len(read) else None)


def _as_read(row: EventRow) -> Row:
    _, seq, kind, at, *rest = row
    return (seq, at, kind, *rest)
