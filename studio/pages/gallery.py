"""Templates to start from: the shared workflows, shown as cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from studio.actions.examples import CODE_REVIEW
from studio.journal import codec
from studio.models import Workflow
from studio.pages.drafts import nodes_of
from studio.pages.pictures import Picture, picture
from studio.pages.traits import TRAITS, traits
from studio.queries import visible

MOST = 24


@dataclass(frozen=True, slots=True)
class Template:
    key: UUID
    name: str
    description: str
    nodes: int
    picture: Picture
    traits: Sequence[str]
    """Keys of TRAITS."""

    @property
    def shows(self) -> list[str]:
        return [_(TRAITS[key][0]) for key in self.traits]


@dataclass(frozen=True, slots=True)
class Trait:
    """One way to narrow the gallery down; the empty key is all of it."""

    key: str
    words: str
    count: int


def templates(request: HttpRequest) -> list[Template]:
    """The code review first, then from the smallest to the largest."""
    shared = visible.workflows(request.user).filter(owner=None, hidden=False, part_of=None)
    found = [(workflow.key, _template(workflow)) for workflow in shared.order_by("id")[:MOST]]
    found.sort(key=lambda each: (each[0] != CODE_REVIEW, each[1].nodes, each[1].name))
    return [template for _, template in found]


def filters(shown: Sequence[Template]) -> list[Trait]:
    """What the templates can be narrowed down to."""
    counts = {key: sum(key in each.traits for each in shown) for key in TRAITS}
    found = [Trait(key, _(TRAITS[key][0]), count) for key, count in counts.items() if count]
    return [Trait("", _("All"), len(shown)), *found]


def _template(workflow: Workflow) -> Template:
    document = codec.decode(workflow.draft)
    drawn = picture(document)
    return Template(
        workflow.public_id,
        workflow.name,
        workflow.description,
        len(nodes_of(document)),
        drawn,
        traits(document, drawn),
    )
