"""What a document shows to somebody who learns from it. Pure, and found in the document itself."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_noop

from studio.pages.drafts import Raw, edges_of, entries_of, mapping, nodes_of, text
from studio.pages.pictures import Picture

_TROUBLE = frozenset({"error", "timeout", "exhausted"})


def traits(document: Raw, drawn: Picture) -> tuple[str, ...]:
    """The keys of TRAITS that are true of a document, in their order. `drawn` is its picture."""
    return tuple(key for key, (_, is_true) in TRAITS.items() if is_true(document, drawn))


def _loops(document: Raw, drawn: Picture) -> bool:
    return any(edge.back for edge in drawn.edges)


def _decides(document: Raw, drawn: Picture) -> bool:
    return any(edge.condition for edge in drawn.edges)


def _forks(document: Raw, drawn: Picture) -> bool:
    """Whether ways go on side by side: from a node that takes several edges always."""
    always: dict[str, int] = {}
    for edge in edges_of(document):
        if not edge.get("when") and not edge.get("else") and edge.get("on", "ok") == "ok":
            always[edge["from"]] = always.get(edge["from"], 0) + 1
    return len(entries_of(document)) > 1 or any(count > 1 for count in always.values())


def _has_type(*types: str) -> Callable[[Raw, Picture], bool]:
    return lambda document, _: any(
        text(n.get("type")) in types for n in nodes_of(document).values()
    )


def _handles_errors(document: Raw, drawn: Picture) -> bool:
    retries = any("retry" in node for node in nodes_of(document).values())
    return retries or any(text(edge.get("on")) in _TROUBLE for edge in edges_of(document))


def _calls_workflows(document: Raw, drawn: Picture) -> bool:
    nodes = nodes_of(document).values()
    return any(
        node.get("type") == "subgraph" or "workflow" in mapping(node.get("body")) for node in nodes
    )


TRAITS: Mapping[str, tuple[str, Callable[[Raw, Picture], Any]]] = {
    "conditions": (gettext_noop("Conditions"), _decides),
    "loop": (gettext_noop("Loop"), _loops),
    "parallel": (gettext_noop("Side by side"), _forks),
    "each": (gettext_noop("For each"), _has_type("map")),
    "people": (gettext_noop("Asks a person"), _has_type("human")),
    "waits": (gettext_noop("Waits"), _has_type("wait")),
    "errors": (gettext_noop("Handles errors"), _handles_errors),
    "workflows": (gettext_noop("Runs workflows"), _calls_workflows),
}
"""Each trait's words, and whether a document has it."""
