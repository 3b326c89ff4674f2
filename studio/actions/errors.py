"""What an action refuses, as one tree. `studio.api.errors` turns it into an HTTP answer.

ActionError
├── NotAllowed           the user may see it, not change it
├── InvalidDocument      a workflow document with errors
├── RevisionConflict     somebody else saved first
└── DraftShrinks         nearly all nodes would be gone, and nobody said that this is meant
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied

from engine.said import Said, say


class ActionError(Exception):
    """A refusal with a stable `code`, a sentence that says what to do, and an HTTP status."""

    def __init__(
        self,
        code: str,
        message: Said,
        status: int = 400,
        details: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = list(details)
        """Each {"pointer", "code", "message", "hint"}, as in the API's error body."""


class NotAllowed(ActionError, PermissionDenied):
    """Pages let it through: Django answers it with 403, and the page shows the message."""

    def __init__(self, message: Said) -> None:
        super().__init__("E_NOT_ALLOWED", message, 403)


def forgotten(run: object) -> ActionError:
    """The run was given up while somebody was about to do something with it."""
    return ActionError("E_NOT_FOUND", say("Run {run} has just been forgotten.", run=str(run)), 404)


class InvalidDocument(ActionError):
    """`details` holds every problem of the document, with the pointer to its place."""

    def __init__(self, message: Said, details: Sequence[dict[str, Any]], status: int = 422) -> None:
        super().__init__("E_INVALID_DOCUMENT", message, status, details)


class RevisionConflict(ActionError):
    """The draft was saved by somebody else since `base_rev` was read."""

    def __init__(
        self,
        *,
        base_rev: int,
        head_rev: int,
        head_document: dict[str, Any],
        by: str | None,
        saved_at: Any = None,
    ) -> None:
        super().__init__(
            "E_CONFLICT",
            say(
                "The draft is at revision {head}, this change was made on {base}:"
                " merge both and save again.",
                head=head_rev,
                base=base_rev,
            ),
            409,
        )
        self.base_rev = base_rev
        self.head_rev = head_rev
        self.head_document = head_document
        self.by = by
        self.saved_at = saved_at


class DraftShrinks(ActionError):
    """A page that is loaded by half looks like a workflow that somebody emptied."""

    def __init__(self, *, before: int, gone: int) -> None:
        super().__init__(
            "E_DRAFT_SHRINKS",
            say(
                "This would remove {gone} of the {before} nodes of the draft. Nothing was saved."
                ' If it is meant, say so: send "shrink": true with the document.',
                gone=gone,
                before=before,
            ),
            422,
        )
        self.before = before
        self.gone = gone
