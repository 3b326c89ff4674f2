"""The page that moves a resting run to another version."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engine import RunStatus
from studio.actions import moves
from studio.actions.errors import ActionError
from studio.actions.run_verbs import Verb, refusal
from studio.models import Run
from studio.pages.found import person, run_or_404
from studio.pages.run_rows import run_row
from studio.pages.steering_forms import MoveForm
from studio.queries import visible
from studio.sentences import told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """GET asks for the version, POST moves the run."""
    found = run_or_404(request, run_id)
    form = MoveForm(found, request.POST if request.method == "POST" else None)
    homeless: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            moved = _move(request, found, form)
        except ActionError as error:
            form.add_error(None, told(error.message))
            homeless = [told(detail["message"]) for detail in error.details]
        else:
            messages.success(
                request,
                _said(moved).format(number=moved.version.number),
            )
            return redirect("run", run_id)
    instead = refusal(Verb.MOVE, RunStatus(found.status))
    context = {
        "run": run_row(found),
        "form": form,
        "homeless": homeless if len(homeless) > 1 else [],
        "instead": None if instead is None else told(instead),
    }
    return render(request, "runs/move.html", context, status=422 if form.errors else 200)


def _move(request: HttpRequest, found: Run, form: MoveForm) -> Run:
    versions = visible.versions(request.user).filter(workflow=found.workflow)
    version = versions.get(public_id=form.cleaned_data["version"])
    return moves.move_run(
        user=person(request), run=found, version=version, names=form.cleaned_data["map"]
    )


def _said(moved: Run) -> str:
    if moved.status == RunStatus.FAILED:
        return _("The run goes on by v{number}. Retry it now.")
    return _("The run goes on by v{number}. Resume it now.")
