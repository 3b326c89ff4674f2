"""Rows of the list of workflows: each with its last ten runs, in two queries for the page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import pgettext

from studio.models import Run, Workflow
from studio.pages.pictures import BARS, Spark, spark, usual_ms
from studio.queries import items, visible
from studio.queries.step_titles import StepTitles
from studio.rights import Verb


@dataclass(frozen=True, slots=True)
class LastRun:
    id: UUID
    status: str
    at: datetime
    node: str
    """The title of the step where it failed, or empty."""


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    id: UUID
    name: str
    description: str
    tags: Sequence[str]
    shared: bool
    can: frozenset[Verb]
    """What whoever looks may do with it."""
    last_run: LastRun | None
    spark: Spark
    usual_ms: float | None
    edited_by: str
    edited_at: datetime
    published_number: int | None
    draft_ahead: bool
    """The draft was saved after the last publication."""


def workflow_rows(request: HttpRequest, workflows: QuerySet[Workflow]) -> list[WorkflowRow]:
    """The rows of a page of workflows, in their order."""
    tenth = visible.runs(request.user).filter(workflow=OuterRef("pk")).order_by("-id")
    page = list(
        workflows.select_related("owner", "draft_saved_by", "published")
        .defer("draft", "published__document")
        .annotate(
            newest_run=Subquery(tenth.values("pk")[:1]),
            tenth_run=Subquery(tenth.values("pk")[BARS - 1 : BARS]),
        )
    )
    runs = _last_runs(request, page)
    titles = StepTitles(newest for newest, *_ in runs.values() if newest.error)
    can = visible.can_each(request.user, page)
    return [_row(request, each, runs.get(each.pk, ()), can[each.pk], titles) for each in page]


def _last_runs(request: HttpRequest, page: Sequence[Workflow]) -> Mapping[int, Sequence[Run]]:
    """The last ten runs of each workflow, the newest first, by the workflow's key."""
    wanted = Q(pk__in=())
    for workflow in page:
        if workflow.newest_run is not None:  # type: ignore[attr-defined]
            wanted |= Q(workflow=workflow.pk, pk__gte=workflow.tenth_run or 0)  # type: ignore[attr-defined]
    found: dict[int, list[Run]] = defaultdict(list)
    for run in visible.runs(request.user).filter(wanted).defer("final_state").order_by("-id"):
        found[run.workflow_id].append(run)
    return found


def _row(
    request: HttpRequest,
    workflow: Workflow,
    runs: Sequence[Run],
    can: frozenset[Verb],
    titles: StepTitles,
) -> WorkflowRow:
    recent = [(run.status, milliseconds(run)) for run in runs]
    published = workflow.published
    saved_by = workflow.draft_saved_by
    return WorkflowRow(
        id=workflow.public_id,
        name=workflow.name,
        description=workflow.description,
        tags=workflow.tags,
        shared=workflow.owner_id is None,
        can=can,
        last_run=_last_run(runs[0], titles) if runs else None,
        spark=spark(recent),
        usual_ms=usual_ms(recent),
        edited_by=_name(request, saved_by.pk, saved_by.get_username()) if saved_by else "Treadle",
        edited_at=workflow.draft_saved_at,
        published_number=published.number if published else None,
        draft_ahead=published is not None and workflow.draft_saved_at > published.created_at,
    )


def _last_run(run: Run, titles: StepTitles) -> LastRun:
    node = str((items.error_of(run) or {}).get("node") or "")
    return LastRun(run.public_id, run.status, run.created_at, titles.of(run, node))


def milliseconds(run: Run) -> float | None:
    """How long a run that ended took."""
    if run.started_at is None or run.finished_at is None:
        return None
    return (run.finished_at - run.started_at).total_seconds() * 1000


def _name(request: HttpRequest, key: int, username: str) -> str:
    return pgettext("who edited it", "you") if key == request.user.pk else username
