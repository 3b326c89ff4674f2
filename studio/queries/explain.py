"""Why a run stands where it stands, from its row, the rows around it and its journal.

What the journal tells is `telling.explaining`'s; `OUTSIDE` is the table of what only rows tell, one
function per kind of reason. Somebody who adds something to wait for that no journal knows adds
its row here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q

from engine import RunStatus
from engine.keeping.replay import Folded, fold
from engine.telling.edge_story import edge_story
from engine.telling.explaining import Reason, reasons
from studio.claims import lanes
from studio.claims.fitness import DEFAULT_QUEUE, lacking
from studio.claims.lanes import Lane
from studio.journal import codec, graphs
from studio.journal.database_clock import now
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run
from studio.queries import outcomes, runs, visible
from studio.queries.visible import Viewer
from studio.setup import toolbox

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
    missing = lacking(graphs.of(run.version), toolbox.registry())
    yield {
        "what": "queue",
        "node": None,
        "text": f"The run waits for a driver{_which(run, missing)}: it is taken up as soon as one"
        f" has room.{before}",
        "ahead": ahead,
        "queue": run.queue,
        "missing_tools": missing,
    }


def _which(run: Run, missing: list[str]) -> str:
    """What such a driver needs, where not any will do."""
    needs = [] if run.queue == DEFAULT_QUEUE else [f"that takes from the queue {run.queue!r}"]
    if missing:
        names = ", ".join(repr(name) for name in missing[:5])
        needs.append(f"that has the tools which the process that tells this has not: {names}")
    return f" {' and '.join(needs)}" if needs else ""


def _ahead(run: Run) -> int:
    """Queued runs that are older or more urgent, of at most `MOST_AHEAD` that are counted."""
    same = Run.objects.filter(status=RunStatus.QUEUED.value, lane=run.lane, queue=run.queue)
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


def _calls_below(run: Run, folded: Folded, viewer: Viewer) -> Iterator[Reason]:
    """Calls of unknown outcome that runs below this one rest for."""
    for call in outcomes.brief_items(outcomes.undecided_below(viewer, run)):
        if call["run"] != str(run.public_id):
            yield {
                "what": "outcome",
                "node": None,
                "text": f"The worker of {call['node']!r} of a run of {call['workflow']['name']!r}"
                " below this one went away while its tool was being called, and the tool must not"
                " be called twice. A person has to say what became of it.",
                "run": call["run"],
                "late": call["late"],
            }


OUTSIDE: tuple[Explainer, ...] = (_queue, _calls_below)
"""Every kind of reason that rows tell, in the order in which they are told."""
