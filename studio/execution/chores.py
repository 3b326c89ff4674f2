"""What every process does beside driving runs: a thread of its own, woken every few seconds.

A chore is a function that does what is due now and returns in how many seconds it wants to be
called again, or None. Several processes do the same chores at the same time: each sees to it that
nothing happens twice.
"""

import logging
import random
import threading
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connections

FIRST_S = 0.5
EVERY_S = 5.0
JITTER = 0.2
STOP_S = 5.0

Chore = Callable[[], float | None]

log = logging.getLogger(__name__)
_chores: list[Chore] = []


def register(chore: Chore) -> None:
    """Have every process that drives runs do this. At start, once."""
    if chore not in _chores:
        _chores.append(chore)


class ChoreThread:
    """Does the registered chores until stopped."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="treadle-chores", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        delay = FIRST_S
        while not self._stopped.wait(delay):
            wishes = [_done(chore) for chore in _chores]
            soon = EVERY_S * random.uniform(1 - JITTER, 1 + JITTER)
            delay = max(0.01, min([soon, *(wish for wish in wishes if wish is not None)]))
            # Nobody needs a connection that is used for a moment every few seconds.
            connections.close_all()


def _done(chore: Chore) -> float | None:
    """Do a chore; one that fails is tried again, and never in the way of others."""
    try:
        return chore()
    except (OperationalError, InterfaceError) as error:
        log.warning("%s has to wait for the database: %s", chore.__name__, error)
        connections.close_all()
    except Exception:
        log.exception("%s failed, the next try may not", chore.__name__)
    return None
