"""Reading a draft that may be unfinished or odd: only what has the right shape is seen.

Anybody may save a draft in which an edge is a number; a page must still show the rest.
"""

from collections.abc import Mapping
from typing import Any

Raw = Mapping[str, Any]


def nodes_of(document: Raw) -> dict[str, Raw]:
    """Nodes by id, in the document's order; what is no object is an empty one."""
    nodes = mapping(document.get("nodes"))
    return {str(id_): mapping(node) for id_, node in nodes.items()}


def edges_of(document: Raw) -> list[Raw]:
    """Edges with a `from` and a `to`, in order."""
    return [
        edge
        for edge in sequence(document.get("edges"))
        if isinstance(edge, Mapping)
        and isinstance(edge.get("from"), str)
        and isinstance(edge.get("to"), str)
    ]


def entries_of(document: Raw) -> list[str]:
    return [entry for entry in sequence(document.get("entry")) if isinstance(entry, str)]


def mapping(value: object) -> Raw:
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""
