"""Webhooks of a person: made, with the secret shown once, changed, tried, switched, deleted."""

import contextlib
import hashlib
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studio.actions import webhooks as actions
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.models import Webhook
from studio.pages.found import person, webhook_or_404
from studio.pages.trigger_forms import TryForm, WebhookForm
from studio.pages.triggers import chosen_workflow, newest
from studio.queries import triggers as queries
from studio.queries import visible
from studio.rights import Verb
from studio.sentences import told

FIRST_MAPPING = "payload = body"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """GET asks, POST makes it and shows its page with the secret, which is not shown again."""
    user = person(request)
    if request.method == "POST":
        form = WebhookForm(request.POST, user=user)
        made = _made(request, form) if form.is_valid() else None
        if made is not None:
            row, plain = made
            return _page(request, webhook_or_404(request, row.public_id), secret=plain)
    else:
        initial = {"workflow": chosen_workflow(request), "mapping": FIRST_MAPPING}
        form = WebhookForm(user=user, initial=initial)
    status = 422 if form.errors else 200
    return render(request, "triggers/webhook_new.html", {"form": form}, status=status)


def _made(request: HttpRequest, form: WebhookForm) -> tuple[Webhook, str] | None:
    """Webhook and secret, or None with the reason added to the form."""
    try:
        return actions.create_webhook(
            user=person(request), workflow=form.chosen_workflow(), wanted=form.wanted()
        )
    except ActionError as error:
        form.take(error)
        return None


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """GET shows it and what came in, POST changes it."""
    found = webhook_or_404(request, webhook_id)
    if request.method != "POST":
        return _page(request, found)
    form = WebhookForm.of(found, person(request), request.POST)
    if form.is_valid():
        try:
            actions.change_webhook(user=person(request), webhook=found, changes=form.changes())
        except ActionError as error:
            form.take(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("webhook", webhook_id)
    return _page(request, found, form=form, status=422)


def _page(
    request: HttpRequest,
    found: Webhook,
    *,
    form: WebhookForm | None = None,
    tried: TryForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    now = queries.now()
    context: dict[str, Any] = {
        "webhook": found,
        "refusal": visible.refusal(person(request), Verb.TRIGGER, found),
        "may_run": visible.may(request.user, Verb.RUN, found.workflow),
        "form": form or WebhookForm.of(found, person(request)),
        "try_form": tried or TryForm(),
        "secret": secret,
        "mark": _mark(found),
        "has_old": found.old_until is not None and found.old_until > now,
        "url": f"{request.scheme}://{request.get_host()}/hooks/{found.public_id}",
        "deliveries": newest(queries.listed_deliveries(found), "-pk"),
    }
    return render(request, "triggers/webhook.html", context, status=status)


def _mark(found: Webhook) -> str:
    """Tells one secret from the next. A form that was sent twice must not replace it twice."""
    return hashlib.sha256(found.secret.encode()).hexdigest()[:16]


@login_required
@never_cache
@require_POST
def rotate(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Replace the secret and show the new one; at once with `at_once`, else with a day's time."""
    found = webhook_or_404(request, webhook_id)
    if request.POST.get("mark") != _mark(found):
        messages.warning(
            request, _("The secret was replaced a moment ago: look before you do again.")
        )
        return redirect("webhook", webhook_id)
    at_once = "at_once" in request.POST
    try:
        __, plain = actions.rotate_secret(user=person(request), webhook=found, at_once=at_once)
    except ActionError as error:
        messages.error(request, told(error.message))
        return redirect("triggers")
    return _page(request, webhook_or_404(request, webhook_id), secret=plain)


@login_required
@require_POST
def try_(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Start a run as a delivery with this body would."""
    found = webhook_or_404(request, webhook_id)
    form = TryForm(request.POST)
    if form.is_valid():
        names = {"body": form.cleaned_data["body"], "headers": {}, "query": {}}
        try:
            started = actions.run_now(user=person(request), webhook=found, names=names)
        except ActionError as error:
            form.add_error("body", told(error.message))
        else:
            return redirect("run", started.public_id)
    return _page(request, found, tried=form, status=422)


@login_required
@require_POST
def switch(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """On with `on`, off without."""
    found = webhook_or_404(request, webhook_id)
    changes = {"enabled": "on" in request.POST}
    try:
        actions.change_webhook(user=person(request), webhook=found, changes=changes)
    except ActionError as error:
        messages.error(request, told(error.message))
    return redirect("webhook", webhook_id)


@login_required
@require_POST
def delete(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    found = webhook_or_404(request, webhook_id)
    require(person(request), Verb.TRIGGER, found)
    with contextlib.suppress(ActionError):
        # Whoever was quicker had the same wish.
        actions.delete_webhook(user=person(request), webhook=found)
    messages.success(request, _("“{name}” was deleted.").format(name=found.name))
    return redirect("triggers")
