"""The page that says which runs of a workflow are kept."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from studio.actions import forgetting, retention
from studio.actions.permission import require
from studio.pages.found import person, workflow_or_404
from studio.pages.run_rows import run_rows
from studio.pages.steering_forms import RetentionForm, in_words
from studio.queries import items, visible
from studio.rights import Verb

MOST_COUNTED = 1000
MOST_KEPT = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keeping(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """GET shows the rule and what it would let go now, POST changes it."""
    workflow = workflow_or_404(request, workflow_id)
    data = request.POST if request.method == "POST" else None
    form = RetentionForm(workflow, forgetting.studio_rule(), data)
    if request.method == "POST":
        require(person(request), Verb.DELETE, workflow)
        if form.is_valid():
            ruled = retention.set_retention(
                user=person(request), workflow=workflow, rule=form.rule()
            )
            said = _("“{name}” keeps {runs}.")
            runs = in_words(forgetting.rule_of(ruled))
            messages.success(request, said.format(name=workflow.name, runs=runs))
            return redirect("workflow-keeping", workflow_id)
    due = forgetting.due(workflow, now()).order_by()[: MOST_COUNTED + 1].count()
    kept = visible.runs(request.user).filter(workflow=workflow, kept=True).order_by("-id")
    context = {
        "workflow": workflow,
        "form": form,
        "can_set": visible.may(request.user, Verb.DELETE, workflow),
        "due": min(due, MOST_COUNTED),
        "due_more": due > MOST_COUNTED,
        "kept": run_rows(items.listed_runs(kept)[:MOST_KEPT]),
    }
    return render(request, "workflows/keeping.html", context, status=422 if form.errors else 200)
