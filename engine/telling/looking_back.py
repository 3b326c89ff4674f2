"""What a node saw when a run came to it: the beginning of a run that starts there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.events import Event
from engine.graph.model import Graph
from engine.keeping.replay import begun
from engine.planning.evolve import evolve
from engine.planning.marking import Activation, Kin
from engine.values.jsonvalue import Json


@dataclass(frozen=True, slots=True)
class Before:
    """What a visit of a node began with."""

    state: dict[str, Json]
    error: dict[str, Any] | None
    """What expressions saw as `error`, if the run came by an error edge."""
    visit: int
    """Which visit it was, from 1."""


def before(
    graph: Graph, events: Sequence[Event], node: str, kin: Kin | None = None
) -> Before | None:
    """What the last visit of `node` began with; None if the run never came to it."""
    if not events:
        return None
    marking = begun(graph, events[0], kin)
    seen: set[int] = set()
    found: Before | None = None
    for event in events:
        if event.node == node and event.act is not None and event.act not in seen:
            seen.add(event.act)
            found = _of(marking.activations.get(event.act)) or found
        evolve(marking, event)
    for activation in marking.activations.values():
        if activation.place.id == node and activation.id not in seen:
            found = _of(activation) or found
    return found


def _of(activation: Activation | None) -> Before | None:
    if activation is None or activation.of is not None:
        return None
    token = activation.token
    return Before(dict(token.version.data), token.error, activation.visit)
