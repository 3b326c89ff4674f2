"""Calling a tool once: what is under way, and what a tool's failure is worth."""

import asyncio
import os
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from engine.calls import Bound, Call
from engine.clock import Timer
from engine.context import ToolContext
from engine.errors import Code, RunError
from engine.marking import Activation

MAX_MESSAGE = 4_000
MAX_TRACEBACK = 16_000
"""Characters kept of an error's message and traceback."""

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_OURS = tuple(_HERE + name for name in ("attempts.py", "driver.py", "runner.py"))


@dataclass(slots=True, eq=False)
class Attempt:
    """A call that is under way."""

    activation: Activation
    number: int
    call: Call
    bound: Bound
    context: ToolContext | None
    began: float
    task: asyncio.Task[None] | None = None
    timer: Timer | None = None

    def stop(self) -> None:
        """Ask the tool to end: a coroutine is cancelled, a thread sees `ctx.cancelled`."""
        if self.context is not None:
            self.context.stop()
        if self.task is not None and self.call.tool.is_async:
            self.task.cancel()

    def settle(self) -> None:
        """The attempt is over: its timer must not ring any more."""
        if self.timer is not None:
            self.timer.cancel()


def tool_error(error: BaseException, node: str) -> RunError:
    """What a tool raised, as the error of its attempt: class, message and traceback are kept."""
    if isinstance(error, RunError):
        return error.at(node)
    name = type(error).__qualname__
    message = str(error)[:MAX_MESSAGE]
    details: dict[str, Any] = {
        "type": name,
        "module": type(error).__module__,
        "traceback": _traceback(error),
    }
    return RunError(
        Code.TOOL, f"{name}: {message}" if message else name, node=node, details=details
    )


def timeout_error(seconds: float, node: str) -> RunError:
    """The error of an attempt that took too long."""
    message = f"{node!r} took longer than its timeout of {seconds:g} s"
    return RunError(Code.TIMEOUT, message, node=node, details={"type": "TimeoutError"})


def _traceback(error: BaseException) -> str:
    """The traceback without the engine's own frames, cut in the middle of its length."""
    lines = traceback.format_exception(type(error), error, _tool_frames(error.__traceback__))
    text = "".join(lines)
    return text if len(text) <= MAX_TRACEBACK else "…\n" + text[-MAX_TRACEBACK:]


def _tool_frames(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename in _OURS:
        trace = trace.tb_next
    return trace
