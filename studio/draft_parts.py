"""The parts of a document that people change: `nodes/ID`, `edges/ID`, `settings/KEY`, `order`.

`*` is the document as a whole: whoever brought it is the author of every part that has no other.
"""

from engine.graph.difference import Difference

WHOLE = "*"
ORDER = "order"
LONGEST = 250
"""A name of a part is cut here; ids of nodes that can run are shorter."""


def node(name: str) -> str:
    return f"nodes/{name}"[:LONGEST]


def edge(name: str) -> str:
    return f"edges/{name}"[:LONGEST]


def setting(key: str) -> str:
    return f"settings/{key}"[:LONGEST]


def added(found: Difference) -> list[str]:
    """The nodes and edges that were not there before."""
    return [*map(node, found.nodes.added), *map(edge, found.edges.added)]


def touched(found: Difference) -> list[str]:
    """All that differ, each once."""
    parts = added(found)
    for name_of, of in ((node, found.nodes), (edge, found.edges)):
        parts += [*map(name_of, of.removed), *(name_of(each.id) for each in of.changed)]
    if found.order:
        parts.append(ORDER)
    parts += [setting(change.path[0] if change.path else "") for change in found.settings]
    return list(dict.fromkeys(parts))
