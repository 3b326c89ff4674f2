"""The lists of runs: all of them, and those of one workflow."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from studio.models import Run, Workflow
from studio.pages.filters import RunFilters, as_uuid
from studio.pages.found import workflow_or_404
from studio.pages.paging import SIZE, page_of_runs
from studio.pages.run_rows import run_news, run_rows
from studio.queries import items, visible

MOST_CHOICES = 200


@login_required
def runs(request: HttpRequest) -> HttpResponse:
    return _page(request, visible.runs(request.user), None)


@login_required
def workflow_runs(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    workflow = workflow_or_404(request, workflow_id)
    return _page(request, visible.runs(request.user).filter(workflow=workflow), workflow)


@login_required
def news(request: HttpRequest) -> HttpResponse:
    """How the newest runs of a list stand: its page asks every few seconds."""
    filters = RunFilters.read(request)
    rows = items.listed_runs(filters.apply(visible.runs(request.user)))
    response = JsonResponse({"items": run_news(rows.order_by("-public_id")[:SIZE])})
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, listed: QuerySet[Run], workflow: Workflow | None) -> HttpResponse:
    filters = RunFilters.read(request)
    page, pager = page_of_runs(request, filters.apply(items.listed_runs(listed)))
    context = {
        "workflow": workflow,
        "parent": _parent(request, filters),
        "filters": filters,
        "rows": run_rows(page),
        "pager": pager,
        "workflows": [] if workflow else _choices(request),
        "live_query": _live_query(filters, workflow, first_page=not pager.newer),
    }
    return render(request, "runs/list.html", context)


def _parent(request: HttpRequest, filters: RunFilters) -> Run | None:
    """The run whose children are listed, if this person sees it."""
    if not filters.parent:
        return None
    rows = visible.runs(request.user).select_related("workflow")
    return rows.filter(public_id=as_uuid(filters.parent)).first()


def _choices(request: HttpRequest) -> list[tuple[str, str]]:
    rows = visible.workflows(request.user).filter(hidden=False).order_by("name")
    return [(str(id_), name) for id_, name in rows.values_list("public_id", "name")[:MOST_CHOICES]]


def _live_query(filters: RunFilters, workflow: Workflow | None, *, first_page: bool) -> str:
    """Where the page looks for news of its head: of any status, as rows change theirs."""
    if not first_page:
        return ""
    query = {
        "workflow": str(workflow.public_id) if workflow else filters.workflow,
        "source": filters.source,
        "parent": filters.parent,
    }
    return f"{reverse('runs-news')}?{urlencode({key: each for key, each in query.items() if each})}"
