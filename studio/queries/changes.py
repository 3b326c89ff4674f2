"""What changed from one version of a workflow to another, or to the draft, and who changed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from engine.graph.difference import Difference, difference
from studio import draft_parts
from studio.models import Authorship, Workflow
from studio.queries import differences, items
from studio.queries.difference_words import Group, Section, in_short, sections

NOBODY = "Treadle"
"""The author of what came with the installation, and of what a user who is gone has left."""


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    at: datetime


Authors = dict[str, tuple[Author, ...]]
"""Of each part that was touched, the last one last; see studio/draft_parts.py."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything a reader is told of two documents."""

    before: dict[str, Any]
    after: dict[str, Any]
    found: Difference
    sections: tuple[Section, ...]
    authors: Authors

    @property
    def summary(self) -> str:
        return in_short(self.found)

    def of(self, group: Group) -> tuple[Author, ...]:
        """Who changed what this group is about; empty when it was not recorded."""
        return self.authors.get(group.part) or self.authors.get(draft_parts.WHOLE, ())


def between(workflow: Workflow, before: str | None, after: str) -> Changes:
    """From a version's number, or from nothing (None). Raises differences.NoVersion."""
    old = differences.document_of(workflow, before) if before is not None else {}
    new = differences.document_of(workflow, after)
    if before is None:
        # The words around a first version would only repeat that everything is new.
        old = {key: part for key, part in new.items() if key not in ("nodes", "edges")}
    found = difference(old, new)
    authors = _authors(workflow, before, after)
    return Changes(old, new, found, tuple(sections(found, old, new)), authors)


def since_published(workflow: Workflow) -> Changes:
    """What publishing the draft would change."""
    published = workflow.published
    number = str(published.number) if published is not None else None
    return between(workflow, number, differences.DRAFT)


def answer(workflow: Workflow) -> dict[str, Any]:
    """What publishing the draft would change, as JSON, in the language that is active."""
    found = since_published(workflow)
    published = workflow.published
    return {
        "rev": workflow.draft_rev,
        "from": published and published.number,
        "summary": found.summary,
        "changes": as_items(found),
    }


def as_items(changes: Changes) -> list[dict[str, Any]]:
    """Each change as JSON, in the order in which pages show them."""
    return [
        {
            "section": section.title,
            "part": group.part,
            "title": group.title,
            "what": group.what,
            "rows": [
                {"field": row.field, "before": row.before, "after": row.after} for row in group.rows
            ],
            "authors": [
                {"name": author.name, "at": items.moment(author.at)} for author in changes.of(group)
            ],
        }
        for section in changes.sections
        for group in section.groups
    ]


def _authors(workflow: Workflow, before: str | None, after: str) -> Authors:
    """Those of the versions after `before` up to `after`. None backwards, as nobody did that."""
    since = Q() if before is None else Q(version__number__gt=_number(before))
    until = (
        Q(version=None) if after == differences.DRAFT else Q(version__number__lte=_number(after))
    )
    if before == differences.DRAFT:
        return {}
    versions = since & Q(version__number__isnull=False)
    wanted = until | versions if after == differences.DRAFT else until & versions
    lines = workflow.authorships.filter(wanted).select_related("user").order_by("at", "pk")
    return _by_part(lines)


def _by_part(lines: Iterable[Authorship]) -> Authors:
    found: dict[str, dict[str, datetime]] = {}
    for line in lines:
        name = line.user.get_username() if line.user else NOBODY
        users = found.setdefault(line.part, {})
        # Later versions come later: the last time stands, and with it the place in the row.
        users.pop(name, None)
        users[name] = line.at
    return {part: tuple(Author(*one) for one in users.items()) for part, users in found.items()}


def _number(which: str) -> int:
    return int(which) if which.isdigit() else 0
