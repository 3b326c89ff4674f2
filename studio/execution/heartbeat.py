"""Renews this process's leases from a thread of its own.

A tool that blocks the engine's loop must not lose its run: that is why this is no timer on it.
"""

import logging
import threading
from collections.abc import Callable

from studio.claims import leases
from studio.claims.owner import Owner
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw, Unavailable

log = logging.getLogger(__name__)


class Heartbeat:
    """Renews every third of a lease, until stopped."""

    def __init__(self, connect: Callable[[], Raw], owner: Owner, lease_seconds: int) -> None:
        self._connect = connect
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="treadle-heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        connection: Raw | None = None
        while not self._stopped.wait(self._lease_seconds / 3):
            try:
                connection = connection or self._connect()
                reach("lease.renewing")
                leases.renew(connection, self._owner, self._lease_seconds)
            except Unavailable as error:
                log.warning("leases could not be renewed, trying again: %s", error)
            except Exception:
                # Without a heartbeat every run of this process would be taken from it.
                log.exception("leases could not be renewed, trying again")
        if connection is not None:
            connection.close()
