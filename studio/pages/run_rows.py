"""Rows of the lists of runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from studio.models import Run
from studio.pages.statuses import ACTIVE
from studio.pages.workflow_rows import milliseconds
from studio.queries import items


@dataclass(frozen=True, slots=True)
class RunRow:
    id: UUID
    href: str
    workflow: str
    version: int | None
    """None: a draft ran."""
    status: str
    source: str
    owner: str
    tags: Sequence[str]
    created_at: datetime
    duration_ms: float | None
    """Until now, for a run that goes on."""
    error: Mapping[str, Any] | None

    @property
    def active(self) -> bool:
        return self.status in ACTIVE


def run_row(run: Run) -> RunRow:
    """From a run with workflow, version and owner selected."""
    page = "review-run" if run.source == "review" else "run"
    return RunRow(
        run.public_id,
        reverse(page, args=[run.public_id]),
        run.workflow.name,
        run.version.number,
        run.status,
        run.source,
        run.owner.get_username() if run.owner else "",
        run.tags,
        run.created_at,
        _elapsed(run),
        items.error_of(run),
    )


def _elapsed(run: Run) -> float | None:
    if run.status in ACTIVE and run.started_at is not None:
        return (timezone.now() - run.started_at).total_seconds() * 1000
    return milliseconds(run)
