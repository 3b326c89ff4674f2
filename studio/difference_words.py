"""A difference of two documents in words, for pages and terminals: groups of old and new values."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.graph.difference import NOTHING, Change, Difference, Parts, Reordered

LONGEST = 2_000
"""Characters that are shown of a value."""

_FIELDS = {
    "as": "name of an item",
    "cancels": "steps that it withdraws",
    "else": "otherwise",
    "entry": "first steps",
    "from": "from step",
    "idle_timeout": "idle timeout",
    "inputs": "input",
    "isolation": "where its tool runs",
    "max": "at most",
    "on": "taken when",
    "on_error": "when it fails",
    "on_no_route": "when no condition matches",
    "outputs": "output",
    "over": "list",
    "resets": "ways that it counts anew",
    "route": "which ways are taken",
    "set": "value",
    "state": "state",
    "to": "to step",
    "type": "kind",
    "when": "condition",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One value: what it is, and what it was and is. None: it was, or is, not set."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """One step, one way, or one part of the settings."""

    title: str
    what: str
    """added, removed, changed or reordered."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    groups: tuple[Group, ...]


def sections(
    found: Difference, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Section]:
    """The difference of two documents in words; parts without any are left out."""
    names = {**_titles(before), **_titles(after)}
    ways = {**_ways(before, names), **_ways(after, names)}
    made = [
        Section("Steps", tuple(_groups(found.nodes, names))),
        Section("Ways", tuple(_groups(found.edges, ways))),
        Section("Order of the ways", tuple(_orders(found, names, ways))),
        Section("Settings of the workflow", tuple(_settings(found.settings))),
    ]
    return [section for section in made if section.groups]


def in_short(found: Difference) -> str:
    """One sentence: `1 step added, 2 changed; 1 way removed.`"""
    told = [_counted("step", found.nodes), _counted("way", found.edges)]
    if found.order:
        told.append("the order of ways changed")
    if found.settings:
        told.append("settings changed")
    said = "; ".join(each for each in told if each)
    return f"{said[0].upper()}{said[1:]}." if said else "Nothing differs but looks."


def _counted(noun: str, parts: Parts) -> str:
    counts = {"added": parts.added, "removed": parts.removed, "changed": parts.changed}
    told = [f"{len(some)} {what}" for what, some in counts.items() if some]
    if not told:
        return ""
    first, _, rest = told[0].partition(" ")
    return ", ".join([f"{first} {noun}{'' if first == '1' else 's'} {rest}", *told[1:]])


def _groups(parts: Parts, names: Mapping[str, str]) -> Iterator[Group]:
    for name, part in parts.removed.items():
        yield Group(names.get(name, name), "removed", tuple(_whole(part, removed=True)))
    for changed in parts.changed:
        rows = tuple(_row(change) for change in changed.changes)
        yield Group(names.get(changed.id, changed.id), "changed", rows)
    for name, part in parts.added.items():
        yield Group(names.get(name, name), "added", tuple(_whole(part, removed=False)))


def _whole(part: Mapping[str, Any], *, removed: bool) -> Iterator[Row]:
    """Everything that a step or way says; the ends of a way are in its title."""
    for key, value in part.items():
        if key in ("from", "to"):
            continue
        pair = (value, NOTHING) if removed else (NOTHING, value)
        yield _row(Change((key,), *pair))


def _orders(
    found: Difference, names: Mapping[str, str], ways: Mapping[str, str]
) -> Iterator[Group]:
    for reordered in found.reordered:
        side = "out of" if reordered.side == "out" else "into"
        title = f"Ways {side} {names.get(reordered.node, reordered.node)}"
        yield Group(title, "reordered", (_order(reordered, ways),))
    if found.order and not found.reordered:
        yield Group("The order of the ways in the document; no step sees it", "reordered", ())


def _order(reordered: Reordered, ways: Mapping[str, str]) -> Row:
    def told(ids: Iterable[str]) -> str:
        return "\n".join(ways.get(each, each) for each in ids)

    return Row("order", told(reordered.before), told(reordered.after))


def _settings(changes: Iterable[Change]) -> Iterator[Group]:
    """The changes by the key of the document that they belong to."""
    by_key: dict[str, list[Row]] = {}
    for change in changes:
        by_key.setdefault(change.path[0] if change.path else "", []).append(_row(change))
    for key, rows in by_key.items():
        yield Group(_FIELDS.get(key, key.replace("_", " ")), "changed", tuple(rows))


def _row(change: Change) -> Row:
    return Row(_field(change.path), _value(change.before), _value(change.after))


def _field(path: tuple[str, ...]) -> str:
    first, *rest = path or ("",)
    return " › ".join([_FIELDS.get(first, first.replace("_", " ")), *map(str, rest)])


def _value(value: Any) -> str | None:
    if value is NOTHING:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _titles(document: Mapping[str, Any]) -> dict[str, str]:
    """What each step is called."""
    nodes = document.get("nodes")
    made = {}
    for name, node in nodes.items() if isinstance(nodes, dict) else ():
        title = node.get("title") if isinstance(node, dict) else None
        made[name] = f"{title} ({name})" if isinstance(title, str) and title else str(name)
    return made


def _ways(document: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """What each way is called: the steps it leads from and to."""
    edges = document.get("edges")
    made = {}
    for edge in edges if isinstance(edges, list) else ():
        if isinstance(edge, dict):
            start, end = str(edge.get("from")), str(edge.get("to"))
            name = str(edge.get("id") or f"{start}-{end}")
            made[name] = f"{names.get(start, start)} → {names.get(end, end)} ({name})"
    return made
