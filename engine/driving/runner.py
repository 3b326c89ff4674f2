"""Running a graph from a script: the doors `run` and `arun`."""

import asyncio
import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from engine import failing
from engine.driving.arguments import check_arguments
from engine.driving.beginning import new_run
from engine.driving.clock import Clock, SystemClock
from engine.driving.context import Secrets
from engine.driving.driver import Driver
from engine.driving.nested import Nested
from engine.errors import Code, RunError
from engine.events import Event
from engine.graph.model import Graph
from engine.graph.part import Part
from engine.graph.subgraphs import split_pins, starts_runs
from engine.keeping.memory import MemoryJournal, MemoryStore
from engine.keeping.replay import fold, replay
from engine.keeping.store import Journal, Store
from engine.limits import Limits
from engine.planning.child_calls import Workflows, WorkflowTable
from engine.planning.pins import check_pins
from engine.policies import RunStatus
from engine.said import quoted
from engine.toolprints import prints
from engine.tools import ToolRegistry, default_registry
from engine.values.jsonvalue import Json, copied

WorkflowsGiven = Mapping[str, Graph | Mapping[int, Graph]] | Workflows
"""Graphs by the key that other graphs name them by, or by key and version; or who finds them."""


class RunResult:
    """How a run ended (or why it paused)."""

    def __init__(
        self,
        status: RunStatus,
        state: dict[str, Json],
        error: RunError | None,
        journal: list[Event],
        activations: Mapping[str, int],
        children: Mapping[str, "RunResult"] | None = None,
    ) -> None:
        self.status = status
        """completed, failed, cancelled or paused."""
        self.state = state
        """The final state; of a run that did not complete, its branches merged leniently."""
        self.error = error
        """code, message, node, edge and details, or None."""
        self.activations = dict(activations)
        """How often the run came to each node."""
        self.children = dict(children or {})
        """The runs of other workflows that it started, by id, in order."""
        self._journal = journal

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The journal, as dicts."""
        return [event.as_dict() for event in self._journal]

    def __repr__(self) -> str:
        said = f", error={self.error!r}" if self.error else ""
        return f"RunResult(status={str(self.status)!r}, state={self.state!r}{said})"


class _Session:
    """One run of `run` or `arun`: its journal, its driver, its result."""

    def __init__(
        self,
        graph: Graph,
        state: Mapping[str, Any] | None,
        registry: ToolRegistry | None,
        store: Store | None,
        clock: Clock | None,
        schedule_seed: int | None,
        limits: Mapping[str, Any] | Limits | None,
        pinned: Mapping[str, Any] | None,
        run_id: str | None,
        secrets: Mapping[str, str] | Secrets | None,
        part: Part,
        workflows: WorkflowsGiven | None,
    ) -> None:
        check_arguments(
            graph,
            {
                "state": state,
                "registry": registry,
                "store": store,
                "clock": clock,
                "schedule_seed": schedule_seed,
                "limits": limits,
                "pinned": pinned,
                "secrets": secrets,
                "workflows": workflows,
            },
        )
        clock = clock or SystemClock()
        others = found_in(workflows)
        check_pins(graph, pinned or {}, others)
        own, below = split_pins(graph, pinned or {})
        tools = registry if registry is not None else default_registry
        created = new_run(
            graph,
            state,
            limits=limits,
            pinned=own,
            start=part.start,
            until=part.until,
            now=clock.now(),
            tools=None if store is None else prints(graph, tools),
        )
        run_id = run_id or uuid.uuid4().hex
        self._store, self._run_id = store, run_id
        self._memory = MemoryJournal()
        journal: Journal = self._memory
        if store is None:
            journal.append([created])
        else:
            store.create(run_id, [created])
            journal = store.journal(run_id)
        self.in_memory = store is None
        known = _by_name(secrets) if isinstance(secrets, Mapping) else secrets
        self._children: Nested | None = None
        if workflows is not None or starts_runs(graph):
            self._children = Nested(
                graph,
                run_id,
                others,
                registry=tools,
                store=store or MemoryStore(),
                clock=clock,
                schedule_seed=schedule_seed,
                secrets=known,
                pins=below,
            )
        self.driver = Driver(
            graph,
            tools,
            journal,
            folded=fold(graph, [created]),
            clock=clock,
            schedule_seed=schedule_seed,
            run_id=run_id,
            secrets=known,
            children=self._children,
        )
        if self._children is not None:
            self._children.parent = self.driver

    def result(self) -> RunResult:
        ended = self.driver.result()
        events = self._memory.events if self._store is None else self._store.events(self._run_id)
        return RunResult(
            ended.status,
            copied(ended.state),
            ended.error,
            events,
            self.driver.activations,
            None if self._children is None else results_of(self._children),
        )


def found_in(workflows: WorkflowsGiven | None) -> Workflows:
    """Where the graphs that others name are found; without any, nowhere."""
    if workflows is None or isinstance(workflows, Mapping):
        return WorkflowTable(workflows or {})
    return workflows


def results_of(children: Nested) -> dict[str, RunResult]:
    """How the runs that a run started ended, or stand."""
    found = {}
    for run, (graph, theirs) in children.started.items():
        events = children.store.events(run)
        told = replay(graph, events)
        visits = {node: activity.count for node, activity in told.activations.items()}
        found[run] = RunResult(
            told.status, told.state, told.error, events, visits, results_of(theirs)
        )
    return found


def run(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    registry: ToolRegistry | None = None,
    store: Store | None = None,
    clock: Clock | None = None,
    schedule_seed: int | None = None,
    limits: Mapping[str, Any] | Limits | None = None,
    pinned: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    secrets: Mapping[str, str] | Secrets | None = None,
    start: str | None = None,
    until: str | None = None,
    workflows: WorkflowsGiven | None = None,
) -> RunResult:
    """Run a graph to its end and answer how it ended; tools may be sync or async.

    Failures of tools are in the result, never raised. `limits` lowers the graph's, `pinned` gives
    nodes an output to use in place of calling their tool (`papers/fetch` the node `fetch` of the
    run that the node `papers` starts), `schedule_seed` shuffles the order in which ready work is
    taken and finished, `run_id` names the run (a new id, if none is given), `secrets` holds what
    tools may ask for as `ctx.secret(name)`, `workflows` the graphs that subgraph nodes name: by
    key, or by key and version. `start` and `until` name the nodes between which it goes, in place
    of the whole graph.
    Where an event loop runs already, use `await arun(…)`.
    """
    part = Part(start, until)
    session = _Session(
        graph, state, registry, store, clock, schedule_seed, limits, pinned, run_id, secrets, part,
        workflows,
    )  # fmt: skip
    if session.in_memory and session.driver.advance():
        return session.result()
    _refuse_inside_loop()
    asyncio.run(_driven(session))
    return session.result()


async def arun(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    registry: ToolRegistry | None = None,
    store: Store | None = None,
    clock: Clock | None = None,
    schedule_seed: int | None = None,
    limits: Mapping[str, Any] | Limits | None = None,
    pinned: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    secrets: Mapping[str, str] | Secrets | None = None,
    start: str | None = None,
    until: str | None = None,
    workflows: WorkflowsGiven | None = None,
) -> RunResult:
    """`run` for async code: the same, on the running event loop; sync tools go to threads."""
    part = Part(start, until)
    session = _Session(
        graph, state, registry, store, clock, schedule_seed, limits, pinned, run_id, secrets, part,
        workflows,
    )  # fmt: skip
    await _driven(session)
    return session.result()


def _by_name(secrets: Mapping[str, str]) -> Secrets:
    def get(name: str) -> str:
        try:
            return secrets[name]
        except KeyError:
            raise RunError(
                Code.SECRET,
                failing.SECRET_NOT_GIVEN(
                    name=quoted(name, 80), keys=", ".join(map(repr, sorted(secrets)))
                )
                if secrets
                else failing.NO_SECRET(name=quoted(name, 80)),
                details={"secret": str(name)[:80]},
            ) from None

    return get


async def _driven(session: _Session) -> None:
    await session.driver.drive()


def _refuse_inside_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("this graph needs an event loop, and one is running: use `await arun(…)`")
