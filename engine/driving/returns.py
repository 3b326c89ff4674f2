"""Ends of calls in threads, on their way back to the event loop: as many as there are at once.

To wake a loop from a thread costs more than a quick tool takes. Whoever brings the first end of a
burst wakes the loop; what the others bring before it comes to look is taken along.
"""

import asyncio
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any

_End = tuple[asyncio.Future[Any], Any, BaseException | None]

_lock = threading.Lock()
_brought: dict[asyncio.AbstractEventLoop, list[_End]] = {}
"""What each loop has yet to take. A loop that stands here has been woken."""


def bring(waiting: asyncio.Future[Any], value: Any, error: BaseException | None = None) -> None:
    """Give the waiting future its value or error on its loop. From whatever thread."""
    loop = waiting.get_loop()
    end = (waiting, value, error)
    with _lock:
        ends = _brought.get(loop)
        if ends is not None:
            ends.append(end)
            return
        for closed in [each for each in _brought if each.is_closed()]:
            del _brought[closed]
        _brought[loop] = [end]
    try:
        loop.call_soon_threadsafe(_take, loop)
    except RuntimeError:  # the loop is closed: nobody waits
        _forget(loop)


async def end_of(work: Future[Any]) -> Any:
    """What a call in a thread gives. Whoever is cancelled waiting for it calls it off, if it has
    not begun.
    """
    waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    work.add_done_callback(partial(_ended, waiting))
    try:
        return await waiting
    except asyncio.CancelledError:
        work.cancel()
        raise


def error_of(work: Future[Any]) -> BaseException | None:
    """Why a call in a thread that is over gave nothing, if it did not."""
    return asyncio.CancelledError() if work.cancelled() else work.exception()


def _ended(waiting: asyncio.Future[Any], work: Future[Any]) -> None:
    error = error_of(work)
    bring(waiting, None if error is not None else work.result(), error)


def _take(loop: asyncio.AbstractEventLoop) -> None:
    """On the loop: whoever waits goes on, in the order in which the calls ended."""
    for waiting, value, error in _forget(loop):
        if waiting.done():
            continue  # nobody waits any more
        if error is None:
            waiting.set_result(value)
        elif isinstance(error, asyncio.CancelledError):
            waiting.cancel()
        elif isinstance(error, StopIteration):
            # A future takes no StopIteration: it would look like the end of a coroutine.
            stopped = RuntimeError("the tool raised StopIteration")
            stopped.__cause__ = error
            waiting.set_exception(stopped)
        else:
            waiting.set_exception(error)


def _forget(loop: asyncio.AbstractEventLoop) -> list[_End]:
    with _lock:
        return _brought.pop(loop, [])
