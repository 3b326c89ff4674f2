"""What the engine says, in the language of who reads it: see `engine/said.py`.

The place where a text leaves the studio translates it, not the one that makes it: what is kept in
rows, journals and logs is English for whoever reads it later.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext

from engine.said import Grouped, Quoted, Said

SOURCE = "en"
"""The language in which every text is written."""


def told(text: str) -> str:
    """The text in the language of this thread's reader; one that cannot be translated as it is."""
    if not isinstance(text, Said) or (get_language() or SOURCE) == SOURCE:
        return str(text)
    if not text.template:
        return str(text)
    if text.plural:
        sentence = ngettext(text.template, text.plural, text.values["n"])
    else:
        sentence = gettext(text.template)
    if not text.values:
        return sentence
    return sentence.format(**{name: _filled(value) for name, value in text.values.items()})


def _filled(value: Any) -> Any:
    if isinstance(value, Quoted):
        return gettext("“{name}”").format(name=value.inside)
    if isinstance(value, Grouped):
        return number_format(value.number, force_grouping=True)
    return told(value) if isinstance(value, str) else value


def kept(text: Said) -> Said:
    """The text as it is, to be translated where it leaves the studio."""
    return text


def in_words(problems: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Problems or details of errors, for a page."""
    return [
        {key: told(value) if isinstance(value, str) else value for key, value in problem.items()}
        for problem in problems
    ]
