"""How many runs of a workflow may be under way at once: set it, and find the lane of a run."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import TERMINAL_RUN_STATUSES, expressions
from studio import lanes, leases
from studio.actions import audit
from studio.actions.errors import ActionError, NotAllowed
from studio.execution.dispatch import dispatcher
from studio.lanes import Lane
from studio.models import Run, Workflow
from studio.queries import visible
from studio.raw_connection import DjangoConnection

MAX_LIMIT = 10_000
MAX_KEY = 500


def lane_for(workflow: Workflow, state: Mapping[str, Any]) -> str | None:
    """The lane of a run that starts with this state. Raises ActionError when there is none."""
    try:
        return lanes.name_for(workflow, state)
    except expressions.ExpressionError as error:
        raise ActionError(
            "E_CONCURRENCY_KEY",
            f"The key of the workflow's limit, {workflow.run_limit_key}, cannot be worked out for"
            f" this start state: {error}. Send a state that has it, or change the key.",
            400,
        ) from error


@transaction.atomic
def limit_runs(
    *, user: User | None, workflow: Workflow, limit: int | None, key: str = ""
) -> Workflow:
    """Let at most `limit` runs be under way at once, for each value of `key`; None: any number.

    It counts the runs that start from now on; without a key those that have not ended as well.
    What is under way goes on.
    """
    if user is not None and not visible.can_edit(user, workflow):
        raise NotAllowed(f"{workflow.name!r} is not yours to change: duplicate it instead.")
    _check(limit, key)
    head = Workflow.objects.select_for_update().get(pk=workflow.pk)
    if (head.run_limit, head.run_limit_key) == (limit, key):
        return head
    head.run_limit, head.run_limit_key = limit, key
    head.save(update_fields=["run_limit", "run_limit_key"])
    if limit is not None and not key:
        live = Run.objects.filter(workflow=head).exclude(status__in=TERMINAL_RUN_STATUSES)
        live.filter(lane=None, parent=None).update(lane="")
    audit.record(user, "workflow.limit_runs", head.public_id, limit=limit, key=key)
    transaction.on_commit(lambda: _call_first(head.pk))
    return head


def _call_first(workflow_id: int) -> None:
    """A higher limit may have made places: whoever is first may not wait for a sweep."""
    rows = Run.objects.filter(workflow_id=workflow_id, status="queued").exclude(lane=None)
    for lane in rows.order_by("lane").values_list("lane", flat=True).distinct()[:20]:
        for run_id in leases.next_in_lane(DjangoConnection(), Lane(workflow_id, lane or "")):
            dispatcher().wanted(run_id)


def _check(limit: int | None, key: str) -> None:
    if limit is not None and not 1 <= limit <= MAX_LIMIT:
        raise ActionError(
            "E_CONCURRENCY", f"A limit is a whole number from 1 to {MAX_LIMIT:,}, or none."
        )
    if limit is None and key:
        raise ActionError("E_CONCURRENCY", "A key needs a limit: write how many runs at once.")
    if len(key) > MAX_KEY:
        raise ActionError("E_CONCURRENCY_KEY", f"A key has at most {MAX_KEY} characters.")
    if key:
        try:
            expressions.compile(key)
        except expressions.ExpressionError as error:
            raise ActionError(
                "E_CONCURRENCY_KEY", f"The key is no expression: {error}.", 400
            ) from error
