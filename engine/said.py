"""Sentences that can be said in another language: texts that remember what they were made from.

The engine speaks English. What it says is a `str` like any other, for programs, logs and journals.
Who shows it to people finds in it the sentence with its gaps, translates that, and fills the gaps
again: the values may be such sentences themselves. Sentences are plain literals, so that the
catalogues of other languages can be read out of the sources.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

_NO_VALUES: Final[Mapping[str, Any]] = {}


class Said(str):
    """A sentence in English, with what it was made from."""

    __slots__ = ("plural", "template", "values")

    template: str
    """The sentence with `{names}` for its gaps; where there are no values, braces are braces."""
    values: Mapping[str, Any]
    """What fills the gaps: texts, numbers, and what the functions of this module give."""
    plural: str
    """The sentence for any number but one, which is `values["n"]`; empty where nothing counts."""

    def __new__(
        cls, text: str, template: str = "", values: Mapping[str, Any] = _NO_VALUES, plural: str = ""
    ) -> "Said":
        made = str.__new__(cls, text)
        made.template = template
        made.values = values
        made.plural = plural
        return made


class Quoted(str):
    """A name or a text as Python quotes it; other languages have quotes of their own."""

    __slots__ = ()

    @property
    def inside(self) -> str:
        """What stands between the quotes; one that was cut has no closing one."""
        whole = len(self) > 1 and self[-1] == self[0]
        return self[1:-1] if whole else f"{self[1:]}…"


class Step(str):
    """The id of a step, or of an edge, as English tells it; people know it by its name."""

    __slots__ = ("id", "name")

    id: str
    name: str
    """Its title, or those of the steps that an edge joins; empty where it has none."""

    def __new__(cls, text: str, id: str = "", name: str = "") -> "Step":  # noqa: A002
        made = str.__new__(cls, text)
        made.id = id
        made.name = name
        return made


class Grouped(str):
    """A number with its thousands set apart; other languages do so with other signs."""

    __slots__ = ()

    @property
    def number(self) -> int:
        return int(self.replace(",", ""))


UNSAID: Final = Said("")
"""Where there is nothing to say."""


def say(sentence: str, /, **values: Any) -> Said:
    """The sentence, its gaps filled: `say("no node {name}", name=quoted(name))`."""
    return Said(sentence.format(**values), sentence, values) if values else _plain(sentence)


@cache
def _plain(sentence: str) -> Said:
    """One without gaps, made once: there are as many as the sources have."""
    return Said(sentence, sentence)


def say_as(sentence: str, english: str, /, **values: Any) -> Said:
    """What reads `english` and is translated from the sentence: where English needs an article or
    quotes somebody who speaks nothing else."""
    return Said(english, sentence, values)


def counted(one: str, many: str, n: int, /, **values: Any) -> Said:
    """The sentence for that many: `counted("{n} edge", "{n} edges", 3)`."""
    values = {"n": n, **values}
    return Said((one if n == 1 else many).format(**values), one, values, many)


def quoted(text: str, most: int | None = None) -> Quoted:
    """The text in quotes, cut to `most` characters with them."""
    return Quoted(repr(text)[:most])


def listed(names: Iterable[str]) -> str:
    """Names in quotes, one after the other."""
    return joined(map(quoted, names))


def joined(parts: Iterable[str]) -> str:
    """Parts, one after the other."""
    made: str = ""
    for part in parts:
        made = say("{one}, {other}", one=made, other=part) if made else part
    return made


def grouped(number: int) -> Grouped:
    """The number as people read large ones."""
    return Grouped(f"{number:,}")
