"""A workflow document as an outline: what the editor page shows without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.pages.drafts import Raw, edges_of, entries_of, nodes_of, text


@dataclass(frozen=True, slots=True)
class Way:
    to: str
    on: str
    """ok, error, timeout, exhausted or an alternative of a wait."""
    condition: str
    otherwise: bool
    max: int | None


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    tool: str
    kind: str
    """What it does beside calling a tool."""
    many: bool
    """Whether the tool is called for each item of a list."""
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
            text(node.get("type")) == "map",
            id_ in entries,
            tuple(_way(edge, nodes) for edge in edges if edge["from"] == id_),
        )
        for id_, node in nodes.items()
    ]


def tool_of(node: Raw) -> str:
    """The tool a node calls, once or for each item; empty when it does something else."""
    body = node.get("body")
    inner = body.get("tool") if isinstance(body, Mapping) else None
    return text(node.get("tool")) or text(inner)


def title_of(id_: str, node: Raw) -> str:
    return text(node.get("title")) or id_


_KINDS = {
    "set": "Set values",
    "subgraph": "Run a workflow",
    "map": "For each",
    "human": "Ask a person",
    "wait": "Wait",
    "emit": "Emit a signal",
    "end": "End",
    "noop": "Join",
}


def kind_of(node: Raw) -> str:
    """What a node does in words: by what it says, else by its type."""
    kind = text(node.get("type"))
    said = _SAID[kind](node) if kind in _SAID else ""
    return said or _KINDS.get(kind, "No tool chosen")


def _for_each(node: Raw) -> str:
    over = text(node.get("over"))
    return over and f"For each {text(node.get('as')) or 'item'} in {over}"


def _run(node: Raw) -> str:
    workflow, version = text(node.get("workflow")), node.get("version")
    return workflow and f"Run {workflow}{f' v{version}' if isinstance(version, int) else ''}"


def _ask(node: Raw) -> str:
    assignees = node.get("assignees")
    if not isinstance(assignees, Mapping):
        return ""
    users = assignees.get("users")
    names = [text(user) for user in users] if isinstance(users, list) else []
    asked = ", ".join(name for name in [*names, text(assignees.get("group"))] if name)
    return asked and f"Ask {asked}"


def _wait(node: Raw) -> str:
    alternatives = node.get("any")
    if isinstance(alternatives, Mapping) and alternatives:
        return "Wait for " + " or ".join(str(name) for name in alternatives)
    for key, words in (("for", "Wait"), ("until", "Wait until"), ("signal", "Wait for")):
        if value := text(node.get(key)):
            return f"{words} {value}"
    return ""


def _emit(node: Raw) -> str:
    signal = text(node.get("signal"))
    return signal and f"Emit {signal}"


def _end(node: Raw) -> str:
    return "End the whole run" if node.get("terminate") is True else ""


_SAID = {
    "map": _for_each,
    "subgraph": _run,
    "human": _ask,
    "wait": _wait,
    "emit": _emit,
    "end": _end,
}


def _way(edge: Raw, nodes: Mapping[str, Raw]) -> Way:
    limit = edge.get("max")
    return Way(
        title_of(edge["to"], nodes.get(edge["to"], {})),
        text(edge.get("on")) or "ok",
        text(edge.get("when")),
        bool(edge.get("else")),
        limit if isinstance(limit, int) else None,
    )
