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
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from engine import RunStatus
from engine.errors import Code
from engine.said import say
from studio import rights
from studio.actions import control, retention
from studio.actions import runs as actions
from studio.actions.courses import Course
from studio.actions.errors import ActionError
from studio.actions.run_verbs import Verb, offered
from studio.journal import codec
from studio.models import Run
from studio.pages import boot
from studio.pages.drafts import nodes_of
from studio.pages.found import person, run_or_404
from studio.pages.inbox import calls_shown
from studio.pages.log_lines import log_line
from studio.pages.outline import MOST_STEPS, kind_of, title_of, tool_of
from studio.pages.run_rows import run_row
from studio.queries import items, outcomes, triggers
from studio.queries import runs as queries
from studio.queries.step_titles import StepTitles, names_in
from studio.queries.told_events import told_event
from studio.sentences import error_told, told

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
    document = codec.decode(found.version.document)
    names = names_in(document)
    item = {**items.run_full(found), "trigger": triggers.origin(request.user, found)}
    if item["error"]:
        item["error"] = error_told(item["error"], names)
    events = [told_event(event, names) for event in queries.events(found, limit=FIRST_EVENTS)]
    steps = _steps(document, item["nodes"])
    titles = {id_: title_of(id_, node) for id_, node in nodes_of(document).items()}
    whole = request.GET.get("steps") == "all"
    may = boot.rights(request, (found, (rights.Verb.STEER,)), (found.workflow, (rights.Verb.RUN,)))
    steers = may["can"][rights.Verb.STEER]
    calls = _undecided(request, found)
    context = {
        "run": run_row(found),
        "undecided": calls,
        "held_up_by": next((call["id"] for call in calls if not call["below"]), None),
        "kept": found.kept,
        "verbs": [verb.value for verb in offered(RunStatus(found.status))] if steers else [],
        **may,
        "steps_used": _steps_used(item),
        "workflow_id": None if found.workflow.deleted_at else found.workflow.public_id,
        "is_review": found.source == "review",
        "parent": _parent(found, item),
        "children": _children(item, document),
        "steps": steps if whole else steps[:MOST_STEPS],
        "steps_total": len(steps),
        "drifted": queries.glance(found).drifted,
        "lines": [log_line(event, titles) for event in events],
        "lines_more": item["head"] > len(events),
        "head": item["head"],
        "origin": item["trigger"],
        "state_text": _state_text(found),
        "boot": {**_boot(found, item, document, events), **may, "calls": _below(calls)},
    }
    return render(request, "runs/run.html", context)


def _undecided(request: HttpRequest, found: Run) -> list[dict[str, Any]]:
    """Calls of the run and of those below it to decide about."""
    calls = calls_shown(outcomes.undecided_below(request.user, found))
    return [{**call, "below": call["run"] != str(found.public_id)} for call in calls]


def _parent(found: Run, item: items.Item) -> items.Item | None:
    """For whom the run works, and what the step is called that started it."""
    parent, above = item["parent"], found.parent
    if parent is None or above is None:
        return None
    return {**parent, "step": StepTitles([above]).of(above, parent["node"])}


def _children(item: items.Item, document: Mapping[str, Any]) -> items.Item:
    """The runs that it started, and what the steps are called that did."""
    nodes, children = nodes_of(document), item["children"]
    rows = [
        {**child, "step": title_of(child["node"], nodes.get(child["node"], {}))}
        for child in children["items"]
    ]
    return {**children, "items": rows}


def _below(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls of runs below, of which the journal of the run itself says nothing."""
    kept = ("id", "node", "item", "workflow", "late")
    return [{key: call[key] for key in kept} for call in calls if call["below"]]


def _boot(
    found: Run, item: items.Item, document: Mapping[str, Any], events: list[items.Item]
) -> boot.Boot:
    files = {"run-later": static("dist/run-later.js")}
    urls: boot.Boot = {**boot.urls(), "ws": "/ws/run/{id}", "workflow_edit": None, "files": files}
    if found.workflow.deleted_at is None:
        urls["workflow_edit"] = reverse("workflow-edit", args=[found.workflow.public_id])
    return {"page": "run", "run": item, "document": document, "events": events, "urls": urls}


def _steps(document: Mapping[str, Any], nodes: Mapping[str, Any]) -> list[StepRow]:
    """Steps in the document's order; of a graph too large for a page, those reached first."""

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

    listed = [row(name, node) for name, node in nodes_of(document).items()]
    return sorted(listed, key=lambda step: step.count == 0) if len(listed) > MOST_STEPS else listed


def _steps_used(item: items.Item) -> int | None:
    """The step budget that stopped the run, if it was that."""
    error = item["error"]
    if not error or error["code"] != Code.STEP_BUDGET:
        return None
    used = error["details"].get("max_steps")
    return used if isinstance(used, int) else None


def _state_text(found: Run) -> str:
    text = json.dumps(queries.glance(found).state, indent=2, ensure_ascii=False)
    if len(text) <= MOST_STATE:
        return text
    return f"{text[:MOST_STATE]}\n" + _("… {n} more characters: see the API").format(
        n=number_format(len(text) - MOST_STATE, 0, force_grouping=True)
    )


@login_required
@require_POST
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(request, run_id)
    try:
        actions.cancel_run(user=person(request), run=found, reason="stopped on its page")
    except ActionError as error:
        messages.error(request, told(error.message))
    return redirect("run", run_id)


@login_required
@require_POST
def pause(request: HttpRequest, run_id: UUID) -> HttpResponse:
    found = run_or_404(request, run_id)
    try:
        control.pause_run(user=person(request), run=found, reason="paused on its page")
    except ActionError as error:
        messages.error(request, told(error.message))
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
        messages.error(request, told(error.message))
    return redirect("run", run_id)


def _limits(request: HttpRequest) -> dict[str, Any]:
    """What the form raises. Raises ActionError for what is no number."""
    text = request.POST.get("max_steps", "").strip()
    if not text:
        return {}
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ActionError("E_LIMITS", say("Write the number of steps in digits, such as 2000."))
    return {"max_steps": int(text)}


@login_required
@require_POST
def keep(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Keep the run whatever the rules say, or leave it to them."""
    found = run_or_404(request, run_id)
    try:
        retention.keep_run(user=person(request), run=found, kept=request.POST.get("kept") != "no")
    except ActionError as error:
        messages.error(request, told(error.message))
    return redirect("run", run_id)


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
        messages.error(request, told(error.message))
        return redirect("run", run_id)
    return redirect("review-run" if found.source == "review" else "run", started.public_id)
