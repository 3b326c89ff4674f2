"""A workflow document as an outline: what the editor page shows without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Way:
    to: str
    on: str
    """ok, error, timeout or exhausted."""
    condition: str
    otherwise: bool
    max: int | None


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    tool: str
    kind: str
    """What it is when it calls no tool."""
    entry: bool
    ways: tuple[Way, ...]


def outline(document: Mapping[str, Any]) -> list[Step]:
    """Steps in the document's order. A draft may be unfinished: what is missing stays empty."""
    entries = set(document.get("entry") or ())
    nodes: Mapping[str, object] = document.get("nodes") or {}
    edges = [edge for edge in document.get("edges") or () if isinstance(edge, Mapping)]
    return [
        Step(
            title_of(id_, node),
            tool_of(node),
            kind_of(node),
            id_ in entries,
            tuple(_way(edge, nodes) for edge in edges if edge.get("from") == id_),
        )
        for id_, node in nodes.items()
    ]


def tool_of(node: object) -> str:
    """The tool a node calls, or empty: nodes may also wait, map or end."""
    tool = node.get("tool") if isinstance(node, Mapping) else None
    return tool if isinstance(tool, str) else ""


def title_of(id_: str, node: object) -> str:
    title = node.get("title") if isinstance(node, Mapping) else None
    return title if isinstance(title, str) and title else id_


_KINDS = {
    "set": "Set values",
    "subgraph": "Workflow",
    "map": "For each",
    "human": "Ask a person",
    "wait": "Wait",
    "emit": "Emit a signal",
    "end": "End",
    "noop": "Join",
}


def kind_of(node: object) -> str:
    """What a node does in words, by its type."""
    kind = node.get("type") if isinstance(node, Mapping) else None
    return _KINDS.get(str(kind), "No tool chosen")


def _way(edge: Mapping[str, Any], nodes: Mapping[str, object]) -> Way:
    limit, target = edge.get("max"), str(edge.get("to", ""))
    return Way(
        title_of(target, nodes.get(target)),
        str(edge.get("on") or "ok"),
        str(edge.get("when") or ""),
        bool(edge.get("else")),
        limit if isinstance(limit, int) else None,
    )
