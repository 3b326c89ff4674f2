"""The workflows that Treadle ships: shared with everybody, published, kept up to date."""

from importlib import resources
from typing import Any

from django.db import transaction

from engine.said import say
from studio.actions.errors import ActionError
from studio.actions.workflows import (
    as_native,
    create_workflow,
    draft_of,
    publish,
    save_draft,
)
from studio.journal import codec
from studio.models import Version, Workflow

CODE_REVIEW = "code-review"
_ADDED: dict[str, dict[str, Any]] = {
    "code-review-demo": {
        "description": "The review graph of the Mini Agent Workflow Engine, read as its clients"
        " send it: five tools in a row, and a way back until the quality is good enough.",
        # Its tools change no code, so only code that is good enough at once gets to the end.
        "state": {
            "schema": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "title": "Code", "format": "textarea"},
                    "quality_threshold": {
                        "type": "number",
                        "title": "Threshold",
                        "description": "The score that is good enough.",
                        "minimum": 0,
                        "maximum": 10,
                    },
                },
            },
            "defaults": {
                "code": "import os\n\n\ndef greet(name):\n    print('Hello ' + name)\n",
                "quality_threshold": 7,
            },
        },
    },
}
"""What the demo's format has no place for: words about a graph, and what a run begins with."""


def install_examples() -> list[Workflow]:
    """Load every shipped document that is not there yet, and update those nobody changed.

    Safe to call at each start.
    """
    return [_install(key, document) for key, document in _shipped()]


def code_review_version() -> Version:
    """The published version of the shipped code review. Raises ActionError when it is missing."""
    workflow = _shared(CODE_REVIEW)
    if workflow is None or workflow.published is None:
        raise ActionError(
            "E_NO_EXAMPLE",
            say(
                "The code-review workflow is not installed: run"
                " `python3 manage.py treadle examples`."
            ),
            503,
        )
    return workflow.published


def _shipped() -> list[tuple[str, dict[str, Any]]]:
    folder = resources.files("engine.library") / "examples"
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".json")),
        key=lambda entry: entry.name,
    )
    named = [(entry.name.removesuffix(".json").replace("_", "-"), entry) for entry in files]
    return [(key, _completed(key, codec.decode(entry.read_bytes()))) for key, entry in named]


def _completed(key: str, document: dict[str, Any]) -> dict[str, Any]:
    return {**as_native(document), **_ADDED[key]} if key in _ADDED else document


@transaction.atomic
def _install(key: str, document: dict[str, Any]) -> Workflow:
    workflow = _shared(key)
    title = document.get("name") or key.replace("-", " ").capitalize()
    if workflow is None:
        workflow = create_workflow(user=None, key=key, name=title, document=document)
    elif _is_untouched(workflow):
        draft = draft_of(document, key, title)
        workflow = save_draft(
            user=None, workflow=workflow, rev=workflow.draft_rev, document=draft, shrink=True
        )
    if workflow.published is None or _is_untouched(workflow):
        publish(user=None, workflow=workflow, note="Shipped with Treadle")
        workflow.refresh_from_db()
    return workflow


def _is_untouched(workflow: Workflow) -> bool:
    """Whether nobody saved over what was shipped."""
    return workflow.draft_saved_by_id is None


def _shared(key: str) -> Workflow | None:
    return (
        Workflow.objects.select_related("published")
        .filter(owner=None, key=key, deleted_at=None)
        .order_by("id")
        .first()
    )
