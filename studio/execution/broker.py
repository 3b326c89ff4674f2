"""Hints through a message broker, for the workers of Celery.

What this process has no driver for is posted from a thread of its own: a broker that is slow or
away costs nobody who starts a run any time. Hints that could not be sent are counted and dropped,
since every worker looks at the table of runs as well.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from studio.execution.in_process import InProcess
from studio.journal.failpoints import reach
from studio.journal.raw_connection import Raw, Unavailable, connect

TASK = "treadle.drive"
TIMEOUT_S = 1.0
PAUSE_S = 1.0
"""How long nothing is sent after a failure."""
MOST = 10_000
"""Hints that wait to be sent; more are dropped."""
AT_ONCE = 200
STALE_S = 60
"""A hint that nobody took for so long is thrown away: the table was looked at many times."""

log = logging.getLogger(__name__)


def queue_name(queue: str) -> str:
    """What a queue of runs is called at the broker."""
    return f"treadle.{queue}"


@dataclass(frozen=True, slots=True)
class Hint:
    """What goes into a message, and where."""

    run: str
    queue: str


class Wire(Protocol):
    """A connection to a broker. Both raise whatever the broker's library raises."""

    def send(self, hint: Hint) -> None: ...

    def close(self) -> None: ...


class Post:
    """Sends hints in the background, from any thread."""

    def __init__(self, connects: Callable[[], Wire]) -> None:
        """`connects` is called again after every failure."""
        self._connects = connects
        self._waiting: dict[int, None] = {}
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._wire: Wire | None = None
        self._rows: Raw | None = None
        self.sent = 0
        self.failed = 0
        """Hints that the broker did not take, or that there was no room for."""

    def put(self, run_id: int) -> None:
        """Send this soon, or never. Returns at once."""
        with self._lock:
            if len(self._waiting) >= MOST:
                self.failed += 1
                return
            self._waiting[run_id] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="treadle-post", daemon=True)
                self._thread.start()
        self._news.set()

    def close(self) -> None:
        """Send no more."""
        self._is_closed = True
        self._news.set()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        while True:
            self._news.wait()
            if self._is_closed:
                break
            self._send_all(self._take())
        self._hang_up()
        if self._rows is not None:
            self._rows.close()

    def _send_all(self, run_ids: Sequence[int]) -> None:
        left = len(run_ids)
        try:
            self._rows = self._rows or connect()
            hints = _hints(self._rows, run_ids)
            left = len(hints)
            self._wire = self._wire or self._connects()
            for hint in hints:
                reach("hint.sending")
                self._wire.send(hint)
                reach("hint.sent")
                self.sent += 1
                left -= 1
        except Unavailable as error:
            self._give_up(left, error)
        except Exception as error:
            # Whatever it was: the next one goes over a new connection.
            self._hang_up()
            self._give_up(left, error)

    def _hang_up(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            with contextlib.suppress(Exception):
                wire.close()

    def _take(self) -> list[int]:
        with self._lock:
            taken = list(self._waiting)[:AT_ONCE]
            for run_id in taken:
                del self._waiting[run_id]
            if not self._waiting:
                self._news.clear()
        return taken

    def _give_up(self, count: int, error: Exception) -> None:
        self.failed += count
        log.warning("%d hints were not sent, workers find the runs by themselves: %s", count, error)
        time.sleep(PAUSE_S)


def _hints(connection: Raw, run_ids: Sequence[int]) -> list[Hint]:
    marks = ", ".join(["%s"] * len(run_ids))
    rows = connection.execute(
        f"SELECT public_id, queue FROM studio_run WHERE id IN ({marks}) ORDER BY id", run_ids
    )
    return [Hint(str(UUID(str(public_id))), queue) for public_id, queue in rows]


class CeleryWire:
    """Sends what Celery's workers understand to the broker at an address."""

    def __init__(self, url: str) -> None:
        """Connect. Raises what kombu raises."""
        from studio.celery import app

        limits = _AMQP_LIMITS if url.startswith("amqp") else _REDIS_LIMITS
        options = dict.fromkeys(limits, TIMEOUT_S)
        self._app = app
        self._connection = app.connection_for_write(
            url, connect_timeout=TIMEOUT_S, transport_options=options
        )
        try:
            self._connection.ensure_connection(max_retries=1, timeout=TIMEOUT_S)
            self._producer = app.amqp.Producer(self._connection)
        except BaseException:
            self.close()
            raise

    def send(self, hint: Hint) -> None:
        self._app.send_task(
            TASK,
            args=[hint.run],
            queue=queue_name(hint.queue),
            producer=self._producer,
            retry=False,
            ignore_result=True,
            expires=STALE_S,
            expiration=STALE_S,
            delivery_mode="transient",
        )

    def close(self) -> None:
        self._connection.close()


_AMQP_LIMITS = ("read_timeout", "write_timeout")
_REDIS_LIMITS = ("socket_timeout", "socket_connect_timeout")


class ByBroker(InProcess):
    """Hints for this process's own engine; what it has no driver for goes to the broker."""

    def __init__(self, post: Post) -> None:
        self.post = post

    def elsewhere(self, run_id: int) -> None:
        self.post.put(run_id)

    def health(self) -> dict[str, int]:
        return {"sent": self.post.sent, "failed": self.post.failed}
