"""How an expression fails.

    ExpressionError   what callers see: a position, a message, a hint
    Fault             a failing operator; `&&`, `||`, `all` and `exists` may absorb it
    Exhausted         a limit was hit while evaluating; nothing absorbs it

Faults keep the parts of their message and write it only when it is shown, because a loop may
raise and absorb one per item.
"""

import unicodedata
from collections.abc import Callable
from typing import Any, Final

from engine.said import UNSAID, Said, say

Sentences = tuple[Said, Said]
"""(message, hint)."""

Describe = Callable[..., Sentences]
"""Makes (message, hint) from the parts kept by a fault."""

CARET_WINDOW: Final = 60


class ExpressionError(ValueError):
    """An expression that cannot be read, or whose evaluation failed.

    `position` counts characters (code points) from 0. `hint` says what to do and may be empty.
    `str(error)` is the message and the hint on one line; `caret` draws the place.
    """

    code = "E_EXPRESSION"

    def __init__(self, position: int, message: Said, hint: Said = UNSAID, source: str = "") -> None:
        super().__init__(position, message, hint, source)
        self.position = position
        self.message = message
        self.hint = hint
        self.source = source

    def __str__(self) -> str:
        return str(self.said)

    @property
    def said(self) -> Said:
        """The message and the hint on one line."""
        if not self.hint:
            return self.message
        return say("{message}; {hint}", message=self.message, hint=self.hint)

    @property
    def caret(self) -> str:
        """Two lines: the source around the position, and `^` under it."""
        first = max(0, self.position - CARET_WINDOW)
        before = printable(self.source[first : self.position])
        after = printable(self.source[self.position : self.position + CARET_WINDOW])
        return f"{before}{after}\n{' ' * _columns(before)}^"

    def as_dict(self, told: Callable[[Said], str] = str) -> dict[str, Any]:
        """The form the API answers with. `told`: what becomes of its sentences, English else."""
        return {"position": self.position, "message": told(self.message), "hint": told(self.hint)}


class Fault(Exception):
    """An operator failed at `at`; `describe(*parts)` gives (message, hint)."""

    def __init__(self, at: int, describe: Describe, *parts: Any) -> None:
        super().__init__(at)
        self.at = at
        self.describe = describe
        self.parts = parts


class Exhausted(Exception):
    """Evaluation hit a limit at `at`."""

    def __init__(self, at: int, message: Said, hint: Said = UNSAID) -> None:
        super().__init__(at, message, hint)
        self.at = at
        self.message = message
        self.hint = hint


def printable(text: str) -> str:
    """The text with everything that would move the caret or the reading direction made visible."""
    return "".join(
        c if c.isprintable() else ("\N{REPLACEMENT CHARACTER}", " ")[c in "\t\n\r"] for c in text
    )


def _columns(text: str) -> int:
    """Columns the text takes in a terminal: wide letters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
