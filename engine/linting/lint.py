"""What is wrong, or looks wrong, with a graph that can be read."""

from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import Problem
from engine.graph.document import try_read
from engine.graph.model import Graph
from engine.graph.part import Part, inside
from engine.linting import keys, loops, outcomes, races, reads, shape, tool_use
from engine.linting.looking import Look
from engine.linting.subgraphs import subgraph_problems
from engine.linting.unreadable import rest_of
from engine.planning.child_calls import Workflows
from engine.policies import Severity
from engine.tools import ToolRegistry

_CHECKS: tuple[Callable[[Look], Iterator[Problem]], ...] = (
    tool_use.unknown_tools,
    tool_use.inputs,
    tool_use.timeouts,
    tool_use.transactions,
    tool_use.repeated_once,
    shape.unreachable,
    shape.endless_cycles,
    shape.irreducible,
    shape.starving_joins,
    shape.odd_races,
    outcomes.conditions_without_else,
    outcomes.alternatives_without_way,
    races.racing_writes,
    reads.unwritten_reads,
    loops.open_regions,
    loops.ring_joins,
    keys.unread_keys,
)
_LOCAL = (tool_use.unknown_tools, tool_use.transactions, shape.unreachable)
"""Those that no other node has a say in but by its edges."""


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
        return problems if part else [*problems, *_errors_elsewhere(document, problems, registry)]
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
    look = Look(graph, registry, part)
    found = [problem for check in _CHECKS for problem in check(look)]
    if workflows is not None:
        found += subgraph_problems(graph, workflows)
    if part:
        found = _concerning(found, graph, inside(graph, part))
    return sorted(found, key=lambda problem: problem.severity is Severity.WARNING)


def _errors_elsewhere(
    document: Any, problems: list[Problem], registry: ToolRegistry | None
) -> Iterator[Problem]:
    """The errors of a document that what cannot be read in it has no part in."""
    rest = rest_of(document, problems)
    if rest is None:
        return
    look = Look(rest.graph, registry)
    for check in _LOCAL if rest.broken else _CHECKS:
        for problem in check(look):
            if problem.severity is Severity.ERROR and problem.node not in rest.broken:
                yield problem


def _concerning(found: list[Problem], graph: Graph, kept: frozenset[str]) -> list[Problem]:
    """The problems of these nodes, of the edges between them, and of the document itself."""
    edges = {edge.id: {edge.source, edge.target} for edge in graph.edges}
    return [
        problem
        for problem in found
        if (problem.node is None or problem.node in kept)
        and (problem.edge is None or edges.get(problem.edge, set()) <= kept)
    ]
