"""How many runs of a workflow may be under way at once: set it, and find the lane of a run."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import TERMINAL_RUN_STATUSES, expressions
from engine.said import Said, grouped, say
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.claims import candidates, lanes
from studio.claims.lanes import Lane
from studio.execution.dispatch import dispatcher
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, Workflow
from studio.rights import Verb

MAX_LIMIT = 10_000
MAX_KEY = 500


def lane_for(workflow: Workflow, state: Mapping[str, Any]) -> str | None:
    """The lane of a run that starts with this state. Raises ActionError when there is none."""
    try:
        return lanes.name_for(workflow, state)
    except expressions.ExpressionError as error:
        said = say(
            "The key of the workflow's limit, {key}, cannot be worked out for this start state:"
            " {problem}. Send a state that has it, or change the key.",
            key=workflow.run_limit_key,
            problem=error.said,
        )
        raise _bad_key(said, "/state", error) from error


@transaction.atomic
def limit_runs(
    *, user: User | None, workflow: Workflow, limit: int | None, key: str = ""
) -> Workflow:
    """Let at most `limit` runs be under way at once, for each value of `key`; None: any number.

    It counts the runs that start from now on; without a key those that have not ended as well.
    What is under way goes on.
    """
    require(user, Verb.EDIT, workflow)
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
        for run_id in candidates.next_in_lane(DjangoConnection(), Lane(workflow_id, lane or "")):
            dispatcher().wanted(run_id)


def _check(limit: int | None, key: str) -> None:
    if limit is not None and not 1 <= limit <= MAX_LIMIT:
        raise ActionError(
            "E_CONCURRENCY",
            say("A limit is a whole number from 1 to {most}, or none.", most=grouped(MAX_LIMIT)),
        )
    if limit is None and key:
        raise ActionError("E_CONCURRENCY", say("A key needs a limit: write how many runs at once."))
    if len(key) > MAX_KEY:
        raise ActionError(
            "E_CONCURRENCY_KEY", say("A key has at most {most} characters.", most=MAX_KEY)
        )
    if key:
        _check_key(key)


def _check_key(key: str) -> None:
    """Raises ActionError for a key that no start state gives a value to."""
    try:
        compiled = expressions.compile(key)
    except expressions.ExpressionError as error:
        said = say("The key is no expression: {problem}.", problem=error.said)
        raise _bad_key(said, "/key", error) from error
    if compiled.names:
        return
    try:
        lanes.key_of(key, {})
    except expressions.ExpressionError as error:
        said = say(
            "The key has no value, whatever a run starts with: {problem}. No run could start.",
            problem=error.said,
        )
        raise _bad_key(said, "/key", error) from error


def _bad_key(said: Said, pointer: str, error: expressions.ExpressionError) -> ActionError:
    detail = {
        "pointer": pointer,
        "code": "E_CONCURRENCY_KEY",
        "message": error.message,
        "hint": error.hint or say("write an expression over the state that runs start with"),
    }
    return ActionError("E_CONCURRENCY_KEY", said, 400, [detail])
