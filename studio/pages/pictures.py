"""Geometry of the small SVG pictures. Pure functions; the templates write the numbers out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.utils.translation import ngettext

from studio.pages.drafts import edges_of, entries_of, nodes_of, text
from studio.templatetags.treadle import status_words

BARS = 10
_PITCH = 9
_BASE = 24
_TALLEST = 22
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One run: `x`, `y` and `height` in a box of 88 by 24; `mark` is the cross of a failed one."""

    status: str
    x: int
    y: int
    height: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Spark:
    """The last runs of a workflow, the newest on the right; `slots` are the places still empty."""

    bars: tuple[Bar, ...]
    slots: tuple[int, ...]
    label: str


def spark(runs: Sequence[tuple[str, float | None]]) -> Spark:
    """From (status, duration in ms), the newest first. A taller bar took longer."""
    shown = list(reversed(runs[:BARS]))
    longest = max((ms for _, ms in shown if ms), default=0.0)
    first = BARS - len(shown)
    bars = tuple(_bar(status, ms, longest, first + i) for i, (status, ms) in enumerate(shown))
    slots = tuple(i * _PITCH for i in range(first))
    return Spark(bars, slots, _spark_label([status for status, _ in shown]))


def _bar(status: str, ms: float | None, longest: float, place: int) -> Bar:
    room = 14 if status == "failed" else _TALLEST
    share = (ms or 0) / longest if longest else 0
    height = _SHORTEST + round((room - _SHORTEST) * share)
    x, y = place * _PITCH, _BASE - height
    mark = f"M{x + 1} {y - 6}l4 4m0 -4l-4 4" if status == "failed" else ""
    return Bar(status, x, y, height, mark)


def _spark_label(statuses: Sequence[str]) -> str:
    counts = {status: statuses.count(status) for status in dict.fromkeys(statuses)}
    told = ", ".join(f"{count} {status_words(status)}" for status, count in counts.items())
    count = len(statuses)
    return ngettext("Last run: {told}", "Last {n} runs: {told}", count).format(n=count, told=told)


def usual_ms(runs: Sequence[tuple[str, float | None]]) -> float | None:
    """The median duration of the completed ones, or None."""
    times = [ms for status, ms in runs if status == "completed" and ms is not None]
    return median(times) if times else None


@dataclass(frozen=True, slots=True)
class PicturedNode:
    x: int
    y: int
    width: int
    height: int
    entry: bool
    tone: str = "tool"
    """What it does, roughly: `tool`, `logic`, `waiting` or `end`."""


_TONES = {"human": "waiting", "wait": "waiting", "emit": "waiting", "end": "end", "set": "logic"}
_TONES |= {"noop": "logic", "map": "logic", "subgraph": "logic"}


@dataclass(frozen=True, slots=True)
class PicturedEdge:
    path: str
    condition: bool
    back: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph as a thumbnail: boxes and curves in `view_box`."""

    view_box: str
    nodes: tuple[PicturedNode, ...]
    edges: tuple[PicturedEdge, ...]


_WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 44, 20, 28, 16


def picture(document: Mapping[str, Any]) -> Picture:
    """A document in columns by distance from its entries; the stored layout does not matter."""
    columns = _columns(document)
    boxes = {
        node: (column * (_WIDTH + _GAP_X), _row_y(row, len(nodes)))
        for column, nodes in enumerate(columns)
        for row, node in enumerate(nodes)
    }
    entries = entries_of(document)
    kinds = {name: text(node.get("type")) for name, node in nodes_of(document).items()}
    nodes = tuple(
        PicturedNode(x, y, _WIDTH, _HEIGHT, node in entries, _TONES.get(kinds[node], "tool"))
        for node, (x, y) in boxes.items()
    )
    edges = tuple(
        _edge(boxes[edge["from"]], boxes[edge["to"]], edge)
        for edge in edges_of(document)
        if edge["from"] in boxes and edge["to"] in boxes
    )
    return Picture(_view_box(columns), nodes, edges)


def _columns(document: Mapping[str, Any]) -> list[list[str]]:
    """Nodes by their longest way from an entry; what cannot be reached stands in the first."""
    nodes = list(nodes_of(document))
    ways = _ways(document, nodes)
    column: dict[str, int] = dict.fromkeys(nodes, 0)
    for node in _forward_order(entries_of(document) or nodes[:1], ways):
        for target in ways[node]:
            column[target] = max(column[target], column[node] + 1)
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=0) + 1)]
    for node in nodes:
        columns[column[node]].append(node)
    return columns


def _ways(document: Mapping[str, Any], nodes: Sequence[str]) -> dict[str, list[str]]:
    ways: dict[str, list[str]] = {node: [] for node in nodes}
    for edge in edges_of(document):
        if edge["from"] in ways and edge["to"] in ways:
            ways[edge["from"]].append(edge["to"])
    return ways


def _forward_order(entries: Sequence[str], ways: dict[str, list[str]]) -> list[str]:
    """A topological order of what the entries reach. Takes the edges that close loops away."""
    done: dict[str, None] = {}
    open_: set[str] = set()
    for entry in entries:
        if entry in done or entry not in ways:
            continue
        stack = [(entry, iter(list(ways[entry])))]
        open_.add(entry)
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                open_.discard(node)
                done[node] = None
            elif target in open_:
                ways[node].remove(target)
            elif target not in done:
                open_.add(target)
                stack.append((target, iter(list(ways[target]))))
    return list(reversed(done))


def _row_y(row: int, rows: int) -> int:
    """Each column is centred on the line y = 0."""
    pitch = _HEIGHT + _GAP_Y
    return row * pitch - (rows * pitch - _GAP_Y) // 2


def _edge(
    source: tuple[int, int], target: tuple[int, int], edge: Mapping[str, Any]
) -> PicturedEdge:
    conditional = bool(edge.get("when") or edge.get("else"))
    x1, y1 = source[0] + _WIDTH, source[1] + _HEIGHT // 2
    x2, y2 = target[0], target[1] + _HEIGHT // 2
    if x2 >= x1:
        bend = max(10, (x2 - x1) // 2)
        path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
        return PicturedEdge(path, conditional, False)
    below = max(y1, y2) + _HEIGHT // 2 + 16
    path = f"M{x1} {y1}C{x1 + 22} {below} {x1 + 6} {below} {x1 - 16} {below}"
    path += f"L{x2 + 16} {below}C{x2 - 6} {below} {x2 - 22} {below} {x2} {y2}"
    return PicturedEdge(path, conditional, True)


def _view_box(columns: Sequence[Sequence[str]]) -> str:
    tallest = max((len(column) for column in columns), default=1) or 1
    height = tallest * (_HEIGHT + _GAP_Y) - _GAP_Y
    width = len(columns) * (_WIDTH + _GAP_X) - _GAP_X
    # Never less than four columns wide, or a graph of one step would fill the card.
    full = max(width, 4 * _WIDTH + 3 * _GAP_X)
    left = -(full - width) // 2 - 16
    return f"{left} {-height // 2 - 14} {full + 32} {height + 46}"
