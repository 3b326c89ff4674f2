"""Sentences that are found again in texts that say them.

A journal keeps English alone. Who shows a text of it to people finds the sentence in it by what
stands between its gaps, and has what `engine/said.py` gives to who makes one.
"""

import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias, Union

from engine.said import Grouped, Quoted, Said, counted, say

Within: TypeAlias = Union["Readable", "Counted", "Shape", Said]
"""What may stand in a gap: a sentence with gaps of its own, one without, or text of some shape."""

_NUMBERS: Final = {"n", "most", "count"}
"""Gaps of these names hold numbers as people read large ones."""


class Shape(str):
    """The regular expression of texts that are no sentences, without groups."""

    __slots__ = ()


class Readable:
    """A sentence. What its gaps may hold stands by their names; any other one holds any text."""

    __slots__ = ("_pattern", "_within", "sentence", "shape")

    def __init__(self, sentence: str, within: dict[str, tuple[Within, ...]]) -> None:
        self.sentence = sentence
        self._within = within
        split = re.split(r"\{(\w+)\}", sentence)
        texts, gaps = split[::2], split[1::2]
        shapes = [self._shape(gap) for gap in gaps]
        self.shape = _woven(texts, shapes)
        """The regular expression of a text that says it."""
        named = [f"(?P<{gap}>{shape})" for gap, shape in zip(gaps, shapes, strict=True)]
        self._pattern = re.compile(_woven(texts, named))

    def __call__(self, **values: Any) -> Said:
        """The sentence, its gaps filled."""
        return say(self.sentence, **values)

    def read(self, text: str) -> Said | None:
        """The text as this sentence; None if it says another one."""
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        gaps = found.groupdict().items()
        said = self(**{gap: _value(gap, held, self._within.get(gap, ())) for gap, held in gaps})
        return said if said == text else None

    def _shape(self, gap: str) -> str:
        if gap in self._within:
            return f"(?:{'|'.join(map(_shape_of, self._within[gap]))})"
        return r"[\d,]+" if gap in _NUMBERS else ".*?"


class Counted:
    """A sentence about `count` things."""

    __slots__ = ("_many", "_one", "shape")

    def __init__(self, one: str, many: str) -> None:
        self._one, self._many = one, many
        number = r"[\d,]+"
        self.shape = f"(?:{one.format(n='1')}|{many.format(count=number)})"

    def __call__(self, n: int) -> Said:
        return counted(self._one, self._many, n, count=Grouped(f"{n:,}"))

    def read(self, text: str) -> Said | None:
        """The text as this sentence; None if it says another one."""
        number = re.search(r"\d[\d,]*", text)
        said = None if number is None else self(Grouped(number[0]).number)
        return said if said == text else None


def readable(sentence: str, /, **within: Iterable[Within]) -> Readable:
    """A sentence that can be read back: `readable("no key {key} {keys}", keys=[NO_KEYS, KEYS])`."""
    return Readable(sentence, {gap: tuple(held) for gap, held in within.items()})


def readable_count(one: str, many: str) -> Counted:
    """The same for a number of things: `readable_count("{n} item", "{count} items")`."""
    return Counted(one, many)


def _woven(texts: list[str], shapes: list[str]) -> str:
    """The texts as they are, with these expressions between them."""
    return "".join(
        re.escape(text) + shape for text, shape in zip(texts, [*shapes, ""], strict=True)
    )


def _shape_of(held: Within) -> str:
    if isinstance(held, Said):
        return re.escape(held)
    return held if isinstance(held, Shape) else held.shape


def _value(gap: str, text: str, within: tuple[Within, ...]) -> Any:
    for held in within:
        if isinstance(held, Said):
            said = held if held == text else None
        else:
            said = None if isinstance(held, Shape) else held.read(text)
        if said is not None:
            return said
    if gap in _NUMBERS and text.replace(",", "").isdigit():
        return Grouped(text)
    in_quotes = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return Quoted(text) if in_quotes else text
