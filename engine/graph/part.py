"""The part of a graph that a partial run goes through: from a node, to a node."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.graph.model import Graph

Arcs = Iterable[tuple[str, str]]
"""(from, to) of edges."""


class PartRefused(ValueError):
    """No run can go this way. `key` is the end that is wrong: `start` or `until`."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.said = message


@dataclass(frozen=True, slots=True)
class Part:
    """Where a run begins and ends, if it does not go through the whole graph."""

    start: str | None = None
    """The node that the run begins at, in place of the graph's entries."""
    until: str | None = None
    """The node that ends every branch which comes to it."""

    def __bool__(self) -> bool:
        return self.start is not None or self.until is not None


def inside(graph: Graph, part: Part) -> frozenset[str]:
    """The nodes that a run of this part can come to and has a reason to. Raises PartRefused."""
    arcs = ((edge.source, edge.target) for edge in graph.edges)
    return between(graph.nodes, arcs, graph.entry, part)


def between(nodes: Iterable[str], arcs: Arcs, entry: Sequence[str], part: Part) -> frozenset[str]:
    """The nodes reached from the start (else the entries) without passing `until`, of which
    `until` can be reached in turn. Raises PartRefused."""
    known = frozenset(nodes)
    for key, name in (("start", part.start), ("until", part.until)):
        if name is not None and name not in known:
            raise PartRefused(key, f"the graph has no node {name!r:.80}")
    begin = entry if part.start is None else [part.start]
    kept = [(source, target) for source, target in arcs if source != part.until]
    reached = _reached(begin, kept)
    if part.until is None:
        return frozenset(reached)
    if part.until not in reached:
        origin = "the graph's entry" if part.start is None else repr(part.start)
        raise PartRefused(
            "until", f"no way leads from {origin} to {part.until!r}; choose a node behind it"
        )
    return frozenset(reached & _reached([part.until], [(to, source) for source, to in kept]))


def _reached(begin: Iterable[str], arcs: Arcs) -> set[str]:
    after: dict[str, list[str]] = {}
    for source, target in arcs:
        after.setdefault(source, []).append(target)
    seen = set(begin)
    work = list(seen)
    while work:
        for target in after.get(work.pop(), ()):
            if target not in seen:
                seen.add(target)
                work.append(target)
    return seen


def stubbed(document: Mapping[str, Any], part: Part) -> dict[str, Any]:
    """The document with everything outside the part made harmless: for drafts that are unfinished
    elsewhere. Raises PartRefused.

    Nodes outside do nothing, and edges that the part does not look at are gone. Ids and layout
    stay, so that what such a run did can be shown on the whole graph.
    """
    nodes, edges = document.get("nodes"), document.get("edges")
    if not isinstance(nodes, dict) or not isinstance(edges, list):
        return dict(document)
    sound = [edge for edge in edges if _is_arc(edge, nodes)]
    entry = [name for name in document.get("entry") or () if isinstance(name, str)]
    kept = between(nodes, ((edge["from"], edge["to"]) for edge in sound), entry, part)
    return {
        **document,
        "entry": entry if part.start is None else [part.start],
        "nodes": {name: node if name in kept else {"type": "noop"} for name, node in nodes.items()},
        "edges": [edge for edge in sound if edge["from"] in kept and edge["from"] != part.until],
    }


def _is_arc(edge: Any, nodes: Mapping[str, Any]) -> bool:
    ends = (edge.get("from"), edge.get("to")) if isinstance(edge, dict) else (None,)
    return all(isinstance(end, str) and end in nodes for end in ends)
