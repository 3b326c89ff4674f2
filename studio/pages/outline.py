"""A workflow document as an outline: what the editor page shows without JavaScript."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studio.pages.drafts import (
    Raw,
    edges_of,
    entries_of,
    mapping,
    nodes_of,
    sequence,
    text,
)

MOST_STEPS = 300
"""Of a large graph a page writes so many, unless it is asked for all: scripts show the rest."""


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
    group: str
    """The title of the group it stands in; empty outside of groups."""
    ways: tuple[Way, ...]


def outline(document: Raw, most: int | None = None) -> list[Step]:
    """Steps in the document's order, at most so many. A draft may be unfinished: what is missing
    stays empty."""
    nodes, entries = nodes_of(document), set(entries_of(document))
    ways: dict[str, list[Way]] = defaultdict(list)
    for edge in edges_of(document):
        ways[edge["from"]].append(_way(edge, nodes))
    groups = _groups_of(document)
    return [
        Step(
            title_of(id_, node),
            tool_of(node),
            kind_of(node),
            text(node.get("type")) == "map",
            id_ in entries,
            groups.get(id_, ""),
            tuple(ways.get(id_, ())),
        )
        for id_, node in islice(nodes.items(), most)
    ]


def _groups_of(document: Raw) -> dict[str, str]:
    """The title of the group of each node that is in one; the first group counts."""
    titles: dict[str, str] = {}
    for group in mapping(mapping(document.get("meta")).get("groups")).values():
        for node in sequence(mapping(group).get("nodes")):
            titles.setdefault(text(node), text(mapping(group).get("title")) or _("Group"))
    return titles


def tool_of(node: Raw) -> str:
    """The tool a node calls, once or for each item; empty when it does something else."""
    body = node.get("body")
    inner = body.get("tool") if isinstance(body, Mapping) else None
    return text(node.get("tool")) or text(inner)


def title_of(id_: str, node: Raw) -> str:
    return text(node.get("title")) or id_


_KINDS = {
    "set": gettext_noop("Set values"),
    "subgraph": gettext_noop("Run a workflow"),
    "map": gettext_noop("For each"),
    "human": gettext_noop("Ask a person"),
    "wait": gettext_noop("Wait"),
    "emit": gettext_noop("Emit a signal"),
    "end": gettext_noop("End"),
    "noop": gettext_noop("Join"),
}


def kind_of(node: Raw) -> str:
    """What a node does in words: by what it says, else by its type."""
    kind = text(node.get("type"))
    said = _SAID[kind](node) if kind in _SAID else ""
    return said or _(_KINDS.get(kind, gettext_noop("No tool chosen")))


def _for_each(node: Raw) -> str:
    over, at_once = text(node.get("over")), node.get("max_concurrency")
    item = text(node.get("as")) or "item"
    if not over:
        return ""
    if not isinstance(at_once, int):
        return _("For each {item} in {list}").format(item=item, list=over)
    return _("For each {item} in {list}, {n} at once").format(item=item, list=over, n=at_once)


def _run(node: Raw) -> str:
    workflow, version = text(node.get("workflow")), node.get("version")
    name = f"{workflow} v{version}" if isinstance(version, int) else workflow
    return workflow and _("Run {workflow}").format(workflow=name)


def _ask(node: Raw) -> str:
    assignees = node.get("assignees")
    if not isinstance(assignees, Mapping):
        return ""
    users = assignees.get("users")
    names = [text(user) for user in users] if isinstance(users, list) else []
    asked = ", ".join(name for name in [*names, text(assignees.get("group"))] if name)
    return asked and _("Ask {asked}").format(asked=asked)


def _wait(node: Raw) -> str:
    alternatives = node.get("any")
    if isinstance(alternatives, Mapping) and alternatives:
        return _("Wait for {what}").format(what=_(" or ").join(str(name) for name in alternatives))
    for key, words in _WAITS.items():
        if value := text(node.get(key)):
            return _(words).format(what=value)
    return ""


_WAITS = {
    "for": gettext_noop("Wait {what}"),
    "until": gettext_noop("Wait until {what}"),
    "signal": gettext_noop("Wait for {what}"),
}


def _emit(node: Raw) -> str:
    signal = text(node.get("signal"))
    return signal and _("Emit {signal}").format(signal=signal)


def _end(node: Raw) -> str:
    return (
        _("End the whole run")
        if node.get("terminate") is True
        else _keys(node, _("End with {keys}"))
    )


def _set(node: Raw) -> str:
    return _keys(node, _("Set {keys}"))


def _keys(node: Raw, said: str) -> str:
    """The first keys that are written."""
    written = node.get("set")
    keys = [str(key) for key in written] if isinstance(written, Mapping) else []
    told = ", ".join(keys)
    if len(keys) > 3:
        told = _("{keys} and {n} more").format(keys=", ".join(keys[:2]), n=len(keys) - 2)
    return said.format(keys=told) if keys else ""


_SAID = {
    "set": _set,
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
