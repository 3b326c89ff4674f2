"""The forms that steer runs and say what is kept of them, as people fill them in."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from studio.actions.concurrency import MAX_LIMIT
from studio.models import Run, Workflow
from studio.setup.retention import MOST_DAYS, MOST_RUNS, Retention, a_retention

MOST_VERSIONS = 100


def _input(kind: type[forms.Widget], css: str, **attrs: Any) -> forms.Widget:
    return kind(attrs={"class": css, "autocomplete": "off", **attrs})


class MoveForm(forms.Form):
    """The version to go on by, and the ids that changed."""

    version = forms.ChoiceField(
        label=_("Version"), widget=_input(forms.Select, "select"), help_text=_("Newest first.")
    )
    map = forms.CharField(
        label=_("Ids that changed"),
        required=False,
        widget=_input(
            forms.Textarea, "textarea textarea--code textarea--short", rows=4, spellcheck="false"
        ),
        help_text=_('As JSON, the old id and the new one: {"check": "check_twice"}. Empty: none.'),
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
            raise forms.ValidationError(
                gettext("This is not JSON: {error}.").format(error=error)
            ) from error
        if not isinstance(names, dict):
            raise forms.ValidationError(gettext('Write an object such as {"old id": "new id"}.'))
        return names


class LimitForm(forms.Form):
    """How many runs of a workflow are under way at once."""

    limit = forms.IntegerField(
        label=_("Runs at once"),
        required=False,
        min_value=1,
        max_value=MAX_LIMIT,
        widget=_input(
            forms.NumberInput, "input", min=1, max=MAX_LIMIT, placeholder=_("any number")
        ),
        help_text=_("Empty: any number."),
    )
    key = forms.CharField(
        label=_("For each"),
        required=False,
        max_length=500,
        widget=_input(forms.TextInput, "input input--code", placeholder="customer"),
        help_text=_(
            "An expression over the start state: each of its values has its own places."
            " Empty: all runs share them."
        ),
    )

    def __init__(self, workflow: Workflow, data: Any = None) -> None:
        begun = {"limit": workflow.run_limit, "key": workflow.run_limit_key}
        super().__init__(data, initial=begun)


def in_words(rule: Retention) -> str:
    """What a rule keeps: `30 days, 100 runs`."""
    told = []
    if rule.days is not None:
        told.append(ngettext("{n} day", "{n} days", rule.days).format(n=rule.days))
    if rule.runs is not None:
        told.append(ngettext("{n} run", "{n} runs", rule.runs).format(n=rule.runs))
    return ", ".join(told) or pgettext("runs that are kept", "all")


class RetentionForm(forms.Form):
    """Which runs of a workflow are kept."""

    STUDIO, ALL, RULE = "studio", "all", "rule"

    keep = forms.ChoiceField(label=_("Keep"), widget=_input(forms.Select, "select"))
    days = forms.IntegerField(
        label=_("Days"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        widget=_input(forms.NumberInput, "input", min=1, max=MOST_DAYS, placeholder="90"),
        help_text=_("A run stays for so long after its end. Empty: its age does not hold it."),
    )
    runs = forms.IntegerField(
        label=_("Last runs"),
        required=False,
        min_value=1,
        max_value=MOST_RUNS,
        widget=_input(forms.NumberInput, "input", min=1, max=MOST_RUNS, placeholder="100"),
        help_text=_("So many stay, those that ended last. Empty: their number does not hold them."),
    )

    def __init__(self, workflow: Workflow, studio: Retention, data: Any = None) -> None:
        rule = a_retention(workflow.retention) if workflow.retention else None
        keep = self.STUDIO if rule is None else self.ALL if rule.keeps_all else self.RULE
        begun = {
            "keep": keep,
            "days": None if rule is None else rule.days,
            "runs": None if rule is None else rule.runs,
        }
        super().__init__(data, initial=begun)
        self.fields["keep"].choices = [  # type: ignore[attr-defined]
            (self.STUDIO, gettext("As the studio says: {rule}").format(rule=in_words(studio))),
            (self.ALL, gettext("All runs")),
            (self.RULE, gettext("Runs that one of these holds")),
        ]

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        if asked.get("keep") == self.RULE and not (
            self.errors or asked.get("days") or asked.get("runs")
        ):
            self.add_error("days", gettext("Write a number of days, of runs, or both."))
        return asked

    def rule(self) -> Retention | None:
        """What was asked for; None: as the studio says."""
        asked = self.cleaned_data
        if asked["keep"] == self.STUDIO:
            return None
        if asked["keep"] == self.ALL:
            return Retention()
        return Retention(asked["days"], asked["runs"])
