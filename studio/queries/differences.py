"""What two versions of a workflow, or a version and the draft, do differently."""

from typing import Any

from engine.graph.difference import Difference, difference
from engine.graph.document import try_read
from studio.journal import codec
from studio.models import Workflow

DRAFT = "draft"
"""The word for the draft, where a version's number stands otherwise."""


class NoVersion(LookupError):
    """The workflow has no such version."""


def document_of(workflow: Workflow, which: str) -> dict[str, Any]:
    """The document of a version by its number, or of the draft. Raises NoVersion."""
    if which == DRAFT:
        draft: dict[str, Any] = {**codec.decode(workflow.draft), "name": workflow.name}
        # One that can be read gets the ids of its edges; a broken one is compared as it is.
        graph, _ = try_read(draft)
        return draft if graph is None else graph.to_dict()
    number = int(which) if which.isascii() and which.isdigit() and len(which) < 9 else 0
    version = workflow.versions.filter(number=number).first() if number else None
    if version is None:
        raise NoVersion(f"{workflow.key} has no version {which[:20]!r}: give a number, or draft.")
    document: dict[str, Any] = codec.decode(version.document)
    return document


def between(workflow: Workflow, before: str, after: str) -> Difference:
    """What `after` does differently from `before`. Raises NoVersion."""
    return difference(document_of(workflow, before), document_of(workflow, after))


def usual_pair(workflow: Workflow) -> tuple[str, str]:
    """What is compared if nobody says: the newest version with the draft."""
    newest = workflow.versions.exclude(number=None).order_by("-number").first()
    return (str(newest.number) if newest else DRAFT, DRAFT)
