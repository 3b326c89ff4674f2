"""A workflow document as an outline: what the editor page shows without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.pages.drafts import Raw, edges_of, entries_of, nodes_of, text


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


def outline(document: Raw) -> list[Step]:
    """Steps in the document's order. A draft may be unfinished: what is missing stays empty."""
    nodes, edges, entries = nodes_of(document), edges_of(document), entries_of(document)
    return [
        Step(
            title_of(id_, node),
            tool_of(node),
            kind_of(node),
            id_ in entries,
            tuple(_way(edge, nodes) for edge in edges if edge["from"] == id_),
        )
        for id_, node in nodes.items()
    ]


def tool_of(node: Raw) -> str:
    """The tool a node calls, or empty: nodes may also wait, map or end."""
    return text(node.get("tool"))


def title_of(id_: str, node: Raw) -> str:
    return text(node.get("title")) or id_


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


def kind_of(node: Raw) -> str:
    """What a node does in words, by its type."""
    return _KINDS.get(text(node.get("type")), "No tool chosen")


def _way(edge: Raw, nodes: Mapping[str, Raw]) -> Way:
    limit = edge.get("max")
    return Way(
        title_of(edge["to"], nodes.get(edge["to"], {})),
        text(edge.get("on")) or "ok",
        text(edge.get("when")),
        bool(edge.get("else")),
        limit if isinstance(limit, int) else None,
    )
