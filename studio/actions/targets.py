"""What a trigger starts: found again each time, as what its owner may see changes."""

from typing import Any

from django.contrib.auth.models import User

from engine.said import say
from studio.actions import runs
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.models import Version, Workflow
from studio.queries import visible
from studio.rights import Verb


def version_to_start(owner: User, workflow: Workflow, version: Version | None) -> Version:
    """The version that a trigger of this owner starts now. Raises ActionError that says why not."""
    seen = still_visible(owner, workflow)
    require(owner, Verb.RUN, seen)
    if version is not None:
        return version
    if seen.published is None:
        raise ActionError("E_NOT_PUBLISHED", say("The workflow has no published version."), 409)
    return seen.published


def still_visible(owner: User, workflow: Workflow) -> Workflow:
    """The workflow as it is now. Raises ActionError when a trigger of this owner has none."""
    if not owner.is_active:
        raise ActionError(
            "E_OWNER",
            say("{name}, whose trigger this is, may not sign in.", name=owner.get_username()),
            409,
        )
    rows = visible.workflows(owner).filter(pk=workflow.pk).select_related("published")
    seen = rows.defer("draft", "published__document").first()
    if seen is None:
        raise ActionError(
            "E_NOT_FOUND", say("The workflow was deleted, or is no longer visible."), 404
        )
    return seen


def checked_version(
    owner: User, workflow: Workflow, version: Version | None, state: dict[str, Any] | None
) -> None:
    """Refuse a trigger that could not start a run today. `state`: None where it comes later."""
    if version is not None and version.workflow_id != workflow.pk:
        raise ActionError("E_VERSION", say("This is no version of that workflow."))
    found = version_to_start(owner, workflow, version)
    if state is not None:
        runs.plan_run(user=owner, version=found, state=state, source="", idempotency_key=None)
