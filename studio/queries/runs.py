"""What pages, API and sockets read of runs."""

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, QuerySet, TextField
from django.db.models.functions import Cast

from engine import TERMINAL_RUN_STATUSES, Event, EventKind, Graph, replay
from engine.keeping.replay import Replay
from engine.planning.marking import Kin
from studio.journal import blobs, codec, graphs, long_runs, snapshots
from studio.journal.raw_connection import DjangoConnection
from studio.models import Blob, Run, RunEvent, Version
from studio.queries import tellings, visible
from studio.queries.tellings import Tally
from studio.queries.visible import Viewer

COLUMNS = ("seq", "at", "kind", "node", "activation", "attempt", "data")
VIEWS_KEPT = 256


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its journal tells it up to `head`."""

    head: int
    status: str
    state: dict[str, Any]
    error: dict[str, Any] | None
    current_nodes: tuple[str, ...]
    nodes: dict[str, dict[str, Any]]
    """By node: {"status": idle|running|ok|error|cancelled, "count": visits, "ms": of the last}."""
    edges: dict[str, dict[str, Any]]
    """By edge: {"taken": times, "skipped": times, "reason": why it was skipped last, or None}."""
    steps: tuple[tuple[int, str, dict[str, Any]], ...]
    """(seq, node, state after it) of each committed step, in order."""
    part: dict[str, str | None] | None
    """{"from", "to"}: the nodes between which a partial run goes."""
    drifted: tuple[dict[str, str], ...] = ()
    """Tools whose code changed under the run: {"tool", "was", "now"}."""


def get_run(user: Viewer, public_id: UUID | str) -> Run:
    """The run with that id, if this user may see it. Raises Run.DoesNotExist."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        raise Run.DoesNotExist(f"no run {public_id!r}") from None
    rows = visible.runs(user).select_related("workflow", "version", "owner")
    # Documents are long, and the graph of a version that ran is in memory.
    return rows.defer("workflow__draft", "version__document").get(public_id=wanted)


def listed(
    user: Viewer,
    *,
    workflow: UUID | str | None = None,
    status: str | None = None,
    tag: str | None = None,
    source: str | None = None,
    search: str | None = None,
    parent: UUID | str | None = None,
    children: bool = False,
) -> QuerySet[Run]:
    """The runs this user sees, narrowed; order and pages are the caller's.

    Runs that other runs started are left out, unless `children` or the filters ask for them.
    """
    rows = visible.runs(user)
    if parent:
        rows = rows.filter(parent__public_id=parent)
    elif not (children or source):
        rows = rows.filter(parent=None)
    if workflow:
        rows = rows.filter(workflow__public_id=workflow)
    if status:
        rows = rows.filter(status=status)
    if source:
        rows = rows.filter(source=source)
    if tag:
        rows = rows.annotate(tags_text=Cast("tags", TextField())).filter(_has_tag(tag))
    if search:
        rows = rows.annotate(id_text=Cast("public_id", CharField())).filter(_matches(search))
    return rows


def _has_tag(tag: str) -> Q:
    # SQLite keeps the text as json.dumps wrote it, PostgreSQL writes letters as they are.
    plain = json.dumps(tag, ensure_ascii=False)
    return Q(tags_text__contains=json.dumps(tag)) | Q(tags_text__contains=plain)


def _matches(search: str) -> Q:
    """By the workflow's name or the beginning of the run's id."""
    found = Q(workflow__name__icontains=search)
    digits = search.replace("-", "").lower()
    if digits and all(letter in "0123456789abcdef" for letter in digits):
        low, high = digits.ljust(32, "0")[:32], digits.ljust(32, "f")[:32]
        found |= Q(public_id__gte=UUID(low), public_id__lte=UUID(high))
    return found


def head(run: Run) -> int:
    """The newest seq; 0 for none."""
    # Plain SQL, as for the journal below: this is asked for each run that somebody waits for.
    return int(DjangoConnection().execute(codec.SELECT_HEAD, (run.pk,))[0][0])


def events(
    run: Run,
    after: int = 0,
    limit: int = 500,
    kinds: Sequence[str] | None = None,
    node: str | None = None,
) -> list[dict[str, Any]]:
    """Events with `seq > after` in order, large values put back."""
    rows = _rows(run, after, kinds, node)[:limit]
    return [_whole(codec.event_dict(row)) for row in rows]


def raw_events_json(run: Run, after: int = 0, limit: int = 500) -> list[str]:
    """The same events as JSON text, as stored: large values stay references (`$blobs`)."""
    return [codec.event_json(row) for row in _rows(run, after)[:limit]]


def _rows(
    run: Run, after: int = 0, kinds: Sequence[str] | None = None, node: str | None = None
) -> Any:
    rows = RunEvent.objects.filter(run=run, seq__gt=after).order_by("seq")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if node:
        rows = rows.filter(node=node)
    return rows.values_list(*COLUMNS)


def _whole(event: dict[str, Any]) -> dict[str, Any]:
    event["data"] = blobs.restore(event["data"], _blob)
    return event


def _blob(sha256: str) -> str:
    return Blob.objects.values_list("data", flat=True).get(sha256=sha256)


def journal(run: Run) -> list[Event]:
    """The whole journal as the engine reads it."""
    # Plain SQL: the ORM would spend more time on the question than on the answer.
    rows = DjangoConnection().execute(codec.SELECT_EVENTS, (run.pk, 0))
    return [event_of(row) for row in rows]


def event_of(row: tuple[Any, ...]) -> Event:
    """A row of the columns above as the engine reads it, large values put back."""
    return codec.event(row, blobs.restore(codec.decode(row[6]), _blob))


def view(run: Run) -> RunView:
    """The run as its journal tells it now; remembered, since most runs that are read have ended."""
    # One that failed may be retried and end again: its end's time tells both apart.
    moment = run.finished_at if _has_ended(run) else head(run)
    key = (run.public_id, run.version_id, moment)
    with _lock:
        kept = _views.get(key)
        if kept is not None:
            _views.move_to_end(key)
            return kept
    fresh = fresh_view(run)
    with _lock:
        _views[key] = fresh
        if len(_views) > VIEWS_KEPT:
            _views.popitem(last=False)
    return fresh


def glance(run: Run) -> RunView:
    """`view` without the steps, which is read of a long run as fast as of a short one."""
    moment = run.finished_at if _has_ended(run) else head(run)
    key = (run.public_id, run.version_id, moment)
    with _lock:
        kept = _views.get(key) or _glances.get(key)
    if kept is not None:
        return kept
    length = moment if isinstance(moment, int) else head(run)
    if length < long_runs.EVERY_EVENTS:
        return view(run)
    told = _view(*tellings.told(run))
    with _lock:
        _glances[key] = told
        if len(_glances) > VIEWS_KEPT:
            _glances.popitem(last=False)
    return told


_glances: OrderedDict[tuple[UUID, int, datetime | int | None], RunView] = OrderedDict()
_views: OrderedDict[tuple[UUID, int, datetime | int | None], RunView] = OrderedDict()
_lock = threading.Lock()


def _has_ended(run: Run) -> bool:
    return run.status in TERMINAL_RUN_STATUSES


def fresh_view(run: Run) -> RunView:
    """The same, read anew: for whoever asks once, in the moment when a run has come to rest."""
    return view_of(graphs.of(run.version), journal(run), graphs.kin_of(run.version))


def view_of(graph: Graph, told: Sequence[Event], kin: Kin | None = None) -> RunView:
    """What a whole journal tells."""
    tally = Tally()
    for event in told:
        tally.take(event)
    return _view(told[-1].seq if told else 0, replay(graph, told, kin), tally)


def _view(head: int, seen: Replay, tally: Tally) -> RunView:
    return RunView(
        head=head,
        status=str(seen.status),
        state=seen.state,
        error=seen.error.as_dict() if seen.error else None,
        current_nodes=tuple(seen.current_nodes),
        nodes={
            node: {"status": _NODE_STATUS[each.status], "count": each.count, "ms": each.ms}
            | ({} if each.items is None else {"items": asdict(each.items)})
            for node, each in seen.activations.items()
        },
        edges=tally.edges,
        steps=tuple(seen.steps),
        part=tally.part,
        drifted=tuple(tally.drifted),
    )


_NODE_STATUS = {
    "": "idle",
    "running": "running",
    "waiting": "waiting",
    "completed": "ok",
    "failed": "error",
    "timed_out": "error",
    "lost": "error",
    "cancelled": "cancelled",
}


def state_at(run: Run, seq: int) -> dict[str, Any]:
    """The state after the event `seq`, as merged at the end of what had happened by then."""
    graph, kin = graphs.of(run.version), graphs.kin_of(run.version)
    folded = snapshots.folded_at(DjangoConnection(), run.pk, graph, kin, seq)
    return dict(folded.state)


def moves(run: Run) -> list[int]:
    """The events by which the run was moved to another version."""
    moved = RunEvent.objects.filter(run=run, kind=EventKind.RUN_MOVED.value).order_by("seq")
    return list(moved.values_list("seq", flat=True))


def version_at(run: Run, seq: int) -> Version:
    """The version that the run was on after event `seq`."""
    moved = RunEvent.objects.filter(run=run, kind=EventKind.RUN_MOVED.value).order_by("seq")
    moves = [(at, codec.decode(data)) for at, data in moved.values_list("seq", "data")]
    if not moves:
        return run.version
    before = [data["graph"] for at, data in moves if at <= seq]
    if not before:
        created = RunEvent.objects.filter(run=run).order_by("seq").values_list("data", flat=True)
        before = [codec.decode(created[0])["graph"]]
    if before[-1] == run.version.hash:
        return run.version
    kin = Version.objects.filter(workflow_id=run.workflow_id, hash=before[-1])
    return kin.order_by("id")[0]


def demo_log(run: Run) -> list[dict[str, Any]]:
    """One {"node", "state_snapshot"} per step, the state being that after the step."""
    return [{"node": node, "state_snapshot": state} for _, node, state in view(run).steps]
