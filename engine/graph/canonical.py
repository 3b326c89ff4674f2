"""The one form of a document, and the hash that names what it does."""

from collections.abc import Sequence
from typing import Any

from engine.graph.model import Edge
from engine.values.jsonvalue import copied, digest

OUTSIDE_HASH = frozenset({"layout", "meta"})
"""Moving a node or noting who drew it never changes behaviour."""


def canonical_document(document: dict[str, Any], edges: Sequence[Edge]) -> dict[str, Any]:
    """A private copy of the document in which every edge has its id."""
    made: dict[str, Any] = copied(document)
    made["edges"] = [
        {"id": edge.id, **raw} for edge, raw in zip(edges, made.get("edges", []), strict=True)
    ]
    return made


def graph_hash(document: dict[str, Any]) -> str:
    """SHA-256 (hex) of everything that decides how the graph runs."""
    return digest({key: part for key, part in document.items() if key not in OUTSIDE_HASH})
