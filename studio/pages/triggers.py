"""The list of schedules and webhooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from studio.actions.schedules import UPCOMING
from studio.models import Workflow
from studio.pages.found import person
from studio.queries import triggers as queries
from studio.queries import visible
from studio.triggers.cron import CronRefused, read

MOST = 200


@dataclass(frozen=True, slots=True)
class Time:
    """A due time as its schedule says it."""

    at: datetime
    local: str
    """As the clocks of the schedule's zone show it: templates would turn a moment into UTC."""


@login_required
@require_safe
def triggers(request: HttpRequest) -> HttpResponse:
    """Everything that starts runs by itself, of one workflow if `?workflow=` names it."""
    user = person(request)
    workflow = _workflow(request)
    schedules = _of(queries.listed_schedules(visible.schedules(user)), workflow)
    webhooks = _of(queries.listed_webhooks(visible.webhooks(user)), workflow)
    context = {
        "workflow": workflow,
        "schedules": schedules.order_by("-enabled", "next_at", "-pk")[:MOST],
        "webhooks": webhooks.order_by("-enabled", "-pk")[:MOST],
        "most": MOST,
    }
    return render(request, "triggers/list.html", context)


def _workflow(request: HttpRequest) -> Workflow | None:
    try:
        wanted = UUID(request.GET.get("workflow", ""))
    except ValueError:
        return None
    return visible.workflows(request.user).filter(public_id=wanted).first()


def _of(rows: QuerySet[Any], workflow: Workflow | None) -> QuerySet[Any]:
    return rows if workflow is None else rows.filter(workflow=workflow)


def chosen_workflow(request: HttpRequest) -> str:
    """The id of the workflow that a new trigger is probably for."""
    workflow = _workflow(request)
    return str(workflow.public_id) if workflow else ""


def times(cron_text: str, zone: str, count: int = UPCOMING) -> list[Time]:
    """The next times of a cron text; none of one that cannot be read."""
    try:
        found = read(cron_text, zone)
    except CronRefused:
        return []
    return [Time(at, _said(found.local(at))) for at in found.upcoming(queries.now(), count)]


def _said(local: datetime) -> str:
    # Translators: how Django writes a moment with its day of the week.
    return date_format(local, gettext("D j M Y, H:i"))


def newest(rows: QuerySet[Model], order: str) -> list[Model]:
    """What came of a trigger lately."""
    return list(rows.order_by(order)[:50])
