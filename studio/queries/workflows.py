"""What pages and API read of workflows."""

import json
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from studio.models import Version, Workflow
from studio.queries import visible
from studio.queries.visible import Viewer


def get_workflow(user: Viewer, public_id: UUID | str) -> Workflow:
    """The workflow with that id, if this user may see it. Raises Workflow.DoesNotExist."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        raise Workflow.DoesNotExist(f"no workflow {public_id!r}") from None
    rows = visible.workflows(user).select_related("owner", "draft_saved_by", "published")
    return rows.get(public_id=wanted)


def get_version(user: Viewer, public_id: UUID | str) -> Version:
    """The version with that id, if this user may see its workflow. Raises Version.DoesNotExist."""
    try:
        wanted = UUID(str(public_id))
    except ValueError:
        raise Version.DoesNotExist(f"no version {public_id!r}") from None
    return visible.versions(user).select_related("workflow", "created_by").get(public_id=wanted)


def listed(
    user: Viewer, *, search: str | None = None, tag: str | None = None, owner: str | None = None
) -> QuerySet[Workflow]:
    """The workflows this user sees in lists, narrowed; order and pages are the caller's."""
    rows = visible.workflows(user).filter(hidden=False)
    if search:
        rows = rows.filter(
            Q(name__icontains=search) | Q(key__icontains=search) | Q(description__icontains=search)
        )
    if tag:
        plain = json.dumps(tag, ensure_ascii=False)
        rows = rows.annotate(tags_text=Cast("tags", TextField())).filter(
            Q(tags_text__contains=json.dumps(tag)) | Q(tags_text__contains=plain)
        )
    if owner:
        rows = rows.filter(owner__username=owner)
    return rows


def numbered_versions(workflow: Workflow) -> QuerySet[Version]:
    """The published versions, the newest first."""
    return workflow.versions.exclude(number=None).select_related("created_by").order_by("-number")
