"""Serve with uvicorn: the production server, its limits set once."""

import os
import signal
import socket
from types import FrameType

import uvicorn
from django.conf import settings

from studio.http.deferred import departure

# Inbound frames of a socket are acknowledgements and filters.
SOCKET_FRAME_BYTES = 64 * 1024
# Open requests get this long at a stop; then the engine drains. Together they stay below 5 s.
STOP_S = 1


def config(host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        "studio.asgi:application",
        host=host,
        port=port,
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        # Only a studio that is told its public origin stands behind a proxy.
        proxy_headers=bool(settings.PUBLIC_ORIGINS),
        ws_max_size=SOCKET_FRAME_BYTES,
        ws_max_queue=16,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=STOP_S,
    )


class Server(uvicorn.Server):
    """uvicorn that tells callers who wait for a run, before it waits for them."""

    is_kept = False
    """Whether a keeper has opened its socket, and tells it when to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On a terminal Ctrl-C reaches servers and keeper alike, and to be told twice would mean to
        drop what is under way.
        """
        if not (self.is_kept and sig == signal.SIGINT):
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        departure.announce()
        await super().shutdown(sockets)


def run(host: str, port: int, fd: int | None = None) -> None:
    """Serve until SIGINT or SIGTERM; with `fd` on that open socket, until SIGTERM."""
    server = Server(config(host, port))
    server.is_kept = fd is not None
    # A copy: the server closes what it listens on, and whoever starts again needs it once more.
    server.run(None if fd is None else [socket.socket(fileno=os.dup(fd))])
