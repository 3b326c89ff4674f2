"""The ASGI entry: static files, pages and API over HTTP, runs over sockets, the engine's lifespan.

Works under uvicorn (which announces its start and stop) and daphne (which does not).
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django is set up by now

from studio.api.shortcut import Shortcut  # noqa: E402 - Django is set up by now
from studio.consumers.routing import Sockets  # noqa: E402
from studio.http.body import Receive, Scope, Send  # noqa: E402
from studio.http.deferred import departure  # noqa: E402
from studio.http.handler import OneHopHandler  # noqa: E402
from studio.http.lifespan import Lifespan  # noqa: E402
from studio.http.static import StaticFiles  # noqa: E402

lifespan = Lifespan()
handler = Shortcut(OneHopHandler(departure=departure))
http = StaticFiles(handler, settings.STATIC_ROOT, settings.STATIC_URL)
sockets = Sockets()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One ASGI connection of any kind."""
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
        return
    await lifespan.ensure_started()
    if scope["type"] == "http":
        await http(scope, receive, send)
    else:
        await sockets(scope, receive, send)
