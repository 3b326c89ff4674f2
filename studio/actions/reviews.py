"""Reviewing Python code: runs of the shipped code-review workflow."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from engine.library.review.sources import pack
from engine.said import say
from studio.actions.errors import ActionError
from studio.actions.examples import code_review_version
from studio.actions.runs import start_run
from studio.models import Run

TAG = "review"


def start_review(
    *,
    user: User | None,
    code: str = "",
    files: Mapping[str, str | bytes] | None = None,
    quality_threshold: float = 7.0,
    max_passes: int = 8,
    source: str = "review",
    idempotency_key: str | None = None,
) -> Run:
    """Start a review of pasted code, or of files by path. Raises ActionError on a bad path."""
    return start_run(
        user=user,
        version=code_review_version(),
        state={
            **_subject(code, files or {}),
            "quality_threshold": quality_threshold,
            "max_passes": max_passes,
        },
        source=source,
        tags=[TAG],
        idempotency_key=idempotency_key,
    )


def is_empty(code: str) -> bool:
    """Whether there is nothing to review: blanks, or the mark that some editors put first."""
    return not code.strip().strip("\ufeff").strip()


def _subject(code: str, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    if not files:
        return {"code": code}
    try:
        return {"files": pack(files)}
    except ValueError as error:
        raise ActionError(
            "E_INVALID", say("{key}: {problem}", key="files", problem=str(error)), 400
        ) from error
