"""Runs with people in them: whoever is asked answers what the test says."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any

from engine.beginning import new_run
from engine.clock import VirtualClock
from engine.driver import Driver
from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.jsonvalue import clean
from engine.limits import Limits
from engine.marking import Activation
from engine.memory import MemoryJournal
from engine.policies import RunStatus, WaitKind
from engine.replay import Folded, fold
from engine.runner import RunResult
from engine.tools import ToolRegistry, default_registry
from engine.waits import answer_problems, answered

Answers = Mapping[str, Any]
"""By node: an answer, a list of answers to one question after the other, or a function of the
question (title, form, …) that gives the answer, or None to leave it open."""


def play(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    answers: Answers,
    registry: ToolRegistry | None = None,
    clock: VirtualClock | None = None,
    limits: Mapping[str, Any] | Limits | None = None,
    pinned: Mapping[str, Any] | None = None,
) -> RunResult:
    """`run` in which questions of human nodes and of tools are answered, in virtual time.

    The result is `waiting` when something is asked that `answers` say nothing about. Raises
    AssertionError for an answer that its form refuses.
    """
    work = aplay(
        graph,
        state,
        answers=answers,
        registry=registry,
        clock=clock,
        limits=limits,
        pinned=pinned,
    )
    return asyncio.run(work)


async def aplay(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    answers: Answers,
    registry: ToolRegistry | None = None,
    clock: VirtualClock | None = None,
    limits: Mapping[str, Any] | Limits | None = None,
    pinned: Mapping[str, Any] | None = None,
) -> RunResult:
    """`play` for async code."""
    clock = clock or VirtualClock()
    tools = registry if registry is not None else default_registry
    people = _People(answers)
    journal = MemoryJournal()
    journal.append([new_run(graph, state, limits=limits, pinned=pinned, now=clock.now())])
    while True:
        folded = fold(graph, journal.events)
        driver = Driver(
            graph, tools, journal, folded=folded, clock=clock, executor=_Here(), park_after_s=0.0
        )
        ended = await driver.drive()
        if ended.status is RunStatus.WAITING:
            if people.answer(fold(graph, journal.events)):
                journal.append(people.given(clock.now()))
                continue
            if ended.until is not None:
                await clock.sleep(max(0.0, ended.until - clock.now()))
                journal.append([Event(EventKind.RUN_CLAIMED, {}, time=clock.now())])
                continue
        return RunResult(ended.status, ended.state, ended.error, journal.events, driver.activations)


class _Here(Executor):
    """Calls sync tools right here: real work in a thread would take no virtual time."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class _People:
    """Who answers, and what was answered so far."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._asked: dict[str, int] = {}
        self._given: list[Event] = []

    def answer(self, folded: Folded) -> bool:
        """Answer what is open; whether there was anything."""
        for activation in folded.marking.waiting.values():
            self._answer(activation)
        return bool(self._given)

    def given(self, now: float) -> list[Event]:
        """The answers of the last round, as events."""
        given, self._given = self._given, []
        for event in given:
            event.time = now
        return given

    def _answer(self, activation: Activation) -> None:
        node = activation.place.id
        for wait in activation.waits:
            if wait["kind"] == WaitKind.HUMAN and node in self._answers:
                said = self._said(node, wait)
                if said is None:
                    continue
                problems = answer_problems(wait["form"], clean(said, "answer"))
                assert not problems, f"{node!r} asks, and its form refuses {said!r}: {problems}"
                self._given.append(answered(node, wait, said, "test"))
                return

    def _said(self, node: str, wait: Mapping[str, Any]) -> Any:
        answer: Any | Callable[[Mapping[str, Any]], Any] = self._answers[node]
        if callable(answer):
            return answer(wait)
        if not isinstance(answer, list):
            return answer
        number = self._asked[node] = self._asked.get(node, 0) + 1
        return answer[number - 1] if number <= len(answer) else None
