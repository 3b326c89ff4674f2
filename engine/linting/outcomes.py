"""Outcomes of a node that no edge may lead on from."""

from collections.abc import Iterator

from engine.errors import Problem
from engine.graph.model import Edge
from engine.graph.plan import Place, PlannedEdge
from engine.graph.reading import pointer
from engine.linting.looking import Look, named, on_node
from engine.policies import EdgeOn, OnNoRoute, Severity
from engine.said import quoted, say


def conditions_without_else(look: Look) -> Iterator[Problem]:
    """Nodes all of whose conditions may be false."""
    for place in look.reached:
        if place.node.on_no_route is OnNoRoute.END or not any(map(_may_fail, _outcomes(place))):
            continue
        message = say(
            "if no condition on the edges of {node} holds, the run fails", node=named(place.node)
        )
        hint = say("draw an else edge, or set on_no_route to 'end'")
        where = pointer("nodes", place.id)
        yield on_node(place.node, "no_else", where, message, hint, Severity.WARNING)


def alternatives_without_way(look: Look) -> Iterator[Problem]:
    """Alternatives of a wait that no edge leads on from."""
    for place in look.reached:
        if place.node.on_no_route is OnNoRoute.END or not any(place.ways_out.values()):
            continue
        for awaited in place.node.awaited:
            if awaited.name and not place.ways_by(awaited.name):
                message = say(
                    "if {name} comes first at {node}, the run fails",
                    name=quoted(awaited.name),
                    node=named(place.node),
                )
                hint = say(
                    "draw an edge with on: {name}, or a plain one for all of them",
                    name=awaited.name,
                )
                where = pointer("nodes", place.id, "any", awaited.name)
                yield on_node(place.node, "no_way", where, message, hint, Severity.WARNING)


def _outcomes(place: Place) -> list[tuple[PlannedEdge, ...]]:
    """The ways on for each outcome that is a success."""
    names = [awaited.name for awaited in place.node.awaited if awaited.name]
    return [place.ways_by(name) for name in names] or [place.ways_out[EdgeOn.OK]]


def _may_fail(ways: tuple[PlannedEdge, ...]) -> bool:
    """Whether no condition on the edges of an outcome may hold."""
    edges = [way.edge for way in ways if way.edge is not None]
    return bool(edges) and all(edge.when is not None for edge in edges) and not complete(edges)


def complete(edges: list[Edge]) -> bool:
    """Whether two of the conditions are each other's opposite, as written."""
    sources = {edge.when.source.replace(" ", "") for edge in edges if edge.when is not None}
    return any(f"!{source}" in sources or f"!({source})" in sources for source in sources)
