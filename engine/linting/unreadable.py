"""A document that cannot be read because of some nodes and conditions: what is left without them.

So that a half-typed condition does not hide what is wrong elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.errors import Problem
from engine.graph.document import try_read
from engine.graph.model import Graph


class Rest(NamedTuple):
    """A graph of the same shape, and the nodes that could not be read: they do nothing in it."""

    graph: Graph
    broken: frozenset[str]


def rest_of(document: Any, problems: Sequence[Problem]) -> Rest | None:
    """The document without what these problems are about; None if they touch its shape."""
    nodes = document.get("nodes") if isinstance(document, dict) else None
    edges = document.get("edges") if isinstance(document, dict) else None
    if not isinstance(nodes, dict) or not isinstance(edges, list):
        return None
    broken, conditions = set(), set()
    for problem in problems:
        match problem.pointer.split("/")[1:]:
            case ["nodes", _, *_] if problem.node in nodes:
                broken.add(problem.node)
            case ["edges", at, "when", *_]:
                conditions.add(int(at))
            case _:
                return None
    sound: Mapping[str, Any] = {
        **document,
        "nodes": {name: {"type": "noop"} if name in broken else nodes[name] for name in nodes},
        "edges": [
            {**edge, "when": "true"} if at in conditions else edge for at, edge in enumerate(edges)
        ],
    }
    graph, _ = try_read(sound)
    return None if graph is None else Rest(graph, frozenset(str(name) for name in broken))
