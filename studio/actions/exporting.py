"""What of a workflow goes into a file: what the format names, in one order, and nothing else.

An allow-list: a key that nobody knows stays here, and so does what is pinned. Values of secrets are
in no document: steps name them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.graph.edges import EDGE_KEYS
from engine.graph.nodes import NODE_KEYS
from engine.policies import NodeType
from studio.actions.document_text import dump
from studio.actions.pins import without_pins
from studio.journal import codec
from studio.models import Version, Workflow

TOP = (
    "format",
    "key",
    "name",
    "description",
    "queue",
    "entry",
    "state",
    "limits",
    "failure_mode",
    "nodes",
    "edges",
    "layout",
    "meta",
)
_NODE_ORDER = ("type", "title", "description", "tool", "workflow", "version", "over", "as", "body")
_EDGE_ORDER = ("id", "from", "to", "on", "when", "else", "max", "resets", "label")


def export_workflow(
    *,
    workflow: Workflow,
    version: Version | None = None,
    format: str = "json",  # noqa: A002 - the API's word for it
) -> str:
    """The draft, or a version, as text that `import_workflow` reads back."""
    document = codec.decode(workflow.draft if version is None else version.document)
    named = document if version is not None else {**document, "name": workflow.name}
    return dump(exported(named), format)


def exported(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a file has it. Drafts may be odd: what has no shape at all is left out."""
    known = without_pins({key: document[key] for key in TOP if key in document})
    nodes, edges = document.get("nodes"), document.get("edges")
    if isinstance(nodes, dict):
        known["nodes"] = {
            name: _ordered(node, _NODE_ORDER, _node_keys(node))
            for name, node in nodes.items()
            if isinstance(node, dict)
        }
    if isinstance(edges, list):
        known["edges"] = [
            _ordered(edge, _EDGE_ORDER, EDGE_KEYS) for edge in edges if isinstance(edge, dict)
        ]
    return known


def _node_keys(node: Mapping[str, Any]) -> frozenset[str]:
    kind = node.get("type")
    if isinstance(kind, str) and kind in list(NodeType):
        return NODE_KEYS[NodeType(kind)]
    return frozenset(_NODE_ORDER)


def _ordered(
    raw: Mapping[str, Any], first: Iterable[str], allowed: frozenset[str]
) -> dict[str, Any]:
    """The allowed keys: those that people look for first, then the others by name."""
    begin = [key for key in first if key in allowed]
    order = [*begin, *sorted(allowed.difference(begin))]
    return {key: raw[key] for key in order if key in raw}
