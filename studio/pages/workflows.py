"""The list of workflows."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from studio.models import Workflow
from studio.pages import gallery, statuses
from studio.pages.filters import WorkflowFilters
from studio.pages.paging import Pager
from studio.pages.workflow_rows import workflow_rows
from studio.queries import visible

SIZE = 50


@login_required
def workflows(request: HttpRequest) -> HttpResponse:
    filters = WorkflowFilters.read(request)
    wanted = filters.rows(request).order_by("-draft_saved_at", "-id")
    page = Paginator(wanted, SIZE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "rows": workflow_rows(request, wanted[page.start_index() - 1 : page.end_index()])
        if page.paginator.count
        else [],
        "pager": _pager(request, page),
        "tags": _tags(request),
        "figures": _figures(request),
        "templates": [] if _has_own(request) else gallery.templates(request),
    }
    return render(request, "workflows/list.html", context)


def _has_own(request: HttpRequest) -> bool:
    return Workflow.objects.filter(owner=request.user.pk, deleted_at=None, hidden=False).exists()


def _tags(request: HttpRequest) -> list[str]:
    rows = visible.workflows(request.user).filter(hidden=False).exclude(tags=[])
    return sorted({tag for tags in rows.values_list("tags", flat=True) for tag in tags})


def _figures(request: HttpRequest) -> Mapping[str, int]:
    """Runs and failures of the last 24 hours, and what is active now."""
    runs = visible.runs(request.user)
    # Public ids grow with time and are indexed; created_at is not.
    since = _first_id_of(timezone.now() - timedelta(hours=24))
    counted = runs.filter(public_id__gte=since).aggregate(
        runs=Count("pk"), failed=Count("pk", filter=Q(status="failed"))
    )
    return {**counted, "active": runs.filter(status__in=statuses.ACTIVE).count()}


def _first_id_of(moment: Any) -> UUID:
    """The smallest UUIDv7 of a moment: its milliseconds, and zeros."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _pager(request: HttpRequest, page: Any) -> Pager:
    def link(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return Pager(
        link(page.previous_page_number()) if page.has_previous() else "",
        link(page.next_page_number()) if page.has_next() else "",
    )
