"""Calling tools: on the loop, in a thread, or right here; with timeouts, and late results.

Nothing is decided here. What comes of a call is a signal for the planner.
"""

import asyncio
import contextlib
import contextvars
import inspect
import random
import time
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Executor, Future
from functools import partial
from threading import get_ident
from typing import Any, Protocol, runtime_checkable

from engine import capture, isolated
from engine.calls import Bound, Call, call_of, effect_of
from engine.clock import Clock, Timer, VirtualClock
from engine.context import CURRENT, Secrets, ToolContext
from engine.coroutines import Continued, begun
from engine.errors import RunError, ToolNotFound
from engine.events import Event, EventKind
from engine.idleness import IdleWatch
from engine.items import names_of_item
from engine.jsonvalue import Json, brief, copied
from engine.lines import LineBuffer
from engine.marking import Activation
from engine.outcomes import Outcomes
from engine.policies import Effect
from engine.signals import AttemptCancelled, Failed, ItemSucceeded, Parked, Signal, Succeeded
from engine.state import StateRules
from engine.threads import ToolThreads
from engine.tools import ToolRegistry
from engine.transactions import Step, Transactions

FAIR_TURNS = 128
"""Calls that a lane makes before the rest of the loop gets its turn, if none of them waits."""

_now = time.perf_counter
_PURE = Effect.PURE


class Attempt:
    """A call that is under way."""

    __slots__ = (
        "activation",
        "began",
        "begun",
        "bound",
        "call",
        "context",
        "number",
        "step",
        "task",
        "timer",
        "told",
        "watch",
        "work",
    )

    def __init__(
        self, activation: Activation, call: Call, bound: Bound, context: ToolContext | None
    ) -> None:
        self.activation = activation
        self.number = activation.attempts
        self.call = call
        self.bound = bound
        self.context = context
        self.began = _now()
        self.task: asyncio.Task[None] | None = None
        self.begun = False
        """Whether its task has come to it. One that is cancelled before would never say so."""
        self.timer: Timer | None = None
        self.watch: IdleWatch | None = None
        self.work: Future[Any] | None = None
        """The call in its thread, if it is made in one of the worker's."""
        self.step: Step | None = None
        """The transaction that its tool's writes and its commit share."""
        self.told = False
        """Whether it was told to stop."""

    def stop(self) -> None:
        """Ask the tool to end: a coroutine is cancelled, a thread sees `ctx.cancelled`."""
        self.told = True
        if self.context is not None:
            self.context.stop()
        if self.task is not None and self.begun and self.call.tool.is_async:
            self.task.cancel()

    def disarm(self) -> None:
        """The call is over: nothing ends it any more."""
        if self.timer is not None:
            self.timer.cancel()
        if self.watch is not None:
            self.watch.cancel()


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


_Following = tuple[Attempt | None, Awaitable[Any] | None]
"""What a lane goes on with: a call, and what is left of it if it has begun."""

_SUCCESSES = (Succeeded, ItemSucceeded, Parked)
_NOTHING: _Following = (None, None)


class _NotWritten(Exception):
    """The journal could not be written, so the call was not made."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Attempts:
    """The calls of one run."""

    def __init__(
        self,
        registry: ToolRegistry,
        rules: StateRules,
        *,
        run_id: str,
        clock: Clock,
        dice: random.Random,
        executor: Executor | None,
        threads: int,
        deliver: Callable[[Signal], None],
        writes_keep_up: Callable[[], bool],
        flush: Callable[[], Awaitable[None]],
        write: Callable[[list[Event]], None],
        broken: Callable[[Exception], None],
        secrets: Secrets | None = None,
        transactions: Transactions | None = None,
    ) -> None:
        """`deliver` takes the signals of calls made on the loop, `write` events about calls (those
        that carry a time keep it).

        A call that is not pure waits for `flush`; a pure one only while `writes_keep_up` says no.
        `broken` hears of a flush that failed.
        """
        self._registry = registry
        self._outcomes = Outcomes(rules, clock, dice)
        self.run_id = run_id
        self._clock = clock
        self._hold_time = clock.hold if isinstance(clock, VirtualClock) else contextlib.nullcontext
        self._executor = executor
        self._owns_executor = executor is None
        self._leaky: Leaky | None = executor if isinstance(executor, Leaky) else None
        self._prompt: Prompt | None = executor if isinstance(executor, Prompt) else None
        self._threads = threads
        self._deliver = deliver
        self._writes_keep_up = writes_keep_up
        self._flush = flush
        self._write = write
        self._lines = LineBuffer(clock, write)
        self._broken = broken
        self._secrets = secrets
        self._transactions = transactions
        self._captures = capture.active()
        self._calls: dict[int, Call] = {}
        self._waiting: list[tuple[Attempt, Awaitable[Any] | None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._variables = contextvars.copy_context()
        self._lane_is_free = False
        """Whether the lane that is delivering a signal can go on with a call."""
        self._next: _Following = _NOTHING
        """What that lane goes on with."""
        self._turns_left = FAIR_TURNS
        """Calls until the rest of the loop gets its turn."""
        self.live: dict[int, Attempt] = {}
        """What is under way, by activation."""
        self.inline = False
        """Whether sync tools may be called right here."""
        self.ending = False
        """Whether the run is being cancelled."""

    # Beginning ----------------------------------------------------------------------------------

    def begin(self, activation: Activation, alone: bool) -> Signal | None:
        """Bind the arguments on the state as it is now, and call the tool where it belongs.

        Answers the signal at once if the call was made right here, or could not be made. `alone`
        says that nothing else could run meanwhile.
        """
        try:
            call = self._calls.get(activation.place.index) or self._call_of(activation)
            context = None
            if call.needs_ctx or self._captures:
                context = self._context_of(activation)
            token = activation.token
            if activation.of is None:
                bound = call.bind(token.version.data, context, token.error, activation.visit)
            else:
                data, extra = names_of_item(activation)
                bound = call.bind(data, context, token.error, activation.visit, extra)
        except (RunError, ToolNotFound) as error:
            return self._outcomes.failure(activation, _PURE, error, _now())
        if self.inline and not call.needs_loop and (call.pure or alone):
            return self._call_here(activation, call, bound, context)
        if self._lane_is_free and self._turns_left and self._writes_keep_up():
            if call.may_step:
                return self._step_here(activation, call, bound, context)
            if call.may_be_prompt and self._is_prompt(call.tool.function):
                return self._call_promptly(activation, call, bound, context)
        self._launch(Attempt(activation, call, bound, context), None)
        return None

    def _call_of(self, activation: Activation) -> Call:
        place = activation.place
        call = self._calls[place.index] = call_of(place, self._registry)
        return call

    def _context_of(self, activation: Activation) -> ToolContext:
        return ToolContext(
            self.run_id,
            activation.place.id,
            activation.id,
            activation.attempts,
            activation.token.error,
            self._lines.put,
            self._secrets,
            **_answer_of(activation),
        )

    def _call_here(
        self, activation: Activation, call: Call, bound: Bound, context: ToolContext | None
    ) -> Signal | None:
        began = _now()
        entered = None if context is None else CURRENT.set(context)
        try:
            result = call.tool.function(*bound[0], **bound[1])
            if result is not None and inspect.isawaitable(result):
                self._launch(Attempt(activation, call, bound, context), result)
                return None
            return self._outcomes.success(activation, call, bound[2], began, result)
        except (Exception, SystemExit) as error:
            return self._outcomes.failure(activation, call.effect, error, began)
        finally:
            if entered is not None and context is not None:
                CURRENT.reset(entered)
                self._finish_lines(context)

    # On the loop --------------------------------------------------------------------------------

    def take_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on on this loop; what had to wait for one begins."""
        self._loop = loop
        self._lines.take_loop(loop)
        self._variables = contextvars.copy_context()
        waiting, self._waiting = self._waiting, []
        for attempt, result in waiting:
            self._launch(attempt, result)

    def _launch(self, attempt: Attempt, result: Awaitable[Any] | None) -> None:
        """Make the call on the loop: in the lane that is free, else in a task of its own."""
        self.live[attempt.activation.id] = attempt
        if self._loop is None:
            self._waiting.append((attempt, result))
            return
        timeout_s = attempt.call.node.timeout_s
        if timeout_s is not None:
            expire = partial(self._expire, attempt, timeout_s)
            attempt.timer = self._clock.call_later(timeout_s, expire)
        idle_s = attempt.call.node.idle_timeout_s
        if idle_s is not None and attempt.context is not None:
            attempt.watch = IdleWatch(self._clock, idle_s, partial(self._fell_silent, attempt))
            attempt.context.listen = attempt.watch.beat
            attempt.watch.start()
        if self._lane_is_free:
            self._lane_is_free = False
            self._next = attempt, result
            attempt.task = asyncio.current_task()
        else:
            attempt.task = self._loop.create_task(self._lane(attempt, result))

    def _step_here(
        self, activation: Activation, call: Call, bound: Bound, context: ToolContext | None
    ) -> Signal | None:
        """Begin a coroutine in the free lane; most tools that do not wait end at once."""
        self._turns_left -= 1
        began = _now()
        variables = self._variables_for(context)
        try:
            work = call.tool.function(*bound[0], **bound[1])
            waiting_for = variables.run(work.send, None)
        except StopIteration as done:
            if context is not None:
                self._finish_lines(context)
            return self._outcomes.success(activation, call, bound[2], began, done.value)
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            self._finish_lines(context)
            return self._outcomes.failure(activation, call.effect, error, began)
        attempt = Attempt(activation, call, bound, context)
        self._launch(attempt, Continued(work, variables, waiting_for))
        return None

    def _is_prompt(self, function: Callable[..., Any]) -> bool:
        return self._prompt is not None and self._prompt.is_prompt(function)

    def _call_promptly(
        self, activation: Activation, call: Call, bound: Bound, context: ToolContext | None
    ) -> Signal | None:
        """Make a call in the free lane that no thread would make sooner."""
        assert self._prompt is not None
        self._turns_left -= 1
        began = _now()
        function, variables = call.tool.function, self._variables_for(context)
        try:
            here = partial(variables.run, function, *bound[0], **bound[1])
            result = self._prompt.call_here(function, here)
            if result is not None and inspect.isawaitable(result):
                self._launch(Attempt(activation, call, bound, context), result)
                return None
        except (Exception, SystemExit) as error:
            self._finish_lines(context)
            return self._outcomes.failure(activation, call.effect, error, began)
        self._finish_lines(context)
        return self._outcomes.success(activation, call, bound[2], began, result)

    async def _lane(self, attempt: Attempt | None, rest: Awaitable[Any] | None) -> None:
        """Make a call, and then the one that follows from it, as long as exactly one does.

        A task of its own for every call would cost a turn of the loop each.
        """
        task = asyncio.current_task()
        while attempt is not None:
            attempt.task, attempt.begun = task, True
            signal: Signal
            try:
                if attempt.told and rest is None:
                    raise asyncio.CancelledError
                if attempt.told and task is not None:
                    task.cancel()  # what has begun hears of it where it waits
                value = await (self._value(attempt) if rest is None else rest)
                signal = self._outcomes.success(
                    attempt.activation, attempt.call, attempt.bound[2], attempt.began, value
                )
            except asyncio.CancelledError as error:
                signal = self._cancellation(attempt, error)
            except _NotWritten as failure:
                self._broken(failure.error)
                return
            except (Exception, SystemExit) as error:
                signal = self._failure_of(attempt, error)
            attempt, rest = self._finish(attempt, signal)

    async def _value(self, attempt: Attempt) -> Any:
        """What the call gives, after what led to it is durable where that matters."""
        await self._take_turn(attempt)
        variables = self._variables_for(attempt.context)
        tool, (args, kwargs, _) = attempt.call.tool, attempt.bound
        if attempt.watch is not None and tool.is_async and not attempt.call.isolated:
            attempt.watch.beat()
        if attempt.call.is_transactional and self._transactions is not None:
            return await self._in_transaction(attempt, variables, self._transactions)
        if not tool.is_async or attempt.call.isolated:
            return await self._in_thread(attempt, variables)
        result = tool.function(*args, **kwargs)
        return await begun(result, variables)

    async def _take_turn(self, attempt: Attempt) -> None:
        """Let others have the loop now and then, and wait for the journal where that matters."""
        self._turns_left -= 1
        if self._turns_left <= 0:
            self._turns_left = FAIR_TURNS
            await asyncio.sleep(0)
        if attempt.call.pure and self._writes_keep_up():
            return
        try:
            await self._flush()
        except Exception as error:
            raise _NotWritten(error) from error

    def _variables_for(self, context: ToolContext | None) -> contextvars.Context:
        """Context variables of a call's own."""
        variables = self._variables.copy()
        if context is not None:
            variables.run(CURRENT.set, context)
        return variables

    async def _in_thread(self, attempt: Attempt, variables: contextvars.Context) -> Any:
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
        future = self._pool().submit(make, call)
        if not attempt.call.isolated:
            attempt.work = future
        if future.done() and made_on == [get_ident()]:
            result = future.result()  # the executor made the call right here: no turn of the loop
        else:
            # By way of the loop, so that the result comes behind the lines the tool wrote.
            with self._hold_time():
                result = await asyncio.wrap_future(future)
        return await result if inspect.isawaitable(result) else result

    async def _in_transaction(
        self, attempt: Attempt, variables: contextvars.Context, transactions: Transactions
    ) -> Any:
        """What the tool returns, while its transaction is still open: `_finish` ends it."""
        loop = asyncio.get_running_loop()
        returned: asyncio.Future[Any] = loop.create_future()
        step = attempt.step = await transactions.open(attempt.activation.id, attempt.number)
        if self.live.get(attempt.activation.id) is not attempt:
            step.drop()  # its time was over before its turn came
            raise asyncio.CancelledError
        args, kwargs, _ = attempt.bound
        call = partial(attempt.call.tool.function, *args, **kwargs)

        def answer(value: Any) -> None:
            loop.call_soon_threadsafe(_answer, returned, value, None)

        def make(call: Callable[[], Any]) -> None:
            if attempt.watch is not None:
                attempt.watch.beat()
            step.run(partial(variables.run, call), answer)

        def over(work: Future[None]) -> None:
            error = asyncio.CancelledError() if work.cancelled() else work.exception()
            if error is None:
                return
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
                if work.cancelled():
                    loop.call_soon_threadsafe(step.drop)
                loop.call_soon_threadsafe(_answer, returned, None, error)

        try:
            work = attempt.work = self._pool().submit(make, call)
        except RuntimeError:
            step.drop()
            raise
        work.add_done_callback(over)
        return await returned

    def _pool(self) -> Executor:
        if self._executor is None:
            self._executor = self._prompt = ToolThreads(self._threads, self._registry)
        return self._executor

    # Ending -------------------------------------------------------------------------------------

    def _finish(self, attempt: Attempt, signal: Signal) -> _Following:
        """A call came to its end, in time or too late; answers what its lane goes on with."""
        attempt.disarm()
        self._finish_lines(attempt.context)
        number, step = attempt.activation.id, attempt.step
        is_live = self.live.get(number) is attempt
        if step is not None and not (is_live and isinstance(signal, _SUCCESSES)):
            step.roll_back()
            step = None
        if not is_live:
            self.note_late(attempt.activation, attempt.number, signal)
            return _NOTHING
        del self.live[number]
        self._lane_is_free = True
        self._deliver(signal)
        self._lane_is_free = False
        if step is not None:
            step.commit()
        following, self._next = self._next, _NOTHING
        return following

    def _failure_of(self, attempt: Attempt, error: BaseException) -> Failed:
        return self._outcomes.failure(attempt.activation, attempt.call.effect, error, attempt.began)

    def _cancellation(self, attempt: Attempt, error: asyncio.CancelledError) -> Signal:
        """A coroutine was cancelled: by us, because the run ends, or by itself."""
        if attempt.told:
            return AttemptCancelled(attempt.activation)
        return self._failure_of(attempt, error)

    def _finish_lines(self, context: ToolContext | None) -> None:
        """What a tool wrote stands in the journal before its attempt ends."""
        if context is not None:
            capture.finish(context)
            self._lines.flush()

    def _expire(self, attempt: Attempt, timeout_s: float) -> None:
        """The deadline of a call passed."""
        outcome = partial(self._outcomes.timeout, timeout_s=timeout_s)
        self._end_early(attempt, outcome)

    def _fell_silent(self, attempt: Attempt, watch: IdleWatch) -> None:
        """A tool gave no sign of life for too long."""
        outcome = partial(self._outcomes.idle, idle_s=watch.idle_s, took_s=watch.took_s)
        self._end_early(attempt, outcome)

    def _end_early(self, attempt: Attempt, outcome: Callable[[Activation, Effect], Failed]) -> None:
        """An attempt is over at once, whatever its tool still does."""
        activation = attempt.activation
        if self.live.get(activation.id) is not attempt:
            return
        del self.live[activation.id]
        attempt.disarm()
        attempt.stop()
        self._leave(attempt)
        self._lines.flush()
        self._deliver(outcome(activation, attempt.call.effect))

    def note_late(self, activation: Activation, number: int, signal: Signal) -> None:
        """Record what a tool brought after its attempt had ended; nothing else uses it."""
        if isinstance(signal, Succeeded):
            ops = [[brief(part) for part in op] for op in signal.update.ops]
            data: dict[str, Any] = {"ok": True, "ops": ops}
        elif isinstance(signal, ItemSucceeded):
            data = {"ok": True, "result": brief(signal.result)}
        elif isinstance(signal, Parked):
            data = {"ok": True, "asked": brief(signal.question.title)}
        elif isinstance(signal, Failed) and signal.error.details.get("type") != "CancelledError":
            data = {"ok": False, "error": signal.error.as_dict()}
        else:
            return
        if activation.of is not None:
            data["item"] = activation.index
        kind = EventKind.ATTEMPT_LATE_RESULT
        self._write([Event(kind, data, activation.place.id, activation.id, number)])

    def withdraw(self, activations: Collection[int]) -> None:
        """Tell the tools of these activations to stop; nothing waits for them."""
        kept: list[tuple[Attempt, Awaitable[Any] | None]] = []
        for attempt, rest in self._waiting:
            if attempt.activation.id not in activations:
                kept.append((attempt, rest))
            elif inspect.iscoroutine(rest):
                rest.close()
        self._waiting = kept
        for number in activations:
            gone = self.live.pop(number, None)
            if gone is None:
                continue
            gone.disarm()
            gone.stop()
            self._leave(gone)

    def _leave(self, attempt: Attempt) -> None:
        """Nobody waits for a tool any more: one that has no thread yet gets none."""
        work = attempt.work
        if work is not None and not work.cancel() and self._leaky is not None:
            self._leaky.give_up(work)

    def interrupt(self) -> None:
        """The run is failing: tell every tool that may be called again to stop."""
        for attempt in list(self.live.values()):
            if attempt.call.effect is not Effect.ONCE and not attempt.told:
                attempt.stop()

    def stop_all(self) -> None:
        """The run is being cancelled: tell every tool."""
        self.ending = True
        for attempt in list(self.live.values()):
            attempt.stop()

    def abandon_all(self) -> None:
        """Wait for no tool any more; what they bring is late."""
        self._lines.flush()
        for attempt in self.live.values():
            attempt.disarm()
            self._leave(attempt)
        self.live.clear()

    def close(self) -> None:
        """Leave nothing behind on the loop."""
        self._lines.close()
        for attempt in self.live.values():
            attempt.disarm()
            if attempt.context is not None:
                attempt.context.stop()
            if attempt.task is not None:
                attempt.task.cancel()
            self._leave(attempt)
        self.live.clear()
        if self._owns_executor and self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = self._prompt = None

    # About calls --------------------------------------------------------------------------------

    def effect_of(self, activation: Activation) -> Effect:
        """What a second call would do; the worst, where the tool is not known here."""
        node = activation.place.node
        try:
            effect = effect_of(node, self._registry.get(node.tool or ""))
        except ToolNotFound:
            effect = node.effect or Effect.ONCE
        if effect is Effect.TRANSACTIONAL and self._transactions is None:
            return Effect.ONCE  # nothing rolled its writes back
        return effect


def _answer(returned: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    """What a transactional tool returned or raised; nobody waits if its lane was cancelled."""
    if returned.done():
        return
    if error is None:
        returned.set_result(value)
    elif isinstance(error, StopIteration):
        returned.set_exception(RuntimeError("the tool raised StopIteration"))
    else:
        returned.set_exception(error)


def _answer_of(activation: Activation) -> dict[str, Json]:
    """What a person answered to the tool of an activation, and what it left itself."""
    asked = activation.asked
    return {} if asked is None else {"answer": copied(asked.answer), "memo": copied(asked.memo)}
