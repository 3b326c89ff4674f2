"""The runs above and below a run, as its page and the API show them."""

from typing import Any

from engine.graph.subgraphs import starts_runs
from studio.journal import codec, graphs
from studio.models import Run

AT_MOST = 200
"""Children that are named with their parent; the list of runs has all of them."""


def parent_of(run: Run) -> dict[str, Any] | None:
    """For whom a run works: {run, node, act, att, item, workflow}; None if somebody started it."""
    if run.parent_id is None:
        return None
    above = (
        Run.objects.filter(pk=run.parent_id)
        .values_list("public_id", "status", "workflow__public_id", "workflow__name")
        .get()
    )
    return {
        "run": str(above[0]),
        "status": above[1],
        "workflow": {"id": str(above[2]), "name": above[3]},
        "node": run.parent_node,
        "act": run.parent_activation,
        "att": run.parent_attempt,
        "item": run.parent_item,
    }


def of(run: Run) -> dict[str, Any]:
    """The runs that a run started: {total, items}, the newest `AT_MOST` of them in order."""
    if not starts_runs(graphs.of(run.version)):
        return {"total": 0, "items": []}
    rows = Run.objects.filter(parent=run)
    newest = rows.select_related("workflow").only(*_COLUMNS).order_by("-id")[:AT_MOST]
    items = [_child(child) for child in reversed(newest)]
    total = len(items) if len(items) < AT_MOST else rows.count()
    return {"total": total, "items": items}


_COLUMNS = (
    *("public_id", "status", "created_at", "finished_at", "error_code"),
    *("parent_node", "parent_activation", "parent_attempt", "parent_item"),
    *("workflow__public_id", "workflow__name"),
)


def _child(child: Run) -> dict[str, Any]:
    ended = child.finished_at
    return {
        "id": str(child.public_id),
        "workflow": {"id": str(child.workflow.public_id), "name": child.workflow.name},
        "status": child.status,
        "node": child.parent_node,
        "act": child.parent_activation,
        "att": child.parent_attempt,
        "item": child.parent_item,
        "created_at": codec.from_column(child.created_at),
        "finished_at": None if ended is None else codec.from_column(ended),
        "error_code": child.error_code or None,
    }
