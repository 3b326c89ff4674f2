"""The published versions of a workflow."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from studio.models import Workflow
from studio.pages.found import workflow_or_404
from studio.queries import visible


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int | None
    note: str
    by: str
    at: datetime
    runs: int
    hash: str
    current: bool
    former: int | None
    """The version before it."""


@login_required
def versions(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    workflow = workflow_or_404(request, workflow_id)
    context = {
        "workflow": workflow,
        "versions": _rows(request, workflow),
        "can": visible.can(request.user, workflow),
    }
    return render(request, "workflows/versions.html", context)


def _rows(request: HttpRequest, workflow: Workflow) -> list[VersionRow]:
    mine = Q(runs__in=visible.runs(request.user).filter(workflow=workflow))
    published = (
        workflow.versions.exclude(number=None)
        .select_related("created_by")
        .defer("document")
        .annotate(run_count=Count("runs", filter=mine))
        .order_by("-number")
    )
    numbers = [version.number for version in published]
    return [
        VersionRow(
            version.number,
            version.note,
            version.created_by.get_username() if version.created_by else "Treadle",
            version.created_at,
            version.run_count,
            version.hash,
            version.pk == workflow.published_id,
            former,
        )
        for version, former in zip(published, [*numbers[1:], None], strict=False)
    ]
