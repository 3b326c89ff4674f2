"""The course of a review's score as a line chart: geometry only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from studio.templatetags.treadle import decimal

WIDTH, HEIGHT = 480, 128
LEFT, RIGHT, TOP, BOTTOM = 4, 448, 26, 104


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int
    label_y: int
    score: float
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Course:
    """Points from left to right, one a pass; scores go from 0 at the bottom to 10 at the top."""

    points: tuple[Point, ...]
    path: str
    label: str
    threshold: float | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM
    axis_label_y: int = BOTTOM + 18
    threshold_label_x: int = RIGHT + 6

    @property
    def threshold_y(self) -> int | None:
        return None if self.threshold is None else height_of(self.threshold)

    @property
    def threshold_label_y(self) -> int | None:
        return None if self.threshold is None else height_of(self.threshold) + 4


def height_of(score: float) -> int:
    return round(BOTTOM - (BOTTOM - TOP) * min(max(score, 0.0), 10.0) / 10)


def course(passes: Sequence[Mapping[str, Any]], threshold: float | None) -> Course:
    """From the report's `score_course`: items with pass, group, score and findings."""
    points = tuple(_point(item, index, len(passes)) for index, item in enumerate(passes))
    path = "".join(f"{'L' if i else 'M'}{point.x} {point.y}" for i, point in enumerate(points))
    told = ", ".join(f"{point.name} {decimal(point.score, 1)}" for point in points)
    return Course(
        points, path, gettext("Score after each pass: {told}").format(told=told), threshold
    )


def _point(item: Mapping[str, Any], index: int, count: int) -> Point:
    room = RIGHT - LEFT - 48
    x = LEFT + 24 + (round(room * index / (count - 1)) if count > 1 else 0)
    score = float(item.get("score") or 0)
    y = height_of(score)
    number = item.get("pass", index)
    name = gettext("start") if not number else gettext("pass {number}").format(number=number)
    findings = item.get("findings")
    title = f"{name}: {decimal(score, 2)}"
    if findings is not None:
        told = ngettext("{n} finding", "{n} findings", findings).format(n=findings)
        title = f"{title}, {told}"
    return Point(x, y, y - 10, score, name, title)
