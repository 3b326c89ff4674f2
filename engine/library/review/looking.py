"""The tools that look at the code: its functions, their complexity, its issues."""

from __future__ import annotations

import math
from typing import Any

from engine.library.review import limits
from engine.library.review.catalogue import rules
from engine.library.review.findings import FileFindings, Finding, by_place, listed
from engine.library.review.inspection import LINT_FAILURES, lint_all, measure_all
from engine.library.review.passes import imports_index
from engine.library.review.ruff import DEFAULT_TARGET
from engine.library.review.score import totals_of
from engine.library.review.settings import Entry
from engine.library.review.sources import Source, sources_in


def extract_functions(code: str = "", sources: list[Entry] | None = None) -> dict[str, Any]:
    """List the functions and methods of the code, with their place, size and parameters.

    Also says of each file whether it could be parsed and how many lines of code it has.
    """
    given = _given(code, sources)
    measures = measure_all(given)
    functions = [
        {"path": source.path, **{key: function[key] for key in _FUNCTION_KEYS}}
        for source in given
        for function in measures[source.path].facts["functions"]
    ]
    return {
        "functions": functions[: limits.MAX_FUNCTIONS_LISTED],
        "function_count": len(functions),
        "line_count": sum(_filled_lines(source.text) for source in given),
        "file_facts": {
            path: {"status": measure.status, "size": measure.size}
            for path, measure in sorted(measures.items())
        },
        "imports_index": imports_index(given) if len(given) > 1 else {},
    }


_FUNCTION_KEYS = (
    "name", "line", "end_line", "params", "statements", "returns", "docstring", "async",
)  # fmt: skip
_METRICS = ("cyclomatic", "cognitive", "nesting", "length")


def _filled_lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


def _given(code: str, sources: list[Entry] | None) -> list[Source]:
    return sources_in({"code": code, "sources": sources})


def check_complexity(code: str = "", sources: list[Entry] | None = None) -> dict[str, Any]:
    """Measure every function: cyclomatic and cognitive complexity, nesting, length.

    `complexity_score` rates the most complex one from 1 (straight) over 5 (at the limit of 15
    cognitive or 10 cyclomatic) to 10 (twice the limit or more).
    """
    given = _given(code, sources)
    measures = measure_all(given)
    functions: list[Entry] = []
    found: list[Finding] = []
    for source in given:
        measure = measures[source.path]
        found += FileFindings(source, measure).complexity()
        functions += [
            {"path": source.path, **{key: function[key] for key in _FUNCTION_KEYS + _METRICS}}
            for function in measure.facts["functions"]
        ]
    return {
        "functions": functions[: limits.MAX_FUNCTIONS_LISTED],
        "complexity_findings": listed(by_place(found), limits.MAX_COMPLEXITY_BYTES),
        "complexity_totals": totals_of(found),
        "complexity_score": _complexity_score(functions),
    }


def _complexity_score(functions: list[Entry]) -> int:
    worst = max((max(f["cognitive"] / 15, f["cyclomatic"] / 10) for f in functions), default=0.0)
    return min(10, max(1, math.ceil(5 * worst)))


def detect_issues(
    code: str = "",
    sources: list[Entry] | None = None,
    target_version: str = DEFAULT_TARGET,
    refusals: list[Entry] | None = None,
) -> dict[str, Any]:
    """Find bugs, security holes, dead, clumsy and outdated code with 518 rules.

    Findings that a `# noqa` comment asks not to show are kept apart and counted.
    """
    given = _given(code, sources)
    measures, lints = measure_all(given), lint_all(given, target_version)
    found: list[Finding] = []
    suppressed: list[Finding] = []
    notes: list[dict[str, str | None]] = []
    failed: dict[str, str] = {}
    for source in given:
        builder = FileFindings(source, measures[source.path])
        lint = lints.get(source.path)
        found += _with_refusals(builder.issues(lint), source, refusals or [])
        suppressed += builder.suppressed
        if lint is not None:
            notes += [limits.hit("linter", note, source.path) for note in lint.notes]
            if lint.status in LINT_FAILURES:
                failed[source.path] = LINT_FAILURES[lint.status]
    return {
        "issues": listed(found),
        "issue_count": len(found),
        "issue_totals": totals_of(found),
        "suppressed": [
            _short(finding) for finding in by_place(suppressed)[: limits.MAX_SUPPRESSED_LISTED]
        ],
        "suppressed_count": len(suppressed),
        "analysis_notes": notes,
        "unlinted": failed,
    }


def _short(finding: Finding) -> Finding:
    return {key: finding[key] for key in ("id", "path", "line", "rule", "category", "message")}


def _with_refusals(found: list[Finding], source: Source, refusals: list[Entry]) -> list[Finding]:
    """A fix that was refused on this very text is a person's to decide, not the loop's."""
    here = [r for r in refusals if r["path"] == source.path and r["sha256"] == source.sha256]
    if not here:
        return found
    reasons = {(r["rule"], r["line"], r["message"]): r["reason"] for r in here}
    groups = {r["group"] for r in here}
    marked = []
    for finding in found:
        if finding["fix"] == "auto" and rules()[finding["rule"]].fix_group in groups:
            key = (finding["rule"], finding["line"], finding["message"])
            reason = reasons.get(key, "refused together with others")
            finding = {**finding, "fix": "unsafe", "fix_refused": reason}
        marked.append(finding)
    return marked
