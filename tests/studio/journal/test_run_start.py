"""A run written raw is the run that the ORM would have written."""

import time
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from engine import Event, EventKind
from studio.claims.owner import Owner
from studio.journal import codec
from studio.journal.raw_connection import Conflict, DjangoConnection, Raw
from studio.journal.run_start import Lease, RunStart, insert
from studio.models import AuditEntry, Run, RunEvent, Version
from studio.models.fields import new_public_id

pytestmark = pytest.mark.django_db(transaction=True)

TIME = 1_800_000_000.25


def start_of(version: Version, user: User, key: str | None = None) -> RunStart:
    return RunStart(
        public_id=new_public_id(),
        workflow_id=version.workflow_id,
        version_id=version.pk,
        graph_hash=version.hash,
        owner_id=user.pk,
        source="editor",
        tags=["é", 'qu"ote'],
        dedupe_key=key,
        dedupe_hash="h" if key else "",
        created=Event(EventKind.RUN_CREATED, {"state": {"n": 1}}, time=TIME),
        ip="127.0.0.1",
    )


def columns(connection: Raw, table: str, key: int) -> dict[str, object]:
    """The stored values, without those that every row has of its own."""
    names = [
        field.column
        for field in {"studio_run": Run, "studio_auditentry": AuditEntry}[table]._meta.fields
    ]
    [row] = connection.execute(f"SELECT {', '.join(names)} FROM {table} WHERE id = %s", (key,))
    stored = dict(zip(names, row, strict=True))
    return {name: stored[name] for name in names if name not in {"id", "public_id", "object"}}


@pytest.mark.parametrize("door", ["django", "raw"])
def test_raw_runs_and_orm_runs_are_equal(
    version: Version, alice: User, raw: Raw, door: str
) -> None:
    start = start_of(version, alice)
    connection = raw if door == "raw" else DjangoConnection()

    with connection.transaction():
        run_id = insert(connection, start).run_id
    at = datetime.fromtimestamp(TIME, UTC)
    theirs = Run.objects.create(
        workflow=version.workflow, version=version, owner=alice, source="editor", tags=start.tags
    )
    Run.objects.filter(pk=theirs.pk).update(created_at=at)
    entry = AuditEntry.objects.create(
        user=alice, verb="run.start", ip="127.0.0.1", data={"source": "editor"}
    )
    AuditEntry.objects.filter(pk=entry.pk).update(at=at)
    ours = AuditEntry.objects.get(object=str(start.public_id))

    assert columns(raw, "studio_run", run_id) == columns(raw, "studio_run", theirs.pk)
    assert columns(raw, "studio_auditentry", ours.pk) == columns(raw, "studio_auditentry", entry.pk)
    run = Run.objects.get(pk=run_id)
    assert (run.public_id, run.tags, run.created_at) == (start.public_id, start.tags, at)
    assert ours.data == {"source": "editor"}


def test_a_run_may_be_claimed_while_it_is_made(
    version: Version, alice: User, raw: Raw, owner: Owner
) -> None:
    until = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    with raw.transaction():
        begun = insert(raw, start_of(version, alice), Lease(owner, until))

    run = Run.objects.get(pk=begun.run_id)
    assert (run.status, run.lease_owner, run.fence) == ("running", str(owner), 1)
    assert run.lease_until == until
    assert run.lease_until.timestamp() > time.time()
    assert [row[2] for row in begun.rows] == ["run.created", "run.claimed"]
    assert [e.as_dict() for e in begun.events or ()] == [codec.event_dict(r) for r in begun.rows]
    stored = RunEvent.objects.filter(run=run).order_by("seq")
    assert [event.data for event in stored] == [row[6] for row in begun.rows]


def test_a_key_is_used_once(version: Version, alice: User, raw: Raw) -> None:
    with raw.transaction():
        insert(raw, start_of(version, alice, "k"))

    with pytest.raises(Conflict), raw.transaction():
        insert(raw, start_of(version, alice, "k"))

    assert Run.objects.count() == 1
    assert RunEvent.objects.count() == 1
    assert AuditEntry.objects.filter(verb="run.start").count() == 1
