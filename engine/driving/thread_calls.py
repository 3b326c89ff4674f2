"""Calls of sync tools: in a thread, in a process that a thread waits for, or in a transaction."""

import asyncio
import contextlib
import contextvars
import inspect
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import cache, partial
from itertools import count
from threading import get_ident
from typing import Any, Protocol, cast, runtime_checkable

from engine.driving import isolated
from engine.driving.attempt import Attempt
from engine.driving.chains import GoOn, make_calls
from engine.driving.clock import Clock, VirtualClock
from engine.driving.returns import bring, end_of, error_of
from engine.driving.threads import Measure, ToolThreads
from engine.driving.transactions import Transactions
from engine.tools import ToolRegistry
from engine.values.jsonvalue import PLAIN


@runtime_checkable
class Leaky(Protocol):
    """An executor that keeps count of the threads that are lost to calls nobody waits for."""

    def give_up(self, work: Future[Any]) -> None:
        """Nobody waits for this call any more, though it is still being made."""


@runtime_checkable
class Prompt(Protocol):
    """An executor that knows of some functions that they are over before a thread has them."""

    def is_prompt(self, function: Callable[..., Any]) -> bool:
        """Whether calls of this function are made on the event loop."""

    def call_here(self, function: Callable[..., Any], call: Callable[[], Any]) -> Any:
        """Make a call of a prompt function, and look how long it takes."""


@runtime_checkable
class Chaining(Protocol):
    """An executor whose threads make several calls one after the other."""

    def submit_calls(self, calls: Callable[[Measure], Any]) -> Future[Any]:
        """Have a thread make calls, each by way of what `calls` is given."""

    def is_alone(self) -> bool:
        """Whether no call but that of this thread is under way or waits for a thread."""


@cache
def _is(kind: type, protocol: type) -> bool:
    """`issubclass`, which looks at every method of a protocol: once for each kind of executor."""
    return issubclass(kind, protocol)


class ThreadCalls:
    """The calls of one run that are made in threads: those it was given, else some of its own."""

    def __init__(
        self, executor: Executor | None, count: int, registry: ToolRegistry, clock: Clock
    ) -> None:
        self._executor = executor
        self._owns_executor = executor is None
        kind: Any = type(executor)
        self._leaky = cast(Leaky, executor) if _is(kind, Leaky) else None
        self._prompt = cast(Prompt, executor) if _is(kind, Prompt) else None
        self._chaining = cast(Chaining, executor) if _is(kind, Chaining) else None
        self._count = count
        self._registry = registry
        self._hold_time = clock.hold if isinstance(clock, VirtualClock) else contextlib.nullcontext

    def is_prompt(self, function: Callable[..., Any]) -> bool:
        """Whether calls of this function are over before a thread would have them."""
        return self._prompt is not None and self._prompt.is_prompt(function)

    def call_promptly(self, function: Callable[..., Any], call: Callable[[], Any]) -> Any:
        """Make a call of such a function right here."""
        assert self._prompt is not None
        return self._prompt.call_here(function, call)

    def is_alone(self) -> bool:
        """Whether this thread makes the only call there is, of all runs."""
        return self._chaining is not None and self._chaining.is_alone()

    async def call_on(
        self, attempt: Attempt, variables: Callable[[Attempt], contextvars.Context], go_on: GoOn
    ) -> Any:
        """The same for a thread that may go on with the calls that follow, see `chains`."""
        if self._chaining is None or self.is_prompt(attempt.call.tool.function):
            return await self.call(attempt, variables(attempt))

        def make(measure: Measure, attempt: Attempt) -> Any:
            if attempt.watch is not None:
                attempt.watch.beat()
            function, (args, kwargs, _) = attempt.call.tool.function, attempt.bound
            call = partial(variables(attempt).run, function, *args, **kwargs)
            return measure(function, call)

        attempt.work = self._chaining.submit_calls(
            lambda measure: make_calls(attempt, partial(make, measure), go_on)
        )
        result = await end_of(attempt.work)
        return await result if type(result) not in PLAIN and inspect.isawaitable(result) else result

    async def call(self, attempt: Attempt, variables: contextvars.Context) -> Any:
        """What the tool returns, called in a thread, in a process, or here where it is prompt."""
        args, kwargs, state = attempt.bound
        call = partial(attempt.call.tool.function, *args, **kwargs)
        if attempt.call.isolated and attempt.context is not None:
            function = attempt.call.tool.function
            call = partial(isolated.call, function, args, kwargs, state, attempt.context)
        made_on: list[int] = []

        def make(call: Callable[[], Any]) -> Any:
            made_on.append(get_ident())
            if attempt.watch is not None and not attempt.call.isolated:
                attempt.watch.beat()  # an isolated tool says itself when it begins
            return variables.run(call)

        # The call goes along in the open: the executor may decide by the tool where to make it.
        future = attempt.work = self._pool().submit(make, call)
        if future.done() and made_on == [get_ident()]:
            result = future.result()  # the executor made the call right here: no turn of the loop
        else:
            # By way of the loop, so that the result comes behind the lines the tool wrote.
            with self._hold_time():
                result = await end_of(future)
        return await result if type(result) not in PLAIN and inspect.isawaitable(result) else result

    async def call_in_transaction(
        self,
        attempt: Attempt,
        variables: contextvars.Context,
        transactions: Transactions,
        is_live: Callable[[Attempt], bool],
        bind_again: Callable[[Attempt], None],
    ) -> Any:
        """What the tool returns, while its transaction is still open. Whoever awaits it ends it.

        Raises CancelledError where the attempt is over (`is_live` says so) before its turn comes.
        `bind_again` gives it arguments that no call has seen.
        """
        returned: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        step = attempt.step = await transactions.open(
            attempt.activation.id, attempt.number, attempt.call.node.timeout_s
        )
        if not is_live(attempt):
            step.drop()  # its time was over before its turn came
            raise asyncio.CancelledError
        args, kwargs, _ = attempt.bound
        call = partial(attempt.call.tool.function, *args, **kwargs)
        made = count()

        def make(call: Callable[[], Any]) -> None:
            step.run(partial(make_once, call), partial(bring, returned))

        def make_once(call: Callable[[], Any]) -> Any:
            if not is_live(attempt):
                raise asyncio.CancelledError  # its time was over while the database was away
            if attempt.watch is not None:
                attempt.watch.beat()
            if next(made) > 0:
                bind_again(attempt)
                args, kwargs, _ = attempt.bound
                call = partial(attempt.call.tool.function, *args, **kwargs)
            return variables.run(call)

        def over(work: Future[None]) -> None:
            error = error_of(work)
            if work.cancelled():
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                    returned.get_loop().call_soon_threadsafe(step.drop)
            if error is not None:
                bring(returned, None, error)

        try:
            work = attempt.work = self._pool().submit(make, call)
        except RuntimeError:
            step.drop()
            raise
        work.add_done_callback(over)
        return await returned

    def _pool(self) -> Executor:
        if self._executor is None:
            self._executor = self._prompt = ToolThreads(self._count, self._registry)
        return self._executor

    def withdraw(self, attempt: Attempt) -> bool:
        """Whether the call had no thread yet, and gets none any more."""
        return attempt.work is not None and attempt.work.cancel()

    def leave(self, attempt: Attempt) -> None:
        """Nobody waits for a tool any more: one that has no thread yet gets none."""
        work = attempt.work
        if work is None or work.cancel() or attempt.call.isolated:
            return  # a process that nobody waits for is killed
        if self._leaky is not None:
            self._leaky.give_up(work)

    def close(self) -> None:
        """End the threads, if they are the run's own."""
        if self._owns_executor and self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = self._prompt = None
