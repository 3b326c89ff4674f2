"""The threads that answer requests: few of them awake at a time.

A thread that wakes up while another holds the interpreter only gets in its way, so a burst of short
requests is answered by one thread, one after the other. Whoever still waits after `PATIENCE_S`
stands behind something slow: then one more thread wakes up, and another after the same time again.
"""

import asyncio
import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from django.db import connections

PATIENCE_S = 0.003

T = TypeVar("T")


class _Task:
    """A piece of work on its way to a thread and back."""

    __slots__ = ("context", "loop", "result", "work")

    def __init__(self, context: contextvars.Context, work: Callable[[], Any]) -> None:
        self.loop = asyncio.get_running_loop()
        self.result: asyncio.Future[Any] = self.loop.create_future()
        self.context = context
        self.work = work

    def do(self) -> None:
        """In a thread: do the work and tell the loop."""
        error: BaseException | None = None
        value: Any = None
        try:
            value = self.context.run(self.work)
        except BaseException as raised:
            error = raised
        # The loop may be closed by now: then nobody is left to tell.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._tell, value, error)

    def _tell(self, value: Any, error: BaseException | None) -> None:
        if self.result.done():
            return
        if error is None:
            self.result.set_result(value)
        else:
            self.result.set_exception(error)


class RequestThreads:
    """At most `most` threads that live as long as this does, each with its connections."""

    def __init__(self, most: int, name: str = "http") -> None:
        self._most = most
        self._name = name
        self._tasks: deque[_Task] = deque()
        self._turns: SimpleQueue[bool] = SimpleQueue()
        """One turn for each thread that is to wake up: true to work, false to end."""
        self._lock = threading.Lock()
        self._awake = 0
        self._threads: list[threading.Thread] = []
        self._watcher: asyncio.AbstractEventLoop | None = None
        """The loop that looks soon if work is left lying."""

    async def run(self, context: contextvars.Context, work: Callable[[], T]) -> T:
        """Call `work` in a thread, in this context. An error of it is raised here."""
        task = _Task(context, work)
        self._tasks.append(task)
        if not self._wake_the_first() and self._watcher is not task.loop:
            self._watch(task.loop)
        result: T = await task.result
        return result

    def close(self) -> None:
        """End the threads, each after closing its database connections."""
        for _ in self._threads:
            self._turns.put(False)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _wake_the_first(self) -> bool:
        with self._lock:
            if self._awake:
                return False
            self._awake = 1
        self._wake()
        return True

    def _wake(self) -> None:
        if self._awake > len(self._threads):
            number = len(self._threads)
            thread = threading.Thread(target=self._live, name=f"{self._name}_{number}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._turns.put(True)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watcher = loop
        loop.call_later(PATIENCE_S, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watcher = None
        if not self._tasks:
            return
        with self._lock:
            if self._awake == self._most:
                return
            self._awake += 1
        self._wake()
        self._watch(loop)

    def _live(self) -> None:
        while self._turns.get():
            self._work()
        connections.close_all()

    def _work(self) -> None:
        while True:
            with contextlib.suppress(IndexError):
                while True:
                    self._tasks.popleft().do()
            with self._lock:
                if not self._tasks:
                    self._awake -= 1
                    return
