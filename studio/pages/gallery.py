"""Templates to start from: the shared workflows, shown as cards."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from studio import codec
from studio.models import Workflow
from studio.pages.drafts import nodes_of
from studio.pages.pictures import Picture, picture
from studio.queries import visible

MOST = 11


@dataclass(frozen=True, slots=True)
class Template:
    key: UUID
    name: str
    description: str
    nodes: int
    picture: Picture


def templates(request: HttpRequest) -> list[Template]:
    shared = visible.workflows(request.user).filter(owner=None, hidden=False)
    return [_template(workflow) for workflow in shared.order_by("id")[:MOST]]


def _template(workflow: Workflow) -> Template:
    document = codec.decode(workflow.draft)
    return Template(
        workflow.public_id,
        workflow.name,
        workflow.description,
        len(nodes_of(document)),
        picture(document),
    )
