"""A form of HTML fields for what a run asks a person, made of the question's JSON Schema.

One field for each property. The schema itself has the last word: it checks what the fields gave.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from studio.pages.drafts import Raw, mapping, sequence, text

LONG = 200
"""Texts that may be longer than this get a field of several lines."""

_NOTHING = ("", None)


class AnswerForm(forms.Form):
    """Fields of a question; `answer` is what they say, as the run takes it."""

    def __init__(self, schema: Raw, data: Any = None) -> None:
        super().__init__(data)
        self._properties = mapping(schema.get("properties"))
        required = sequence(schema.get("required"))
        self._names: dict[str, str] = {}
        for number, (name, raw) in enumerate(self._properties.items()):
            field = _field(name, mapping(raw), required=name in required)
            self.fields[f"field{number}"] = field
            self._names[f"field{number}"] = name

    def answer(self) -> dict[str, Any]:
        """The valid answer by property; what was left empty is not in it."""
        given = {}
        for field, name in self._names.items():
            value = self.cleaned_data[field]
            if value not in _NOTHING:
                given[name] = value
        return given

    def place(self, pointer: str) -> str | None:
        """The field that a JSON pointer into the answer speaks of; None for the whole form."""
        name = pointer[1:].split("/", 1)[0].replace("~1", "/").replace("~0", "~")
        return next((field for field, known in self._names.items() if known == name), None)


def _field(name: str, schema: Raw, *, required: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": text(schema.get("title")) or name,
        "help_text": text(schema.get("description")),
        "required": required,
        "initial": schema.get("default"),
    }
    if "enum" in schema:
        return _choice(sequence(schema["enum"]), common)
    kind = text(schema.get("type"))
    if kind == "boolean":
        return _choice([True, False], common, {True: _("Yes"), False: _("No")})
    if kind == "integer":
        return forms.IntegerField(widget=_input("number"), **common)
    if kind == "number":
        return forms.FloatField(widget=_input("number", step="any"), **common)
    if kind == "string":
        return forms.CharField(widget=_text_widget(schema), **common)
    return forms.JSONField(widget=_lines(code=True), **_as_json(common))


def _choice(
    values: Any, common: dict[str, Any], labels: Mapping[Any, str] | None = None
) -> forms.Field:
    """A choice among JSON values; a page can only send their text."""
    by_text = {json.dumps(value): value for value in values}
    choices = [("", _("Choose…"))]
    choices += [(key, (labels or {}).get(value, _shown(value))) for key, value in by_text.items()]
    initial = common["initial"]
    more = {**common, "initial": None if initial is None else json.dumps(initial)}
    widget = forms.Select(attrs={"class": "select"})
    return forms.TypedChoiceField(
        choices=choices, coerce=json.loads, empty_value=None, widget=widget, **more
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text_widget(schema: Raw) -> forms.Widget:
    most = schema.get("maxLength")
    long = schema.get("format") == "multiline" or (isinstance(most, int) and most > LONG)
    return _lines() if long else _input("text")


def _input(kind: str, **attrs: str) -> forms.Widget:
    return forms.TextInput(attrs={"class": "input", "type": kind, **attrs})


def _lines(*, code: bool = False) -> forms.Widget:
    classes = "textarea textarea--code" if code else "textarea"
    return forms.Textarea(attrs={"class": classes, "rows": 5})


def _as_json(common: dict[str, Any]) -> dict[str, Any]:
    return {**common, "help_text": common["help_text"] or _("Write JSON.")}
