"""How a new run is written: its row, its first journal entries, its audit entry.

One function for both ways in: Django's connection inside a caller's transaction, and the engine's
connection where the starts of a moment share one commit.
"""

import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine import Event, EventKind, RunStatus
from studio import codec
from studio.append import insert_blobs
from studio.journal import Pending, encode_event
from studio.owner import Owner
from studio.raw_connection import Raw, Row

INSERT_RUN = (
    "INSERT INTO studio_run (public_id, workflow_id, version_id, status, owner_id, source, tags,"
    " created_at, started_at, error, error_code, dedupe_key, dedupe_hash, priority, lane,"
    " lease_owner, lease_until, fence, lost_attempts)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '', '', %s, %s, %s, %s, %s, %s, %s, 0)"
)
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
    parent: ParentLink | None = None
    """The activation that started it, if one did."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to drive the run, taken while it is made."""

    owner: Owner
    seconds: int


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
    vendor = connection.vendor
    now = datetime.now(UTC)
    at = codec.column(vendor, start.created.time)
    until = codec.column_of(vendor, now + timedelta(seconds=lease.seconds)) if lease else None
    run_id = connection.insert_row(
        INSERT_RUN,
        (
            codec.uuid_column(vendor, start.public_id),
            start.workflow_id,
            start.version_id,
            (RunStatus.RUNNING if lease else RunStatus.QUEUED).value,
            start.owner_id,
            start.source,
            json.dumps(start.tags),
            at,
            at if lease else None,
            start.dedupe_key,
            start.dedupe_hash,
            start.priority,
            start.lane,
            str(lease.owner) if lease else "",
            until,
            1 if lease else 0,
        ),
    )
    if start.parent is not None:
        link = start.parent
        values = (link.run_id, link.node, link.activation, link.attempt, link.item, run_id)
        connection.execute(LINK_CHILD, values)
    begun = _insert_journal(connection, run_id, start, lease)
    data = json.dumps({"source": start.source})
    audit = (at, start.owner_id, str(start.public_id), start.ip, data)
    connection.execute(INSERT_AUDIT, audit)
    return begun


def _insert_journal(connection: Raw, run_id: int, start: RunStart, lease: Lease | None) -> Begun:
    events = [start.created]
    if lease:
        claimed = {"owner": str(lease.owner), "fence": 1}
        events.append(Event(EventKind.RUN_CLAIMED, claimed, time=time.time()))
    pendings = [pending for event in events for pending in encode_event(event, connection.vendor)]
    for pending in pendings:
        if pending.blobs:
            insert_blobs(connection, pending.blobs)
    rows = [pending.row(run_id, seq) for seq, pending in enumerate(pendings, 1)]
    connection.insert_many(codec.INSERT_EVENT, rows)
    for seq, event in enumerate(events, 1):
        event.seq = seq
    read = [_as_read(seq, pending) for seq, pending in enumerate(pendings, 1)]
    return Begun(run_id, read, events if len(events) == len(read) else None)


def _as_read(seq: int, pending: Pending) -> Row:
    return (
        seq,
        pending.at,
        pending.kind,
        pending.node,
        pending.act,
        pending.att,
        pending.text,
    )
