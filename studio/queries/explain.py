"""Why a run stands where it stands, from its row, the rows around it and its journal.

What the journal tells is `engine.explaining`'s; `OUTSIDE` is the table of what only rows tell, one
function per kind of reason. Somebody who adds something to wait for that no journal knows adds
its row here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q

from engine import RunStatus
from engine.edge_story import edge_story
from engine.explaining import Reason, reasons
from engine.replay import Folded, fold
from studio import codec, graphs, lanes
from studio.database_clock import now
from studio.lanes import Lane
from studio.models import Run
from studio.queries import runs, visible
from studio.queries.visible import Viewer
from studio.raw_connection import DjangoConnection

MOST_AHEAD = 1_000
"""So many runs before one in the line are counted."""

Explainer = Callable[[Run, Folded, Viewer], Iterator[Reason]]
"""What rows tell about a run, to this viewer."""


class NoSuchEdge(LookupError):
    """The run's graph has no edge of that id."""


def explained(run: Run, viewer: Viewer = None, edge: str | None = None) -> dict[str, Any]:
    """What the run waits for; with `edge`, what was last found there. Raises NoSuchEdge."""
    graph = graphs.of(run.version)
    told = runs.journal(run)
    folded = fold(graph, told, graphs.kin_of(run.version))
    if edge is not None and edge not in folded.marking.plan.edge_by_id:
        raise NoSuchEdge(edge)
    found = [reason for explain in OUTSIDE for reason in explain(run, folded, viewer)]
    return {
        "status": run.status,
        "seq": folded.seq,
        "reasons": [*found, *_with_children(run, reasons(folded.marking, told))],
        "edge": None if edge is None else edge_story(folded.marking, told, edge),
    }


def _with_children(run: Run, told: list[Reason]) -> list[Reason]:
    """The reasons, those about child runs with how these stand."""
    if not any(reason["what"] == "child" for reason in told):
        return told
    rows = Run.objects.filter(parent=run).values_list("public_id", "status")
    statuses = {str(public_id): status for public_id, status in rows}
    return [_with_child(reason, statuses.get(reason.get("run", ""))) for reason in told]


def _with_child(reason: Reason, status: str | None) -> Reason:
    if status is None:
        return reason
    return {**reason, "status": status, "text": f"{reason['text'][:-1]}, which is {status}."}


def _queue(run: Run, folded: Folded, viewer: Viewer) -> Iterator[Reason]:
    """A run that no driver has taken up: for want of a driver, or of a place in its lane."""
    if run.status != RunStatus.QUEUED:
        return
    ahead = _ahead(run)
    limit, held = (None, []) if run.lane is None else _places(run)
    if limit is not None and len(held) >= limit:
        yield _limited(run, viewer, limit, held, ahead)
        return
    before = f" {_runs(ahead)} before it in the line." if ahead else ""
    yield {
        "what": "queue",
        "node": None,
        "text": f"The run waits for a driver: it is taken up as soon as one has room.{before}",
        "ahead": ahead,
    }


def _ahead(run: Run) -> int:
    """Queued runs that are older or more urgent, of at most `MOST_AHEAD` that are counted."""
    same = Run.objects.filter(status=RunStatus.QUEUED.value, lane=run.lane)
    if run.lane is not None:
        same = same.filter(workflow_id=run.workflow_id)
    first = Q(priority__gt=run.priority) | Q(priority=run.priority, id__lt=run.pk)
    return same.filter(first)[:MOST_AHEAD].count()


def _places(run: Run) -> tuple[int | None, list[int]]:
    """The limit of the run's lane, and the runs that have a place there."""
    connection = DjangoConnection()
    lane = Lane(run.workflow_id, run.lane or "")
    limit = lanes.limit_of(connection, lane)
    if limit is None:
        return None, []
    moment = codec.column_of(connection.vendor, now(connection))
    return limit, lanes.holders(connection, lane, moment, limit)


def _limited(run: Run, viewer: Viewer, limit: int, held: list[int], ahead: int) -> Reason:
    rows = visible.runs(viewer).filter(pk__in=held).order_by("id")
    shown = [str(public_id) for public_id in rows.values_list("public_id", flat=True)]
    key = run.workflow.run_limit_key
    which = f" for {key} = {run.lane}" if key and run.lane else ""
    names = ", ".join(f"…{public_id[-8:]}" for public_id in shown[:5])
    whom = f" ({names})" if names else ""
    before = f" {_runs(ahead)} before it." if ahead else ""
    return {
        "what": "limit",
        "node": None,
        "text": f"The workflow runs {limit} at once{which}: the run waits until one of"
        f" {len(held)}{whom} has ended.{before}",
        "limit": limit,
        "key": key,
        "lane": run.lane,
        "runs": shown,
        "hidden": len(held) - len(shown),
        "ahead": ahead,
    }


def _runs(count: int) -> str:
    return "1 run is" if count == 1 else f"{count} runs are"


OUTSIDE: tuple[Explainer, ...] = (_queue,)
"""Every kind of reason that rows tell, in the order in which they are told."""
