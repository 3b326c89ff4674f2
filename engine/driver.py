"""Driving a run: hands the planner what comes to pass, and does what it says.

All decisions are the planner's; the driver calls tools, keeps time and writes the journal. Its
methods are called on its event loop. Every signal goes through one inbox, in the order in which
things happened (or shuffled by dice, in tests).
"""

import asyncio
import contextvars
import inspect
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine import capture
from engine.attempts import Attempt, timeout_error, tool_error
from engine.calls import Call, effect_of
from engine.clock import Clock, SystemClock, Timer
from engine.context import CURRENT, ToolContext
from engine.errors import Code, Fenced, RunError, ToolNotFound
from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.jsonvalue import Json, brief, clean
from engine.limits import Limits
from engine.marking import Activation
from engine.planner import (
    Asked,
    AttemptCancelled,
    Bounds,
    Decision,
    Failed,
    GraceOver,
    Happened,
    Recovered,
    RetryDue,
    Signal,
    Succeeded,
    Woken,
    decide,
    view,
)
from engine.policies import TERMINAL_RUN_STATUSES, ActivationStatus, Effect, RunStatus
from engine.replay import Folded, fold
from engine.retries import kinds_of
from engine.store import Journal
from engine.tools import ToolRegistry
from engine.updates import from_result

CANCEL_GRACE_S = 30.0
"""Seconds that a cancelled run waits for its attempts."""
MAX_IN_FLIGHT = 256
"""Appends that may wait for the disk before the driver waits for them."""


@dataclass(frozen=True, slots=True)
class DriveResult:
    """How a run stood when its driver let go of it."""

    status: RunStatus
    """`running` if the run was handed back; else paused or terminal."""
    state: dict[str, Json]
    error: RunError | None


class Driver:
    """Drives one run until it ends, pauses, or is handed back."""

    def __init__(
        self,
        graph: Graph,
        registry: ToolRegistry,
        journal: Journal,
        *,
        folded: Folded | None = None,
        clock: Clock | None = None,
        limits: Mapping[str, Any] | Limits | None = None,
        pinned: Mapping[str, Any] | None = None,
        schedule_seed: int | None = None,
        executor: Executor | None = None,
        on_log: Callable[[Event], None] | None = None,
        run_id: str = "run",
        cancel_grace_s: float = CANCEL_GRACE_S,
    ) -> None:
        """Prepare to drive the run that `folded` says is there; without it, a new one.

        `limits` and `pinned` belong to a new run (a journal holds those of an old one). The
        executor runs sync tools; the driver makes its own if none is given.
        """
        self._graph = graph
        self._registry = registry
        self._journal = journal
        self._clock = clock or SystemClock()
        self._executor = executor
        self._owns_executor = executor is None
        self._on_log = on_log
        self._run_id = run_id
        self._grace_s = cancel_grace_s
        self._inbox: deque[Signal] = deque()
        self._attempts: dict[int, Attempt] = {}
        self._calls: dict[int, Call] = {}
        self._waiting_for_loop: list[Callable[[], None]] = []
        self._timers: list[Timer] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._context = contextvars.copy_context()
        self._at_rest: asyncio.Future[None] | None = None
        self._fenced: BaseException | None = None
        self._in_flight = 0
        self._pumping = False
        self._cancelling = False
        self._inline = False
        self._dice = random.Random(schedule_seed)
        self._shuffled = schedule_seed is not None
        self._bounds = Bounds(choose=self._dice.randrange if self._shuffled else None)
        if folded is None:
            created = new_run(graph, {}, limits=limits, pinned=pinned, now=self._clock.now())
            journal.append([created])
            folded = fold(graph, [created])
        self._marking = folded.marking
        self._active_s = folded.active_s
        self._inbox.append(Recovered(self._effect_of))

    # For the owner of the run -----------------------------------------------------------------

    async def drive(self) -> DriveResult:
        """Go on until the run ends, pauses or is handed back. Raises Fenced if it was taken."""
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._at_rest = self._loop.create_future()
        self._keep_time()
        try:
            waiting, self._waiting_for_loop = self._waiting_for_loop, []
            for begin in waiting:
                begin()
            self._pump()
            await self._at_rest
            await self._flush()
        finally:
            self._let_go()
        return self.result()

    def cancel(self, reason: str = "", by: str = "") -> None:
        """End the run: nothing new starts, what runs is told to stop, then it is cancelled."""
        self._ask(EventKind.RUN_CANCEL_REQUESTED, {"reason": reason, "by": by})

    def pause(self, reason: str = "paused on request") -> None:
        """Start nothing new; `drive` returns when what runs has finished."""
        self._ask(EventKind.RUN_PAUSED, {"code": "paused", "reason": reason})

    def stop(self) -> None:
        """Hand the run back: start nothing new; `drive` returns when what runs has finished."""
        self._bounds.room = 0
        self._deliver(Woken())

    def notify(self, event: Event | dict[str, Any]) -> None:
        """Take in an event that somebody else wrote to the run's journal."""
        self._deliver(Happened(event if isinstance(event, Event) else Event.from_dict(event)))

    def result(self) -> DriveResult:
        """How the run stands."""
        marking = self._marking
        return DriveResult(marking.status, view(marking), marking.error)

    @property
    def activations(self) -> dict[str, int]:
        """How often each node was visited."""
        marking = self._marking
        return {
            p.id: marking.visits[p.index] for p in marking.plan.places if marking.visits[p.index]
        }

    def advance(self) -> bool:
        """Go on without an event loop as far as that is possible; whether the run is at rest."""
        self._inline = True
        self._pump()
        self._inline = False
        return self._resting() and not self._waiting_for_loop

    # Signals in, decisions out ------------------------------------------------------------------

    def _ask(self, kind: EventKind, data: dict[str, Any]) -> None:
        self._deliver(Asked(Event(kind, data)))

    def _deliver(self, signal: Signal) -> None:
        self._inbox.append(signal)
        if self._loop is not None:
            self._pump()

    def _pump(self) -> None:
        """Decide about everything in the inbox, and about what that brings."""
        if self._pumping or self._fenced is not None:
            return
        self._pumping = True
        try:
            while self._inbox:
                self._act_on(decide(self._marking, self._next_signal(), self._bounds))
        except Exception as error:
            self._break_off(error)
            if self._at_rest is None:
                raise
        finally:
            self._pumping = False
        if self._marking.status is RunStatus.CANCELLING and not self._cancelling:
            self._stop_attempts()
        if self._at_rest is not None and not self._at_rest.done() and self._resting():
            self._at_rest.set_result(None)

    def _next_signal(self) -> Signal:
        if not self._shuffled:
            return self._inbox.popleft()
        self._inbox.rotate(-self._dice.randrange(len(self._inbox)))
        return self._inbox.popleft()

    def _act_on(self, decision: Decision) -> None:
        if decision.events:
            self._append(decision.events)
        for activation in decision.starts:
            self._begin(activation)

    def _append(self, events: list[Event]) -> None:
        now = self._clock.now()
        for event in events:
            event.time = now
            if "retry_at" in event.data:
                self._call_later(event.data["retry_at"] - now, self._retries_due)
        self._in_flight += 1
        self._journal.append(events)

    def _resting(self) -> bool:
        if self._attempts or self._inbox:
            return False
        status = self._marking.status
        return (
            status in TERMINAL_RUN_STATUSES or status is RunStatus.PAUSED or not self._bounds.room
        )

    # Attempts -----------------------------------------------------------------------------------

    def _begin(self, activation: Activation) -> None:
        """Bind the arguments now, on the state as it is, and call the tool where it belongs."""
        began = time.perf_counter()
        try:
            call = self._call_of(activation)
            attempt = self._attempt(activation, call, began)
        except (RunError, ToolNotFound) as error:
            self._inbox.append(self._failure(activation, Effect.PURE, began, error))
            return
        if self._inline and self._may_call_inline(call):
            self._call_inline(attempt)
            return
        self._attempts[activation.id] = attempt
        if self._loop is None:
            self._waiting_for_loop.append(partial(self._launch, attempt))
        else:
            self._launch(attempt)

    def _attempt(self, activation: Activation, call: Call, began: float) -> Attempt:
        token = activation.token
        context = None
        if call.takes_ctx or capture.active():
            context = self._context_of(activation)
        bound = call.bind(token.version.data, context, token.error, activation.visit)
        return Attempt(activation, activation.attempts, call, bound, context, began)

    def _call_of(self, activation: Activation) -> Call:
        place = activation.place
        call = self._calls.get(place.index)
        if call is None:
            tool = self._registry.get(place.node.tool or "")
            call = self._calls[place.index] = Call(place.node, tool)
        return call

    def _context_of(self, activation: Activation) -> ToolContext:
        return ToolContext(
            self._run_id,
            activation.place.id,
            activation.id,
            activation.attempts,
            activation.token.error,
            self._note,
        )

    def _may_call_inline(self, call: Call) -> bool:
        """Whether calling on this thread, one after the other, loses nothing."""
        if call.tool.is_async or call.node.timeout_s is not None:
            return False
        return call.pure or (self._marking.running == 1 and not self._marking.ready)

    def _call_inline(self, attempt: Attempt) -> None:
        bound = attempt.bound
        token = CURRENT.set(attempt.context) if attempt.context is not None else None
        try:
            result = attempt.call.tool.function(*bound.args, **bound.kwargs)
            if inspect.isawaitable(result):
                self._finish_on_loop(attempt, result)
                return
            signal = self._success(attempt, result)
        except (Exception, SystemExit) as error:
            signal = self._failure_of(attempt, error)
        finally:
            if token is not None:
                CURRENT.reset(token)
            if attempt.context is not None:
                capture.finish(attempt.context)
        self._inbox.append(signal)

    def _finish_on_loop(self, attempt: Attempt, result: Awaitable[Any]) -> None:
        """A plain function that gave a coroutine: it needs a loop to finish."""
        self._attempts[attempt.activation.id] = attempt
        self._waiting_for_loop.append(partial(self._launch, attempt, result))

    def _launch(self, attempt: Attempt, result: Awaitable[Any] | None = None) -> None:
        """Call the tool on the loop (async) or in the executor (sync)."""
        assert self._loop is not None
        timeout_s = attempt.call.node.timeout_s
        if timeout_s is not None:
            expire = partial(self._expire, attempt, timeout_s)
            attempt.timer = self._clock.call_later(timeout_s, expire)
        attempt.task = self._loop.create_task(
            self._run_attempt(attempt, result), context=self._context.copy()
        )

    async def _run_attempt(self, attempt: Attempt, result: Awaitable[Any] | None) -> None:
        signal: Signal
        try:
            if not attempt.call.pure or self._in_flight > MAX_IN_FLIGHT:
                await self._flush()
            if attempt.context is not None:
                CURRENT.set(attempt.context)
            value = await (self._called(attempt) if result is None else result)
            signal = self._success(attempt, value)
        except asyncio.CancelledError as error:
            signal = self._cancellation(attempt, error)
        except Fenced as error:
            self._break_off(error)
            return
        except (Exception, SystemExit) as error:
            signal = self._failure_of(attempt, error)
        self._finish(attempt, signal)

    async def _called(self, attempt: Attempt) -> Any:
        function, bound = attempt.call.tool.function, attempt.bound
        if attempt.call.tool.is_async:
            return await function(*bound.args, **bound.kwargs)
        assert self._loop is not None
        call = partial(function, *bound.args, **bound.kwargs)
        context = contextvars.copy_context()
        result = await self._loop.run_in_executor(self._threads(), context.run, call)
        return await result if inspect.isawaitable(result) else result

    def _threads(self) -> Executor:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(
                self._marking.limits.max_parallel, thread_name_prefix="treadle-tool"
            )
        return self._executor

    def _finish(self, attempt: Attempt, signal: Signal) -> None:
        """An attempt came to its end, in time or too late."""
        attempt.settle()
        if attempt.context is not None:
            capture.finish(attempt.context)
        if self._attempts.get(attempt.activation.id) is not attempt:
            self._note_late(attempt, signal)
            return
        del self._attempts[attempt.activation.id]
        self._deliver(signal)

    def _success(self, attempt: Attempt, result: Any) -> Signal:
        activation, bound = attempt.activation, attempt.bound
        token, node = activation.token, attempt.call.node
        update = from_result(
            node,
            result,
            token.version.data,
            self._marking.plan.rules,
            private=bound.private,
            names={"error": token.error, "iteration": activation.visit},
        )
        return Succeeded(activation, update, self._ms(attempt.began))

    def _cancellation(self, attempt: Attempt, error: asyncio.CancelledError) -> Signal:
        """A coroutine was cancelled: by us, because the run ends, or by itself."""
        if self._cancelling:
            return AttemptCancelled(attempt.activation)
        return self._failure_of(attempt, error)

    def _failure_of(self, attempt: Attempt, error: BaseException) -> Failed:
        return self._failure(attempt.activation, attempt.call.effect, attempt.began, error)

    def _failure(
        self, activation: Activation, effect: Effect, began: float, error: BaseException
    ) -> Failed:
        if isinstance(error, ToolNotFound):
            error = RunError(Code.TOOL, str(error), details={"type": "ToolNotFound"})
        return Failed(
            activation,
            tool_error(error, activation.place.id),
            kinds_of(error),
            effect,
            self._clock.now(),
            self._dice.random(),
            self._ms(began),
        )

    def _expire(self, attempt: Attempt, timeout_s: float) -> None:
        """The deadline of an attempt passed: it is over at once, whatever its tool still does."""
        activation = attempt.activation
        if self._attempts.get(activation.id) is not attempt:
            return
        del self._attempts[activation.id]
        attempt.stop()
        signal = Failed(
            activation,
            timeout_error(timeout_s, activation.place.id),
            kinds_of(TimeoutError()),
            attempt.call.effect,
            self._clock.now(),
            self._dice.random(),
            self._ms(attempt.began),
            timed_out=True,
        )
        self._deliver(signal)

    def _note_late(self, attempt: Attempt, signal: Signal) -> None:
        """Record what a tool brought after its attempt had ended; nothing else uses it."""
        if isinstance(signal, Succeeded):
            data: dict[str, Any] = {"ok": True, "ops": [brief_op(op) for op in signal.update.ops]}
        elif isinstance(signal, Failed) and signal.error.details.get("type") != "CancelledError":
            data = {"ok": False, "error": signal.error.as_dict()}
        else:
            return
        activation = attempt.activation
        kind = EventKind.ATTEMPT_LATE_RESULT
        event = Event(kind, data, activation.place.id, activation.id, attempt.number)
        if self._fenced is None and self._at_rest is not None and not self._at_rest.done():
            self._append([event])

    def _effect_of(self, activation: Activation) -> Effect:
        try:
            return effect_of(
                activation.place.node, self._registry.get(activation.place.node.tool or "")
            )
        except ToolNotFound:
            return activation.place.node.effect or Effect.ONCE

    @staticmethod
    def _ms(began: float) -> float:
        return round((time.perf_counter() - began) * 1000, 3)

    # Time and ends ------------------------------------------------------------------------------

    def _keep_time(self) -> None:
        """Set the timers of a run that is being taken up."""
        left = self._marking.limits.max_active_s - self._active_s
        self._call_later(max(0.0, left), self._out_of_time)
        for activation in self._marking.activations.values():
            if activation.status is ActivationStatus.RETRY_WAIT:
                self._call_later(activation.due - self._clock.now(), self._retries_due)

    def _call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        if self._loop is None:
            self._waiting_for_loop.append(partial(self._call_later, delay_s, callback))
        else:
            self._timers.append(self._clock.call_later(max(0.0, delay_s), callback))

    def _retries_due(self) -> None:
        self._deliver(RetryDue(self._clock.now()))

    def _out_of_time(self) -> None:
        seconds = self._marking.limits.max_active_s
        message = f"the run has been active for {seconds:g} s; raise limits.max_active to go on"
        error = RunError(Code.TIME_BUDGET, message)
        data = {"code": error.code, "reason": message, "error": error.as_dict()}
        self._ask(EventKind.RUN_PAUSED, data)

    def _stop_attempts(self) -> None:
        """The run is being cancelled: tell the tools, and wait only so long for them."""
        self._cancelling = True
        for attempt in list(self._attempts.values()):
            attempt.stop()
        if self._attempts:
            self._call_later(self._grace_s, self._grace_is_over)

    def _grace_is_over(self) -> None:
        self._attempts.clear()
        self._deliver(GraceOver())

    async def _flush(self) -> None:
        await self._journal.flush()
        self._in_flight = 0

    def _break_off(self, error: BaseException) -> None:
        """Nothing may be decided any more: another driver has the run, or something broke."""
        self._fenced = error
        if self._at_rest is not None and not self._at_rest.done():
            self._at_rest.set_exception(error)

    def _let_go(self) -> None:
        """Leave nothing behind on the loop."""
        for timer in self._timers:
            timer.cancel()
        for attempt in list(self._attempts.values()):
            attempt.settle()
            if attempt.context is not None:
                attempt.context.stop()
            if attempt.task is not None:
                attempt.task.cancel()
        self._attempts.clear()
        if self._owns_executor and isinstance(self._executor, ThreadPoolExecutor):
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None

    # Lines from tools ---------------------------------------------------------------------------

    def _note(self, event: Event) -> None:
        """A log line or progress of a tool, from whatever thread."""
        loop = self._loop
        if loop is None or _on_loop(loop):
            self._write_note(event)
        else:
            loop.call_soon_threadsafe(self._write_note, event)

    def _write_note(self, event: Event) -> None:
        if self._fenced is not None:
            return
        self._append([event])
        if self._on_log is not None:
            self._on_log(event)


def _on_loop(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def brief_op(op: Any) -> list[Any]:
    """An op with its value cut short, for the record."""
    return [brief(part) for part in op]


def new_run(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    limits: Mapping[str, Any] | Limits | None = None,
    pinned: Mapping[str, Any] | None = None,
    now: float = 0.0,
) -> Event:
    """The first event of a run. Raises ValueRefused, or ValueError about limits and pins."""
    first = {**graph.state.defaults, **(state or {})}
    pins = dict(pinned or {})
    unknown = [name for name in pins if name not in graph.nodes]
    if unknown:
        raise ValueError(f"pinned: the graph has no node {unknown[0]!r:.80}")
    data = {
        "state": clean(first, "state"),
        "graph": graph.hash,
        "limits": graph.limits.lowered(limits).as_dict(),
        "entry": list(graph.entry),
    }
    if pins:
        data["pinned"] = clean(pins, "pinned")
    return Event(EventKind.RUN_CREATED, data, time=now)
