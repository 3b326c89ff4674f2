"""What the menu of a workflow does: duplicate, delete, restore a version, export."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from studio.actions import workflows as actions
from studio.actions.errors import ActionError
from studio.actions.exporting import export_workflow
from studio.actions.permission import require
from studio.journal import codec
from studio.models import Version, Workflow
from studio.pages.found import person, workflow_or_404
from studio.queries import visible
from studio.rights import Verb
from studio.sentences import told

CONTENT_TYPES = {"json": "application/json", "yaml": "application/yaml"}


@login_required
@require_POST
def duplicate(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    workflow = workflow_or_404(request, workflow_id)
    copy = actions.duplicate_workflow(user=person(request), workflow=workflow)
    messages.success(request, _("This is your copy of “{name}”.").format(name=workflow.name))
    return redirect("workflow-edit", copy.public_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """GET asks, POST deletes."""
    workflow = _allowed(request, workflow_id, Verb.DELETE)
    if request.method != "POST":
        runs = visible.runs(request.user).filter(workflow=workflow).count()
        triggers = workflow.schedules.filter(enabled=True).count() + workflow.webhooks.count()
        context = {"workflow": workflow, "runs": runs, "triggers": triggers}
        return render(request, "workflows/delete.html", context)
    actions.delete_workflow(user=person(request), workflow=workflow)
    messages.success(request, _("“{name}” was deleted.").format(name=workflow.name))
    return redirect("workflows")


@login_required
@require_POST
def restore(request: HttpRequest, workflow_id: UUID, number: int) -> HttpResponse:
    """Put the document of a published version into the draft."""
    workflow = _allowed(request, workflow_id, Verb.EDIT)
    version = _version_or_404(workflow, number)
    try:
        actions.save_draft(
            user=person(request),
            workflow=workflow,
            rev=workflow.draft_rev,
            document=codec.decode(version.document),
            shrink=True,
        )
    except ActionError as error:
        messages.error(
            request,
            _("v{number} was not restored: {error}").format(
                number=number, error=told(error.message)
            ),
        )
        return redirect("workflow-versions", workflow.public_id)
    messages.success(
        request,
        _("The draft is now v{number}. Publish it to make it current.").format(number=number),
    )
    return redirect("workflow-edit", workflow.public_id)


@login_required
@require_GET
def export(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """The draft, or `?version=N`, as a file in `?format=` json or yaml."""
    workflow = workflow_or_404(request, workflow_id)
    kind = request.GET.get("format", "json")
    if kind not in CONTENT_TYPES:
        raise Http404("no such format")
    number = request.GET.get("version", "")
    version = _version_or_404(workflow, int(number)) if number.isdecimal() else None
    text = export_workflow(workflow=workflow, version=version, format=kind)
    name = slugify(workflow.key) + (f"-v{version.number}" if version else "")
    return HttpResponse(
        text,
        content_type=f"{CONTENT_TYPES[kind]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


def _allowed(request: HttpRequest, workflow_id: UUID, verb: Verb) -> Workflow:
    workflow = workflow_or_404(request, workflow_id)
    require(person(request), verb, workflow)
    return workflow


def _version_or_404(workflow: Workflow, number: int) -> Version:
    version = workflow.versions.filter(number=number).first()
    if version is None:
        raise Http404("no such version")
    return version
