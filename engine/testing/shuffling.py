"""The shuffle test: run a graph in many orders, and see whether the result depends on timing.

Every schedule shuffles the order in which ready work is taken and finished, and makes each call of
a tool last longer or shorter, in virtual time. What a schedule does follows from its seed alone.
"""

import asyncio
import functools
import inspect
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from engine.driving.calls import effect_of
from engine.driving.clock import VirtualClock
from engine.driving.runner import RunResult, WorkflowsGiven, arun
from engine.errors import ToolNotFound, WorkflowNotFound
from engine.graph.model import Callee, Graph, Node
from engine.graph.subgraphs import split_pins
from engine.limits import Limits
from engine.planning.child_calls import Workflows
from engine.policies import Effect, NodeType, RunStatus, WaitKind
from engine.testing.fakes import stand_in_effect
from engine.tools import Tool, ToolRegistry, default_registry
from engine.values.jsonvalue import brief, same

MAX_UNPINNED = 1_000
"""Nodes that are named as unpinned at most."""
MAX_CHANGES = 20
"""Changed places of the state that one difference names."""
_LONGEST_CALL_S = 0.001
"""Seconds of virtual time that a call may take: short beside any timeout or retry."""
_HARMLESS = frozenset({NodeType.SET, NodeType.NOOP, NodeType.END})


@dataclass(frozen=True, slots=True)
class Difference:
    """A schedule that ended in another way than the first one."""

    seed: int
    """Run it again with `schedules=1, seed=…`."""
    status: str
    changes: list[dict[str, Any]]
    """Each {path, first, here}; a side that has nothing there leaves its key out."""

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON."""
        return {"seed": self.seed, "status": self.status, "changes": self.changes}


@dataclass(frozen=True, slots=True)
class ShuffleReport:
    """What a shuffle test found."""

    asked: int
    schedules: int
    """How many schedules were run; fewer than `asked` when the time was up."""
    status: str
    """How the first schedule ended, the one that the others are compared with."""
    error: dict[str, Any] | None
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every schedule was run and ended in the same way."""
        return not self.differences and self.schedules == self.asked

    @property
    def summary(self) -> str:
        """The finding as a sentence."""
        if self.differences:
            found = f"{len(self.differences)} of {self.schedules} schedules end in another way"
            return f"{found}: the result depends on timing"
        if self.schedules < self.asked:
            return f"time was up after {self.schedules} of {self.asked} schedules, all the same"
        return f"{self.schedules} schedules, all {self.status} in the same way"

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "ok": self.ok,
            "summary": self.summary,
            "asked": self.asked,
            "schedules": self.schedules,
            "status": self.status,
            "error": self.error,
            "differences": [difference.as_dict() for difference in self.differences],
        }


def shuffle(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    registry: ToolRegistry | None = None,
    schedules: int = 50,
    pinned: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | Limits | None = None,
    seed: int = 0,
    max_seconds: float | None = None,
    workflows: WorkflowsGiven | None = None,
) -> ShuffleReport:
    """Run the graph under `schedules` schedules and compare how they end.

    Completed runs must agree in the final state and in how often each node was visited; others
    in their status and the code of their error. Every unpinned tool is called for real, in every
    schedule, also in the `workflows` that are started. `max_seconds` bounds the whole test, as far
    as tools let go of the event loop.
    """
    work = ashuffle(
        graph, state, registry=registry, schedules=schedules, pinned=pinned, limits=limits,
        seed=seed, max_seconds=max_seconds, workflows=workflows,
    )  # fmt: skip
    return asyncio.run(work)


async def ashuffle(
    graph: Graph,
    state: Mapping[str, Any] | None = None,
    *,
    registry: ToolRegistry | None = None,
    schedules: int = 50,
    pinned: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | Limits | None = None,
    seed: int = 0,
    max_seconds: float | None = None,
    workflows: WorkflowsGiven | None = None,
) -> ShuffleReport:
    """`shuffle` for async code."""
    if schedules < 1:
        raise ValueError(f"schedules is at least 1, not {schedules}")
    tools = registry if registry is not None else default_registry
    ends = None if max_seconds is None else time.monotonic() + max_seconds
    first: RunResult | None = None
    differences: list[Difference] = []
    done = 0
    for number in range(seed, seed + schedules):
        left = None if ends is None else ends - time.monotonic()
        if left is not None and left <= 0:
            break
        try:
            async with asyncio.timeout(left):
                result = await _run_once(graph, state, tools, number, pinned, limits, workflows)
        except TimeoutError:
            break
        done += 1
        if first is None:
            first = result
        elif changes := _changes(first, result):
            differences.append(Difference(number, str(result.status), changes))
    status = "unfinished" if first is None else str(first.status)
    error = None if first is None or first.error is None else first.error.as_dict()
    return ShuffleReport(schedules, done, status, error, differences)


def unpinned(
    graph: Graph,
    registry: ToolRegistry,
    pinned: Mapping[str, Any] | None = None,
    workflows: Workflows | None = None,
) -> list[str]:
    """The nodes that could act on the world or wait for it: a test without a world pins them.

    A node that runs one of `workflows` is looked into: `papers/fetch` is the node `fetch` of what
    the node `papers` runs. A workflow that is not among them, or that runs itself, is pinned as a
    whole.
    """
    looking = _Looking(registry, workflows)
    return list(islice(looking.into(graph, pinned or {}, (graph.key,)), MAX_UNPINNED))


class _Looking:
    """One look for what has to be pinned, through all the workflows that a graph runs."""

    def __init__(self, registry: ToolRegistry, workflows: Workflows | None) -> None:
        self._registry = registry
        self._workflows = workflows
        self._harmless: set[str] = set()
        """Hashes of graphs in which nothing has to be pinned: they may be run in many places."""

    def into(
        self, graph: Graph, pinned: Mapping[str, Any], above: tuple[str, ...]
    ) -> Iterator[str]:
        """The unpinned nodes of a graph; `above` are the keys of those that run it, and its own."""
        if graph.hash in self._harmless:
            return
        own, below = split_pins(graph, pinned)
        found = False
        for node in graph.nodes.values():
            if node.id in own:
                continue
            for name in self._of_node(node, below.get(node.id, {}), above):
                found = True
                yield name
        if not found and not pinned:
            self._harmless.add(graph.hash)

    def _of_node(
        self, node: Node, pinned: Mapping[str, Any], above: tuple[str, ...]
    ) -> Iterator[str]:
        child = self._child((node if node.map is None else node.map.body).runs, above)
        if child is not None:
            inside = self.into(child, pinned, (*above, child.key))
            yield from (f"{node.id}/{name}" for name in inside)
        elif _acts(node, self._registry):
            yield node.id

    def _child(self, callee: Callee | None, above: tuple[str, ...]) -> Graph | None:
        """The graph that is run, if it is known and none of those that run it."""
        if callee is None or self._workflows is None or callee.workflow in above:
            return None
        try:
            return self._workflows.find(callee.workflow, callee.version)
        except WorkflowNotFound:
            return None


def _acts(node: Node, registry: ToolRegistry) -> bool:
    called = node if node.map is None else node.map.body
    if called.tool is None:
        kinds = {awaited.kind for awaited in node.awaited}
        return node.type not in _HARMLESS and kinds != {WaitKind.TIMER}
    try:
        return effect_of(called, registry.get(called.tool)) is not Effect.PURE
    except ToolNotFound:
        return True


class _PatientClock(VirtualClock):
    """A virtual clock that does not jump while a tool works: real work takes no virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.working = 0
        """Calls that are inside their tool."""

    def _ring(self) -> None:
        if self.working:
            self._quiet_turns = 0
        else:
            super()._ring()


async def _run_once(
    graph: Graph,
    state: Mapping[str, Any] | None,
    tools: ToolRegistry,
    seed: int,
    pinned: Mapping[str, Any] | None,
    limits: Mapping[str, Any] | Limits | None,
    workflows: WorkflowsGiven | None,
) -> RunResult:
    clock = _PatientClock()
    return await arun(
        graph,
        state,
        registry=_delayed(tools, clock, seed),
        clock=clock,
        schedule_seed=seed,
        pinned=pinned,
        limits=limits,
        run_id="shuffle",
        workflows=workflows,
    )


def _delayed(tools: ToolRegistry, clock: _PatientClock, seed: int) -> ToolRegistry:
    """The same tools, each call of a length that the seed says."""
    dice = random.Random(seed)
    delayed = ToolRegistry()
    for tool in tools:
        call = _delayed_call(tool, clock, dice)
        delayed.register(tool.name, call, stand_in_effect(tool)).stands_in = True
    return delayed


def _delayed_call(tool: Tool, clock: _PatientClock, dice: random.Random) -> Callable[..., Any]:
    function = tool.function

    @functools.wraps(function)
    async def call(*args: Any, **inputs: Any) -> Any:
        await clock.sleep(dice.random() * _LONGEST_CALL_S)
        clock.working += 1
        try:
            result = function(*args, **inputs)
            return await result if inspect.isawaitable(result) else result
        finally:
            clock.working -= 1

    return call


def _changes(first: RunResult, here: RunResult) -> list[dict[str, Any]]:
    """Where the second result differs from the first, at most MAX_CHANGES places."""
    found = _compared(first, here)
    return [change for change, _ in zip(found, range(MAX_CHANGES), strict=False)]


def _compared(first: RunResult, here: RunResult) -> Iterator[dict[str, Any]]:
    yield from _diff("status", str(first.status), str(here.status))
    yield from _diff("error", _code(first), _code(here))
    if first.status is here.status is RunStatus.COMPLETED:
        yield from _diff("state", first.state, here.state)
        yield from _diff("visits", first.activations, here.activations)


def _code(result: RunResult) -> str | None:
    return None if result.error is None else str(result.error.code)


def _diff(path: str, first: Any, here: Any) -> Iterator[dict[str, Any]]:
    if same(first, here):
        return
    if isinstance(first, dict) and isinstance(here, dict):
        for key in sorted({*first, *here}):
            yield from _diff_of_one(f"{path}.{key}", key, first, here)
    elif isinstance(first, list) and isinstance(here, list):
        one, other = dict(enumerate(first)), dict(enumerate(here))
        for at in range(max(len(first), len(here))):
            yield from _diff_of_one(f"{path}[{at}]", at, one, other)
    else:
        yield {"path": path, "first": brief(first), "here": brief(here)}


def _diff_of_one(path: str, key: Any, first: Any, here: Any) -> Iterator[dict[str, Any]]:
    if key in first and key in here:
        yield from _diff(path, first[key], here[key])
    elif key in first:
        yield {"path": path, "first": brief(first[key])}
    else:
        yield {"path": path, "here": brief(here[key])}
