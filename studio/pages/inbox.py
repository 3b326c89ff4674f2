"""What runs ask people: the list of open questions, and the page that answers one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from studio.actions import waits as actions
from studio.actions.errors import ActionError
from studio.journal import codec
from studio.models import Wait
from studio.pages.answer_form import AnswerForm
from studio.pages.found import person
from studio.queries import outcomes, visible
from studio.queries import waits as queries
from studio.queries.step_titles import StepTitles
from studio.rights import Verb
from studio.sentences import told

MOST = 200
"""Questions on the page; answering some brings the others up."""


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The open questions of the runs that this person sees, those that concern him first."""
    user = person(request)
    waits = list(queries.asked(user, Verb.STEER)[:MOST])
    own = [_row(wait) for wait in waits if queries.concerns(user, wait)]
    others = [_row(wait) for wait in waits if not queries.concerns(user, wait)]
    calls = calls_shown(list(outcomes.undecided(user, Verb.STEER).order_by("id")[:MOST]))
    return render(request, "inbox/list.html", {"own": own, "others": others, "calls": calls})


def calls_shown(waits: list[Wait]) -> list[dict[str, Any]]:
    """Calls of unknown outcome as tables list them."""
    titles = StepTitles(wait.run for wait in waits)
    return [
        {**item, "lost": wait.created_at, "step": titles.of(wait.run, item["node"])}
        for item, wait in zip(outcomes.brief_items(waits), waits, strict=True)
    ]


def _row(wait: Wait) -> dict[str, Any]:
    item = queries.item(wait)
    return {
        **item,
        "opened": wait.created_at,
        "due": wait.due_at,
        "people": _people(item["assignees"]),
    }


def _people(assignees: dict[str, Any]) -> str:
    names = [*assignees.get("users", ())]
    if assignees.get("group"):
        names.append(_("everybody in {group}").format(group=assignees["group"]))
    return ", ".join(names) or _("anybody")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, wait_id: str) -> HttpResponse:
    """GET shows what is asked, POST answers it. The first answer counts."""
    wait = queries.by_id(person(request), wait_id)
    if wait is None:
        raise Http404("no such question")
    schema = codec.decode(wait.data).get("form") or {}
    form = AnswerForm(schema, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _answered(request, wait, form):
            messages.success(request, _("Your answer is on its way: the run goes on."))
            return redirect("inbox")
        status = 422
    context = {
        "asked": queries.item(wait),
        "step": StepTitles([wait.run]).of(wait.run, str(codec.decode(wait.data)["node"])),
        "closed_at": wait.closed_at,
        "form": form,
        "refusal": visible.refusal(person(request), Verb.STEER, wait.run),
    }
    return render(request, "inbox/question.html", context, status=status)


def _answered(request: HttpRequest, wait: Wait, form: AnswerForm) -> bool:
    """Whether the answer was taken; else the form says why not."""
    try:
        actions.answer_wait(user=person(request), wait=wait, answer=form.answer())
    except ActionError as error:
        for detail in error.details:
            form.add_error(form.place(detail["pointer"]), told(detail["message"]))
        if not error.details:
            form.add_error(None, told(error.message))
        return False
    return True
