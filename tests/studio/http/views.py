"""Views of every kind for the tests of the handler; `urlpatterns` makes this a URL conf."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Iterator

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from studio.http.deferred import defer

leak: contextvars.ContextVar[str] = contextvars.ContextVar("leak", default="clean")
threads_of_stream: set[str] = set()
released = asyncio.Event()
waiting: list[int] = []


def thread(request: HttpRequest) -> HttpResponse:
    found = leak.get()
    leak.set("dirty")
    return HttpResponse(f"{threading.current_thread().name} {found}")


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, content_type="application/octet-stream")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def users(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(User.objects.count()))


def cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("set")
    response.set_cookie("one", "1")
    response.set_cookie("two", "2")
    return response


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        for number in range(3):
            threads_of_stream.add(threading.current_thread().name)
            yield f"{number};".encode()

    return StreamingHttpResponse(parts())


def async_stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(3):
            await asyncio.sleep(0)
            yield f"{number};".encode()

    return StreamingHttpResponse(parts())


async def coroutine(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return HttpResponse(threading.current_thread().name)


def deferred(request: HttpRequest) -> HttpResponseBase:
    async def wait() -> None:
        waiting.append(1)
        try:
            await released.wait()
        finally:
            waiting.pop()

    return defer(request, wait, lambda: HttpResponse(b'{"late": true}', status=201))


def deferred_soon(request: HttpRequest) -> HttpResponseBase:
    async def wait() -> None:
        await asyncio.sleep(0.01)

    return defer(request, wait, lambda: HttpResponse(b"soon", status=202))


def deferred_known(request: HttpRequest) -> HttpResponseBase:
    """Answers on the loop, unless asked not to know."""
    name = threading.current_thread().name

    async def wait() -> None:
        await asyncio.sleep(0.01)

    def at_once() -> HttpResponse | None:
        here = threading.current_thread().name
        return None if "unknown" in request.path else HttpResponse(f"{name} {here}", status=203)

    def finish() -> HttpResponse:
        return HttpResponse(f"{name} {threading.current_thread().name}", status=202)

    return defer(request, wait, finish, at_once)


urlpatterns = [
    path("thread", thread),
    path("echo", echo),
    path("graph/run", echo),
    path("broken", broken),
    path("users", users),
    path("cookie", cookie),
    path("stream", stream),
    path("async-stream", async_stream),
    path("coroutine", coroutine),
    path("deferred", deferred),
    path("deferred-soon", deferred_soon),
    path("deferred-known", deferred_known),
    path("deferred-unknown", deferred_known),
]
