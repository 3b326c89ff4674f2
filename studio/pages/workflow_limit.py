"""The page that says how many runs of a workflow are under way at once."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studio.actions import concurrency
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.models import Run, Workflow
from studio.pages.found import person, workflow_or_404
from studio.pages.steering_forms import LimitForm
from studio.queries import visible
from studio.rights import Verb
from studio.sentences import told

MOST_LANES = 50


@dataclass(frozen=True, slots=True)
class LaneRow:
    name: str
    under_way: int
    queued: int


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def limit(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """GET shows the limit and its lanes, POST changes it."""
    workflow = workflow_or_404(request, workflow_id)
    can_edit = visible.can_edit(request.user, workflow)
    form = LimitForm(workflow, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(person(request), Verb.EDIT, workflow)
        if form.is_valid() and _saved(request, workflow, form):
            return redirect("workflow-limit", workflow_id)
    context = {
        "workflow": workflow,
        "form": form,
        "can_edit": can_edit,
        "lanes": _lanes(workflow),
    }
    return render(request, "workflows/limit.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, workflow: Workflow, form: LimitForm) -> bool:
    asked = form.cleaned_data
    try:
        concurrency.limit_runs(
            user=person(request), workflow=workflow, limit=asked["limit"], key=asked["key"].strip()
        )
    except ActionError as error:
        form.add_error("key" if error.code == "E_CONCURRENCY_KEY" else None, told(error.message))
        return False
    if asked["limit"]:
        said = _("“{name}” runs {limit} at once.").format(name=workflow.name, limit=asked["limit"])
    else:
        said = _("“{name}” runs any number at once.").format(name=workflow.name)
    messages.success(request, said)
    return True


def _lanes(workflow: Workflow) -> list[LaneRow]:
    """The lanes with runs in them, the fullest line first."""
    begun = ["running", "waiting", "cancelling"]
    rows = (
        Run.objects.filter(workflow=workflow, status__in=["queued", *begun])
        .exclude(lane=None)
        .values("lane")
        .annotate(
            queued=Count("id", filter=Q(status="queued")),
            under_way=Count("id", filter=Q(status__in=begun)),
        )
        .order_by("-queued", "lane")
    )
    return [
        LaneRow(row["lane"] or _("all runs"), row["under_way"], row["queued"])
        for row in rows[:MOST_LANES]
    ]
