"""Starting a run from a page: which version, with which state."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from studio.actions import runs as run_actions
from studio.actions import workflows as workflow_actions
from studio.actions.errors import ActionError
from studio.journal import codec
from studio.models import Run, Version, Workflow
from studio.pages.drafts import Raw, mapping, sequence, text
from studio.pages.found import person, workflow_or_404
from studio.pages.schema_rows import SchemaRow, schema_rows
from studio.queries import runs as run_queries
from studio.queries import visible
from studio.rights import Verb
from studio.sentences import told

MOST_FILLED_IN = 100_000
_EXAMPLES: Mapping[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "array": [],
    "object": {},
}


class StartForm(forms.Form):
    """`which`: the published version or the draft. `state`: a JSON object."""

    which = forms.ChoiceField(label=_("Version"), widget=forms.Select(attrs={"class": "select"}))
    state = forms.CharField(
        label=_("Initial state"),
        required=False,
        help_text=_("A JSON object. Steps read and change it."),
        max_length=1024 * 1024,
        widget=forms.Textarea(
            attrs={
                "class": "textarea textarea--code",
                "rows": 14,
                "spellcheck": "false",
                "autocapitalize": "off",
            }
        ),
    )

    def __init__(self, *args: Any, workflow: Workflow, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = workflow.published
        choices = [("draft", gettext("The draft, as it is now"))]
        if published is not None:
            choices.insert(0, ("published", f"v{published.number}, published"))
        self.fields["which"].choices = choices  # type: ignore[attr-defined]

    def clean_state(self) -> dict[str, Any]:
        try:
            state = json.loads(self.cleaned_data["state"] or "{}")
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                gettext("This is not JSON: {error}").format(error=error)
            ) from error
        if not isinstance(state, dict):
            raise forms.ValidationError(gettext('Write a JSON object, such as {"name": "value"}.'))
        return state


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """GET asks for the state, filled in with the last run's; POST starts the run."""
    workflow = workflow_or_404(request, workflow_id)
    if request.method == "POST":
        form = StartForm(request.POST, workflow=workflow)
        run = _started(request, workflow, form) if form.is_valid() else None
        if run is not None:
            return redirect("run", run.public_id)
    else:
        form = StartForm(workflow=workflow, initial={"state": _first_state(request, workflow)})
    status = 422 if form.errors else 200
    context = {
        "workflow": workflow,
        "form": form,
        "keys": _keys(workflow),
        "refusal": visible.refusal(request.user, Verb.RUN, workflow),
    }
    return render(request, "workflows/run.html", context, status=status)


def _started(request: HttpRequest, workflow: Workflow, form: StartForm) -> Run | None:
    """The run, or None with the reason added to the form."""
    user = person(request)
    try:
        version = _version(request, workflow, form.cleaned_data["which"])
        return run_actions.start_run(
            user=user, version=version, state=form.cleaned_data["state"], source="page"
        )
    except ActionError as error:
        form.add_error(None, told(error.message))
        for detail in error.details[:20]:
            if detail["message"] not in error.message:
                said = told(detail["message"])
                form.add_error(None, f"{detail.get('pointer', '')} {said}".strip())
        return None


def _version(request: HttpRequest, workflow: Workflow, which: str) -> Version:
    if which == "published" and workflow.published is not None:
        return workflow.published
    return workflow_actions.draft_version(user=person(request), workflow=workflow)


def _first_state(request: HttpRequest, workflow: Workflow) -> str:
    """The state of this person's last run, else what the workflow's schema requires."""
    last = visible.runs(request.user).filter(workflow=workflow, owner=request.user.pk)
    run = last.order_by("-id").first()
    if run is not None:
        created = run_queries.events(run, limit=1)
        state = _pretty(created[0]["data"].get("state") or {}) if created else ""
        if 0 < len(state) <= MOST_FILLED_IN:
            return state
    return _pretty(required_state(codec.decode(workflow.draft)))


def _keys(workflow: Workflow) -> list[SchemaRow]:
    """The keys that the draft says a state has, with the defaults of the document."""
    document = codec.decode(workflow.draft)
    defaults = mapping(mapping(document.get("state")).get("defaults"))
    return [
        replace(row, default=json.dumps(defaults[row.name], ensure_ascii=False))
        if row.depth == 0 and row.name in defaults
        else row
        for row in schema_rows(_schema(document))
    ]


def _schema(document: Raw) -> Raw:
    return mapping(mapping(document.get("state")).get("schema"))


def required_state(document: Raw) -> dict[str, Any]:
    """An empty value for each required key of the state's schema that has no default."""
    schema = _schema(document)
    defaults = mapping(mapping(document.get("state")).get("defaults"))
    properties = mapping(schema.get("properties"))
    return {
        key: _example(mapping(properties.get(key)))
        for key in sequence(schema.get("required"))
        if isinstance(key, str) and key not in defaults
    }


def _example(schema: Raw) -> Any:
    return schema.get("default", _EXAMPLES.get(text(schema.get("type"))))


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
