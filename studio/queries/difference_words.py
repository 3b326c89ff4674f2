"""A difference of two documents in words, for pages and terminals: groups of old and new values."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop, ngettext, pgettext

from engine.graph.difference import NOTHING, Change, Difference, Parts, Reordered
from studio import draft_parts

LONGEST = 2_000
"""Characters that are shown of a value."""

_FIELDS = {
    "as": gettext_noop("name of an item"),
    "cancels": gettext_noop("steps that it withdraws"),
    "else": gettext_noop("otherwise"),
    "entry": gettext_noop("first steps"),
    "from": gettext_noop("from step"),
    "idle_timeout": gettext_noop("idle timeout"),
    "inputs": gettext_noop("input"),
    "isolation": gettext_noop("where its tool runs"),
    "max": gettext_noop("at most"),
    "on": gettext_noop("taken when"),
    "on_error": gettext_noop("when it fails"),
    "on_no_route": gettext_noop("when no condition matches"),
    "outputs": gettext_noop("output"),
    "over": gettext_noop("list"),
    "resets": gettext_noop("ways that it counts anew"),
    "route": gettext_noop("which ways are taken"),
    "set": gettext_noop("value"),
    "state": gettext_noop("state"),
    "to": gettext_noop("to step"),
    "type": gettext_noop("kind"),
    "when": gettext_noop("condition"),
}


def _word(key: str) -> str:
    return gettext(_FIELDS[key]) if key in _FIELDS else key.replace("_", " ")


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
    part: str
    """Its name in studio/draft_parts.py."""

    @property
    def what_said(self) -> str:
        """`what` in the reader's language."""
        return _WHAT[self.what]()


_WHAT: Mapping[str, Callable[[], str]] = {
    "added": lambda: pgettext("change", "added"),
    "removed": lambda: pgettext("change", "removed"),
    "changed": lambda: pgettext("change", "changed"),
    "reordered": lambda: pgettext("change", "reordered"),
}


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
        Section(gettext("Steps"), tuple(_groups(found.nodes, names, draft_parts.node))),
        Section(gettext("Ways"), tuple(_groups(found.edges, ways, draft_parts.edge))),
        Section(gettext("Order of the ways"), tuple(_orders(found, names, ways))),
        Section(gettext("Settings of the workflow"), tuple(_settings(found.settings))),
    ]
    return [section for section in made if section.groups]


def in_short(found: Difference) -> str:
    """One sentence: `1 step added, 2 changed; 1 way removed.`"""
    told = [_counted(_STEPS, found.nodes), _counted(_WAYS, found.edges)]
    if found.order:
        told.append(gettext("the order of ways changed"))
    if found.settings:
        told.append(gettext("settings changed"))
    said = "; ".join(each for each in told if each)
    return f"{said[0].upper()}{said[1:]}." if said else gettext("Nothing differs but looks.")


# For each noun and what became of it: the words where they come first, then after others.
_STEPS: Mapping[str, Callable[[int], str]] = {
    "added": lambda n: ngettext("{n} step added", "{n} steps added", n),
    "removed": lambda n: ngettext("{n} step removed", "{n} steps removed", n),
    "changed": lambda n: ngettext("{n} step changed", "{n} steps changed", n),
}
_WAYS: Mapping[str, Callable[[int], str]] = {
    "added": lambda n: ngettext("{n} way added", "{n} ways added", n),
    "removed": lambda n: ngettext("{n} way removed", "{n} ways removed", n),
    "changed": lambda n: ngettext("{n} way changed", "{n} ways changed", n),
}
_MORE: Mapping[str, Callable[[int], str]] = {
    "added": lambda n: ngettext("{n} added", "{n} added", n),
    "removed": lambda n: ngettext("{n} removed", "{n} removed", n),
    "changed": lambda n: ngettext("{n} changed", "{n} changed", n),
}


def _counted(first: Mapping[str, Callable[[int], str]], parts: Parts) -> str:
    counts = {"added": parts.added, "removed": parts.removed, "changed": parts.changed}
    told: list[str] = []
    for what, some in counts.items():
        if some:
            words = (_MORE if told else first)[what]
            told.append(words(len(some)).format(n=len(some)))
    return ", ".join(told)


def _groups(
    parts: Parts, names: Mapping[str, str], part_of: Callable[[str], str]
) -> Iterator[Group]:
    def group(name: str, what: str, rows: Iterable[Row]) -> Group:
        return Group(names.get(name, name), what, tuple(rows), part_of(name))

    for name, part in parts.removed.items():
        yield group(name, "removed", _whole(part, removed=True))
    for changed in parts.changed:
        yield group(changed.id, "changed", map(_row, changed.changes))
    for name, part in parts.added.items():
        yield group(name, "added", _whole(part, removed=False))


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
        name = names.get(reordered.node, reordered.node)
        said = (
            gettext("Ways out of {step}")
            if reordered.side == "out"
            else gettext("Ways into {step}")
        )
        title = said.format(step=name)
        yield Group(title, "reordered", (_order(reordered, ways),), draft_parts.ORDER)
    if found.order and not found.reordered:
        title = "The order of the ways in the document; no step sees it"
        yield Group(title, "reordered", (), draft_parts.ORDER)


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
        title = _word(key)
        yield Group(title, "changed", tuple(rows), draft_parts.setting(key))


def _row(change: Change) -> Row:
    return Row(_field(change.path), _value(change.before), _value(change.after))


def _field(path: tuple[str, ...]) -> str:
    first, *rest = path or ("",)
    return " › ".join([_word(first), *map(str, rest)])


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
