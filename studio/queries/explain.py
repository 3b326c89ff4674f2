"""Why a run stands where it stands, from its row, the rows around it and its journal.

What the journal tells is `engine.explaining`'s; `OUTSIDE` is the table of what only rows tell, one
function per kind of reason. Somebody who adds something to wait for that no journal knows adds
its row here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from engine import RunStatus
from engine.edge_story import edge_story
from engine.explaining import Reason, reasons
from engine.replay import Folded, fold
from studio import graphs
from studio.models import Run
from studio.queries import runs
from studio.queries.visible import Viewer

Explainer = Callable[[Run, Folded, Viewer], Iterator[Reason]]
"""What rows tell about a run, to this viewer."""


class NoSuchEdge(LookupError):
    """The run's graph has no edge of that id."""


def explained(run: Run, viewer: Viewer = None, edge: str | None = None) -> dict[str, Any]:
    """What the run waits for; with `edge`, what was last found there. Raises NoSuchEdge."""
    graph = graphs.of(run.version)
    told = runs.journal(run)
    folded = fold(graph, told)
    if edge is not None and edge not in folded.marking.plan.edge_by_id:
        raise NoSuchEdge(edge)
    found = [reason for explain in OUTSIDE for reason in explain(run, folded, viewer)]
    return {
        "status": run.status,
        "seq": folded.seq,
        "reasons": [*found, *reasons(folded.marking, told)],
        "edge": None if edge is None else edge_story(folded.marking, told, edge),
    }


def _queue(run: Run, folded: Folded, viewer: Viewer) -> Iterator[Reason]:
    """A run that no driver has taken up."""
    if run.status == RunStatus.QUEUED:
        text = "The run waits for a driver: it is taken up as soon as one has room."
        yield {"what": "queue", "node": None, "text": text}


OUTSIDE: tuple[Explainer, ...] = (_queue,)
"""Every kind of reason that rows tell, in the order in which they are told."""
