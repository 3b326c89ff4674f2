"""What programs ask most, one row each in plain SQL.

The ORM would take several times as long to write the question as the database to answer it.
"""

from dataclasses import dataclass
from uuid import UUID

from engine import TERMINAL_RUN_STATUSES
from studio.journal import codec
from studio.journal.raw_connection import DjangoConnection, Raw, Row
from studio.models import Version, Workflow
from studio.models.partial import partial
from studio.queries import visible
from studio.queries.visible import Viewer


@dataclass(frozen=True, slots=True)
class Startable:
    """A workflow that the user may run."""

    workflow_id: int
    published: Version | None
    """Without its document: a graph that ran before is in memory."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a run stands. Two equal marks of an ended run: nothing about it has changed."""

    run_id: int
    status: str
    finished_at: object

    @property
    def has_ended(self) -> bool:
        return self.status in TERMINAL_RUN_STATUSES


def startable(user: Viewer, public_id: UUID, connection: Raw | None = None) -> Startable | None:
    """The workflow with that id and what is published of it, if this user may see it.

    Asked over Django's connection, or the one that is given.
    """
    rule = visible.workflow_condition(user)
    row = _one(
        "SELECT workflow.id, workflow.run_limit, workflow.run_limit_key,"
        " workflow.owner_id, version.id, version.public_id, version.workflow_id, version.hash"
        " FROM studio_workflow workflow"
        " LEFT JOIN studio_version version ON version.id = workflow.published_id"
        f" WHERE workflow.public_id = %s AND ({rule.sql})",
        public_id,
        rule.parameters,
        connection,
    )
    if row is None:
        return None
    key, limit, limit_key, owner_id, *published = row
    if published[0] is None:
        return Startable(key, None)
    version = _version(tuple(published))
    # What a start asks of the workflow: so it need not ask the table.
    known = {"id": key, "owner_id": owner_id, "run_limit": limit, "run_limit_key": limit_key}
    version.workflow = partial(Workflow, known)
    return Startable(key, version)


def mark(user: Viewer, public_id: UUID) -> Mark | None:
    """Where the run with that id stands, if this user may see it."""
    rule = visible.run_condition(user)
    row = _one(
        "SELECT run.id, run.status, run.finished_at FROM studio_run run"
        " JOIN studio_workflow workflow ON workflow.id = run.workflow_id"
        f" WHERE run.public_id = %s AND ({rule.sql})",
        public_id,
        rule.parameters,
    )
    return None if row is None else Mark(*row)


def _one(
    sql: str, public_id: UUID, parameters: tuple[object, ...], connection: Raw | None = None
) -> Row | None:
    connection = connection or DjangoConnection()
    wanted = codec.uuid_column(connection.vendor, public_id)
    rows = connection.execute(sql, (wanted, *parameters))
    return rows[0] if rows else None


def _version(row: Row) -> Version:
    key, public_id, workflow_id, sha256 = row
    return partial(
        Version,
        {
            "id": key,
            "public_id": UUID(str(public_id)),
            "workflow_id": workflow_id,
            "hash": sha256,
        },
    )
