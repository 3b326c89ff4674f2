"""The page of one run: readable as HTML, and live through its island."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from engine import RunStatus
from engine.errors import Code
from studio import codec
from studio.actions import control
from studio.actions import runs as actions
from studio.actions.courses import Course
from studio.actions.errors import ActionError
from studio.models import Run
from studio.pages import boot
from studio.pages.drafts import nodes_of
from studio.pages.found import person, run_or_404
from studio.pages.log_lines import log_line
from studio.pages.outline import kind_of, title_of, tool_of
from studio.pages.run_rows import run_row
from studio.queries import items, triggers
from studio.queries import runs as queries
from studio.run_verbs import Verb, offered

FIRST_EVENTS = 200
MOST_STATE = 200_000


@dataclass(frozen=True, slots=True)
class StepRow:
    title: str
    tool: str
    status: str
    count: int
    ms: float | None


# What a node's state is called in the list: the words of runs, which have icons.
_WORDS = {"ok": "completed", "error": "failed", "idle": "not reached"}


@login_required
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(request, run_id)
    item = {**items.run_full(found), "trigger": triggers.origin(request.user, found)}
    document = codec.decode(found.version.document)
    events = queries.events(found, limit=FIRST_EVENTS)
    context = {
        "run": run_row(found),
        "verbs": [verb.value for verb in offered(RunStatus(found.status))],
        "steps_used": _steps_used(item),
        "workflow_id": None if found.workflow.deleted_at else found.workflow.public_id,
        "is_review": found.source == "review",
        "parent": item["parent"],
        "children": item["children"],
        "steps": _steps(document, item["nodes"]),
        "drifted": queries.view(found).drifted,
        "lines": [log_line(event) for event in events],
        "lines_more": item["head"] > len(events),
        "head": item["head"],
        "origin": item["trigger"],
        "state_text": _state_text(found),
        "boot": _boot(found, item, document, events),
    }
    return render(request, "runs/run.html", context)


def _boot(
    found: Run, item: items.Item, document: Mapping[str, Any], events: list[items.Item]
) -> boot.Boot:
    urls: dict[str, str | None] = {**boot.urls(), "ws": "/ws/run/{id}", "workflow_edit": None}
    if found.workflow.deleted_at is None:
        urls["workflow_edit"] = reverse("workflow-edit", args=[found.workflow.public_id])
    return {"page": "run", "run": item, "document": document, "events": events, "urls": urls}


def _steps(document: Mapping[str, Any], nodes: Mapping[str, Any]) -> list[StepRow]:
    def row(name: str, node: Mapping[str, Any]) -> StepRow:
        did = nodes.get(name) or {}
        status = did.get("status", "idle")
        return StepRow(
            title_of(name, node),
            tool_of(node) or kind_of(node),
            _WORDS.get(status, status),
            did.get("count", 0),
            did.get("ms"),
        )

    return [row(name, node) for name, node in nodes_of(document).items()]


def _steps_used(item: items.Item) -> int | None:
    """The step budget that stopped the run, if it was that."""
    error = item["error"]
    if not error or error["code"] != Code.STEP_BUDGET:
        return None
    used = error["details"].get("max_steps")
    return used if isinstance(used, int) else None


def _state_text(found: Run) -> str:
    text = json.dumps(queries.view(found).state, indent=2, ensure_ascii=False)
    if len(text) <= MOST_STATE:
        return text
    return f"{text[:MOST_STATE]}\n… {len(text) - MOST_STATE:,} more characters: see the API"


@login_required
@require_POST
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(request, run_id)
    try:
        actions.cancel_run(user=person(request), run=found, reason="stopped on its page")
    except ActionError as error:
        messages.error(request, error.message)
    return redirect("run", run_id)


@login_required
@require_POST
def pause(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(request, run_id)
    try:
        control.pause_run(user=person(request), run=found, reason="paused on its page")
    except ActionError as error:
        messages.error(request, error.message)
    return redirect("run", run_id)


@login_required
@require_POST
def go_on(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Resume a paused run, or retry a failed one, with the steps that the form may raise."""
    found = run_or_404(request, run_id)
    does = control.retry_run if request.POST.get("verb") == Verb.RETRY else control.resume_run
    try:
        does(user=person(request), run=found, limits=_limits(request))
    except ActionError as error:
        messages.error(request, error.message)
    return redirect("run", run_id)


def _limits(request: HttpRequest) -> dict[str, Any]:
    """What the form raises. Raises ActionError for what is no number."""
    text = request.POST.get("max_steps", "").strip()
    if not text:
        return {}
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ActionError("E_LIMITS", "Write the number of steps in digits, such as 2000.")
    return {"max_steps": int(text)}


@login_required
@require_POST
def again(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A new run of the same version with the same initial state."""
    found = run_or_404(request, run_id)
    created = queries.events(found, limit=1)
    begun = created[0]["data"] if created else {}
    try:
        started = actions.start_run(
            user=person(request),
            version=found.version,
            state=begun.get("state") or {},
            pinned=begun.get("pinned"),
            course=Course(begun.get("start"), begun.get("until"), error=begun.get("error")),
            source=found.source if found.source == "review" else "page",
            tags=found.tags,
        )
    except ActionError as error:
        messages.error(request, error.message)
        return redirect("run", run_id)
    return redirect("review-run" if found.source == "review" else "run", started.public_id)
