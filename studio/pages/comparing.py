"""The page that compares two versions of a workflow, or a version with the draft."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from engine.graph.difference import Parts
from studio.models import Workflow
from studio.pages import boot
from studio.pages.found import workflow_or_404
from studio.queries import changes, differences
from studio.queries import workflows as queries
from studio.queries.difference_words import Group
from studio.setup import toolbox


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
        found = changes.between(workflow, before, after)
    except differences.NoVersion as error:
        raise Http404(str(error)) from None
    context = {
        "workflow": workflow,
        "before": before,
        "after": after,
        "before_label": _label(before),
        "after_label": _label(after),
        "choices": _choices(workflow),
        "summary": found.summary,
        "differs": bool(found.found),
        "sections": _sections(found),
        "boot": _boot(found),
    }
    return render(request, "workflows/compare.html", context)


@dataclass(frozen=True, slots=True)
class Told:
    """One change and who made it."""

    group: Group
    authors: tuple[changes.Author, ...]

    @property
    def is_drawn(self) -> bool:
        """Whether the canvas can show it: a step or a way."""
        return self.group.part.startswith(("nodes/", "edges/"))


def _sections(found: changes.Changes) -> list[tuple[str, list[Told]]]:
    return [
        (section.title, [Told(group, found.of(group)) for group in section.groups])
        for section in found.sections
    ]


def _boot(found: changes.Changes) -> boot.Boot:
    """What the canvas shows: both documents, and what became of their steps and ways."""
    registry = toolbox.registry()
    return {
        "page": "compare",
        "before": found.before,
        "after": found.after,
        "changes": {"nodes": _kinds(found.found.nodes), "edges": _kinds(found.found.edges)},
        "tools": [registry.get(name).describe() for name in registry.names()],
        "urls": boot.urls(),
    }


def _kinds(parts: Parts) -> dict[str, str]:
    return {
        **dict.fromkeys(parts.added, "added"),
        **dict.fromkeys(parts.removed, "removed"),
        **{each.id: "changed" for each in parts.changed},
    }


def _label(which: str) -> str:
    return _("the draft") if which == differences.DRAFT else f"v{which}"


def _choices(workflow: Workflow) -> list[Choice]:
    versions = queries.numbered_versions(workflow).only("number", "note", "created_by__username")
    made = [Choice(differences.DRAFT, _("Draft"))]
    for version in versions:
        note = f": {version.note}" if version.note else ""
        made.append(Choice(str(version.number), f"v{version.number}{note}"[:60]))
    return made
