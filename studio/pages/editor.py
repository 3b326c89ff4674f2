"""The editor's page: an island, its data, and an outline for readers without JavaScript."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from engine import expressions
from studio.actions.workflows import is_live, problems_of
from studio.journal import codec
from studio.models import Workflow
from studio.pages import boot
from studio.pages.drafts import nodes_of
from studio.pages.found import workflow_or_404
from studio.pages.outline import MOST_STEPS, outline
from studio.pages.skeleton import skeleton
from studio.pages.tools import CATEGORIES, EFFECTS
from studio.queries import changes as workflow_changes
from studio.queries import items
from studio.rights import Verb
from studio.sentences import in_words
from studio.setup import toolbox

# What the editor loads later, by the names of the built files.
FILES = ("editor-later", "layout.worker")


# Back shows the draft as it is now, not as this page had it: one would write on from an old one.
@never_cache
@login_required
def edit(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    workflow = workflow_or_404(request, workflow_id)
    document = codec.decode(workflow.draft)
    most = None if request.GET.get("outline") == "all" else MOST_STEPS
    context = {
        "workflow": workflow,
        "skeleton": skeleton(document),
        "outline": outline(document, most),
        "outline_more": 0 if most is None else max(0, len(nodes_of(document)) - most),
        "boot": _boot(request, workflow, document),
    }
    return render(request, "workflows/edit.html", context)


@require_GET
def changes(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """What publishing the draft would change: as the API says it, in the reader's language."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    found = workflow_changes.answer(workflow_or_404(request, workflow_id))
    response = JsonResponse(found)
    response["Cache-Control"] = "no-store"
    return response


def _boot(request: HttpRequest, workflow: Workflow, document: boot.Boot) -> boot.Boot:
    registry = toolbox.registry()
    problems = in_words(problems_of(request.user, workflow, document))
    return {
        "page": "editor",
        "workflow": items.workflow_full(request.user, workflow, problems),
        "live": is_live(request.user, workflow),
        "tools": [registry.get(name).describe() for name in registry.names()],
        "effects": {effect: str(words) for effect, words in EFFECTS.items()},
        "categories": {category: str(words) for category, words in CATEGORIES.items()},
        "language": {key: expressions.REFERENCE[key] for key in ("functions", "names")},
        "user": boot.user(request),
        **boot.rights(request, (workflow, (Verb.EDIT, Verb.RUN, Verb.SHARE, Verb.DELETE))),
        "urls": {**boot.urls(), "files": {name: static(f"dist/{name}.js") for name in FILES}},
    }
