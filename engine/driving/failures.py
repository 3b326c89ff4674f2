"""What went wrong in a call, as the error of its attempt."""

import asyncio
import concurrent.futures
import os
import traceback
from typing import Any

from engine import failing
from engine.errors import Code, RunError, ToolNotFound
from engine.values import redaction

MAX_MESSAGE = 4_000
MAX_TRACEBACK = 16_000
"""Characters kept of an error's message and traceback."""

_CALLERS = tuple(
    os.path.dirname(os.path.abspath(file)) + os.sep
    for file in (__file__, asyncio.__file__, concurrent.futures.__file__)
)
"""Folders of the files whose frames stand above every tool's own."""


def tool_error(error: BaseException, node: str) -> RunError:
    """What a tool raised: class, message and traceback are kept, secrets are not."""
    if isinstance(error, RunError):
        return _without_secrets(error.at(node))
    name = type(error).__qualname__
    if isinstance(error, ToolNotFound):
        return RunError(Code.TOOL, str(error), node=node, details={"type": name})
    message = message_of(error)
    details: dict[str, Any] = {
        "type": name,
        "module": type(error).__module__,
        "traceback": shortened(tool_traceback(error)),
    }
    return RunError(
        Code.TOOL, f"{name}: {message}" if message else name, node=node, details=details
    )


def timeout_error(seconds: float, node: str) -> RunError:
    """The error of an attempt that took too long."""
    message = failing.TIMEOUT(node=node, seconds=float(seconds))
    return RunError(Code.TIMEOUT, message, node=node, details={"type": "TimeoutError"})


def idle_error(seconds: float, node: str) -> RunError:
    """The error of an attempt whose tool gave no sign of life."""
    message = failing.IDLE(node=node, seconds=float(seconds))
    return RunError(
        Code.TIMEOUT, message, node=node, details={"type": "TimeoutError", "idle": True}
    )


def message_of(error: BaseException) -> str:
    """What an error says, without secrets, cut to `MAX_MESSAGE`."""
    try:
        said = str(error)
    except Exception as broken:  # an error of a tool's own, whose __str__ fails
        said = f"(its text cannot be had: {type(broken).__qualname__})"
    return redaction.line(said)[:MAX_MESSAGE]


def shortened(trace: str) -> str:
    """A traceback without secrets; of a very long one, the end."""
    text = redaction.trace(trace)
    return text if len(text) <= MAX_TRACEBACK else "…\n" + text[-MAX_TRACEBACK:]


def _without_secrets(error: RunError) -> RunError:
    """The error, or one like it where it held a known secret."""
    said = error.as_dict()
    clean = redaction.details(said)
    return error if clean == said else RunError.from_dict(clean)


def tool_traceback(error: BaseException) -> str:
    """The traceback of an error from the tool's first frame on, and so of what led to it.

    What was raised in the engine itself, by no tool, keeps the engine's frames.
    """
    told = traceback.TracebackException.from_exception(error)
    _cut(told)
    return "".join(told.format())


def _cut(told: traceback.TracebackException) -> bool:
    """Leave out the frames above the tool's; whether a frame of a tool is left anywhere."""
    before = [told.__cause__, told.__context__, *(told.exceptions or ())]
    below = [_cut(each) for each in before if each is not None]
    first = next((at for at, frame in enumerate(told.stack) if not _is_caller(frame)), None)
    if first is None and not any(below):
        return False
    del told.stack[: len(told.stack) if first is None else first]
    return True


def _is_caller(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(_CALLERS)
