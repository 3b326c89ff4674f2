"""The threads that call sync tools, and the few tools that need none.

Handing a call to a thread and back costs some 100 µs; a pure tool that has proven to take less than
half of that is called on the engine's loop itself. It has to prove it anew once it was slow, as an
async tool it may block the loop that long and no longer.

A burst of calls is handed over by waking one thread. It wakes the next one, as long as there is
more to do, before it makes its own call: where calls take their time every thread soon has one,
where they are quick a few threads make them all, and nobody fights for the interpreter.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from engine.policies import Effect
from engine.tools import ToolRegistry

QUICK_S = 50e-6
"""CPU time of a call that may happen on the loop."""
PROMPT_S = 500e-6
"""What such a call takes by the clock at most: else it waited, for something or for its turn."""
PROOF = 32
"""Quick and prompt calls before a tool is called on the loop."""
SLOW_CPU_S = 2e-3
SLOW_S = 50e-3
"""A call on the loop that took more CPU time, the one before it as long by the clock, or one that
took longer sends its tool back to the threads."""
PENANCE = 1_000
"""Quick and prompt calls that it then takes to come back."""
NEVER = 10**9


Measure = Callable[[Callable[..., Any], Callable[[], Any]], Any]
"""Makes a call of a tool's function, which is given beside it, and looks how long it takes."""


class ToolThreads(ThreadPoolExecutor):
    """A bounded pool that knows which tools are over before a thread would have them."""

    def __init__(self, count: int, registry: ToolRegistry) -> None:
        super().__init__(max_workers=count, thread_name_prefix="treadle-tool")
        self._registry = registry
        self._missing: dict[Callable[..., Any], int] = {}
        """Quick calls that a pure tool still owes before it is called on the loop."""
        self._suspects: set[Callable[..., Any]] = set()
        """Functions whose last call on the loop took longer than `SLOW_CPU_S` by the clock."""
        self._calls: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        """Calls that no thread has taken yet, oldest first."""
        self._lock_of_calls = threading.Lock()
        self._one_comes = False
        """Whether a thread was sent for and has not looked for a call yet."""
        self._under_way: set[Future[Any]] = set()
        self._is_closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        tool = _tool_in(args)
        if tool is not None and self.is_prompt(tool):
            return self._done(tool, partial(fn, *args, **kwargs))
        return self._hand_over(partial(self._call_in_thread, tool, fn, *args, **kwargs))

    def submit_calls(self, calls: Callable[[Measure], Any]) -> Future[Any]:
        """Have a thread make calls one after the other, each by way of what it is given."""
        return self._hand_over(partial(calls, self._call_in_thread))

    def is_alone(self) -> bool:
        """Whether no call but that of this thread is under way or waits for a thread."""
        return len(self._under_way) <= 1 and not self._calls

    def _hand_over(self, call: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        with self._lock_of_calls:
            if self._is_closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._calls.append((future, call))
        self._send_for_one()
        return future

    def add_thread(self) -> None:
        """One more thread may make calls, as one of them is lost."""
        self._max_workers += 1
        with contextlib.suppress(RuntimeError):  # it is shut down: nothing waits for a thread
            super().submit(_nothing)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no calls any more; those that no thread has taken are still made, or cancelled."""
        with self._lock_of_calls:
            self._is_closed = True
            left = list(self._calls) if cancel_futures else []
            if cancel_futures:
                self._calls.clear()
        for future, _ in left:
            future.cancel()
            future.set_running_or_notify_cancel()
        super().shutdown(wait)

    def _send_for_one(self) -> None:
        """Have a thread look for a call, unless one is on its way already."""
        with self._lock_of_calls:
            if self._one_comes or not self._calls:
                return
            self._one_comes = True
        try:
            super().submit(self._work_off)
        except RuntimeError:  # it is shut down: the threads that are there make what is left
            self._one_comes = False

    def _work_off(self) -> None:
        """In a thread: make one call after the other, while there are any."""
        self._one_comes = False
        while True:
            try:
                future, call = self._calls.popleft()
            except IndexError:
                return
            if self._calls:
                self._send_for_one()
            if future.set_running_or_notify_cancel():
                self._under_way.add(future)
                _make(future, call, self._under_way.discard)
            del future, call  # nothing of a call is held while this thread waits for the next

    def is_prompt(self, function: Callable[..., Any]) -> bool:
        """Whether the tool has proven to be over before a thread would have it."""
        return self._owed(function) <= 0

    def call_here(self, function: Callable[..., Any], call: Callable[[], Any]) -> Any:
        """Make a call of a prompt tool; once it is slow, it has to prove itself anew."""
        # To ask for the thread's CPU time costs more than most of these calls: only one whose last
        # call took long by the clock, for whatever reason, is asked for it.
        is_suspect = function in self._suspects
        cpu_began = time.thread_time() if is_suspect else 0.0
        began = time.perf_counter()
        try:
            return call()
        finally:
            took_s = time.perf_counter() - began
            if is_suspect:
                self._suspects.discard(function)
            if took_s > SLOW_S or (is_suspect and time.thread_time() - cpu_began > SLOW_CPU_S):
                self._missing[function] = PENANCE
            elif took_s > SLOW_CPU_S and not is_suspect:
                self._suspects.add(function)

    def _owed(self, tool: Callable[..., Any]) -> int:
        owed = self._missing.get(tool)
        if owed is None:
            owed = self._missing[tool] = PROOF if self._is_pure(tool) else NEVER
        return owed

    def _is_pure(self, function: Callable[..., Any]) -> bool:
        """Whether every tool made of this function is pure: those touch no database."""
        effects = {tool.effect for tool in self._registry if tool.function is function}
        return effects == {Effect.PURE}

    def _done(self, tool: Callable[..., Any], call: Callable[[], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(self.call_here(tool, call))
        except BaseException as error:
            future.set_exception(error)
        return future

    def _call_in_thread(
        self, tool: Callable[..., Any] | None, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Any:
        cpu_began, began = time.thread_time(), time.perf_counter()
        try:
            return fn(*args, **kwargs)
        finally:
            if tool is not None:
                self._note(tool, time.thread_time() - cpu_began, time.perf_counter() - began)
            self.leave()

    def leave(self) -> None:
        """Called in the thread after each call: nothing of a tool stays behind."""

    def _note(self, tool: Callable[..., Any], cpu_s: float, took_s: float) -> None:
        owed = self._missing.get(tool, NEVER)
        if owed >= NEVER:
            return
        if cpu_s > QUICK_S:
            self._missing[tool] = max(owed, PROOF)
        elif took_s <= PROMPT_S:
            self._missing[tool] = owed - 1


def _make(
    future: Future[Any], call: Callable[[], Any], over: Callable[[Future[Any]], None]
) -> None:
    try:
        result = call()
    except BaseException as error:
        over(future)
        future.set_exception(error)
    else:
        over(future)
        future.set_result(result)


def _nothing() -> None:
    """Has a thread begin."""


def _tool_in(args: tuple[Any, ...]) -> Callable[..., Any] | None:
    """The function that the engine wants called: a partial of it stands first."""
    call = args[0] if args else None
    return call.func if isinstance(call, partial) else None
