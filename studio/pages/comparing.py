"""The page that compares two versions of a workflow, or a version with the draft."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from engine.graph.difference import difference
from studio.difference_words import in_short, sections
from studio.models import Workflow
from studio.pages.found import workflow_or_404
from studio.queries import differences
from studio.queries import workflows as queries


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str


@login_required
def compare(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """`?from=` and `?to=` are numbers, or `draft`; without them the newest and the draft."""
    workflow = workflow_or_404(request, workflow_id)
    newest, draft = differences.usual_pair(workflow)
    before, after = request.GET.get("from") or newest, request.GET.get("to") or draft
    try:
        old = differences.document_of(workflow, before)
        new = differences.document_of(workflow, after)
    except differences.NoVersion as error:
        raise Http404(str(error)) from None
    found = difference(old, new)
    context = {
        "workflow": workflow,
        "before": before,
        "after": after,
        "before_label": _label(before),
        "after_label": _label(after),
        "choices": _choices(workflow),
        "summary": in_short(found),
        "differs": bool(found),
        "sections": sections(found, old, new),
    }
    return render(request, "workflows/compare.html", context)


def _label(which: str) -> str:
    return "the draft" if which == differences.DRAFT else f"v{which}"


def _choices(workflow: Workflow) -> list[Choice]:
    versions = queries.numbered_versions(workflow).only("number", "note", "created_by__username")
    made = [Choice(differences.DRAFT, "Draft")]
    for version in versions:
        note = f": {version.note}" if version.note else ""
        made.append(Choice(str(version.number), f"v{version.number}{note}"[:60]))
    return made
