"""When the engine of this process starts and drains: with the server, or with its first request.

uvicorn tells an application when it starts and stops; daphne does not, so there the first
connection starts the engine and the interpreter's exit drains it.
"""

import asyncio
import atexit
import logging
import threading
from typing import Any

from django.conf import settings

from studio.execution.service import service
from studio.http import interpreter
from studio.http.body import Receive, Scope, Send

GRACE_S = 3.0

logger = logging.getLogger("studio")


class Lifespan:
    """Starts the engine once, however the server begins, and stops it once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI lifespan protocol."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._announce(send, "startup", self._start)
            elif message["type"] == "lifespan.shutdown":
                await self._announce(send, "shutdown", self._stop)
                return

    async def ensure_started(self) -> None:
        """Start the engine if no server announced itself: the first connection pays for it."""
        if not self._started:
            await asyncio.to_thread(self._start_for_the_process)

    def _start_for_the_process(self) -> None:
        if self._start():
            atexit.register(self._stop)

    async def _announce(self, send: Send, step: str, work: Any) -> None:
        try:
            await asyncio.to_thread(work)
        except Exception as error:
            logger.exception("the engine failed at %s", step)
            await send({"type": f"lifespan.{step}.failed", "message": str(error)})
            return
        await send({"type": f"lifespan.{step}.complete"})

    def _start(self) -> bool:
        with self._lock:
            if self._started:
                return False
            if settings.ENGINE_AUTOSTART:
                service().start()
                interpreter.prepare()
            self._started = True
            return True

    def _stop(self) -> None:
        with self._lock:
            if self._started and settings.ENGINE_AUTOSTART:
                service().stop(GRACE_S)
            self._started = False
