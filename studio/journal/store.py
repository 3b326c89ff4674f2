"""The engine's Store on the database: journals of runs of one version, by their public id.

The studio's service claims runs in batches and does without this; scripts and the engine's
contract suite use the whole of it.
"""

from collections.abc import Sequence
from uuid import UUID

from engine import Event
from studio.claims import claiming
from studio.claims.fitness import DEFAULT_QUEUE
from studio.claims.owner import new_owner
from studio.journal import codec, graphs
from studio.journal.append import append_as_other
from studio.journal.buffer import RunJournal
from studio.journal.raw_connection import Conflict, connect
from studio.journal.reading import events_of
from studio.journal.run_start import RunStart, insert
from studio.journal.transactions import Steps
from studio.journal.writer import Writer
from studio.models import Version

LEASE_SECONDS = 30


class DatabaseStore:
    """Runs of one version, over a connection of its own."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._connection = connect()
        self._writer = Writer(self._connection, lambda run_id: None)

    def create(self, run_id: str, events: Sequence[Event]) -> None:
        """Begin the journal of a new run. Raises ValueError if the run exists."""
        created, *more = events
        try:
            with self._connection.transaction():
                key = insert(self._connection, self._start(run_id, created)).run_id
        except Conflict as error:
            raise ValueError(f"run {run_id} exists already") from error
        if more:
            append_as_other(self._connection, key, more)

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
        claimed = claiming.claim(self._connection, [key], new_owner(), LEASE_SECONDS)
        if not claimed:
            raise ValueError(f"run {run_id} has ended")
        journal = RunJournal(self._writer, key, head=claimed[0].head, fence=claimed[0].fence)
        journal.transactions = Steps(journal, self._writer)
        return journal

    def close(self) -> None:
        self._connection.close()

    def _start(self, run_id: str, created: Event) -> RunStart:
        return RunStart(
            public_id=UUID(run_id),
            workflow_id=self._version.workflow_id,
            version_id=self._version.pk,
            graph_hash=self._version.hash,
            owner_id=None,
            source="script",
            tags=[],
            dedupe_key=None,
            dedupe_hash="",
            created=created,
            ip=None,
            queue=graphs.of(self._version).queue or DEFAULT_QUEUE,
        )

    def _key(self, run_id: str) -> int:
        stored = codec.uuid_column(self._connection.vendor, UUID(run_id))
        found = self._connection.execute(
            "SELECT id FROM studio_run WHERE public_id = %s", (stored,)
        )
        if not found:
            raise KeyError(run_id)
        return int(found[0][0])
