"""Rows of the lists of runs."""

from collections.abc import Iterable, Mapping, Sequence
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
from studio.queries.step_titles import StepTitles
from studio.sentences import error_told


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
    """As in the API, and `step`: what the step that failed is called."""

    @property
    def active(self) -> bool:
        return self.status in ACTIVE


def run_rows(runs: Iterable[Run]) -> list[RunRow]:
    """From runs with workflow, version and owner selected."""
    runs = list(runs)
    titles = StepTitles(run for run in runs if run.error)
    return [_row(run, titles) for run in runs]


def run_row(run: Run) -> RunRow:
    """The same of one."""
    return run_rows([run])[0]


def run_news(runs: Iterable[Run]) -> list[items.Item]:
    """How runs stand, as in the API; an error names its `step` too, as rows do."""
    runs = list(runs)
    titles = StepTitles(run for run in runs if run.error)
    return [{**items.run_item(run), "error": _error(run, titles)} for run in runs]


def _row(run: Run, titles: StepTitles) -> RunRow:
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
        _error(run, titles),
    )


def _error(run: Run, titles: StepTitles) -> Mapping[str, Any] | None:
    error = items.error_of(run)
    if error is None:
        return None
    told = error_told(error, titles.names(run))
    if not error.get("node"):
        return told
    step = titles.of(run, str(error["node"]))
    return {**told, "step": step}


def _elapsed(run: Run) -> float | None:
    if run.status in ACTIVE and run.started_at is not None:
        return (timezone.now() - run.started_at).total_seconds() * 1000
    return milliseconds(run)
