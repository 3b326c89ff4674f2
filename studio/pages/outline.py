"""A workflow document as an outline: what the editor page shows without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Way:
    to: str
    condition: str
    otherwise: bool
    max: int | None


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    tool: str
    entry: bool
    ways: tuple[Way, ...]


def outline(document: Mapping[str, Any]) -> list[Step]:
    """Steps in the document's order. A draft may be unfinished: what is missing stays empty."""
    entries = set(document.get("entry") or ())
    edges = [edge for edge in document.get("edges") or () if isinstance(edge, Mapping)]
    return [
        Step(
            id_,
            tool_of(node),
            id_ in entries,
            tuple(_way(e) for e in edges if e.get("from") == id_),
        )
        for id_, node in (document.get("nodes") or {}).items()
    ]


def tool_of(node: object) -> str:
    """The tool a node calls, or empty: nodes may also wait, map or end."""
    tool = node.get("tool") if isinstance(node, Mapping) else None
    return tool if isinstance(tool, str) else ""


def _way(edge: Mapping[str, Any]) -> Way:
    limit = edge.get("max")
    return Way(
        str(edge.get("to", "")),
        str(edge.get("when") or ""),
        bool(edge.get("else")),
        limit if isinstance(limit, int) else None,
    )
