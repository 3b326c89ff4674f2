"""Writing for people and for programs: plain lines, JSON, and a progress bar on a terminal."""

import json
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TextIO

WIDTH = 24

# C0 and C1 controls; line ends and tabs are no harm.
_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


_IN_JSON = {code: f"\\u{code:04x}" for code in range(127, 160)}


def printable(text: object) -> str:
    """The text without control characters: a log line must not steer the terminal."""
    return str(text).translate(_CONTROLS)


def say(text: object = "") -> None:
    sys.stdout.write(printable(text) + "\n")
    sys.stdout.flush()


def complain(text: object) -> None:
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


def say_json(value: Mapping[str, Any] | list[Any]) -> None:
    # JSON escapes the controls below 32 by itself, the others are as harmful to a terminal.
    text = json.dumps(value, indent=2, ensure_ascii=False).translate(_IN_JSON)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Bar:
    """One line on a terminal that is drawn over; silent where the stream is none.

    Use as a context manager: leaving it clears the line.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._is_on = self._stream.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.clear()

    def show(self, done: int, total: int | None, note: str) -> None:
        """`total` None: nobody knows how much there is."""
        if not self._is_on:
            return
        if total:
            filled = min(WIDTH, WIDTH * done // total)
            counted = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{total}"
        else:
            counted = f"{done} steps"
        self._stream.write(f"\r\x1b[2K{counted} {printable(note)[:60]}")
        self._stream.flush()

    def clear(self) -> None:
        if self._is_on:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def above(self, line: str) -> None:
        """Print a line to stdout without leaving half of the bar on it."""
        self.clear()
        say(line)
