"""One object by its public id, or 404: what a person may not see does not exist."""

from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest

from studio.models import Run, Schedule, Webhook, Workflow
from studio.queries import triggers, visible


def person(request: HttpRequest) -> User:
    """Who is signed in; for views behind `login_required`."""
    assert isinstance(request.user, User), "the view lacks login_required"
    return request.user


def workflow_or_404(request: HttpRequest, workflow_id: UUID) -> Workflow:
    rows = visible.workflows(request.user).select_related("owner", "draft_saved_by", "published")
    workflow = rows.filter(public_id=workflow_id).first()
    if workflow is None:
        raise Http404("no such workflow")
    return workflow


def run_or_404(request: HttpRequest, run_id: UUID) -> Run:
    rows = visible.runs(request.user).select_related("workflow", "version", "owner")
    run = rows.filter(public_id=run_id).first()
    if run is None:
        raise Http404("no such run")
    return run


def schedule_or_404(request: HttpRequest, schedule_id: UUID) -> Schedule:
    rows = triggers.listed_schedules(visible.schedules(request.user))
    schedule = rows.filter(public_id=schedule_id).first()
    if schedule is None:
        raise Http404("no such schedule")
    return schedule


def webhook_or_404(request: HttpRequest, webhook_id: UUID) -> Webhook:
    rows = triggers.listed_webhooks(visible.webhooks(request.user))
    webhook = rows.filter(public_id=webhook_id).first()
    if webhook is None:
        raise Http404("no such webhook")
    return webhook
