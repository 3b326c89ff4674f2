"""The form by which a person says what became of a call of unknown outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engine.policies import OutcomeChoice
from studio.actions.outcomes import MAX_NOTE, NOTHING
from studio.pages.answer_form import AnswerForm


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the five, with what it leads to in plain words."""

    value: str
    label: str
    meaning: str
    chosen: bool


_LABELS = {
    OutcomeChoice.ADOPT: gettext_lazy("Use the late result"),
    OutcomeChoice.DONE: gettext_lazy("It was done"),
    OutcomeChoice.RETRY: gettext_lazy("Call it again"),
    OutcomeChoice.SKIP: gettext_lazy("Skip the step"),
    OutcomeChoice.FAIL: gettext_lazy("Let the step fail"),
}
_MEANINGS = {
    OutcomeChoice.ADOPT: gettext_lazy(
        "What the tool brought counts as if it had come in time: the run goes on with it."
    ),
    OutcomeChoice.DONE: gettext_lazy(
        "You looked, and the tool acted. Say what it would have returned: the run goes on with it."
    ),
    OutcomeChoice.RETRY: gettext_lazy(
        "You looked, and the tool did not act, or acting twice does no harm. It is called once more"
        " with the same inputs and the same idempotency key."
    ),
    OutcomeChoice.SKIP: gettext_lazy(
        "The step is done without an output, and the run goes on by the edges behind it."
    ),
    OutcomeChoice.FAIL: gettext_lazy(
        "The step has failed: its error edge is taken where there is one, else the run fails."
    ),
}


class Json(forms.JSONField):
    """JSON that may be left out: null is something that a person writes."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class DecisionForm(forms.Form):
    """The choice, the note, and the output where one is needed."""

    choice = forms.ChoiceField(
        choices=[(choice.value, choice.value) for choice in OutcomeChoice],
        error_messages={"required": gettext_lazy("Choose what became of the call.")},
    )
    note = forms.CharField(
        required=False,
        max_length=MAX_NOTE,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("How you know. It is kept with the run."),
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 2}),
    )
    output = Json(
        required=False,
        label=gettext_lazy("Output, as JSON"),
        help_text=gettext_lazy("What the tool would have returned; null for nothing."),
        widget=forms.Textarea(attrs={"class": "textarea textarea--code", "rows": 5}),
    )

    def __init__(self, returns: Mapping[str, Any] | None, late: bool, data: Any = None) -> None:
        super().__init__(data)
        self._late = late
        properties = (returns or {}).get("properties")
        self.fields_of_output = None
        """A field for each part of the output, where the tool says which there are."""
        if isinstance(properties, Mapping) and properties:
            self.fields_of_output = AnswerForm(dict(returns or {}), data)

    def choices(self) -> list[Choice]:
        """Those that there are for this call."""
        chosen = self.data.get("choice", "")
        return [
            Choice(choice.value, str(_LABELS[choice]), str(_MEANINGS[choice]), choice == chosen)
            for choice in OutcomeChoice
            if choice is not OutcomeChoice.ADOPT or self._late
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("choice") != OutcomeChoice.DONE:
            self.errors.pop("output", None)
        elif self.fields_of_output is not None:
            if not self.fields_of_output.is_valid():
                self.add_error(None, _("The output is not complete."))
        elif not self.data.get("output", "").strip():
            self.add_error("output", _("Write what the tool would have returned, or null."))
        return cleaned

    def given(self) -> Any:
        """The output of a valid form."""
        if self.cleaned_data["choice"] != OutcomeChoice.DONE:
            return NOTHING
        if self.fields_of_output is not None:
            return self.fields_of_output.answer()
        return self.cleaned_data.get("output")


def label_of(choice: str) -> str:
    """A decision in the words of its button."""
    known = {each.value: label for each, label in _LABELS.items()}
    return str(known.get(choice, choice))
