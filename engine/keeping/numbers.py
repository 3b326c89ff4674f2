"""A growing set of whole numbers that mostly follow each other, kept as spans."""

from bisect import bisect_right
from collections.abc import Iterable

Span = list[int]
"""[first, last], both of them in it."""


class Numbers:
    """Taking up a million of them again costs what their spans cost."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = [list(span) for span in spans]
        self._firsts = [first for first, _ in self._spans]
        self._more: set[int] = set()

    def __contains__(self, number: int) -> bool:
        if number in self._more:
            return True
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._spans[at][1]

    def add(self, number: int) -> None:
        self._more.add(number)

    def spans(self) -> list[Span]:
        """All of them, in order."""
        merged: list[Span] = []
        for first, last in sorted([*self._spans, *([each, each] for each in self._more)]):
            if merged and merged[-1][1] >= first - 1:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        return merged
