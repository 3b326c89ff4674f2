"""Places on a canvas for graphs that were made without one: a small layered layout.

Cycles are broken where a walk from the entries closes them, a node's column is its longest way
from an entry, and six sweeps order each column by where its neighbours stand.
"""

from collections.abc import Mapping, Sequence
from typing import Any

COLUMN = 280
"""Distance between columns, in canvas units, where no label wants more."""
NODE_WIDTH = 208
WIDEST_GUTTER = 240
LETTER = 6.6
"""Room that one letter of a label takes."""
LABEL_LETTERS = 30
"""Letters of a condition that the canvas shows."""
ROW = 112
"""Distance between rows."""
GRID = 8
"""Every coordinate is a multiple of this."""
SWEEPS = 6


def layout(document: Mapping[str, Any]) -> dict[str, list[int]]:
    """A place [x, y] for every node of a `treadle/1` document (or of something close to one)."""
    names = list(document.get("nodes") or {})
    index = {name: at for at, name in enumerate(names)}
    out: list[list[int]] = [[] for _ in names]
    for edge in document.get("edges") or ():
        source, target = index.get(edge.get("from")), index.get(edge.get("to"))
        if source is not None and target is not None and source != target:
            out[source].append(target)
    entries = [index[name] for name in document.get("entry") or () if name in index]
    arcs, order = _without_cycles(out, entries)
    columns = _columns(arcs, order, len(names))
    rows = _rows(columns, arcs)
    lefts = _lefts(document, index, columns)
    return {name: [lefts[columns[at]], rows[at]] for name, at in index.items()}


def _lefts(
    document: Mapping[str, Any], index: Mapping[str, int], columns: Sequence[int]
) -> list[int]:
    """Where each column begins: the space before it is as wide as the labels that cross it."""
    gutters = [COLUMN - NODE_WIDTH] * (max(columns, default=0) + 1)
    for edge in document.get("edges") or ():
        source, target = index.get(edge.get("from")), index.get(edge.get("to"))
        letters = min(len(_label(edge)), LABEL_LETTERS)
        if letters and source is not None and target is not None:
            column = columns[source]
            if columns[target] > column:
                wanted = min(WIDEST_GUTTER, round((72 + letters * LETTER) / GRID) * GRID)
                gutters[column] = max(gutters[column], wanted)
    lefts, x = [], 0
    for gutter in gutters:
        lefts.append(x)
        x += NODE_WIDTH + gutter
    return lefts


def _label(edge: Mapping[str, Any]) -> str:
    """What stands on an edge; a draft may hold anything."""
    return "else" if edge.get("else") is True else str(edge.get("when") or "")


def _without_cycles(
    out: Sequence[Sequence[int]], entries: Sequence[int]
) -> tuple[list[tuple[int, int]], list[int]]:
    """The arcs that do not close a cycle, and the nodes in topological order."""
    unseen, open_, done = 0, 1, 2
    mark = [unseen] * len(out)
    kept: list[tuple[int, int]] = []
    finished: list[int] = []
    targeted = {target for targets in out for target in targets}
    sources = [node for node in range(len(out)) if node not in targeted]
    for start in (*entries, *sources, *range(len(out))):
        if mark[start] != unseen:
            continue
        mark[start] = open_
        stack = [(start, iter(out[start]))]
        while stack:
            node, rest = stack[-1]
            for target in rest:
                if mark[target] == open_:
                    continue
                kept.append((node, target))
                if mark[target] == unseen:
                    mark[target] = open_
                    stack.append((target, iter(out[target])))
                    break
            else:
                stack.pop()
                mark[node] = done
                finished.append(node)
    finished.reverse()
    return kept, finished


def _columns(arcs: Sequence[tuple[int, int]], order: Sequence[int], count: int) -> list[int]:
    """The longest way to each node, in arcs."""
    out: list[list[int]] = [[] for _ in range(count)]
    for source, target in arcs:
        out[source].append(target)
    column = [0] * count
    for node in order:
        for target in out[node]:
            column[target] = max(column[target], column[node] + 1)
    return column


def _rows(columns: Sequence[int], arcs: Sequence[tuple[int, int]]) -> list[int]:
    """A y for each node: its column ordered by its neighbours' means, and centred."""
    layers: list[list[int]] = [[] for _ in range(max(columns, default=-1) + 1)]
    for node, column in enumerate(columns):
        layers[column].append(node)
    before: list[list[int]] = [[] for _ in columns]
    after: list[list[int]] = [[] for _ in columns]
    for source, target in arcs:
        before[target].append(source)
        after[source].append(target)
    place = [0.0] * len(columns)
    _spread(layers, place)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        for layer in layers if forward else reversed(layers):
            layer.sort(key=lambda node: _mean(node, neighbours[node], place))
            _spread([layer], place)
    return [round(at * ROW / GRID) * GRID for at in place]


def _spread(layers: Sequence[Sequence[int]], place: list[float]) -> None:
    """Give the nodes of each layer their rows, centred around nought."""
    for layer in layers:
        top = -(len(layer) - 1) / 2
        for at, node in enumerate(layer):
            place[node] = top + at


def _mean(node: int, neighbours: Sequence[int], place: Sequence[float]) -> float:
    if not neighbours:
        return place[node]
    return sum(place[other] for other in neighbours) / len(neighbours)
