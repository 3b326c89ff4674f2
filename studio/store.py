"""The engine's Store on the database: journals of runs of one version, by their public id.

The studio's service claims runs in batches and needs only `events_of`; scripts and the engine's
contract suite use the whole of it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from engine import Event
from studio import blobs, codec, leases
from studio.append import append_first
from studio.journal import RunJournal
from studio.models import Run, Version
from studio.owner import new_owner
from studio.raw_connection import DjangoConnection, Raw, Row, connect
from studio.writer import Writer

LEASE_SECONDS = 30


class DatabaseStore:
    """Runs of one version. `create` and `events` use Django's connection, journals their own."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._connection = connect()
        self._writer = Writer(self._connection, lambda run_id: None)

    def create(self, run_id: str, events: Sequence[Event]) -> None:
        """Begin the journal of a new run. Raises ValueError if the run exists."""
        if Run.objects.filter(public_id=UUID(run_id)).exists():
            raise ValueError(f"run {run_id} exists already")
        with transaction.atomic():
            run = Run.objects.create(
                public_id=UUID(run_id), workflow_id=self._version.workflow_id, version=self._version
            )
            append_first(DjangoConnection(), run.pk, events)

    def events(self, run_id: str, after: int = 0) -> list[Event]:
        """The durable events with `seq > after`, in order. Raises KeyError."""
        rows = self._connection.execute(codec.SELECT_EVENTS, (self._key(run_id), after))
        return events_of(self._connection, rows)

    def journal(self, run_id: str) -> RunJournal:
        """A journal to drive the run with; it fences every one handed out before."""
        key = self._key(run_id)
        self._connection.execute(
            "UPDATE studio_run SET lease_owner = '', lease_until = NULL WHERE id = %s", (key,)
        )
        claimed = leases.claim(self._connection, [key], new_owner(), LEASE_SECONDS)
        if not claimed:
            raise ValueError(f"run {run_id} has ended")
        return RunJournal(self._writer, key, head=claimed[0].head, fence=claimed[0].fence)

    def close(self) -> None:
        self._connection.close()

    def _key(self, run_id: str) -> int:
        found = Run.objects.filter(public_id=UUID(run_id)).values_list("pk", flat=True).first()
        if found is None:
            raise KeyError(run_id)
        return int(found)


def events_of(connection: Raw, rows: Sequence[Row]) -> list[Event]:
    """The journal's rows as events, with their large values put back."""

    def read(sha256: str) -> str:
        found = connection.execute("SELECT data FROM studio_blob WHERE sha256 = %s", (sha256,))
        return str(found[0][0])

    return [codec.event(row, blobs.restore(codec.decode(row[6]), read)) for row in rows]
