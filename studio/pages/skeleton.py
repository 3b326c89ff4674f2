"""What the editor's page shows before the canvas is there: the steps as boxes, where they lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.pages.drafts import entries_of, mapping, nodes_of

MOST = 300
"""More boxes than this would make the page wait for its own waiting picture."""
WIDTH, HEIGHT = 208, 64
_MARGIN = 64
_FARTHEST = 1e6


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    entry: bool


@dataclass(frozen=True, slots=True)
class Skeleton:
    view_box: str
    width: float
    """At 100 %: the picture is drawn no larger than the canvas would be."""
    boxes: tuple[Box, ...]


def skeleton(document: Mapping[str, Any]) -> Skeleton | None:
    """The boxes of a draft that were saved with a place; None without any, or with too many."""
    places = mapping(document.get("layout"))
    entries = entries_of(document)
    found = [(name, _place(places.get(name))) for name in nodes_of(document)]
    boxes = tuple(Box(*place, name in entries) for name, place in found if place is not None)
    if not 0 < len(boxes) <= MOST:
        return None
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    width = max(box.x for box in boxes) - left + WIDTH + 2 * _MARGIN
    height = max(box.y for box in boxes) - top + HEIGHT + 2 * _MARGIN
    return Skeleton(f"{left - _MARGIN:g} {top - _MARGIN:g} {width:g} {height:g}", width, boxes)


def _place(raw: Any) -> tuple[float, float] | None:
    if not isinstance(raw, list) or len(raw) != 2:
        return None
    x, y = raw
    sound = all(type(part) in (int, float) and abs(part) < _FARTHEST for part in raw)
    return (x, y) if sound else None
