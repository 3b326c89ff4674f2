"""Child runs as rows: made, taken up again, cancelled, and their ends brought to their parents.

Everything here may be done twice, by whom it may: the id of a child stands in its parent's journal
before the child exists, and the row of its parent's wait says whether its end is still wanted. So
whoever dies in the middle is followed by a driver or a sweep that finds what is missing.
"""

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine import TERMINAL_RUN_STATUSES, Event, EventKind, Graph, RunError, RunStatus, failing
from engine.driving.nested import first_event
from engine.errors import Code
from engine.expressions import ExpressionError
from engine.graph.subgraphs import body_graph, is_itself
from engine.planning.child_calls import ChildCall, Refusal, child_ended, left_by_body
from studio.claims import lanes
from studio.claims.fitness import DEFAULT_QUEUE
from studio.journal import codec, failpoints, graphs
from studio.journal.append import append_within
from studio.journal.raw_connection import Conflict, Raw, Row
from studio.journal.run_start import ParentLink, RunStart, insert
from studio.models import Workflow
from studio.models.fields import new_public_id
from studio.setup import toolbox
from studio.waits import child_rows

SOURCE = "child"
"""What started a run that another run wanted."""
REASON = "nobody waits for it any more"
AT_ONCE = 200
"""Children that one sweep looks after."""

_OVER = tuple(status.value for status in TERMINAL_RUN_STATUSES)
_FAILED = RunStatus.FAILED.value
_RESTING = (RunStatus.WAITING.value, RunStatus.PAUSED.value)


@dataclass(frozen=True, slots=True)
class Parent:
    """The run whose children are looked after."""

    run_id: int
    public_id: str
    graph: Graph


@dataclass(slots=True)
class Started:
    """What became of the runs that were asked for."""

    wanted: list[int]
    """Keys of runs that want a driver."""
    refused: list[Refusal]
    ended: list[int]
    """Keys of runs that had ended before."""


def start(connection: Raw, parent: Parent, calls: Sequence[ChildCall]) -> Started:
    """See to it that these runs are there and go on. Raises Unavailable."""
    failpoints.reach("child.before_start")
    there = _there(connection, calls)
    made = Started([], [], [])
    for call in calls:
        row = there.get(call.run)
        try:
            if row is None:
                made.wanted.append(_make(connection, parent, call))
            elif _take_up(connection, call, row):
                made.wanted.append(row[1])
            else:
                made.ended.append(row[1])
        except RunError as error:
            made.refused.append((call, error))
    return made


def drop(connection: Raw, public_ids: Iterable[str]) -> list[int]:
    """Cancel these runs, if they go on still; their keys. Raises Unavailable."""
    failpoints.reach("child.before_drop")
    found = []
    for public_id in public_ids:
        rows = connection.execute(
            "SELECT id FROM studio_run WHERE public_id = %s",
            (codec.uuid_column(connection.vendor, UUID(public_id)),),
        )
        found += [run_id for (run_id,) in rows if _cancel(connection, run_id)]
    return found


def bring(connection: Raw, run_id: int) -> int | None:
    """Tell the parent of a run that it has ended; the parent's key. Raises Unavailable.

    None: it has no parent, has not ended, or its parent was told or does not want to know.
    """
    failpoints.reach("child.before_bring")
    found = connection.execute(_SELECT_ENDED, (run_id,))
    if not found:
        return None
    parent_id, waited, public_id, attempt, *_ = found[0]
    wait: dict[str, Any] = codec.decode(waited)
    if UUID(wait["run"]) != UUID(str(public_id)) or wait["att"] != attempt:
        return None
    event = _ended(wait, found[0])
    while True:
        try:
            with connection.transaction():
                # A driver writes in this order too: journal, run, waits.
                append_within(connection, parent_id, [event])
                failpoints.reach("child.bringing")
                connection.change(
                    "UPDATE studio_run SET status = 'running' WHERE id = %s AND status = 'waiting'",
                    (parent_id,),
                )
                if not connection.change(child_rows.REMOVE, (parent_id, str(event.act))):
                    raise _Told
            failpoints.reach("child.brought")
            return int(parent_id)
        except Conflict:
            continue
        except _Told:
            return None


def at_work(connection: Raw, run_id: int) -> bool:
    """Whether a run that waits goes on by itself: a run that it waits for does, or has just ended.

    The last end closes the wait and makes it running at once, so its status is looked at last.
    """
    return _waits_for_work(connection, run_id) or goes_on(connection, run_id)


def goes_on(connection: Raw, run_id: int) -> bool:
    """Whether a run that waited wants a driver."""
    rows = connection.execute("SELECT status FROM studio_run WHERE id = %s", (run_id,))
    return [status for (status,) in rows] == [RunStatus.RUNNING.value]


def _waits_for_work(connection: Raw, run_id: int) -> bool:
    waiting = [run_id]
    while waiting:
        rows = connection.execute(
            f"SELECT data FROM studio_wait WHERE run_id IN ({', '.join(['%s'] * len(waiting))})"
            f" AND kind = '{child_rows.CHILD}' AND closed_at IS NULL",
            waiting,
        )
        names = [codec.decode(row[0])["run"] for row in rows]
        keys = [codec.uuid_column(connection.vendor, UUID(name)) for name in names]
        if not keys:
            return False
        found = connection.execute(
            "SELECT id, status FROM studio_run"
            f" WHERE public_id IN ({', '.join(['%s'] * len(keys))})",
            keys,
        )
        resting = [status in _RESTING for _, status in found]
        if len(found) < len(keys) or not all(resting):
            return True
        waiting = [key for key, status in found if status == RunStatus.WAITING.value]
    return False


def overdue(connection: Raw) -> list[int]:
    """Runs that have ended, and whose parents wait for them still."""
    return [row[0] for row in connection.execute(_SELECT_OVERDUE, (AT_ONCE,))]


def unwanted(connection: Raw) -> list[int]:
    """Runs that go on, and for which nobody waits any more."""
    return [row[0] for row in connection.execute(_SELECT_UNWANTED, (AT_ONCE,))]


def cancel(connection: Raw, run_id: int) -> bool:
    """Ask for the end of a run that nobody waits for; whether that changed it."""
    return _cancel(connection, run_id)


class _Told(Exception):
    """Somebody else brought the end a moment ago."""


_LIVE = tuple(
    status.value
    for status in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING, RunStatus.PAUSED)
)
_IS_OVER = "child.status IN ('completed', 'failed', 'cancelled')"
_IS_LIVE = "child.status IN ('queued', 'running', 'waiting', 'paused')"
"""Written out, as the kinds below: partial indexes are used for nothing else."""
_SELECT_ENDED = (
    "SELECT child.parent_id, parked.data, child.public_id, child.parent_attempt,"
    " child.parent_activation, child.status, child.error, child.final_state"
    " FROM studio_run child JOIN studio_wait parked ON parked.run_id = child.parent_id"
    " AND parked.ref = CAST(child.parent_activation AS TEXT) AND parked.kind = 'child'"
    f" WHERE child.id = %s AND parked.closed_at IS NULL AND {_IS_OVER}"
)
# SQLite keeps the order of a cross join: from the few rows to the many.
_SELECT_OVERDUE = (
    "SELECT child.id FROM studio_wait parked CROSS JOIN studio_run child"
    " WHERE parked.closed_at IS NULL AND parked.kind = 'child'"
    " AND child.parent_id = parked.run_id AND child.parent_activation = parked.activation"
    f" AND {_IS_OVER} ORDER BY child.id LIMIT %s"
)
_SELECT_UNWANTED = (
    "SELECT child.id FROM studio_run child CROSS JOIN studio_wait parked"
    f" WHERE child.parent_id IS NOT NULL AND {_IS_LIVE} AND parked.run_id = child.parent_id"
    " AND parked.ref = CAST(child.parent_activation AS TEXT) AND parked.kind = 'child'"
    " AND parked.closed_at IS NOT NULL ORDER BY child.id LIMIT %s"
)


def _ended(wait: dict[str, Any], row: Row) -> Event:
    _, _, public_id, attempt, activation, status, error, final_state = row
    state = None
    if status == RunStatus.COMPLETED.value:
        state = codec.decode(final_state or "{}")
        if not wait["workflow"]:
            state = left_by_body(state)
    failure = RunError.from_dict(codec.decode(error)) if error else None
    if status == _FAILED and failure is None:
        failure = RunError(Code.TOOL, f"run {public_id} failed")
    event = child_ended(
        wait["run"],
        wait["node"],
        activation,
        attempt,
        wait.get("item"),
        status,
        state=state,
        error=failure if status == _FAILED else None,
    )
    event.time = time.time()
    return event


def _there(connection: Raw, calls: Sequence[ChildCall]) -> dict[str, Row]:
    """(public_id, id, status, attempt) of those that exist, by the id that they are called by."""
    found: dict[str, Row] = {}
    for at in range(0, len(calls), AT_ONCE):
        some = calls[at : at + AT_ONCE]
        keys = [codec.uuid_column(connection.vendor, UUID(call.run)) for call in some]
        rows = connection.execute(
            "SELECT public_id, id, status, parent_attempt FROM studio_run"
            f" WHERE public_id IN ({', '.join(['%s'] * len(keys))})",
            keys,
        )
        known = {UUID(str(row[0])): row for row in rows}
        found.update((c.run, known[UUID(c.run)]) for c in some if UUID(c.run) in known)
    return found


def _take_up(connection: Raw, call: ChildCall, row: Row) -> bool:
    """Let a run that is there work for this attempt; whether it goes on.

    One that failed is resumed, once for each attempt that wants it.
    """
    _, run_id, status, attempt = row
    if attempt < call.att:
        _work_for(connection, call, run_id, resumed=status == _FAILED)
        return bool(status not in _OVER or status == _FAILED)
    return status not in _OVER


def _work_for(connection: Raw, call: ChildCall, run_id: int, *, resumed: bool) -> None:
    columns = "parent_attempt = %s"
    if resumed:
        columns += (
            ", status = 'queued', error = '', error_code = '', finished_at = NULL,"
            " final_state = NULL, lost_attempts = 0"
        )
    while True:
        try:
            with connection.transaction():
                if resumed:
                    data = {"by": None, "parent_attempt": call.att}
                    append_within(connection, run_id, [Event(EventKind.RUN_RESUMED, data)])
                connection.change(
                    f"UPDATE studio_run SET {columns} WHERE id = %s AND parent_attempt < %s",
                    (call.att, run_id, call.att),
                )
                return
        except Conflict:
            continue


def _cancel(connection: Raw, run_id: int) -> bool:
    while True:
        try:
            with connection.transaction():
                found = connection.execute("SELECT status FROM studio_run WHERE id = %s", (run_id,))
                if not found or found[0][0] not in _LIVE:
                    return False
                data = {"reason": REASON, "by": None}
                append_within(connection, run_id, [Event(EventKind.RUN_CANCEL_REQUESTED, data)])
                changed = connection.change(
                    "UPDATE studio_run SET status = 'cancelling' WHERE id = %s AND status = %s",
                    (run_id, found[0][0]),
                )
                if not changed:
                    raise Conflict
                return True
        except Conflict:
            continue


# Making one -------------------------------------------------------------------------------------


def _make(connection: Raw, parent: Parent, call: ChildCall) -> int:
    """Write the run; its key. Raises RunError when it cannot be."""
    (above,) = connection.execute(
        "SELECT run.owner_id, run.workflow_id, run.version_id, version.hash, workflow.owner_id,"
        " run.priority"
        " FROM studio_run run JOIN studio_workflow workflow ON workflow.id = run.workflow_id"
        " JOIN studio_version version ON version.id = run.version_id WHERE run.id = %s",
        (parent.run_id,),
    )
    while True:
        try:
            with connection.transaction():
                called = _called(connection, parent, call, above)
                begun = insert(connection, _run_start(connection, parent, call, above, called))
                failpoints.reach("child.starting")
            failpoints.reach("child.started")
            return begun.run_id
        except Conflict:
            # Another driver of this parent has just written it.
            row = _there(connection, [call]).get(call.run)
            if row is not None:
                return int(row[1])
            _refuse_another(connection, parent, call)


def _refuse_another(connection: Raw, parent: Parent, call: ChildCall) -> None:
    """Raise RunError (E_WORKFLOW) where a run works for this attempt that its journal never named.

    No driver makes one. Where a database was mended by hand, a person has to look at it.
    """
    found = connection.execute(
        "SELECT public_id FROM studio_run"
        " WHERE parent_id = %s AND parent_activation = %s AND parent_attempt = %s",
        (parent.run_id, call.act, call.att),
    )
    if found:
        message = failing.WORKING_ALREADY(run=str(UUID(str(found[0][0]))))
        raise RunError(Code.WORKFLOW, message, node=call.node)


@dataclass(frozen=True, slots=True)
class _Called:
    """The version that a child runs."""

    workflow_id: int
    version_id: int
    sha256: str
    graph: Graph


def _called(connection: Raw, parent: Parent, call: ChildCall, above: Row) -> _Called:
    """The version that is called. Raises RunError (E_WORKFLOW)."""
    _, workflow_id, version_id, sha256, owner_id, _ = above
    if not call.callee.workflow:
        graph = body_graph(parent.graph, call.node)
        made = _body_version(connection, workflow_id, graph)
        return _Called(workflow_id, made, graph.hash, graph)
    if is_itself(parent.graph, call.callee):
        return _Called(workflow_id, version_id, sha256, parent.graph)
    found = connection.execute(
        _SELECT_VERSION, (call.callee.workflow, call.callee.version, owner_id)
    )
    if not found:
        message = failing.NO_VERSION(
            version=str(call.callee.version), workflow=call.callee.workflow
        )
        raise RunError(Code.WORKFLOW, message, node=call.node)
    called_workflow, called_version, called_hash, document = found[0]
    graph = graphs.by_hash(called_hash, lambda: document)
    return _Called(called_workflow, called_version, called_hash, graph)


_SELECT_VERSION = (
    "SELECT workflow.id, version.id, version.hash, version.document FROM studio_version version"
    " JOIN studio_workflow workflow ON workflow.id = version.workflow_id"
    " WHERE workflow.key = %s AND version.number = %s AND workflow.deleted_at IS NULL"
    " AND (workflow.owner_id = %s OR workflow.owner_id IS NULL)"
    " ORDER BY CASE WHEN workflow.owner_id IS NULL THEN 1 ELSE 0 END, workflow.id LIMIT 1"
)
"""Own workflows come before shared ones: the rule of `queries.subgraphs`, which a test compares."""


def _body_version(connection: Raw, workflow_id: int, graph: Graph) -> int:
    """The version without a number that the body of a map node is; equal ones are one."""
    found = connection.execute(
        "SELECT id FROM studio_version WHERE workflow_id = %s AND hash = %s ORDER BY id LIMIT 1",
        (workflow_id, graph.hash),
    )
    if found:
        return int(found[0][0])
    return connection.insert_row(
        "INSERT INTO studio_version (public_id, workflow_id, number, document, hash, note,"
        " created_at, created_by_id) VALUES (%s, %s, NULL, %s, %s, '', %s, NULL)",
        (
            codec.uuid_column(connection.vendor, new_public_id()),
            workflow_id,
            codec.encode_clean(graph.to_dict()),
            graph.hash,
            codec.column(connection.vendor, time.time()),
        ),
    )


def _lane(
    connection: Raw, parent: Parent, workflow_id: int, created: Event, call: ChildCall
) -> str | None:
    """With which runs it shares its workflow's limit. Raises RunError (E_INPUT).

    A run above it of the same workflow has a place already, and waits for it: it needs no other.
    """
    ((limit, key),) = connection.execute(
        "SELECT run_limit, run_limit_key FROM studio_workflow WHERE id = %s", (workflow_id,)
    )
    if limit is None or workflow_id in _workflows_above(connection, parent.run_id):
        return None
    try:
        return lanes.name_for(Workflow(run_limit=limit, run_limit_key=key), created.data["state"])
    except ExpressionError as error:
        message = failing.LIMIT_KEY(workflow=call.callee.workflow, why=str(error))
        details = {"source": error.source, **error.as_dict()}
        raise RunError(Code.INPUT, message, node=call.node, details=details) from error


def _workflows_above(connection: Raw, run_id: int | None) -> set[int]:
    """The workflows of a run and of the runs above it."""
    found = set()
    while run_id is not None:
        ((workflow_id, run_id),) = connection.execute(
            "SELECT workflow_id, parent_id FROM studio_run WHERE id = %s", (run_id,)
        )
        found.add(workflow_id)
    return found


def _queue(parent: Parent, call: ChildCall, graph: Graph) -> str:
    """The map says which workers drive it, else its workflow; a body's workflow is its parent's."""
    its_own = graph.queue if call.callee.workflow else parent.graph.queue
    return call.callee.queue or its_own or DEFAULT_QUEUE


def _run_start(
    connection: Raw, parent: Parent, call: ChildCall, above: Row, called: _Called
) -> RunStart:
    registry = toolbox.registry()
    created = first_event(call, called.graph, parent.public_id, time.time(), registry)
    return RunStart(
        public_id=uuid.UUID(call.run),
        workflow_id=called.workflow_id,
        version_id=called.version_id,
        graph_hash=called.sha256,
        owner_id=above[0],
        source=SOURCE,
        tags=[],
        dedupe_key=None,
        dedupe_hash="",
        created=created,
        ip=None,
        priority=above[5],
        lane=_lane(connection, parent, called.workflow_id, created, call),
        queue=_queue(parent, call, called.graph),
        parent=ParentLink(parent.run_id, call.node, call.act, call.att, call.item),
    )
