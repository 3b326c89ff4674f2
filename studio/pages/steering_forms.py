"""The forms that steer runs, as people fill them in."""

import json
from typing import Any

from django import forms

from studio.actions.concurrency import MAX_LIMIT
from studio.models import Run, Workflow

MOST_VERSIONS = 100


def _input(kind: type[forms.Widget], css: str, **attrs: Any) -> forms.Widget:
    return kind(attrs={"class": css, "autocomplete": "off", **attrs})


class MoveForm(forms.Form):
    """The version to go on by, and the ids that changed."""

    version = forms.ChoiceField(
        label="Version", widget=_input(forms.Select, "select"), help_text="Newest first."
    )
    map = forms.CharField(
        label="Ids that changed",
        required=False,
        widget=_input(
            forms.Textarea, "textarea textarea--code textarea--short", rows=4, spellcheck="false"
        ),
        help_text='As JSON, the old id and the new one: {"check": "check_twice"}. Empty: none.',
    )

    def __init__(self, run: Run, data: Any = None) -> None:
        super().__init__(data)
        versions = run.workflow.versions.exclude(pk=run.version_id).exclude(number=None)
        rows = versions.order_by("-number").values_list("public_id", "number", "note")
        self.fields["version"].choices = [  # type: ignore[attr-defined]
            (str(public_id), f"v{number} {note}".strip())
            for public_id, number, note in rows[:MOST_VERSIONS]
        ]

    @property
    def has_versions(self) -> bool:
        return bool(self.fields["version"].choices)  # type: ignore[attr-defined]

    def clean_map(self) -> dict[str, Any]:
        text = self.cleaned_data["map"].strip()
        if not text:
            return {}
        try:
            names = json.loads(text)
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from error
        if not isinstance(names, dict):
            raise forms.ValidationError('Write an object such as {"old id": "new id"}.')
        return names


class LimitForm(forms.Form):
    """How many runs of a workflow are under way at once."""

    limit = forms.IntegerField(
        label="Runs at once",
        required=False,
        min_value=1,
        max_value=MAX_LIMIT,
        widget=_input(forms.NumberInput, "input", min=1, max=MAX_LIMIT, placeholder="any number"),
        help_text="Empty: any number.",
    )
    key = forms.CharField(
        label="For each",
        required=False,
        max_length=500,
        widget=_input(forms.TextInput, "input input--code", placeholder="customer"),
        help_text="An expression over the start state: each of its values has its own places."
        " Empty: all runs share them.",
    )

    def __init__(self, workflow: Workflow, data: Any = None) -> None:
        begun = {"limit": workflow.run_limit, "key": workflow.run_limit_key}
        super().__init__(data, initial=begun)
