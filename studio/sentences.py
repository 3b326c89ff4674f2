"""What the engine says, in the language of who reads it: see `engine/said.py`.

The place where a text leaves the studio translates it, not the one that makes it: what is kept in
rows, journals and logs is English for whoever reads it later.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext

from engine.expressions.faults import found
from engine.failing import NOBODY, Names, reread
from engine.said import Grouped, Quoted, Said, Step

SOURCE = "en"
"""The language in which every text is written."""


_reader_is_human: ContextVar[bool] = ContextVar("reader is human", default=False)


@contextmanager
def for_people() -> Iterator[None]:
    """While it lasts, whoever reads knows steps by what they are called."""
    before = _reader_is_human.set(True)
    try:
        yield
    finally:
        _reader_is_human.reset(before)


def told(text: str, *, by_title: bool | None = None) -> str:
    """The text in the language of this thread's reader; one that cannot be translated as it is.

    `by_title`: for people, who know steps by what they are called. Not given: as `for_people` says.
    """
    if not isinstance(text, Said) or not text.template:
        return str(text)
    by_title = _reader_is_human.get() if by_title is None else by_title
    if (get_language() or SOURCE) == SOURCE and not (by_title and _names_steps(text)):
        return str(text)
    if text.plural:
        sentence = ngettext(text.template, text.plural, text.values["n"])
    else:
        sentence = gettext(text.template)
    if not text.values:
        return sentence
    values = text.values.items()
    return sentence.format(**{name: _filled(value, by_title) for name, value in values})


def _names_steps(text: Said) -> bool:
    return any(
        isinstance(value, Step) or (isinstance(value, Said) and _names_steps(value))
        for value in text.values.values()
    )


def _filled(value: Any, by_title: bool) -> Any:
    if isinstance(value, Quoted):
        return _in_quotes(value.inside)
    if isinstance(value, Grouped):
        return number_format(value.number, force_grouping=True)
    if isinstance(value, Step):
        return _in_quotes(_name(value, by_title))
    return told(value, by_title=by_title) if isinstance(value, str) else value


def _name(step: Step, by_title: bool) -> str:
    return step.name if by_title and step.name else step.id


def _in_quotes(name: str) -> str:
    return gettext("“{name}”").format(name=name)


def error_told(error: Mapping[str, Any], names: Names = NOBODY) -> dict[str, Any]:
    """An error of a run for people: what the engine says in their language, its steps by their
    titles. What a tool says stays as it is."""
    said = reread(error, names)
    if said is None:
        return dict(error)
    told_error = {**error, "message": told(said, by_title=True)}
    details = error.get("details")
    if isinstance(details, Mapping):
        # What an expression said stands there in two parts as well.
        parts = {key: found(str(details[key])) for key in ("message", "hint") if key in details}
        shown = {key: told(part) for key, part in parts.items() if part is not None}
        told_error["details"] = {**details, **shown}
    return told_error


def kept(text: Said) -> Said:
    """The text as it is, to be translated where it leaves the studio."""
    return text


def in_words(problems: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Problems or details of errors, for a page."""
    return [
        {key: told(value) if isinstance(value, str) else value for key, value in problem.items()}
        for problem in problems
    ]
