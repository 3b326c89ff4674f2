"""What two documents do differently. Pure, and as forgiving as a draft needs: nothing is checked.

Layout and meta are left out, as they are from the hash. Two documents with one hash do not differ.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.graph.canonical import OUTSIDE_HASH
from engine.values.jsonvalue import same

_APART = frozenset({"nodes", "edges"}) | OUTSIDE_HASH


class Nothing:
    """Stands where one of two documents says nothing."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs."""

    path: tuple[str, ...]
    """Where it is, within the node, the edge or the document."""
    before: Any
    """What the older document says there, or NOTHING."""
    after: Any

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON: what is not said is left out."""
        made: dict[str, Any] = {"path": "".join(f"/{_escaped(part)}" for part in self.path)}
        if self.before is not NOTHING:
            made["before"] = self.before
        if self.after is not NOTHING:
            made["after"] = self.after
        return made


@dataclass(frozen=True, slots=True)
class Changed:
    """A node, or an edge, that both have."""

    id: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Reordered:
    """Ways out of a node, or into it, that both have in another order."""

    node: str
    side: str
    """`out`: which way is taken first; `in`: in which order a join takes its branches."""
    before: tuple[str, ...]
    """Ids of edges."""
    after: tuple[str, ...]


Part = Mapping[str, Mapping[str, Any]]
"""Nodes, or edges, by id."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What became of the nodes, or of the edges."""

    added: Part
    removed: Part
    changed: tuple[Changed, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that two documents do differently."""

    nodes: Parts
    edges: Parts
    reordered: tuple[Reordered, ...]
    order: bool
    """Whether the edges that both have stand in another order at all."""
    settings: tuple[Change, ...]
    """The rest of the document: entry, state, limits, name and so on."""

    def __bool__(self) -> bool:
        return bool(self.nodes or self.edges or self.order or self.settings)

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON."""
        return {
            "equal": not self,
            "nodes": _parts(self.nodes, "node"),
            "edges": _parts(self.edges, "edge"),
            "reordered": [
                {"node": r.node, "side": r.side, "before": list(r.before), "after": list(r.after)}
                for r in self.reordered
            ],
            "order": self.order,
            "settings": [change.as_dict() for change in self.settings],
        }


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """What the document `after` does differently from the document `before`."""
    old_edges, new_edges = _edges(before), _edges(after)
    old_order = [name for name in old_edges if name in new_edges]
    new_order = [name for name in new_edges if name in old_edges]
    return Difference(
        nodes=_compared(_nodes(before), _nodes(after)),
        edges=_compared(old_edges, new_edges),
        reordered=tuple(_reordered(old_edges, new_edges)),
        order=old_order != new_order,
        settings=tuple(_changes(_settings(before), _settings(after))),
    )


def _nodes(document: Mapping[str, Any]) -> Part:
    nodes = document.get("nodes")
    if not isinstance(nodes, dict):
        return {}
    return {name: node for name, node in nodes.items() if isinstance(node, dict)}


def _edges(document: Mapping[str, Any]) -> Part:
    """The edges by id; one without an id is called by its ends."""
    found: dict[str, Mapping[str, Any]] = {}
    edges = document.get("edges")
    for edge in edges if isinstance(edges, list) else ():
        if not isinstance(edge, dict):
            continue
        name = edge.get("id")
        name = name if isinstance(name, str) and name else f"{edge.get('from')}-{edge.get('to')}"
        count, free = 1, name
        while free in found:
            count += 1
            free = f"{name}#{count}"
        found[free] = {key: value for key, value in edge.items() if key != "id"}
    return found


def _settings(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in document.items() if key not in _APART}


def _compared(old: Part, new: Part) -> Parts:
    both = ((name, tuple(_changes(old[name], new[name]))) for name in new if name in old)
    return Parts(
        added={name: part for name, part in new.items() if name not in old},
        removed={name: part for name, part in old.items() if name not in new},
        changed=tuple(Changed(name, changes) for name, changes in both if changes),
    )


def _changes(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[Change]:
    """The values that differ, the deepest place of each. Lists are compared as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*new, *(key for key in old if key not in new)):
            yield from _changes(old.get(key, NOTHING), new.get(key, NOTHING), (*path, key))
    elif old is NOTHING or new is NOTHING or not same(old, new):
        yield Change(path, old, new)


def _reordered(old: Part, new: Part) -> Iterator[Reordered]:
    for side, end in (("out", "from"), ("in", "to")):
        before, after = _by_end(old, new, end), _by_end(new, old, end)
        for node in after:
            if before.get(node) != after[node]:
                yield Reordered(node, side, tuple(before.get(node, ())), tuple(after[node]))


def _by_end(edges: Part, others: Part, end: str) -> dict[str, list[str]]:
    """The edges that both have and that begin (or end) at the same node in both, by that node."""
    found: dict[str, list[str]] = {}
    for name, edge in edges.items():
        node = edge.get(end)
        if isinstance(node, str) and name in others and others[name].get(end) == node:
            found.setdefault(node, []).append(name)
    return found


def _parts(parts: Parts, what: str) -> dict[str, Any]:
    return {
        "added": [{"id": name, what: dict(part)} for name, part in parts.added.items()],
        "removed": [{"id": name, what: dict(part)} for name, part in parts.removed.items()],
        "changed": [
            {"id": each.id, "changes": [change.as_dict() for change in each.changes]}
            for each in parts.changed
        ],
    }


def _escaped(part: str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
