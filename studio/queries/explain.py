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
from engine.said import UNSAID, Said, counted, listed, quoted, say, say_as
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
    english = f"{reason['text'][:-1]}, which is {status}."
    text = say_as("{one} {other}", english, one=reason["text"], other=_STANDS[RunStatus(status)])
    return {**reason, "status": status, "text": text}


_STANDS = {
    RunStatus.QUEUED: say("It is queued."),
    RunStatus.RUNNING: say("It is running."),
    RunStatus.WAITING: say("It is waiting."),
    RunStatus.PAUSED: say("It is paused."),
    RunStatus.CANCELLING: say("It is being cancelled."),
    RunStatus.COMPLETED: say("It is completed."),
    RunStatus.FAILED: say("It is failed."),
    RunStatus.CANCELLED: say("It is cancelled."),
}


def _queue(run: Run, folded: Folded, viewer: Viewer) -> Iterator[Reason]:
    """A run that no driver has taken up: for want of a driver, or of a place in its lane."""
    if run.status != RunStatus.QUEUED:
        return
    ahead = _ahead(run)
    limit, held = (None, []) if run.lane is None else _places(run)
    if limit is not None and len(held) >= limit:
        yield _limited(run, viewer, limit, held, ahead)
        return
    missing = lacking(graphs.of(run.version), toolbox.registry())
    which = _which(run, missing)
    text = (
        say(
            "The run waits for a driver {which}: it is taken up as soon as one has room.",
            which=which,
        )
        if which
        else say("The run waits for a driver: it is taken up as soon as one has room.")
    )
    if ahead:
        before = counted(
            "{n} run is before it in the line.", "{n} runs are before it in the line.", ahead
        )
        text = say("{one} {other}", one=text, other=before)
    yield {
        "what": "queue",
        "node": None,
        "text": text,
        "ahead": ahead,
        "queue": run.queue,
        "missing_tools": missing,
    }


def _which(run: Run, missing: list[str]) -> Said:
    """What such a driver needs, where not any will do."""
    needs = []
    if run.queue != DEFAULT_QUEUE:
        needs.append(say("that takes from the queue {queue}", queue=quoted(run.queue)))
    if missing:
        needs.append(
            say(
                "that has the tools which the process that tells this has not: {names}",
                names=listed(missing[:5]),
            )
        )
    if len(needs) == 2:
        return say("{one} and {other}", one=needs[0], other=needs[1])
    return needs[0] if needs else UNSAID


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
    names = ", ".join(f"…{public_id[-8:]}" for public_id in shown[:5])
    holding: str = str(len(held))
    if names:
        holding = say("{n} ({names})", n=len(held), names=names)
    if key and run.lane:
        text = say(
            "The workflow runs {limit} at once for {key} = {lane}: the run waits until one of "
            "{runs} has ended.",
            limit=limit,
            key=key,
            lane=run.lane,
            runs=holding,
        )
    else:
        text = say(
            "The workflow runs {limit} at once: the run waits until one of {runs} has ended.",
            limit=limit,
            runs=holding,
        )
    if ahead:
        before = counted("{n} run is before it.", "{n} runs are before it.", ahead)
        text = say("{one} {other}", one=text, other=before)
    return {
        "what": "limit",
        "node": None,
        "text": text,
        "limit": limit,
        "key": key,
        "lane": run.lane,
        "runs": shown,
        "hidden": len(held) - len(shown),
        "ahead": ahead,
    }


def _calls_below(run: Run, folded: Folded, viewer: Viewer) -> Iterator[Reason]:
    """Calls of unknown outcome that runs below this one rest for."""
    for call in outcomes.brief_items(outcomes.undecided_below(viewer, run)):
        if call["run"] != str(run.public_id):
            yield {
                "what": "outcome",
                "node": None,
                "text": say(
                    "The worker of {step} of a run of {workflow} below this one went away while "
                    "its tool was being called, and the tool must not be called twice. A person "
                    "has to say what became of it.",
                    step=quoted(call["node"]),
                    workflow=quoted(call["workflow"]["name"]),
                ),
                "run": call["run"],
                "late": call["late"],
            }


OUTSIDE: tuple[Explainer, ...] = (_queue, _calls_below)
"""Every kind of reason that rows tell, in the order in which they are told."""
