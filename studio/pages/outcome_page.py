"""The page of one call of unknown outcome: what is known of it, and the five things to say."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engine import JournalCorrupt, RunStatus
from engine.policies import OutcomeChoice
from studio.actions import outcomes as actions
from studio.actions.errors import ActionError, NotAllowed
from studio.models import Wait
from studio.pages.found import person
from studio.pages.outcome_form import DecisionForm, label_of
from studio.queries import outcomes as queries
from studio.queries import visible
from studio.rights import Verb
from studio.sentences import told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def outcome(request: HttpRequest, outcome_id: str) -> HttpResponse:
    """GET shows the call, POST says what became of it. The first decision counts."""
    wait = queries.by_id(person(request), outcome_id)
    if wait is None:
        raise Http404("no such call")
    try:
        call = queries.item(queries.look(wait))
    except (JournalCorrupt, LookupError) as error:
        raise Http404(f"the journal cannot be read: {error}") from error
    form = DecisionForm(
        call["returns"], call["late"], request.POST if request.method == "POST" else None
    )
    status = 200
    if request.method == "POST":
        if form.is_valid() and _decided(request, wait, form):
            return redirect("run", wait.run.public_id)
        status = 422
    context = {
        "call": call,
        "times": _times(call),
        "form": form,
        "decided": _told(call["decided"]),
        "is_over": wait.closed_at is not None or wait.run.status in queries.OVER,
        "refusal": visible.refusal(person(request), Verb.STEER, wait.run),
    }
    return render(request, "inbox/outcome.html", context, status=status)


def _times(call: dict[str, Any]) -> dict[str, datetime | None]:
    """The moments of a call as the templates take them."""
    told = {
        "begun": call["started_at"],
        "lost": call["lost_at"],
        "late": (call["late_result"] or {}).get("at"),
        "decided": (call["decided"] or {}).get("at"),
    }
    return {name: None if at is None else datetime.fromisoformat(at) for name, at in told.items()}


def _told(decided: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if decided is None else {**decided, "label": label_of(decided["choice"])}


def _decided(request: HttpRequest, wait: Wait, form: DecisionForm) -> bool:
    """Whether the decision was taken; else the form says why not."""
    try:
        run = actions.decide_outcome(
            user=person(request),
            wait=wait,
            choice=OutcomeChoice(form.cleaned_data["choice"]),
            output=form.given(),
            note=form.cleaned_data["note"],
        )
    except NotAllowed:
        raise
    except ActionError as error:
        form.add_error(None, told(error.message))
        return False
    if run.status in (RunStatus.PAUSED, RunStatus.FAILED):
        messages.success(request, _("Decided. It takes effect when the run goes on."))
    else:
        messages.success(request, _("Decided: the run goes on."))
    return True
