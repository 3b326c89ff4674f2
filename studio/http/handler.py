"""Django behind one hop: the sync middleware and the view run in one of a few long-lived threads.

The stock ASGI handler crosses between the event loop and threads a dozen times a request, makes
two threads and opens a database connection each time; that is nine tenths of its cost. Async views
keep the stock handler.
"""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import partial
from typing import IO, cast

from asgiref.sync import iscoroutinefunction
from django.core import signals
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import Resolver404, URLResolver, get_resolver, resolve, set_script_prefix

from studio.http import body as bodies
from studio.http.body import Receive, Scope, Send
from studio.http.deferred import DeferredResponse, Departure, Wait
from studio.http.limits import body_limit
from studio.http.plain import refuse_body
from studio.http.threads import RequestThreads

THREADS = 8
_END = object()


class OneHopRequest(ASGIRequest):
    """A request whose view may answer with a DeferredResponse."""

    can_defer = True


class OneHopHandler(ASGIHandler):
    """ASGI entry to sync views; async views go to a stock handler."""

    request_class = OneHopRequest

    def __init__(self, threads: int = THREADS, departure: Departure | None = None) -> None:
        super().__init__()
        self.departure = departure or Departure()
        self._threads = RequestThreads(threads)
        self._stock = ASGIHandler() if has_async_views(get_resolver()) else None

    def close(self) -> None:
        """End the threads, each after closing its database connections."""
        self._threads.close()

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if self._stock is not None and is_async_view(scope["path"]):
            await self._stock(scope, receive, send)  # type: ignore[arg-type]
            return
        limit = body_limit(scope["path"])
        try:
            body = await bodies.read(scope, receive, limit)
        except bodies.ClientGone:
            return
        except bodies.BodyTooLarge as refusal:
            await refuse_body(limit, refusal.has_more, receive, send)
            return
        with body:
            await self._answer(scope, body, receive, send)

    async def _answer(self, scope: Scope, body: IO[bytes], receive: Receive, send: Send) -> None:
        # A fresh context: nothing of this request leaks into threads, tasks or other requests.
        hop = partial(self._threads.run, contextvars.Context())
        response = await hop(partial(self._respond, scope, body))
        if isinstance(response, DeferredResponse):
            if await self.ended_before_client(response.wait, receive):
                finished = response.at_once()
                if finished is None:
                    finished = await hop(partial(_closed, response.finish))
                response.fill(finished)
                await self.send_response(response, send)
        elif isinstance(response, StreamingHttpResponse):
            _stream_from_pool(response, hop)
            await self.send_response(response, send)
            await hop(response.close)
        else:
            await self.send_response(response, send)

    async def in_thread(self, work: Callable[[], HttpResponse]) -> HttpResponse:
        """An answer made in a request thread, where its database connection is."""
        return await self._threads.run(contextvars.Context(), partial(_closed, work))

    async def ended_before_client(self, wait: Wait, receive: Receive) -> bool:
        """Await the deferred work, or the server's stop. False when the client hung up first."""
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        work = asyncio.ensure_future(wait())
        stop = self.departure.coming()
        waited = (asyncio.ensure_future(receive()), work, stop)
        for each in waited:
            each.add_done_callback(partial(_set, first))
        try:
            await first
            if work.done():
                work.result()
            return work.done() or stop.done()
        finally:
            for each in waited:
                each.cancel()

    def _respond(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """Everything between request and response, in one thread, as a WSGI server would."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        if request is None or refusal is not None:
            refusal = refusal or HttpResponseBadRequest()
            refusal.close()
            return refusal
        response = self.get_response(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if not response.streaming:
            # Closed here, where its database connection is; the content stays readable.
            response.close()
            if not isinstance(response, DeferredResponse):
                _part(request, response)
        return response


def _part(request: HttpRequest, response: HttpResponseBase) -> None:
    """Take a request apart that was answered, so that reference counts free what belongs to it.

    Middleware puts things into it that hold it, and an answer of REST framework holds itself: the
    collector of circles, which stops every thread, took a tenth of the time of short requests.
    """
    vars(request).clear()
    vars(response).pop("renderer_context", None)


def _set(first: "asyncio.Future[None]", _: object) -> None:
    if not first.done():
        first.set_result(None)


def _closed(make: Callable[[], HttpResponse]) -> HttpResponse:
    """Make the answer, and close it where its database connection is."""
    finished = make()
    finished.close()
    return finished


def _stream_from_pool(response: StreamingHttpResponse, hop: Callable[..., object]) -> None:
    """Turn a sync stream into one that fetches each part in a request thread."""
    if not response.is_async:
        source = cast(Iterable[bytes], response.streaming_content)
        response.streaming_content = _parts(iter(source), hop)


async def _parts(source: Iterator[bytes], hop: Callable[..., object]) -> AsyncIterator[bytes]:
    while (part := await hop(partial(next, source, _END))) is not _END:  # type: ignore[misc]
        yield part


def has_async_views(resolver: URLResolver) -> bool:
    """Whether any view of the URL conf is a coroutine function."""
    return any(
        has_async_views(entry)
        if isinstance(entry, URLResolver)
        else iscoroutinefunction(entry.callback)
        for entry in resolver.url_patterns
    )


def is_async_view(path: str) -> bool:
    try:
        return iscoroutinefunction(resolve(path).func)
    except Resolver404:
        return False
