"""Calling tools: on the loop, in a thread, or right here; with timeouts, and late results.

Nothing is decided here. What comes of a call is a signal for the planner.
"""

import asyncio
import contextvars
import inspect
import random
import time
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Executor
from functools import partial
from typing import Any

from engine.driving import capture
from engine.driving.attempt import Attempt
from engine.driving.calls import Bound, Call, call_of, effect_of
from engine.driving.chains import Ended, Following, Onward
from engine.driving.clock import Clock
from engine.driving.context import CURRENT, Secrets, ToolContext
from engine.driving.coroutines import Continued, begun
from engine.driving.idleness import IdleWatch
from engine.driving.late import late_result, not_called
from engine.driving.lending import Lender, lender
from engine.driving.lines import LineBuffer
from engine.driving.outcomes import Outcomes
from engine.driving.thread_calls import ThreadCalls
from engine.driving.transactions import Transactions
from engine.errors import RunError, ToolNotFound
from engine.events import Event
from engine.planning.items import names_of_item
from engine.planning.marking import Activation
from engine.planning.signals import (
    AttemptCancelled,
    Failed,
    ItemSucceeded,
    Parked,
    Signal,
    Succeeded,
)
from engine.policies import Effect
from engine.tools import ToolRegistry
from engine.values.jsonvalue import PLAIN, Json, copied
from engine.values.state import StateRules

FAIR_TURNS = 128
"""Calls that a lane makes before the rest of the loop gets its turn, if none of them waits."""

_now = time.perf_counter
_PURE = Effect.PURE


_SUCCESSES = (Succeeded, ItemSucceeded, Parked)
_NOTHING: Following = (None, None)


class _NotCalled(Exception):
    """The run was lost before the call was made, perhaps because the journal cannot be written."""

    def __init__(self, error: Exception | None = None) -> None:
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
        flush_now: Callable[[], bool] | None,
        write: Callable[[list[Event]], None],
        broken: Callable[[Exception], None],
        secrets: Secrets | None = None,
        transactions: Transactions | None = None,
        slots: asyncio.Semaphore | None = None,
    ) -> None:
        """`deliver` takes the signals of calls made on the loop, `write` events about calls (those
        that carry a time keep it).

        A call that is not pure waits for `flush`; a pure one only while `writes_keep_up` says no.
        `flush_now` writes at once, without the loop, if that is possible, and says whether it did.
        `broken` hears of a flush that failed. `slots` bounds the coroutines that are under way, of
        all the runs that share it.
        """
        self._registry = registry
        self._outcomes = Outcomes(rules, clock, dice)
        self.run_id = run_id
        self._clock = clock
        self._threads = ThreadCalls(executor, threads, registry, clock)
        self._deliver = deliver
        self._writes_keep_up = writes_keep_up
        self._flush = flush
        self._flush_now = flush_now
        self._write = write
        self._lines = LineBuffer(clock, write)
        self._broken = broken
        self._secrets = secrets
        self._transactions = transactions
        self._slots = slots
        self._captures = capture.active()
        self._calls: dict[int, Call] = {}
        self._waiting: list[tuple[Attempt, Awaitable[Any] | None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lender: Lender | None = None
        """The loop, if threads may borrow its turn."""
        self._is_lent = False
        """Whether a thread has the loop's turn: it makes no calls of those that belong there."""
        self._variables = contextvars.copy_context()
        self._lane_is_free = False
        """Whether the lane that is delivering a signal can go on with a call."""
        self._lane_task: asyncio.Task[None] | None = None
        """The task of that lane, if it has one yet."""
        self._next: Following = _NOTHING
        """What that lane goes on with."""
        self._turns_left = FAIR_TURNS
        """Calls until the rest of the loop gets its turn."""
        self.live: dict[int, Attempt] = {}
        """What is under way, by activation."""
        self.inline = False
        """Whether sync tools may be called right here."""
        self.ending = False
        """Whether the run is being cancelled."""
        self.lost = False
        """Whether the run is another driver's, now or soon: a person may adopt what calls bring."""

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
            bound = _bound(activation, call, context)
        except (RunError, ToolNotFound) as error:
            return self._outcomes.failure(activation, _PURE, error, _now())
        if self.inline and not call.needs_loop and (call.pure or alone):
            return self._call_here(activation, call, bound, context)
        may_go_on = self._lane_is_free and self._turns_left and not self._is_lent
        if may_go_on and self._writes_keep_up():
            if call.may_step and self._may_step():
                return self._step_here(activation, call, bound, context)
            if call.may_be_prompt and self._threads.is_prompt(call.tool.function):
                return self._call_promptly(activation, call, bound, context)
        self._launch(Attempt(activation, call, bound, context), None)
        return None

    def _may_step(self) -> bool:
        """Whether a coroutine may begin here: it stays in the task in which it began."""
        return self._lane_task is not None and not (
            self._slots is not None and self._slots.locked()
        )

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
            if type(result) not in PLAIN and inspect.isawaitable(result):
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
        if self._flush_now is not None:
            self._lender = lender(loop)
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
            attempt.task = self._lane_task
        else:
            self._begin_first_lane()
            attempt.task = self._loop.create_task(self._lane(attempt, result))

    def in_first_lane(self, begin: Callable[[], None]) -> None:
        """Begin in a lane that gets a task once a call has to be waited for, and not before."""
        self._lane_is_free, self._lane_task = True, None
        begin()
        self._lane_is_free = False
        self._begin_first_lane()

    def _begin_first_lane(self) -> None:
        """What goes on in the first lane gets a task: before others do, so calls begin in order."""
        attempt, rest = self._next
        if attempt is not None and attempt.task is None and self._loop is not None:
            self._next = _NOTHING
            attempt.task = self._loop.create_task(self._lane(attempt, rest))

    def _step_here(
        self, activation: Activation, call: Call, bound: Bound, context: ToolContext | None
    ) -> Signal | None:
        """Begin a coroutine in the free lane; most tools that do not wait end at once."""
        self._turns_left -= 1
        began = _now()
        variables = self._variables.copy() if context is None else self._variables_for(context)
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
        self._launch(attempt, self._in_slot(Continued(work, variables, waiting_for)))
        return None

    def _call_promptly(
        self, activation: Activation, call: Call, bound: Bound, context: ToolContext | None
    ) -> Signal | None:
        """Make a call in the free lane that no thread would make sooner."""
        self._turns_left -= 1
        began = _now()
        function, variables = call.tool.function, self._variables_for(context)
        try:
            here = partial(variables.run, function, *bound[0], **bound[1])
            result = self._threads.call_promptly(function, here)
            if type(result) not in PLAIN and inspect.isawaitable(result):
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
            at_hand = attempt
            attempt.task, attempt.begun = task, True
            signal: Signal
            try:
                if attempt.told and rest is None:
                    raise asyncio.CancelledError
                if attempt.told and task is not None and type(rest) is not Ended:
                    task.cancel()  # what has begun hears of it where it waits
                value = await (self._value(attempt) if rest is None else rest)
                if type(value) is Onward:
                    attempt, rest = value.following
                    continue
                signal = self._outcomes.success(
                    attempt.activation, attempt.call, attempt.bound[2], attempt.began, value
                )
            except asyncio.CancelledError as error:
                signal = self._cancellation(at_hand, error)
            except _NotCalled as failure:
                if failure.error is not None:
                    self._broken(failure.error)
                self._note_not_called(at_hand)
                return
            except (Exception, SystemExit) as error:
                signal = self._failure_of(at_hand, error)
            attempt, rest = self._finish(at_hand, signal)

    async def _value(self, attempt: Attempt) -> Any:
        """What the call gives, after what led to it is durable where that matters."""
        await self._take_turn(attempt)
        if self._lender is not None and attempt.call.in_thread:
            return await self._threads.call_on(attempt, self._variables_of, self._go_on_in_thread)
        variables = self._variables_for(attempt.context)
        tool, (args, kwargs, _) = attempt.call.tool, attempt.bound
        if attempt.watch is not None and tool.is_async and not attempt.call.isolated:
            attempt.watch.beat()
        if attempt.call.is_transactional and self._transactions is not None:
            return await self._threads.call_in_transaction(
                attempt, variables, self._transactions, self._is_live, _bind_again
            )
        if not tool.is_async or attempt.call.isolated:
            return await self._threads.call(attempt, variables)
        if self._slots is None:
            return await begun(tool.function(*args, **kwargs), variables)
        async with self._slots:
            if self.lost:
                raise _NotCalled
            return await begun(tool.function(*args, **kwargs), variables)

    def _variables_of(self, attempt: Attempt) -> contextvars.Context:
        return self._variables_for(attempt.context)

    def _go_on_in_thread(self, attempt: Attempt, result: Any) -> Attempt | Onward | None:
        """In a thread whose call has ended: do the loop's part, if it has nothing else to do.

        Where other calls end too the loop sees to all of them, so that they share its commits.
        """
        lender, gives_awaitable = self._lender, type(result) not in PLAIN
        gives_awaitable = gives_awaitable and inspect.isawaitable(result)
        if lender is None or gives_awaitable or not self._threads.is_alone():
            return None
        if not lender.borrow():
            return None
        try:
            if len(self.live) != 1 or not self._is_live(attempt):
                return None
            self._is_lent = True
            return self._take_on(attempt, result)
        except Exception as error:
            self._broken(error)
            return Onward(_NOTHING)
        finally:
            self._is_lent = False
            lender.give_back()

    def _take_on(self, attempt: Attempt, result: Any) -> Attempt | Onward:
        """End a call, and say what follows: with the loop's turn in this thread."""
        signal: Signal
        try:
            signal = self._outcomes.success(
                attempt.activation, attempt.call, attempt.bound[2], attempt.began, result
            )
        except (Exception, SystemExit) as error:
            signal = self._failure_of(attempt, error)
        following, rest = self._finish(attempt, signal)
        if following is None:
            return Onward(_NOTHING)
        following.task, following.work = attempt.task, attempt.work
        if rest is None and following.call.in_thread and not following.told:
            is_free = following.call.pure and self._writes_keep_up()
            is_free = is_free or (self._flush_now is not None and self._flush_now())
            # What others wrote meanwhile may have ended it.
            if is_free and not (following.told or self.lost):
                following.begun = True
                return following
        return Onward((following, rest))

    def _in_slot(self, work: Awaitable[Any]) -> Awaitable[Any]:
        """A call that has begun already, and counts from here on."""
        return work if self._slots is None else _within(self._slots, work)

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
            raise _NotCalled(error) from error
        if self.lost:
            raise _NotCalled
        if attempt.told:
            raise asyncio.CancelledError  # before there was anything to cancel

    def _variables_for(self, context: ToolContext | None) -> contextvars.Context:
        """Context variables of a call's own."""
        variables = self._variables.copy()
        if context is not None:
            variables.run(CURRENT.set, context)
        return variables

    def _is_live(self, attempt: Attempt) -> bool:
        return self.live.get(attempt.activation.id) is attempt

    # Ending -------------------------------------------------------------------------------------

    def _finish(self, attempt: Attempt, signal: Signal) -> Following:
        """A call came to its end, in time or too late; answers what its lane goes on with."""
        attempt.disarm()
        self._finish_lines(attempt.context)
        number, step = attempt.activation.id, attempt.step
        is_live = self._is_live(attempt)
        if step is not None and not (is_live and isinstance(signal, _SUCCESSES)):
            step.roll_back()
            step = None
        if not is_live:
            self.note_late(attempt.activation, attempt.number, signal)
            return _NOTHING
        del self.live[number]
        self._lane_is_free, self._lane_task = True, attempt.task
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
        self._threads.leave(attempt)
        self._lines.flush()
        self._deliver(outcome(activation, attempt.call.effect))

    def note_late(self, activation: Activation, number: int, signal: Signal) -> None:
        """Record what a tool brought after its attempt had ended; nothing else uses it."""
        # Of a call that must not be made twice a person may adopt it, should the run be another's
        # already without this driver knowing.
        whole = self.lost or self.effect_of(activation) is Effect.ONCE
        event = late_result(activation, number, signal, whole=whole)
        if event is not None:
            self._write([event])

    def _note_not_called(self, attempt: Attempt) -> None:
        """Whoever decides about a call that must not be made twice is told that none was made."""
        if attempt.call.effect is Effect.ONCE:
            self._write([not_called(attempt.activation, attempt.number)])

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
            self._threads.leave(gone)

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
            self._threads.leave(attempt)
        self.live.clear()

    def close(self) -> None:
        """Leave nothing behind on the loop, but calls that must not be made twice once the run is
        lost: what they bring is of use to whoever decides about them."""
        self._lines.close()
        for attempt in self.live.values():
            attempt.disarm()
            if self.lost and attempt.call.effect is Effect.ONCE:
                if attempt.begun and not self._threads.withdraw(attempt):
                    continue
                self._note_not_called(attempt)
            if attempt.context is not None:
                attempt.context.stop()
            if attempt.task is not None:
                attempt.task.cancel()
            self._threads.leave(attempt)
        self.live.clear()
        self._threads.close()

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


def _bound(activation: Activation, call: Call, context: ToolContext | None) -> Bound:
    """The arguments of a call on the state as it is now. Raises RunError."""
    token = activation.token
    if activation.of is None:
        return call.bind(token.version.data, context, token.error, activation.visit)
    data, extra = names_of_item(activation)
    return call.bind(data, context, token.error, activation.visit, extra)


def _bind_again(attempt: Attempt) -> None:
    """The same call is made once more: its tool may have changed what it was given."""
    activation, context = attempt.activation, attempt.context
    if context is not None:
        given = _answer_of(activation)
        context.answer, context.memo = given.get("answer"), given.get("memo")
    attempt.bound = _bound(activation, attempt.call, context)


def _answer_of(activation: Activation) -> dict[str, Json]:
    """What a person answered to the tool of an activation, and what it left itself."""
    asked = activation.asked
    return {} if asked is None else {"answer": copied(asked.answer), "memo": copied(asked.memo)}


async def _within(slots: asyncio.Semaphore, work: Awaitable[Any]) -> Any:
    async with slots:
        return await work
