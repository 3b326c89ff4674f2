"""What is wrong, or looks wrong, with a graph that can be read."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.calls import unknown_inputs, why_not_transactional
from engine.child_calls import Workflows
from engine.errors import Problem
from engine.expressions import Expression
from engine.graph.document import try_read
from engine.graph.model import Edge, Graph, MapSpec, Node
from engine.graph.part import Part, inside
from engine.graph.plan import Place, Plan, PlannedEdge, plan_of
from engine.graph.reading import pointer
from engine.graph.shapes import ancestors, can_fork, cycles, leads_out, targets
from engine.lint_joins import skipped_way
from engine.lint_keys import unread_keys
from engine.lint_loops import open_regions, ring_joins
from engine.lint_subgraphs import subgraph_problems
from engine.policies import (
    EdgeOn,
    Effect,
    Isolation,
    JoinPolicy,
    NodeType,
    OnNoRoute,
    Route,
    Severity,
    WaitKind,
)
from engine.tools import Tool, ToolRegistry, alike

MAX_PAIRS = 200
"""Pairs of writers of one key that are looked at."""


def validate(
    document: Any,
    registry: ToolRegistry | None = None,
    part: Part | None = None,
    workflows: Workflows | None = None,
) -> list[Problem]:
    """Every problem of a document, errors first; empty if it is fine.

    Without a registry the tools are not looked at, without `workflows` the subgraphs are not. With
    a part, only what a run of that part can come to is linted; then it raises PartRefused, else it
    never raises.
    """
    graph, problems = try_read(document)
    if graph is None:
        return problems
    return lint(graph, registry, part, workflows)


def lint(
    graph: Graph,
    registry: ToolRegistry | None = None,
    part: Part | None = None,
    workflows: Workflows | None = None,
) -> list[Problem]:
    """The problems of a graph, errors first, each kind in document order.

    With a part, those of what a run of that part can come to. Raises PartRefused.
    """
    checker = _Lint(graph, registry, part)
    found = list(checker.problems())
    if workflows is not None:
        found += subgraph_problems(graph, workflows)
    if part:
        found = _concerning(found, graph, inside(graph, part))
    return sorted(found, key=lambda problem: problem.severity is Severity.WARNING)


def _concerning(found: list[Problem], graph: Graph, kept: frozenset[str]) -> list[Problem]:
    """The problems of these nodes, of the edges between them, and of the document itself."""
    edges = {edge.id: {edge.source, edge.target} for edge in graph.edges}
    return [
        problem
        for problem in found
        if (problem.node is None or problem.node in kept)
        and (problem.edge is None or edges.get(problem.edge, set()) <= kept)
    ]


class _Lint:
    """One look at one graph."""

    def __init__(
        self, graph: Graph, registry: ToolRegistry | None, part: Part | None = None
    ) -> None:
        self.graph = graph
        self.plan: Plan = plan_of(graph, part)
        self.tools = _tools(graph, registry)
        self.registry = registry
        self.position = {edge.id: at for at, edge in enumerate(graph.edges)}
        self.reached = [place for place in self.plan.places if place.order >= 0]

    def problems(self) -> Iterator[Problem]:
        """Every finding."""
        yield from self._unknown_tools()
        yield from self._inputs()
        yield from self._timeouts()
        yield from self._transactions()
        yield from self._repeated_once()
        yield from self._unreachable()
        yield from self._endlesscycles()
        yield from self._irreducible()
        yield from self._starving_joins()
        yield from self._odd_races()
        yield from self._conditions_without_else()
        yield from self._alternatives_without_way()
        yield from self._racing_writes()
        yield from self._unwritten_reads()
        yield from open_regions(self.plan)
        if can_fork(self.reached, self.graph):
            yield from ring_joins(self.plan)
        yield from unread_keys(self.graph, self.tools)

    # Tools --------------------------------------------------------------------------------------

    def _unknown_tools(self) -> Iterator[Problem]:
        if self.registry is None:
            return
        for node, at in self._calling():
            if node.id not in self.tools:
                name = node.tool or ""
                hint = alike(name, self.registry.names()).lstrip("; ")
                where = pointer("nodes", *at, "tool")
                yield _at(node, "unknown_tool", where, f"there is no tool {name!r:.80}", hint)

    def _inputs(self) -> Iterator[Problem]:
        declared = _declared(self.graph)
        there = None if declared is None else declared | self._written_keys()
        fed = self._fed_by_unknown_writes()
        for node, at in self._calling():
            tool = self.tools.get(node.id)
            if tool is None:
                continue
            for name in unknown_inputs(node, tool):
                where = pointer("nodes", *at, "inputs", name)
                known = ", ".join(param.name for param in tool.params) or "none"
                message = f"the tool {tool.name!r} has no parameter {name!r:.80}"
                yield _at(node, "unknown_input", where, message, f"it has: {known}")
            if node.id not in fed:
                yield from self._unbound(node, tool, there, at)

    def _unbound(
        self, node: Node, tool: Tool, there: frozenset[str] | None, at: tuple[str, ...]
    ) -> Iterator[Problem]:
        """Parameters that nothing gives, where it is known what can be `there`."""
        if there is None:
            return
        spec = self.graph.nodes[node.id].map
        if spec is not None:
            there = there | {spec.name, "index"}
        for param in tool.params:
            if param.required and param.name not in node.inputs and param.name not in there:
                message = f"nothing gives the tool {tool.name!r} its parameter {param.name!r}"
                hint = f"give the node an input {param.name!r}, or the state a key of that name"
                yield _at(node, "unbound_input", pointer("nodes", *at), message, hint)

    def _timeouts(self) -> Iterator[Problem]:
        """Timeouts that do less than they seem to."""
        for node, at in self._calling():
            whole, idle = node.timeout_s, node.idle_timeout_s
            if whole is not None and idle is not None and idle >= whole:
                message = f"its timeout of {whole:g} s always comes before its idle_timeout"
                hint = "make idle_timeout the shorter one, or leave it out"
                where = pointer("nodes", *at, "idle_timeout")
                yield _at(node, "idle_timeout_unused", where, message, hint, Severity.WARNING)
            tool = self.tools.get(node.id)
            is_timed = whole is not None or idle is not None
            if tool is not None and is_timed and not tool.is_async and _in_thread(node):
                key = "timeout" if whole is not None else "idle_timeout"
                message = (
                    f"a soft timeout: {tool.name!r} runs in a thread, which nobody can end from "
                    f"outside; its attempt is over in time, the thread goes on"
                )
                hint = 'let the tool look at ctx.cancelled, or set "isolation": "process"'
                where = pointer("nodes", *at, key)
                yield _at(node, "soft_timeout", where, message, hint, Severity.WARNING)

    def _transactions(self) -> Iterator[Problem]:
        """Transactional tools where no transaction can be shared."""
        for node, at in self._calling():
            tool = self.tools.get(node.id)
            why = "" if tool is None else why_not_transactional(node, tool)
            if why:
                hint = "use a sync tool in the worker, or the effect idempotent or once"
                yield _at(node, "not_transactional", pointer("nodes", *at), why, hint)

    def _repeated_once(self) -> Iterator[Problem]:
        """Tools that must act once only, with a retry policy."""
        for node, at in self._calling():
            tool = self.tools.get(node.id)
            effect = node.effect or (tool.effect if tool is not None else None)
            if effect is Effect.ONCE and node.retry is not None and node.retry.max_attempts > 1:
                message = "its tool must act once only, but is called again when it fails"
                hint = "leave out 'retry', or make its tool idempotent with ctx.idempotency_key"
                where = pointer("nodes", *at, "retry")
                yield _at(node, "once_with_retries", where, message, hint, Severity.WARNING)

    def _fed_by_unknown_writes(self) -> set[str]:
        """The nodes that lie behind a tool which merges its whole result into the state."""
        found: set[str] = set()
        work = [self.plan.by_id[n.id] for n in self._tool_nodes() if n.outputs is None]
        while work:
            for target in targets(work.pop()):
                if target.id not in found:
                    found.add(target.id)
                    work.append(target)
        return found

    def _calling(self) -> Iterator[tuple[Node, tuple[str, ...]]]:
        """The nodes that call a tool, bodies of map nodes among them, and where each is written."""
        for node in self.graph.nodes.values():
            if node.type is NodeType.TOOL:
                yield node, (node.id,)
            elif node.map is not None and node.map.body.tool is not None:
                yield node.map.body, (node.id, "body")

    def _tool_nodes(self) -> Iterator[Node]:
        return (n for n in self.graph.nodes.values() if n.type is NodeType.TOOL)

    # Shape --------------------------------------------------------------------------------------

    def _unreachable(self) -> Iterator[Problem]:
        for place in self.plan.places:
            if place.order < 0:
                message = f"no way leads to {place.id!r:.80}"
                hint = "draw an edge to it, make it an entry, or remove it"
                where = pointer("nodes", place.id)
                yield _at(place.node, "unreachable_node", where, message, hint)

    def _endlesscycles(self) -> Iterator[Problem]:
        for cycle in cycles(self.reached):
            inside = {place.index for place in cycle}
            if any(leads_out(place, inside) for place in cycle):
                continue
            names = ", ".join(repr(place.id) for place in cycle[:5])
            more = f" and {len(cycle) - 5} more" if len(cycle) > 5 else ""
            message = f"the cycle of {names}{more} has no way out"
            hint = "draw an edge that leaves it, with a condition on the edge that goes round"
            yield _at(cycle[0].node, "endless_cycle", pointer("nodes", cycle[0].id), message, hint)

    def _irreducible(self) -> Iterator[Problem]:
        if not self.plan.loops.sideways or not can_fork(self.reached, self.graph):
            return
        for edge in self.graph.edges:
            arc = (self.plan.by_id[edge.source].index, self.plan.by_id[edge.target].index)
            if arc in self.plan.loops.sideways:
                message = f"the cycle closed by edge {edge.id!r} can be entered in several places"
                hint = "let every way into the cycle lead to the same node"
                yield self._edge(edge, "irreducible_cycle", message, hint)

    def _starving_joins(self) -> Iterator[Problem]:
        for group in self.plan.groups:
            if group.policy is not JoinPolicy.ALL or group.place.order < 0:
                continue
            culprit = skipped_way(self.plan, group)
            if culprit is not None:
                node = group.place.node
                message = (
                    f"{node.id!r} waits for every way in, but edge {culprit.id!r} before it may be "
                    f"passed by, or taken more often than the others"
                )
                hint = "use the join policy all_active, or take every branch"
                yield _at(node, "starving_join", pointer("nodes", node.id, "join"), message, hint)

    def _odd_races(self) -> Iterator[Problem]:
        """Races that cannot be lost, or cannot be won."""
        for place in self.reached:
            join, ways = place.node.join, len(place.ways_in)
            if join.policy is JoinPolicy.N_OF_M and join.n > ways:
                message = f"{place.id!r} waits for {join.n} tokens, but has {ways} ways in"
                hint = "lower n, or draw the missing ways"
                where = pointer("nodes", place.id, "join", "n")
                yield _at(place.node, "n_too_big", where, message, hint)
        for group in self.plan.groups:
            if group.races and not group.region and group.place.order >= 0:
                node = group.place.node
                message = f"nothing runs between the fork and the race {node.id!r}"
                hint = "draw the branches that compete, or use the policy all_active"
                yield _at(node, "empty_race", pointer("nodes", node.id, "join"), message, hint)

    # Conditions and data ------------------------------------------------------------------------

    def _conditions_without_else(self) -> Iterator[Problem]:
        for place in self.reached:
            names = [awaited.name for awaited in place.node.awaited if awaited.name]
            outcomes = [place.ways_by(name) for name in names] or [place.ways_out[EdgeOn.OK]]
            if place.node.on_no_route is OnNoRoute.END or not any(map(_may_fail, outcomes)):
                continue
            message = f"if no condition on the edges of {place.id!r} holds, the run fails"
            hint = "draw an else edge, or set on_no_route to 'end'"
            where = pointer("nodes", place.id)
            yield _at(place.node, "no_else", where, message, hint, Severity.WARNING)

    def _alternatives_without_way(self) -> Iterator[Problem]:
        for place in self.reached:
            if place.node.on_no_route is OnNoRoute.END or not any(place.ways_out.values()):
                continue
            for awaited in place.node.awaited:
                if awaited.name and not place.ways_by(awaited.name):
                    message = f"if {awaited.name!r} comes first at {place.id!r}, the run fails"
                    hint = f"draw an edge with on: {awaited.name}, or a plain one for all of them"
                    where = pointer("nodes", place.id, "any", awaited.name)
                    yield _at(place.node, "no_way", where, message, hint, Severity.WARNING)

    def _racing_writes(self) -> Iterator[Problem]:
        state = self.graph.state
        for key, writers in self._writers().items():
            if key in state.reducers or key in state.on_conflict or len(writers) < 2:
                continue
            pair = self._parallel_pair(writers)
            if pair is not None:
                one, other = pair
                message = (
                    f"{one.id!r} and {other.id!r} run beside each other and both write {key!r}"
                )
                hint = f"give {key!r} a reducer, set on_conflict for it, or write it in one branch"
                where = pointer("nodes", one.id)
                yield _at(one.node, "racing_writes", where, message, hint, Severity.WARNING)

    def _parallel_pair(self, writers: list[Place]) -> tuple[Place, Place] | None:
        looked_at = 0
        for at, one in enumerate(writers):
            for other in writers[at + 1 :]:
                looked_at += 1
                if looked_at > MAX_PAIRS:
                    return None
                if self._parallel(one, other):
                    return one, other
        return None

    def _parallel(self, one: Place, other: Place) -> bool:
        """Whether two nodes can be on different branches of one fork at the same time."""
        fork = self._common_dominator(one, other)
        if fork is None or fork is one or fork is other:
            return False
        to_one, to_other = self._branches(fork, one), self._branches(fork, other)
        return any(_together(a, b, fork) for a in to_one for b in to_other if a is not b) and not (
            to_one == to_other and len(to_one) == 1
        )

    def _branches(self, fork: Place, target: Place) -> list[Edge]:
        """The edges of `fork` that lead to `target` without a back edge or the fork again."""
        before = ancestors(target, fork)
        return [
            way.edge
            for way in fork.ways_out[EdgeOn.OK]
            if way.edge is not None and way.target.index in before
        ]

    def _common_dominator(self, one: Place, other: Place) -> Place | None:
        above = self.plan.loops.dominator
        chain = {one.index}
        at = one.index
        while at in above:
            at = above[at]
            chain.add(at)
        at = other.index
        while at not in chain:
            if at not in above:
                return None
            at = above[at]
        return self.plan.places[at]

    def _unwritten_reads(self) -> Iterator[Problem]:
        declared = _declared(self.graph)
        if declared is None or not self._writes_are_known():
            return
        there = declared | self._written_keys()
        for edge in self.graph.edges:
            for key in sorted(edge.when.state_keys - there) if edge.when is not None else ():
                message = f"the condition of edge {edge.id!r} reads {key!r}, which nobody writes"
                hint = f"declare {key!r} in the state's schema, if the run's start gives it"
                yield self._edge(edge, "unwritten_key", message, hint, Severity.WARNING)
        for place in self.reached:
            for key in sorted(_read_by(place.node) - there):
                message = f"{place.id!r} reads {key!r}, which nobody writes"
                hint = f"declare {key!r} in the state's schema, if the run's start gives it"
                where = pointer("nodes", place.id)
                yield _at(place.node, "unwritten_key", where, message, hint, Severity.WARNING)

    def _writes_are_known(self) -> bool:
        """Whether every tool's writes can be told from the document."""
        return all(
            node.outputs is not None
            and not (node.id in self.tools and self.tools[node.id].takes_state)
            for node in self._tool_nodes()
        ) and all(
            node.outputs is not None or awaited.kind is WaitKind.TIMER
            for node in self.graph.nodes.values()
            for awaited in node.awaited
        )

    def _written_keys(self) -> frozenset[str]:
        keys = set(self._writers())
        whole = (NodeType.TOOL, NodeType.MAP)
        keys.update(n.id for n in self.graph.nodes.values() if n.type in whole and not n.outputs)
        return frozenset(keys)

    def _writers(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for place in self.reached:
            for key in (*(place.node.outputs or ()), *place.node.set):
                found.setdefault(key, []).append(place)
        return found

    def _edge(
        self, edge: Edge, code: str, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> Problem:
        where = pointer("edges", self.position[edge.id])
        return Problem(code, where, message, hint, severity, None, edge.id)


def _at(
    node: Node, code: str, where: str, message: str, hint: str, severity: Severity = Severity.ERROR
) -> Problem:
    return Problem(code, where, message, hint, severity, node.id, None)


def _in_thread(node: Node) -> bool:
    return node.isolation is Isolation.THREAD


def _tools(graph: Graph, registry: ToolRegistry | None) -> Mapping[str, Tool]:
    """The tool of each node that names one the registry knows."""
    if registry is None:
        return {}
    callers = (node.map.body if node.map else node for node in graph.nodes.values())
    named = ((node.id, node.tool) for node in callers if node.tool is not None)
    return {name: registry.get(tool) for name, tool in named if tool in registry}


def _declared(graph: Graph) -> frozenset[str] | None:
    """The keys that the run starts with, if the document says so."""
    properties = (graph.state.schema or {}).get("properties")
    if not isinstance(properties, dict):
        return None
    return frozenset(properties) | graph.state.defaults.keys()


def _read_by(node: Node) -> frozenset[str]:
    # What a subgraph hands out is read from the state of another run.
    results = {} if node.type is NodeType.SUBGRAPH else node.outputs or {}
    expressions = (*node.inputs.values(), *results.values(), *node.set.values(), *_sent_by(node))
    own = _OWN_NAMES if node.awaited else frozenset()
    keys = frozenset(key for expression in expressions for key in expression.state_keys - own)
    return keys if node.map is None else (keys - _COUNTS) | _read_by_map(node.map)


def _sent_by(node: Node) -> Iterator[Expression]:
    if node.emits is not None:
        yield from (node.emits.payload or {}).values()
        if node.emits.key is not None:
            yield node.emits.key


_COUNTS = frozenset({"done", "failed", "total"})
"""What `complete_when` and `collect` of a map node see besides the results."""


def _read_by_map(spec: MapSpec) -> frozenset[str]:
    when = spec.complete_when.state_keys - _COUNTS if spec.complete_when else frozenset()
    return spec.over.state_keys | when | (_read_by(spec.body) - {spec.name})


_OWN_NAMES = frozenset({"answer", "payload", "alternative"})
"""What the outputs of a node that waits read besides the state."""


def _may_fail(ways: tuple[PlannedEdge, ...]) -> bool:
    """Whether no condition on the edges of an outcome may hold."""
    edges = [way.edge for way in ways if way.edge is not None]
    return bool(edges) and all(edge.when is not None for edge in edges) and not _complete(edges)


def _complete(edges: list[Edge]) -> bool:
    """Whether two of the conditions are each other's opposite, as written."""
    sources = {edge.when.source.replace(" ", "") for edge in edges if edge.when is not None}
    return any(f"!{source}" in sources or f"!({source})" in sources for source in sources)


def _together(one: Edge, other: Edge, fork: Place) -> bool:
    """Whether a fork can take both edges at once."""
    if fork.node.route is Route.FIRST:
        return False
    if one.is_else or other.is_else:
        return one.when is None and other.when is None
    return one.when is None or other.when is None or not _complete([one, other])
