"""Calls that one thread makes one after the other, with what the engine does between them.

A run whose steps are sync tools, one at a time, keeps its thread: the thread borrows the turn of
the loop, decides there what follows, has it written, and makes the next call itself. Where it
cannot, it leaves to the loop what it has, and the loop goes on as always.
"""

import inspect
from collections.abc import Awaitable, Callable, Generator
from typing import Any, NamedTuple

from engine.driving.attempt import Attempt
from engine.values.jsonvalue import PLAIN

Following = tuple[Attempt | None, Awaitable[Any] | None]
"""What a lane goes on with: a call, and what is left of it if it has begun."""


class Onward(NamedTuple):
    """A thread has made more calls than the one it was given: what is left to its lane."""

    following: Following


class Ended:
    """What a call gave that a thread has made. Who awaits it waits only if it gave an awaitable."""

    __slots__ = ("_error", "_value")

    def __init__(self, value: Any, error: BaseException | None) -> None:
        self._value = value
        self._error = error

    def __await__(self) -> Generator[Any, Any, Any]:
        if isinstance(self._error, StopIteration):
            # Out of a generator it would look like its end.
            raise RuntimeError("the tool raised StopIteration") from self._error
        if self._error is not None:
            raise self._error
        if type(self._value) not in PLAIN and inspect.isawaitable(self._value):
            return (yield from self._value.__await__())
        return self._value


GoOn = Callable[[Attempt, Any], Attempt | Onward | None]
"""Given a call that has ended and what it gave: the next call for the same thread, what is left to
the lane, or None if it is the lane that has to see to the end of this call."""


def make_calls(attempt: Attempt, make: Callable[[Attempt], Any], go_on: GoOn) -> Any:
    """In a thread: make this call and those that follow from it.

    What the first one gives or raises, if the lane has to see to its end; else an Onward.
    """
    result = make(attempt)
    following = go_on(attempt, result)
    if following is None:
        return result
    while isinstance(following, Attempt):
        attempt = following
        try:
            result = make(attempt)
        except BaseException as error:
            return Onward((attempt, Ended(None, error)))
        following = go_on(attempt, result)
    return following or Onward((attempt, Ended(result, None)))
