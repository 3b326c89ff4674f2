"""Runs with people in them: whoever is asked answers what the test says."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from engine.driving.beginning import new_run
from engine.driving.clock import VirtualClock
from engine.driving.driver import Driver
from engine.driving.nested import Nested
from engine.driving.runner import RunResult, WorkflowsGiven, found_in, results_of
from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.graph.subgraphs import split_pins
from engine.keeping.memory import MemoryStore
from engine.keeping.replay import fold
from engine.limits import Limits
from engine.planning.marking import Activation
from engine.planning.pins import check_pins
from engine.planning.waits import answer_problems, answered
from engine.policies import RunStatus, WaitKind
from engine.tools import ToolRegistry, default_registry
from engine.values.jsonvalue import clean

Answers = Mapping[str, Any]
"""By node (`papers/ask` is the node `ask` of a run that the node `papers` starts): an answer, a
list of answers to one question after the other, or a function of the question (title, form, …) that
gives the answer, or None to leave it open."""


def play(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    answers: Answers,
    registry: ToolRegistry | None = None,
    clock: VirtualClock | None = None,
    limits: Mapping[str, Any] | Limits | None = None,
    pinned: Mapping[str, Any] | None = None,
    workflows: WorkflowsGiven | None = None,
) -> RunResult:
    """`run` in which questions of human nodes and of tools are answered, in virtual time.

    So are those of the `workflows` that it starts. The result is `waiting` when something is asked
    that `answers` say nothing about. Raises AssertionError for an answer that its form refuses,
    and ValueError for one to a node that is not there.
    """
    work = aplay(
        graph,
        state,
        answers=answers,
        registry=registry,
        clock=clock,
        limits=limits,
        pinned=pinned,
        workflows=workflows,
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
    workflows: WorkflowsGiven | None = None,
) -> RunResult:
    """`play` for async code."""
    clock = clock or VirtualClock()
    tools = registry if registry is not None else default_registry
    others = found_in(workflows)
    check_pins(graph, pinned or {}, others)
    _check_names(graph, answers)
    own, below = split_pins(graph, pinned or {})
    store, here = MemoryStore(), _Here()
    store.create(RUN, [new_run(graph, state, limits=limits, pinned=own, now=clock.now())])
    children = Nested(
        graph,
        RUN,
        others,
        registry=tools,
        store=store,
        clock=clock,
        schedule_seed=None,
        pins=below,
        executor=here,
        park_after_s=0.0,
    )
    people = _People(answers, store, clock)
    while True:
        driver = Driver(
            graph,
            tools,
            store.journal(RUN),
            folded=fold(graph, store.events(RUN)),
            clock=clock,
            run_id=RUN,
            executor=here,
            park_after_s=0.0,
            children=children,
        )
        children.parent = driver
        ended = await driver.drive()
        if ended.status is RunStatus.WAITING:
            until = min(children.until, math.inf if ended.until is None else ended.until)
            if people.answer(RUN, graph, children):
                continue
            if until < math.inf:
                await clock.sleep(max(0.0, until - clock.now()))
                people.go_on(RUN, graph, children)
                continue
        return RunResult(
            ended.status,
            ended.state,
            ended.error,
            store.events(RUN),
            driver.activations,
            results_of(children),
        )


def _check_names(graph: Graph, answers: Answers) -> None:
    """Raises ValueError for an answer to a node that is neither the graph's nor below it."""
    own, _ = split_pins(graph, answers)
    for name in own:
        if name not in graph.nodes:
            nodes = ", ".join(list(graph.nodes)[:20])
            raise ValueError(f"answers: the graph has no node {name!r:.80}; its nodes: {nodes}")


RUN = "run"
"""The id of the run that is played."""


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

    def __init__(self, answers: Answers, store: MemoryStore, clock: VirtualClock) -> None:
        self._answers = answers
        self._store = store
        self._clock = clock
        self._asked: dict[str, int] = {}

    def answer(self, run: str, graph: Graph, children: Nested, above: str = "") -> bool:
        """Answer what the run and those below it ask; whether there was anything.

        `above` leads to the run: the nodes that start it, each with a slash.
        """
        waiting = fold(graph, self._store.events(run)).marking.waiting.values()
        given = [said for each in waiting if (said := self._answer(each, above)) is not None]
        below = False
        for child, (theirs, nested) in children.started.items():
            node = self._store.events(child)[0].data["parent"]["node"]
            below |= self.answer(child, theirs, nested, f"{above}{node}/")
        if below and not given:
            given = [Event(EventKind.RUN_CLAIMED, {})]
        self._write(run, given)
        return bool(given)

    def go_on(self, run: str, graph: Graph, children: Nested) -> None:
        """Take up the run and those below it that wait: the time of one of them has come."""
        if fold(graph, self._store.events(run)).status is RunStatus.WAITING:
            self._write(run, [Event(EventKind.RUN_CLAIMED, {})])
            for child, (theirs, nested) in children.started.items():
                self.go_on(child, theirs, nested)

    def _write(self, run: str, events: Sequence[Event]) -> None:
        for event in events:
            event.time = self._clock.now()
        if events:
            self._store.journal(run).append(events)

    def _answer(self, activation: Activation, above: str) -> Event | None:
        """The answer to what an activation asks, if there is one."""
        node = activation.place.id
        name = f"{above}{node}"
        for wait in activation.waits:
            if wait["kind"] == WaitKind.HUMAN and name in self._answers:
                said = self._said(name, wait)
                if said is None:
                    continue
                problems = answer_problems(wait["form"], clean(said, "answer"))
                assert not problems, f"{name!r} asks, and its form refuses {said!r}: {problems}"
                return answered(node, wait, said, "test")
        return None

    def _said(self, node: str, wait: Mapping[str, Any]) -> Any:
        answer: Any | Callable[[Mapping[str, Any]], Any] = self._answers[node]
        if callable(answer):
            return answer(wait)
        if not isinstance(answer, list):
            return answer
        number = self._asked[node] = self._asked.get(node, 0) + 1
        return answer[number - 1] if number <= len(answer) else None
