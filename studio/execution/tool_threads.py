"""The threads in which the studio calls sync tools."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.db import connections

from engine import ToolRegistry
from engine.driving import threads


class ToolThreads(threads.ToolThreads):
    """They leave no database connection of a tool behind, and count the threads that are lost."""

    def __init__(self, count: int, registry: ToolRegistry) -> None:
        super().__init__(count, registry)
        self._lost: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self.on_leak: Callable[[], None] | None = None
        """Called when a thread is lost, on the thread that gave it up."""

    def leave(self) -> None:
        """Close what the tool opened."""
        for connection in connections.all(initialized_only=True):
            connection.close()

    @property
    def leaked(self) -> int:
        """How many threads are busy with calls that nobody waits for."""
        return len(self._lost)

    def give_up(self, work: Future[Any]) -> None:
        """Nobody waits for this call any more: another thread takes the place of its own."""
        with self._lock:
            if work.done() or work in self._lost:
                return
            self._lost.add(work)
            self.add_thread()
        work.add_done_callback(self._came_back)
        if self.on_leak is not None:
            self.on_leak()

    def _came_back(self, work: Future[Any]) -> None:
        with self._lock:
            if work in self._lost:
                self._lost.discard(work)
                self._max_workers -= 1
