"""Count one mistake once, though several rules describe it."""

from __future__ import annotations

from typing import Any

from engine.library.review.catalogue import rules
from engine.library.review.text import Lines

Finding = dict[str, Any]


def resolve_overlaps(found: list[Finding], lines: Lines) -> list[Finding]:
    """Count one mistake once: of the rules that describe it, only the heaviest keeps its weight."""
    heaviest: dict[tuple[int, int], Finding] = {}
    spots: dict[str, tuple[int, int]] = {}
    known = rules()
    for finding in found:
        rule = known.get(finding["rule"])
        if rule is None or rule.overlap is None:
            continue
        spot = (rule.overlap, _anchor_line(finding, lines))
        spots[finding["id"]] = spot
        if spot not in heaviest or finding["weight"] > heaviest[spot]["weight"]:
            heaviest[spot] = finding
    return [_discounted(f, heaviest[spots[f["id"]]]) if f["id"] in spots else f for f in found]


def _discounted(finding: Finding, counted: Finding) -> Finding:
    if finding is counted or finding["rule"] == counted["rule"]:
        return finding
    return {**finding, "weight": 0.0, "overlaps": counted["id"]}


def _anchor_line(finding: Finding, lines: Lines) -> int:
    """SIM105 points at the try; the mistake it shares with the others is at its except."""
    if finding["rule"] == "SIM105":
        for number in range(finding["end_line"], finding["line"], -1):
            if lines.line(number).lstrip().startswith("except"):
                return number
    return int(finding["line"])
