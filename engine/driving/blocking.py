"""Whose code it is that keeps an event loop from turning, told from the stack of its thread."""

import traceback
from dataclasses import dataclass
from types import CodeType, FrameType

from engine.driving.attempts import Attempts
from engine.driving.driver import Driver

TOP = 8
"""Frames that are told of a stack, the innermost ones."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """A tool whose call is being made on the loop."""

    run_id: str
    node: str
    activation: int
    attempt: int
    tool: str


def culprit(frame: FrameType | None) -> Culprit | None:
    """The tool that is being called in this stack; None if it is something else that takes time."""
    while frame is not None:
        if frame.f_code is _PUMP:
            return None  # the engine itself is at work, for a call that has ended
        if frame.f_code in _CALLING:
            return _told(frame)
        frame = frame.f_back
    return None


def top_of(frame: FrameType | None) -> list[str]:
    """The innermost frames as `file:line in function`, the innermost one last."""
    stack = traceback.extract_stack(frame)[-TOP:] if frame is not None else []
    return [f"{each.filename}:{each.lineno} in {each.name}" for each in stack]


_PUMP = Driver._pump.__code__
_CALLING: frozenset[CodeType] = frozenset(
    method.__code__
    for method in (
        Attempts._lane,
        Attempts._step_here,
        Attempts._call_promptly,
        Attempts._call_here,
    )
)


def _told(frame: FrameType) -> Culprit | None:
    names = frame.f_locals
    attempt = names.get("attempt")
    call = names["call"] if attempt is None else attempt.call
    activation = names["activation"] if attempt is None else attempt.activation
    return Culprit(
        names["self"].run_id,
        activation.place.id,
        activation.id,
        activation.attempts,
        call.tool.name,
    )
