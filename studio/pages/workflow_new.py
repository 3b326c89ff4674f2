"""New workflows: from a template, blank, or from a file."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engine.said import say
from studio.actions import workflows as actions
from studio.actions.document_text import format_of
from studio.actions.errors import ActionError
from studio.actions.importing import import_workflow
from studio.models import Workflow
from studio.pages import gallery
from studio.pages.filters import as_uuid
from studio.pages.found import person, workflow_or_404
from studio.sentences import in_words

MOST_BYTES = 2 * 1024 * 1024


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """GET shows the templates; POST makes a workflow of one, or a blank one, and opens it."""
    if request.method != "POST":
        return render(request, "workflows/new.html", _gallery(request))
    workflow = _made(request)
    return redirect("workflow-edit", workflow.public_id)


def _gallery(request: HttpRequest) -> dict[str, Any]:
    """The templates, or with `?shows=` those that show one thing."""
    every = gallery.templates(request)
    shows = request.GET.get("shows", "")
    chosen = [each for each in every if not shows or shows in each.traits]
    return {"templates": chosen, "filters": gallery.filters(every), "shows": shows}


def _made(request: HttpRequest) -> Workflow:
    user = person(request)
    if not request.POST.get("template"):
        return actions.create_workflow(user=user)
    template = workflow_or_404(request, as_uuid(request.POST["template"]))
    return actions.duplicate_workflow(user=user, workflow=template, name=template.name)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_(request: HttpRequest) -> HttpResponse:
    """A document from a file or from pasted text; problems come back with the text."""
    if request.method != "POST":
        return render(request, "workflows/import.html", {"text": ""})
    text = request.POST.get("text", "")
    try:
        text, kind = _given(request, text)
        workflow = import_workflow(user=person(request), text=text, format=kind)
    except ActionError as error:
        return _refused(request, error, text)
    messages.success(request, _("Imported “{name}”.").format(name=workflow.name))
    return redirect("workflow-edit", workflow.public_id)


def _given(request: HttpRequest, text: str) -> tuple[str, str]:
    """The document's text and its format."""
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        text = _read(file)
        return text, format_of(text, str(file.name))
    if not text.strip():
        raise ActionError("E_EMPTY", say("Choose a file, or paste the document's text."))
    return text, format_of(text)


def _read(file: "UploadedFile[Any]") -> str:
    if (file.size or 0) > MOST_BYTES:
        raise ActionError("E_TOO_BIG", say("A workflow document may have at most 2 MiB."), 413)
    try:
        return bytes(file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ActionError("E_ENCODING", say("The file is not text in UTF-8.")) from None


def _refused(request: HttpRequest, error: ActionError, text: str) -> HttpResponse:
    context = {
        "text": text,
        "problems_title": _("The document cannot be imported"),
        "problems": in_words(error.details or [{"message": error.message}]),
    }
    return render(request, "workflows/import.html", context, status=error.status)
