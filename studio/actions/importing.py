"""Workflows from texts: files that were exported, written by hand, or in the demo's format."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from engine.said import say
from studio.actions import documents
from studio.actions.document_text import format_of, parse
from studio.actions.errors import ActionError, InvalidDocument
from studio.actions.workflows import as_native, create_workflow, problems
from studio.models import Workflow
from studio.queries.subgraphs import OwnedWorkflows

AUTO = "auto"
"""The format is told from the text."""


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document as a draft may have it, or none, and what is wrong with it."""

    document: dict[str, Any] | None
    problems: list[dict[str, Any]]


def import_workflow(*, user: User | None, text: str, format: str = "json") -> Workflow:  # noqa: A002
    """A new, unpublished workflow. Its draft is the document, under the document's own key."""
    return create_workflow(user=user, document=_parsed(text, format), keeps_key=True)


def read_document(*, user: User, text: str, format: str = AUTO) -> ReadDocument:  # noqa: A002
    """The document of a text, with its problems; none if it cannot even be a draft.

    Nothing is stored.
    """
    try:
        document = documents.checked_draft(as_native(_parsed(text, format)))
    except ActionError as error:
        told = error.details or [{"pointer": "", "code": error.code, "message": error.message}]
        return ReadDocument(None, [_problem(detail) for detail in told])
    return ReadDocument(document, problems(document, OwnedWorkflows(user.pk, user)))


def _problem(detail: dict[str, Any]) -> dict[str, Any]:
    """A refusal as one of the problems that a document has."""
    return {"hint": "", "severity": "error", "node": None, "edge": None, **detail}


def _parsed(text: str, format: str) -> dict[str, Any]:  # noqa: A002
    document = parse(text, format_of(text) if format == AUTO else format)
    if not isinstance(document, dict):
        said = say("write an object")
        detail = {"pointer": "", "code": "E_SHAPE", "message": said, "hint": ""}
        raise InvalidDocument(documents.no_document(documents.NO_OBJECT), [detail], 400)
    return document
