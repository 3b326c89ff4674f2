"""Schedules of a person: made, changed, switched, run at once, deleted."""

import contextlib
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from studio.actions import schedules as actions
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.models import Schedule
from studio.pages.found import person, schedule_or_404
from studio.pages.trigger_forms import ScheduleForm
from studio.pages.triggers import chosen_workflow, newest, times
from studio.queries import triggers as queries
from studio.queries import visible
from studio.rights import Verb
from studio.sentences import told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """GET asks, POST makes it, or shows the next times when that button was pressed."""
    user = person(request)
    if request.method == "POST":
        form = ScheduleForm(request.POST, user=user)
        if "preview" not in request.POST and form.is_valid():
            made = _made(request, form)
            if made is not None:
                messages.success(request, _("“{name}” is set.").format(name=made.name))
                return redirect("schedule", made.public_id)
    else:
        form = ScheduleForm(user=user, initial={"workflow": chosen_workflow(request)})
    return _asked(request, "triggers/schedule_new.html", form, {})


def _made(request: HttpRequest, form: ScheduleForm) -> Schedule | None:
    """The schedule, or None with the reason added to the form."""
    try:
        return actions.create_schedule(
            user=person(request), workflow=form.chosen_workflow(), wanted=form.wanted()
        )
    except ActionError as error:
        form.take(error)
        return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """GET shows it and what it did, POST changes it."""
    found = schedule_or_404(request, schedule_id)
    form = ScheduleForm.of(found, person(request), request.POST or None)
    if form.is_bound and "preview" not in request.POST and form.is_valid():
        try:
            actions.change_schedule(user=person(request), schedule=found, changes=form.changes())
        except ActionError as error:
            form.take(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("schedule", schedule_id)
    context = {
        "schedule": found,
        "refusal": visible.refusal(person(request), Verb.TRIGGER, found),
        "may_run": visible.may(request.user, Verb.RUN, found.workflow),
        "next": times(found.cron, found.time_zone) if found.enabled else [],
        "firings": newest(queries.listed_firings(found), "-due_at"),
    }
    return _asked(request, "triggers/schedule.html", form, context)


def _asked(
    request: HttpRequest, template: str, form: ScheduleForm, context: dict[str, Any]
) -> HttpResponse:
    """The form again, with the next times of what is written in it if they were asked for."""
    shown = None
    if "preview" in request.POST:
        shown = _preview(form)
    status = 422 if form.is_bound and form.errors and shown is None else 200
    more = {"form": form, "preview": shown, "has_preview": "preview" in request.POST}
    return render(request, template, {**context, **more}, status=status)


def _preview(form: ScheduleForm) -> list[Any] | None:
    """None, with the reason at its field, when the cron text cannot be read."""
    form.is_valid()
    text, zone = (form.cleaned_data.get(name, "") for name in ("cron", "time_zone"))
    for name in list(form.errors):
        if name not in ("cron", "time_zone"):
            del form.errors[name]
    if form.errors:
        return None
    try:
        actions.preview(text, zone)
    except ActionError as error:
        form.take(error)
        return None
    return times(text, zone)


@login_required
@require_POST
def run(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    found = schedule_or_404(request, schedule_id)
    try:
        started = actions.run_now(user=person(request), schedule=found)
    except ActionError as error:
        messages.error(request, told(error.message))
        return redirect("schedule", schedule_id)
    return redirect("run", started.public_id)


@login_required
@require_POST
def switch(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """On with `on`, off without."""
    found = schedule_or_404(request, schedule_id)
    changes = {"enabled": "on" in request.POST}
    try:
        actions.change_schedule(user=person(request), schedule=found, changes=changes)
    except ActionError as error:
        messages.error(request, told(error.message))
    return redirect("schedule", schedule_id)


@login_required
@require_POST
def delete(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    found = schedule_or_404(request, schedule_id)
    require(person(request), Verb.TRIGGER, found)
    with contextlib.suppress(ActionError):
        # Whoever was quicker had the same wish.
        actions.delete_schedule(user=person(request), schedule=found)
    messages.success(request, _("“{name}” was deleted.").format(name=found.name))
    return redirect("triggers")
