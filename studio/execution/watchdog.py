"""Notices that the engine's loop does not turn, and says whose tool it is that blocks it.

An async tool that waits or computes without `await` holds up every run of the process. The loop
cannot notice that itself; a thread beside it can.
"""

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from engine import Event, EventKind
from engine.driving.blocking import Culprit, culprit, top_of
from engine.events import timestamp
from studio.journal import codec
from studio.journal.append import append_as_other
from studio.journal.raw_connection import Raw, Unavailable

LOOK_S = 0.25
LIMIT_S = 1.0
"""A loop that has not turned for longer than this is blocked."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The last time that the loop was blocked."""

    at: float
    """Seconds since 1970."""
    culprit: Culprit | None
    stack: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        found = None if self.culprit is None else asdict(self.culprit)
        return {"at": timestamp(self.at), "culprit": found, "stack": list(self.stack)}


class Watchdog:
    """Watches the loop on which it was made, until stopped."""

    def __init__(self, connect: Callable[[], Raw], wake: Callable[[int], None]) -> None:
        self.count = 0
        """How often the loop was blocked."""
        self.last: Blocked | None = None
        self._connect = connect
        self._wake = wake
        self._connection: Raw | None = None
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._has_turned = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="treadle-watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._has_turned.set()  # it may be waiting for the very loop that stops it
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            if not self._ask():
                break
        if self._connection is not None:
            self._connection.close()

    def _ask(self) -> bool:
        """Ask the loop for a turn and wait for it, however long that takes; False at the end."""
        asked = time.monotonic()
        self._has_turned.clear()
        try:
            self._loop.call_soon_threadsafe(self._has_turned.set)
        except RuntimeError:
            return False  # the loop is closed
        if not self._has_turned.wait(LIMIT_S):
            self._tell()
            while not self._has_turned.wait(LOOK_S):
                if self._stopped.is_set():
                    return False
            log.warning("the engine's loop turns again, after %.1f s", time.monotonic() - asked)
        return not self._stopped.wait(LOOK_S)

    def _tell(self) -> None:
        frame = sys._current_frames().get(self._watched)
        found, stack = culprit(frame), top_of(frame)
        self.count += 1
        self.last = Blocked(time.time(), found, tuple(stack))
        where = "the engine" if found is None else f"tool {found.tool!r}, node {found.node!r}"
        run = "" if found is None else f" of run {found.run_id}"
        log.warning(
            "the engine's loop has not turned for over %g s: %s%s:\n  %s",
            LIMIT_S,
            where,
            run,
            "\n  ".join(stack),
        )
        if found is not None:
            self._write(found, stack)

    def _write(self, found: Culprit, stack: list[str]) -> None:
        """Say so in the run's journal, as somebody else than its driver: that one is blocked."""
        message = (
            f"the async tool {found.tool!r} has blocked the engine's loop for over {LIMIT_S:g} s, "
            f"and every other run with it: await what takes time, or make it a plain def, which "
            f"runs in a thread"
        )
        data: dict[str, Any] = {"code": "loop_blocked", "message": message, "stack": stack[-3:]}
        event = Event(EventKind.WARNING, data, found.node, found.activation, found.attempt)
        try:
            self._connection = self._connection or self._connect()
            run_id = self._key(self._connection, found.run_id)
            if run_id is not None:
                append_as_other(self._connection, run_id, [event])
                self._wake(run_id)
        except (Unavailable, ValueError) as error:
            log.warning("run %s could not be told: %s", found.run_id, error)

    @staticmethod
    def _key(connection: Raw, public_id: str) -> int | None:
        stored = codec.uuid_column(connection.vendor, UUID(public_id))
        found = connection.execute("SELECT id FROM studio_run WHERE public_id = %s", (stored,))
        return int(found[0][0]) if found else None
