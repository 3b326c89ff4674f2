"""An answer that waits without a thread: a view hands back what to await and how to finish."""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, HttpResponseBase

Wait = Callable[[], Awaitable[object]]
Finish = Callable[[], HttpResponse]
AtOnce = Callable[[], HttpResponse | None]


def _never() -> None:
    """Nothing is known without asking the database."""


class DeferredResponse(HttpResponse):
    """Passes through the middleware at once; its body and status are made after `wait` ended.

    `wait` runs on the server's event loop, and so does `at_once`, which answers if it can; else
    `finish` does, in a request thread. Only the one-hop handler understands it, so views call
    `defer` and never make one themselves.
    """

    def __init__(self, wait: Wait, finish: Finish, at_once: AtOnce) -> None:
        super().__init__(content_type="application/json")
        self.wait = wait
        self.finish = finish
        self.at_once = at_once

    def fill(self, finished: HttpResponse) -> None:
        """Take over the finished answer; the headers set by middleware stay."""
        self.status_code = finished.status_code
        self.content = finished.content
        for name, value in finished.items():
            self[name] = value
        # Middleware measured the empty body that it saw.
        self["Content-Length"] = str(len(finished.content))


class Departure:
    """Tells those who wait that the server stops: they answer with what there is by then."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._has_come = False

    def announce(self) -> None:
        """On the event loop of those who wait."""
        self._has_come = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def coming(self) -> asyncio.Future[None]:
        """Done once the server stops. Who does not wait any longer cancels it."""
        waiting = asyncio.get_running_loop().create_future()
        if self._has_come:
            waiting.set_result(None)
        else:
            self._waiting.add(waiting)
            waiting.add_done_callback(self._waiting.discard)
        return waiting


# The one of this process: its server announces it, its handler listens.
departure = Departure()


def defer(
    request: HttpRequest, wait: Wait, finish: Finish, at_once: AtOnce = _never
) -> HttpResponseBase:
    """Answer with `at_once()`, or where it has no answer with `finish()`, once `wait()` is over.

    Under the one-hop handler no thread is held meanwhile; under any other the thread blocks.
    """
    if getattr(request, "can_defer", False):
        return DeferredResponse(wait, finish, at_once)
    async_to_sync(_awaited)(wait)
    return at_once() or finish()


async def _awaited(wait: Wait) -> None:
    await asyncio.ensure_future(wait())
