"""Suggestions: what to do next, one per rule and file, the dearest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from engine.library.review import limits
from engine.library.review.advice import advice
from engine.library.review.inspection import lint_all
from engine.library.review.patch import unified_diff
from engine.library.review.ruff import Diagnostic
from engine.library.review.sources import Source

Finding = dict[str, Any]

_KINDS = {"auto": "auto", "unsafe": "unsafe_fix", "display": "unsafe_fix", "none": "manual"}
_SHOWN_LINES = 10
_SHOWN_DIFFS = 20
_MOST_DIFF_CHARS = 4_000


def suggest(
    findings: Iterable[Finding], sources: Iterable[Source], target: str
) -> list[dict[str, Any]]:
    """[{path, line, text, kind, rule, count, lines, points, diff?}].

    Kind: ``auto`` (the fix loop can do it), ``unsafe_fix`` (a fix exists; a person must agree; its
    diff is shown), ``manual``.
    """
    grouped: defaultdict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        grouped[finding["path"], finding["rule"], _KINDS[finding["fix"]]].append(finding)
    ranked = sorted(grouped.values(), key=_rank)[: limits.MAX_SUGGESTIONS]
    by_path = {source.path: source for source in sources}
    suggestions = [_suggestion(group) for group in ranked]
    wanted = [s for s in suggestions if s["kind"] == "unsafe_fix"][:_SHOWN_DIFFS]
    for suggestion in wanted:
        source = by_path.get(suggestion["path"])
        diff = _example_diff(source, suggestion, target) if source else ""
        if diff:
            suggestion["diff"] = diff
    return suggestions


def _points(group: list[Finding]) -> float:
    return float(round(sum(finding["points_lost"] for finding in group), 4))


def _rank(group: list[Finding]) -> tuple[float, str, int, str]:
    return -_points(group), group[0]["path"], group[0]["line"], group[0]["rule"]


def _suggestion(group: list[Finding]) -> dict[str, Any]:
    first = group[0]
    lines = sorted({finding["line"] for finding in group})
    return {
        "path": first["path"],
        "line": lines[0],
        "text": _text(group, lines),
        "kind": _KINDS[first["fix"]],
        "rule": first["rule"],
        "count": len(group),
        "lines": lines[:_SHOWN_LINES],
        "points": _points(group),
    }


def _text(group: list[Finding], lines: list[int]) -> str:
    first = group[0]
    what = first["message"].rstrip(".")
    if len(group) > 1:
        shown = ", ".join(map(str, lines[:_SHOWN_LINES]))
        more = ", …" if len(lines) > _SHOWN_LINES else ""
        what = f"{what}; {len(group)} of this kind, lines {shown}{more}"
    return f"{what}. {advice(first['rule'], first['category'])}"


def _example_diff(source: Source, suggestion: Mapping[str, Any], target: str) -> str:
    """The first fix of a suggestion as a diff, or an empty string if there is none to show."""
    found = lint_all([source], target).get(source.path)
    if found is None:
        return ""
    for diagnostic in found.diagnostics:
        if (diagnostic.rule, diagnostic.line) == (suggestion["rule"], suggestion["line"]):
            diff = unified_diff(source.path, source.text, _edited(source.text, diagnostic))
            return diff if len(diff) <= _MOST_DIFF_CHARS else ""
    return ""


def _edited(text: str, diagnostic: Diagnostic) -> str:
    for edit in sorted(diagnostic.edits, key=lambda e: (e.start, e.end), reverse=True):
        text = text[: edit.start] + edit.content + text[edit.end :]
    return text
