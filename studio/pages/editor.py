"""The editor's page: an island, its data, and an outline for readers without JavaScript."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from studio import codec, toolbox
from studio.actions.workflows import problems_of
from studio.models import Workflow
from studio.pages import boot
from studio.pages.found import workflow_or_404
from studio.pages.outline import outline
from studio.queries import items


@login_required
def edit(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    workflow = workflow_or_404(request, workflow_id)
    document = codec.decode(workflow.draft)
    context = {
        "workflow": workflow,
        "outline": outline(document),
        "boot": _boot(request, workflow, document),
    }
    return render(request, "workflows/edit.html", context)


def _boot(request: HttpRequest, workflow: Workflow, document: boot.Boot) -> boot.Boot:
    registry = toolbox.registry()
    return {
        "page": "editor",
        "workflow": items.workflow_full(request.user, workflow, problems_of(workflow, document)),
        "tools": [registry.get(name).describe() for name in registry.names()],
        "user": boot.user(request),
        "urls": boot.urls(),
    }
