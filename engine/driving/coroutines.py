"""Coroutines of tools, each in context variables of its own, though one task runs several."""

import contextvars
from collections.abc import Awaitable, Callable, Generator
from types import CoroutineType
from typing import Any


async def begun(work: Awaitable[Any], variables: contextvars.Context) -> Any:
    """Begin a coroutine (or anything to await) in these context variables, and see it through."""
    coroutine: Any = work if type(work) is CoroutineType else _awaited(work)
    try:
        waiting_for = variables.run(coroutine.send, None)
    except StopIteration as done:
        return done.value
    return await Continued(coroutine, variables, waiting_for)


class Continued:
    """Awaits the rest of a coroutine that has begun in context variables of its own."""

    __slots__ = ("_context", "_waiting_for", "_work")

    def __init__(self, work: Any, context: contextvars.Context, waiting_for: Any) -> None:
        self._work = work
        self._context = context
        self._waiting_for = waiting_for

    def __await__(self) -> Generator[Any, Any, Any]:
        run, work, waiting_for = self._context.run, self._work, self._waiting_for
        while True:
            step: Callable[[Any], Any] = work.send
            given: Any = None
            try:
                given = yield waiting_for
            except GeneratorExit:
                work.close()
                raise
            except BaseException as error:
                step, given = work.throw, error
            try:
                waiting_for = run(step, given)
            except StopIteration as done:
                return done.value


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work
