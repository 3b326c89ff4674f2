"""A graph of any size for tests and benches: rows of steps, with a fork every fourth column."""

from math import ceil
from typing import Any

GAP_X, GAP_Y = 288, 112
LABEL_EVERY = 5


def large_document(count: int) -> dict[str, Any]:
    """A valid document of `count` steps and 1.2 times as many edges, always the same one.

    Every fifth edge has a condition, and with it a label. Each row begins with a wait for a
    signal, so that a run stays alive as long as it is watched.
    """
    columns = ceil((count * 1.6) ** 0.5)
    places = {f"n{at}": divmod(at, columns) for at in range(count)}
    edges = [
        {"from": f"n{at}", "to": f"n{to}"}
        for at in range(count)
        for to in _targets(at, count, columns)
    ]
    for number, edge in enumerate(edges):
        edge["id"] = f"e{number}"
        if number % LABEL_EVERY == 0:
            edge["when"] = f"size(text) > {number % 90}"
    wait = {"type": "wait", "signal": "go"}
    step = {"type": "tool", "tool": "text.count", "inputs": {"text": "text"}, "on_no_route": "end"}
    entry = [name for name, (_, column) in places.items() if column == 0]
    return {
        "format": "treadle/1",
        "key": f"large-{count}",
        "name": f"{count:,} steps",
        "entry": entry,
        "state": {"schema": {"properties": {"text": {"type": "string"}}}, "defaults": {"text": ""}},
        "nodes": {name: dict(wait if name in entry else step) for name in places},
        "edges": edges,
        "layout": {name: [column * GAP_X, row * GAP_Y] for name, (row, column) in places.items()},
    }


def _targets(at: int, count: int, columns: int) -> list[int]:
    column = at % columns
    if column == columns - 1:
        return []
    beside, below = at + 1, at + columns + 1
    return [to for to in (beside, *((below,) if column % 4 == 0 else ())) if to < count]
