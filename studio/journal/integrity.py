"""What must be true of everything that is stored, checked a little at a time: `manage.py fsck`."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection as django_connection

from studio.journal import run_check
from studio.journal.raw_connection import DjangoConnection, Raw, connect
from studio.models import Blob, Run
from studio.seals import audit_chain, sealing
from studio.seals.sealed_columns import seals_by_key

RUNS_AT_ONCE = 500
BLOBS_AT_ONCE = 20

ADVICE = {
    "gap": "events are gone for good: cancel it, or restore a backup of before",
    "doubled_step": "restore a backup, or compare what its tool did with what its state says",
    "version": "move it again to the version that it is to go on by",
    "fold": "restore a backup of before, or cancel it and start it anew",
    "snapshot": "--repair deletes it: the journal says the same",
    "status": "--repair sets the row as the journal says",
    "finished_at": "--repair sets the row as the journal says",
    "final_state": "--repair sets the row as the journal says",
    "lease": "--repair takes the lease away",
    "wait_missing": "--repair writes the rows anew",
    "wait_left": "--repair closes the rows",
    "outcome": "--repair lists the calls that somebody has to decide about, and no others",
    "child_missing": "pause and resume it: whoever drives it makes them",
    "child_unknown": "cancel them if they go on: nobody waits for them",
    "blob_use": "--repair notes that it needs them",
    "blob_missing": "restore the blob from a backup",
    "blob_altered": "restore the blob from a backup",
    "audit": "somebody changed the trail: compare it with a backup",
    "seal": "put the key back: backups of keys are kept apart",
}
"""What to do about each code."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is not as it must be."""

    code: str
    """A key of `ADVICE`."""
    subject: str
    """The public id of the run, the SHA-256 of the blob, the day, or the id of the key."""
    message: str
    run_id: int | None = None
    """The key of the run, if it is one's."""


def flaws() -> Iterator[Flaw]:
    """Every flaw of every run and blob, in the order in which they were made.

    Runs go on meanwhile: each is looked at as it is at one moment.
    """
    # Of those that are being deleted, much is gone already.
    rows = Run.objects.filter(forgotten_at=None).order_by("id").values_list("id", "public_id")
    with _reading() as connection:
        after = 0
        while page := list(rows.filter(id__gt=after)[:RUNS_AT_ONCE]):
            for run_id, public_id in page:
                yield from _flaws_of(connection, run_id, str(public_id))
            after = page[-1][0]
    yield from _altered_blobs()
    yield from (Flaw("audit", day, message) for day, message in audit_chain.flaws())
    yield from _unreadable_seals()


def flaws_of_run(run: Run) -> Iterator[Flaw]:
    with _reading() as connection:
        yield from _flaws_of(connection, run.pk, str(run.public_id))


def _flaws_of(connection: Raw, run_id: int, public_id: str) -> Iterator[Flaw]:
    with _one_moment(connection):
        if not connection.execute("SELECT 1 FROM studio_run WHERE id = %s", (run_id,)):
            return
        seen = run_check.check(connection, run_id)
    for code, message in seen.found:
        yield Flaw(code, public_id, message, run_id)


@contextmanager
def _reading() -> Iterator[Raw]:
    """A connection of its own, or the caller's where he has changed something on it."""
    if django_connection.in_atomic_block:
        yield DjangoConnection()
        return
    own = connect()
    try:
        yield own
    finally:
        own.close()


@contextmanager
def _one_moment(connection: Raw) -> Iterator[None]:
    """Everything that is read inside is of the same moment, while others write."""
    if isinstance(connection, DjangoConnection):
        yield
        return
    read_only = " ISOLATION LEVEL REPEATABLE READ READ ONLY"
    connection.execute("BEGIN" + (read_only if connection.vendor == "postgresql" else ""))
    try:
        yield
    finally:
        connection.execute("COMMIT")


def _altered_blobs() -> Iterator[Flaw]:
    after = ""
    rows = Blob.objects.order_by("pk")
    while page := list(rows.filter(pk__gt=after)[:BLOBS_AT_ONCE]):
        for blob in page:
            if hashlib.sha256(blob.data.encode()).hexdigest() != blob.sha256:
                message = "its content does not have this hash"
                yield Flaw("blob_altered", blob.sha256, message)
        after = page[-1].pk


def _unreadable_seals() -> Iterator[Flaw]:
    """Keys that are missing: what they sealed cannot be used."""
    held = sealing.key_ring().keys
    for key, count in sorted(seals_by_key().items()):
        if key not in held:
            yield Flaw("seal", key, f"this key is missing: it sealed {count} values")
