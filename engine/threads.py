"""The threads that call sync tools, and the few tools that need none.

Handing a call to a thread and back costs some 100 µs; a pure tool that has proven to take less than
half of that is called on the engine's loop itself. It has to prove it anew once it was slow, as an
async tool it may block the loop that long and no longer.
"""

import time
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
"""A call on the loop that took more CPU time, or longer, sends its tool back to the threads."""
PENANCE = 1_000
"""Quick and prompt calls that it then takes to come back."""
NEVER = 10**9


class ToolThreads(ThreadPoolExecutor):
    """A bounded pool that knows which tools are over before a thread would have them."""

    def __init__(self, count: int, registry: ToolRegistry) -> None:
        super().__init__(max_workers=count, thread_name_prefix="treadle-tool")
        self._registry = registry
        self._missing: dict[Callable[..., Any], int] = {}
        """Quick calls that a pure tool still owes before it is called on the loop."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        tool = _tool_in(args)
        if tool is not None and self.is_prompt(tool):
            return self._done(tool, partial(fn, *args, **kwargs))
        return super().submit(self._call_in_thread, tool, fn, *args, **kwargs)

    def is_prompt(self, function: Callable[..., Any]) -> bool:
        """Whether the tool has proven to be over before a thread would have it."""
        return self._owed(function) <= 0

    def call_here(self, function: Callable[..., Any], call: Callable[[], Any]) -> Any:
        """Make a call of a prompt tool; once it is slow, it has to prove itself anew."""
        cpu_began, began = time.thread_time(), time.perf_counter()
        try:
            return call()
        finally:
            slow = time.thread_time() - cpu_began > SLOW_CPU_S
            if slow or time.perf_counter() - began > SLOW_S:
                self._missing[function] = PENANCE

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


def _tool_in(args: tuple[Any, ...]) -> Callable[..., Any] | None:
    """The function that the engine wants called: a partial of it stands first."""
    call = args[0] if args else None
    return call.func if isinstance(call, partial) else None
