"""What people are asked: the open waits of runs, as the inbox shows them."""

import re
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from engine import TERMINAL_RUN_STATUSES, RunStatus
from engine.policies import WaitKind
from studio.journal import codec
from studio.models import Run, Wait
from studio.queries import visible
from studio.queries.items import Item, moment
from studio.queries.visible import Viewer
from studio.rights import Verb

REF = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?")
"""The part of a question's id that the engine gave it."""
ENDING = [RunStatus.CANCELLING.value, *(status.value for status in TERMINAL_RUN_STATUSES)]
"""Statuses in which nothing reaches a run any more."""


def asked(user: Viewer, verb: Verb = Verb.SEE) -> QuerySet[Wait]:
    """What is asked now, oldest first, of the runs with which this user may do that."""
    return (
        visible.waits(user, verb)
        .filter(kind=WaitKind.HUMAN.value, closed_at=None)
        .exclude(run__status__in=ENDING)
        .select_related("run__workflow", "run__parent__workflow")
        .order_by("id")
    )


def by_id(user: Viewer, wait_id: str) -> Wait | None:
    """The question of this public id, open or not, or None."""
    run_id, _, ref = wait_id.partition(".")
    try:
        public_id = UUID(run_id)
    except ValueError:
        return None
    if not REF.fullmatch(ref):
        return None
    return (
        visible.waits(user)
        .filter(kind=WaitKind.HUMAN.value, run__public_id=public_id, ref=ref)
        .select_related("run__workflow", "run__parent__workflow")
        .first()
    )


def concerns(user: User, wait: Wait) -> bool:
    """Whether the user is among those who are asked; everybody is where nobody is named."""
    assignees = codec.decode(wait.data).get("assignees") or {}
    if not assignees:
        return True
    group = assignees.get("group")
    return user.get_username() in assignees.get("users", ()) or bool(
        group and user.groups.filter(name=group).exists()
    )


def _parent(run: Run) -> Item | None:
    """The run that the one which asks works for, if another one started it."""
    above = run.parent
    if above is None:
        return None
    workflow = {"id": str(above.workflow.public_id), "name": above.workflow.name}
    return {"run": str(above.public_id), "workflow": workflow}


def item(wait: Wait) -> Item:
    """A wait as the API answers with it."""
    data: dict[str, Any] = codec.decode(wait.data)
    return {
        "id": f"{wait.run.public_id}.{wait.ref}",
        "run": str(wait.run.public_id),
        "workflow": {"id": str(wait.run.workflow.public_id), "name": wait.run.workflow.name},
        "parent": _parent(wait.run),
        "node": data["node"],
        "item": data.get("item"),
        "title": data.get("title", data["node"]),
        "description": data.get("description", ""),
        "form": data.get("form", {}),
        "assignees": data.get("assignees", {}),
        "due_at": moment(wait.due_at),
        "opened_at": moment(wait.created_at),
    }
