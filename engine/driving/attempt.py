"""A call of a tool that is under way, and what can be asked of it."""

import asyncio
import time
from concurrent.futures import Future
from typing import Any

from engine.driving.calls import Bound, Call
from engine.driving.clock import Timer
from engine.driving.context import ToolContext
from engine.driving.idleness import IdleWatch
from engine.driving.transactions import Step
from engine.planning.marking import Activation

_now = time.perf_counter


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
        """The call in its thread, or the thread's wait for its process."""
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
