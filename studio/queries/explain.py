"""Why a run stands where it stands, from its row and its journal."""

from typing import Any

from engine import RunStatus, fold
from engine.explaining import last_report, reasons
from studio import graphs
from studio.models import Run
from studio.queries import runs


class NoSuchEdge(LookupError):
    """The run's graph has no edge of that id."""


def explained(run: Run, edge: str | None = None) -> dict[str, Any]:
    """What the run waits for; with `edge`, what was last found there. Raises NoSuchEdge."""
    graph = graphs.of(run.version)
    told = runs.journal(run)
    folded = fold(graph, told)
    if edge is not None and edge not in folded.marking.plan.edge_by_id:
        raise NoSuchEdge(edge)
    found = reasons(folded.marking, told)
    if run.status == RunStatus.QUEUED:
        text = "The run waits for a driver: it is taken up as soon as one has room."
        found = [{"what": "queue", "node": None, "text": text}, *found]
    return {
        "status": run.status,
        "seq": folded.seq,
        "reasons": found,
        "edge": None if edge is None else last_report(told, edge),
    }
