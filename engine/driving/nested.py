"""Child runs in the process of their parent: what `run` and `arun` use. Nothing is decided here."""

import asyncio
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from engine import failing
from engine.driving.beginning import new_run
from engine.driving.clock import Clock
from engine.driving.context import Secrets
from engine.driving.driver import Driver
from engine.errors import Code, RunError, ValueRefused, WorkflowNotFound
from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.graph.subgraphs import body_graph, is_itself, split_pins
from engine.keeping.replay import fold
from engine.keeping.store import Store
from engine.planning.child_calls import ChildCall, Refusal, Workflows
from engine.policies import TERMINAL_RUN_STATUSES
from engine.toolprints import prints
from engine.tools import ToolRegistry
from engine.values.jsonvalue import Json


class Nested:
    """The child runs of one run, each with a driver of its own on the same event loop."""

    def __init__(
        self,
        graph: Graph,
        run_id: str,
        workflows: Workflows,
        *,
        registry: ToolRegistry,
        store: Store,
        clock: Clock,
        schedule_seed: int | None,
        secrets: Secrets | None = None,
        pins: Mapping[str, Mapping[str, Json]] | None = None,
        executor: Executor | None = None,
        park_after_s: float = math.inf,
    ) -> None:
        """`pins` are outputs of nodes of the runs that a node starts, by that node; `executor` and
        `park_after_s` are those of their drivers.
        """
        self._graph = graph
        self._pins = pins or {}
        self._run_id = run_id
        self._workflows = workflows
        self._registry = registry
        self.store = store
        self._clock = clock
        self._seed = schedule_seed
        self._secrets = secrets
        self._executor = executor
        self._park_after_s = park_after_s
        self._driving: dict[str, tuple[Driver, asyncio.Task[None]]] = {}
        self._resting: dict[str, ChildCall] = {}
        """Runs that wait or are paused, with nobody driving them."""
        self._until: dict[str, float] = {}
        """When those of them that wait for a time go on."""
        self.parent: Driver | None = None
        """The driver that hears of their ends."""
        self.started: dict[str, tuple[Graph, Nested]] = {}
        """Every run that was taken up, in order, with its own children."""

    @property
    def busy(self) -> bool:
        """Whether one of them is being driven."""
        return bool(self._driving)

    @property
    def until(self) -> float:
        """When the first run at rest goes on by itself, its own children too; infinite if none."""
        resting = [
            nested.until for run, (_, nested) in self.started.items() if run in self._resting
        ]
        return min([*self._until.values(), *resting], default=math.inf)

    def name(self, act: int, att: int) -> str:
        """The id of the run for an attempt: always the same, so that tests see no dice."""
        return uuid5(NAMESPACE_OID, f"{self._run_id}/{act}/{att}").hex

    async def start(self, calls: Sequence[ChildCall]) -> Sequence[Refusal]:
        """Take these runs up, new ones or ones whose journal is there."""
        refused: list[Refusal] = []
        for call in calls:
            if call.run in self._driving:
                continue
            try:
                self._take_up(call)
            except RunError as error:
                refused.append((call, error))
        return refused

    async def drop(self, runs: Sequence[str]) -> None:
        """Cancel these runs."""
        for run in runs:
            if run in self._driving:
                self._driving[run][0].cancel("nobody waits for it any more")
            elif run in self._resting:
                self._take_up(self._resting[run], Driver.cancel)

    def _take_up(self, call: ChildCall, first: Callable[[Driver], None] | None = None) -> None:
        """Drive the run from where its journal ends. Raises RunError."""
        graph = self._graph_of(call)
        pinned, below = split_pins(graph, self._pins.get(call.node, {}))
        events = self._journal_of(call, graph, pinned)
        folded = fold(graph, events)
        children = self._children_of(call, graph, below)
        driver = Driver(
            graph,
            self._registry,
            self.store.journal(call.run),
            folded=folded,
            clock=self._clock,
            schedule_seed=self._seed_of(call),
            run_id=call.run,
            secrets=self._secrets,
            children=children,
            executor=self._executor,
            park_after_s=self._park_after_s,
        )
        children.parent = driver
        self.started[call.run] = graph, children
        self._resting.pop(call.run, None)
        self._until.pop(call.run, None)
        if first is not None:
            first(driver)
        task = asyncio.get_running_loop().create_task(self._drive(call, driver))
        self._driving[call.run] = driver, task

    def _children_of(
        self, call: ChildCall, graph: Graph, pins: Mapping[str, Mapping[str, Json]]
    ) -> "Nested":
        """The child runs of a child; those that it had when it was taken up before."""
        if call.run in self.started:
            return self.started[call.run][1]
        return Nested(
            graph,
            call.run,
            self._workflows,
            registry=self._registry,
            store=self.store,
            clock=self._clock,
            schedule_seed=self._seed_of(call),
            secrets=self._secrets,
            pins=pins,
            executor=self._executor,
            park_after_s=self._park_after_s,
        )

    async def _drive(self, call: ChildCall, driver: Driver) -> None:
        parent = self.parent
        assert parent is not None
        try:
            ended = await driver.drive()
        except Exception as error:
            self._driving.pop(call.run, None)
            parent.break_off(error)
            return
        self._driving.pop(call.run, None)
        if ended.status in TERMINAL_RUN_STATUSES:
            state = ended.state if ended.error is None else None
            parent.bring(call.ended(ended.status, state=state, error=ended.error))
        else:
            self._resting[call.run] = call
            if ended.until is not None:
                self._until[call.run] = ended.until
            parent.wake()

    def _graph_of(self, call: ChildCall) -> Graph:
        if not call.callee.workflow:
            return body_graph(self._graph, call.node)
        if is_itself(self._graph, call.callee):
            return self._graph
        try:
            return self._workflows.find(call.callee.workflow, call.callee.version)
        except WorkflowNotFound as error:
            raise not_found(error, call.node) from error

    def _journal_of(self, call: ChildCall, graph: Graph, pinned: Mapping[str, Json]) -> list[Event]:
        """The events of the run so far; of a new one the first. Raises RunError."""
        try:
            events = self.store.events(call.run)
        except KeyError:
            created = first_event(
                call, graph, self._run_id, self._clock.now(), self._registry, pinned
            )
            self.store.create(call.run, [created])
            return [created]
        if call.resumes and fold(graph, events).status in TERMINAL_RUN_STATUSES:
            resumed = Event(EventKind.RUN_RESUMED, {}, time=self._clock.now())
            self.store.journal(call.run).append([resumed])
            events = self.store.events(call.run)
        return events

    def _seed_of(self, call: ChildCall) -> int | None:
        if self._seed is None:
            return None
        return zlib.crc32(f"{self._seed}/{call.act}/{call.att}".encode())


def first_event(
    call: ChildCall,
    graph: Graph,
    run: str,
    now: float,
    registry: ToolRegistry,
    pinned: Mapping[str, Json] | None = None,
) -> Event:
    """The first event of the child that the run of this id calls. Raises RunError (E_INPUT)."""
    parent: Mapping[str, Any] = call.parent(run)
    try:
        tools = prints(graph, registry)
        return new_run(graph, call.state, pinned=pinned, now=now, parent=parent, tools=tools)
    except ValueRefused as error:
        workflow = call.callee.workflow
        message = failing.CHILD_INPUT(workflow=workflow, node=call.node, why=str(error))
        details = {"workflow": workflow}
        raise RunError(Code.INPUT, message, node=call.node, details=details) from error


def not_found(error: WorkflowNotFound, node: str) -> RunError:
    """The failure of a node whose workflow is not there."""
    hint = f"; {error.hint}" if error.hint else ""
    return RunError(Code.WORKFLOW, f"{error}{hint}", node=node, details={"reason": error.code})
