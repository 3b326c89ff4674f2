"""Points in time as ISO texts: move them, compare them, write them for people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.values.durations import seconds

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_DIRECTIVES = tuple("YymdHIMSpjaAbBzZ%")
_OUTSIDE = "the moment would be outside the years 1 to 9999"
MAX_PATTERN = 200


def shift(
    moment: str, by: str | float, direction: Literal["later", "earlier"] = "later"
) -> dict[str, str]:
    """Move a moment by a duration such as "90m" or "7d". Returns {"moment": ...}."""
    if direction not in ("later", "earlier"):
        raise ValueError(f"direction is later or earlier, not {direction!r:.40}")
    span = timedelta(seconds=min(seconds(by), 1e12))
    try:
        moved = _read(moment) + (span if direction == "later" else -span)
    except OverflowError:
        raise ValueError(_OUTSIDE) from None
    return {"moment": moved.isoformat()}


def between(start: str, end: str) -> dict[str, float]:
    """Tell the seconds, hours and days between two moments; below 0 where the end comes first."""
    span = (_read(end) - _read(start)).total_seconds()
    return {"seconds": span, "hours": span / 3600, "days": span / 86400}


def show(moment: str, pattern: str = "%Y-%m-%d %H:%M", zone: str = "UTC") -> dict[str, str]:
    """Write a moment for people, such as "%d.%m.%Y %H:%M" in the zone "Europe/Berlin".

    Returns {"text": ...}.
    """
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
    for match in _DIRECTIVE.finditer(pattern):
        if match[1] not in _DIRECTIVES:
            known = " ".join(f"%{letter}" for letter in sorted(_DIRECTIVES))
            raise ValueError(f"the pattern has {match[0]!r}; known are {known}")
    there = _read(moment)
    try:
        return {"text": there.astimezone(_zone(zone)).strftime(pattern)}
    except OverflowError:
        raise ValueError(_OUTSIDE) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone {name!r:.60}: write one like Europe/Berlin"
        ) from None


def _read(moment: str) -> datetime:
    """The moment of an ISO text; one without a zone is UTC."""
    try:
        read = datetime.fromisoformat(moment)
    except (TypeError, ValueError):
        shown = f"{moment!r:.60}"
        raise ValueError(f"{shown} is no moment: write 2026-05-01T12:00:00+00:00") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


TOOLS: dict[str, Callable[..., Any]] = {
    "time.shift": shift,
    "time.between": between,
    "time.format": show,
}
