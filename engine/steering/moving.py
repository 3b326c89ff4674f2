"""A run that goes on by another version: whether it can, and the event that says so."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.graph.schema import check_state
from engine.keeping.replay import fold
from engine.planning.evolve import evolve
from engine.planning.marking import Kin, Marking
from engine.planning.planner import view


class MapRefused(ValueError):
    """The map of old ids to new ones names something that is not there."""


def move(
    graph: Graph,
    events: Sequence[Event],
    target: Graph,
    *,
    names: Mapping[str, str] | None = None,
    kin: Kin | None = None,
    now: float = 0.0,
    **told: Any,
) -> Event:
    """The event by which the run of this journal goes on by `target`.

    `graph` and `kin` are as in `fold`; `told` is written into the event as well. Raises
    MapRefused, NoHome with everything that has no place in the other version, and ValueRefused
    when the state does not fit its schema.
    """
    marking = fold(graph, events, kin).marking
    check_names(marking.plan.graph, target, names or {})
    event = moved(target, names or {}, now, **told)
    carry(marking, event, target)
    return event


def moved(target: Graph, names: Mapping[str, str], now: float, **told: Any) -> Event:
    return Event(EventKind.RUN_MOVED, {"graph": target.hash, "map": dict(names), **told}, time=now)


def carry(marking: Marking, event: Event, target: Graph) -> None:
    """Try the event out on a marking. Raises NoHome and ValueRefused."""
    marking.kin = lambda _: target
    evolve(marking, event)
    if target.state.schema is not None:
        check_state(target.state.schema, view(marking))


def check_names(graph: Graph, target: Graph, names: Mapping[str, str]) -> None:
    """Refuse a map with ids that neither graph has. Raises MapRefused."""
    old_edges = {edge.id for edge in graph.edges}
    new_edges = {edge.id for edge in target.edges}
    for old, new in names.items():
        pairs = ((graph.nodes, target.nodes), (old_edges, new_edges))
        if not any(old in before for before, _ in pairs):
            raise MapRefused(f"map: the run's version has no node or edge {old!r:.80}")
        if not any(old in before and new in after for before, after in pairs):
            raise MapRefused(f"map: the other version has no {new!r:.80} that could be {old!r:.80}")
