"""What went wrong in a call, as the error of its attempt."""

import os
import traceback
from types import TracebackType
from typing import Any

from engine import redaction
from engine.errors import Code, RunError, ToolNotFound

MAX_MESSAGE = 4_000
MAX_TRACEBACK = 16_000
"""Characters kept of an error's message and traceback."""

_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_CALLERS = tuple(_OURS + name for name in ("attempts.py", "driver.py", "runner.py"))
"""Files whose frames stand above every tool's own."""


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
        "traceback": shortened(_traceback(error)),
    }
    return RunError(
        Code.TOOL, f"{name}: {message}" if message else name, node=node, details=details
    )


def timeout_error(seconds: float, node: str) -> RunError:
    """The error of an attempt that took too long."""
    message = f"{node!r} took longer than its timeout of {seconds:g} s"
    return RunError(Code.TIMEOUT, message, node=node, details={"type": "TimeoutError"})


def idle_error(seconds: float, node: str) -> RunError:
    """The error of an attempt whose tool gave no sign of life."""
    message = (
        f"{node!r} gave no sign of life for its idle_timeout of {seconds:g} s; a tool that works "
        f"for longer calls ctx.heartbeat(), ctx.progress(…) or ctx.log(…) meanwhile"
    )
    return RunError(
        Code.TIMEOUT, message, node=node, details={"type": "TimeoutError", "idle": True}
    )


def message_of(error: BaseException) -> str:
    """What an error says, without secrets, cut to `MAX_MESSAGE`."""
    return redaction.line(str(error))[:MAX_MESSAGE]


def shortened(trace: str) -> str:
    """A traceback without secrets; of a very long one, the end."""
    text = redaction.trace(trace)
    return text if len(text) <= MAX_TRACEBACK else "…\n" + text[-MAX_TRACEBACK:]


def _without_secrets(error: RunError) -> RunError:
    """The error, or one like it where it held a known secret."""
    said = error.as_dict()
    clean = redaction.details(said)
    return error if clean == said else RunError.from_dict(clean)


def _traceback(error: BaseException) -> str:
    """The traceback without the engine's own frames."""
    lines = traceback.format_exception(type(error), error, _tool_frames(error.__traceback__))
    return "".join(lines)


def _tool_frames(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename in _CALLERS:
        trace = trace.tb_next
    return trace
