"""Lines that tools log or print become lines of their run's journal.

`install()` is called once by whoever hosts runs. Lines written outside an attempt go where they
always went.
"""

import logging
import sys
from typing import Any, TextIO

from engine.driving.context import CURRENT, MAX_LINE, ToolContext


class _JournalHandler(logging.Handler):
    """Hands log records to the attempt in whose context they were made."""

    def emit(self, record: logging.LogRecord) -> None:
        context = CURRENT.get()
        if context is not None:
            context.log(self.format(record), _level(record.levelno))


def _level(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


class _Printed:
    """Stands in for a text stream; what an attempt prints goes to its journal line by line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._partial: dict[ToolContext, str] = {}

    def write(self, text: str) -> int:
        """Write to the journal inside an attempt, else to the stream."""
        context = CURRENT.get()
        if context is None:
            return self._stream.write(text)
        *lines, rest = (self._partial.pop(context, "") + text).split("\n")
        for line in lines:
            context.log(line)
        if rest:
            # A line is cut anyway, once its secrets are out: no more of it is kept than that needs.
            self._partial[context] = rest[: 2 * MAX_LINE]
        return len(text)

    def finish(self, context: ToolContext) -> None:
        """Log what an attempt printed without a line end."""
        rest = self._partial.pop(context, "")
        if rest:
            context.log(rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_printed: _Printed | None = None


def install() -> None:
    """Capture `logging` and `print` of tools from now on. Calling it again changes nothing."""
    global _printed
    if _printed is None:
        logging.getLogger().addHandler(_JournalHandler())
        _printed = _Printed(sys.stdout)
        sys.stdout = _printed


def active() -> bool:
    """Whether `install` was called."""
    return _printed is not None


def finish(context: ToolContext) -> None:
    """An attempt ends: its last printed line is logged even without a line end."""
    if _printed is not None:
        _printed.finish(context)
