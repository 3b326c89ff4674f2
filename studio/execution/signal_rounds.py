"""Looks for signals and waits that fit each other, soon after either came. Lives on the loop."""

import asyncio
import logging
from collections.abc import Callable

from studio.journal.raw_connection import Raw, Unavailable
from studio.waits import signal_post

RETRY_S = 0.1
SHARE = 4
"""How many times as long as a look took the next one waits at least."""

log = logging.getLogger(__name__)


class SignalRounds:
    def __init__(self, connection: Raw, tell: Callable[[int], None]) -> None:
        self._connection = connection
        self._tell = tell
        self._is_coming = False
        self._not_before = 0.0
        """When the loop has had its turn after the last look, by its own clock."""

    def soon(self) -> None:
        """A signal was sent, or a wait opened: look after this tick of the loop.

        With very many signals kept a look takes a while: then the loop gets most of the time.
        """
        if not self._is_coming:
            self._is_coming = True
            loop = asyncio.get_running_loop()
            loop.call_at(max(loop.time(), self._not_before), self._come)

    def _come(self) -> None:
        self._is_coming = False
        try:
            self.look()
        except Unavailable as error:
            log.debug("signals have to wait: %s", error)
            self._is_coming = True
            asyncio.get_running_loop().call_later(RETRY_S, self._come)

    def look(self) -> None:
        """Deliver what can be delivered now. Raises Unavailable."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for run_id in dict.fromkeys(signal_post.deliver(self._connection)):
            self._tell(run_id)
        ended = loop.time()
        self._not_before = ended + SHARE * (ended - began)
