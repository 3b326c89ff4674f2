"""Findings as the report shows them, made from the linter's diagnostics and the measurements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1
from typing import Any, NamedTuple

from engine.library.review import limits
from engine.library.review.catalogue import Rule, rules
from engine.library.review.inspection import NOT_REVIEWED, UNUSABLE, Measure
from engine.library.review.overlaps import resolve_overlaps
from engine.library.review.ruff import Diagnostic, Lint
from engine.library.review.score import debt_of
from engine.library.review.sources import Source
from engine.library.review.text import Lines

Finding = dict[str, Any]
"""{id, path, line, column, end_line, end_column, rule, name, category, severity, weight,
points_lost, message, url, function, fix, in_scope}; `points_lost` is set by the score; `overlaps`
holds the id of the heavier finding on the same spot that is counted instead."""

_NOQA = re.compile(r"#\s*noqa(?P<codes>\s*:\s*[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)?", re.IGNORECASE)
_ALIASES = {
    "TR001": "B018",
    "TR101": "C901",
    "TR102": "PLR0915",
    "TR103": "PLR0913",
    "TR104": "PLR1702",
}
"""The linter's codes for what our own rules say, honoured in `# noqa` comments as well."""


_NO_EFFECT = "this computes a value and drops it"
_NEWER_SYNTAX = "newer syntax than this Python reads: linted, not measured, not fixed"


class Place(NamedTuple):
    """Where a finding is: lines and columns from 1, columns in characters."""

    line: int
    column: int
    end_line: int
    end_column: int


_TOP = Place(1, 1, 1, 1)


class FileFindings:
    """Builds the findings of one file."""

    def __init__(self, source: Source, measure: Measure) -> None:
        self.source = source
        self.measure = measure
        self.lines = Lines(source.text)
        self.words: dict[int, str] = {}
        self.names: dict[int, str] | None = None
        self.seen: Counter[tuple[str, str]] = Counter()
        self.suppressed: list[Finding] = []

    def issues(self, lint: Lint | None) -> list[Finding]:
        """Everything but the complexity of functions; suppressed ones go to `suppressed`."""
        status = self.measure.status
        if status in UNUSABLE or status in NOT_REVIEWED:
            return [self.unusable()]
        found: list[Finding] = []
        if lint:
            found += [self.from_diagnostic(d) for d in lint.diagnostics]
            self.suppressed += [self.from_diagnostic(d) for d in lint.suppressed]
        if not self.source.is_test:
            places = [Place(*place) for place in self.measure.facts["no_effect"]]
            found += [self.own("TR001", place, _NO_EFFECT) for place in places]
        found = resolve_overlaps(self.unsuppressed(found), self.lines)
        return [*found, *self.left_out(found, lint)]

    def left_out(self, found: list[Finding], lint: Lint | None) -> list[Finding]:
        """Notes on what could not be looked at."""
        notes = []
        if self.measure.status == "newer_syntax":
            notes.append(self.own("TR902", _TOP, _NEWER_SYNTAX))
        if self.measure.status == "long_line":
            notes.append(self.own("TR902", _TOP, self.source.detail))
        if lint and lint.dropped:
            # The findings nobody looked at weigh what the others weigh on average.
            mean = debt_of(found) / max(len(found), 1)
            message = f"{lint.dropped:,} more findings were only counted, {mean:.1f} of debt each"
            notes.append(self.own("TR902", _TOP, message, round(lint.dropped * mean, 1)))
        return notes

    def complexity(self) -> list[Finding]:
        """One finding for each limit that each function exceeds."""
        found = []
        for function in self.measure.facts["functions"]:
            line, column = function["line"], function["column"]
            place = Place(line, column, line, column)
            for code, weight, message in function_debts(function):
                found.append(self.own(code, place, message, weight))
        return self.unsuppressed(found)

    def unusable(self) -> Finding:
        status, error = self.measure.status, self.measure.error or {}
        if status in NOT_REVIEWED:
            code = "TR902"
        else:
            code = "TR901" if status == "undecodable" else "TR900"
        line, column = min(error.get("line", 1), len(self.lines)), error.get("column", 1)
        place = Place(line, column, line, column)
        return self.own(code, place, str(error.get("message", status)))

    def from_diagnostic(self, found: Diagnostic) -> Finding:
        rule = rules().get(found.rule) or _syntax_rule(found.rule)
        place = Place(found.line, found.column, found.end_line, found.end_column)
        return self.finding(rule, place, found.message, rule.weight, fix_kind(rule, found))

    def own(self, code: str, place: Place, message: str, weight: float | None = None) -> Finding:
        """A finding of one of our own rules, with the rule's weight unless another is given."""
        rule = rules()[code]
        return self.finding(rule, place, message, rule.weight if weight is None else weight)

    def finding(
        self, rule: Rule, place: Place, message: str, weight: float, fix: str = "none"
    ) -> Finding:
        return {
            "id": self.identity(rule.code, place.line),
            "path": self.source.path,
            **place._asdict(),
            "rule": rule.code,
            "name": rule.name,
            "category": rule.category,
            "severity": rule.severity,
            "weight": weight,
            "points_lost": 0.0,
            "message": message,
            "url": rule.url,
            "function": self.function_at(place.line),
            "fix": fix,
            "in_scope": True,
        }

    def identity(self, code: str, line: int) -> str:
        """Stable while the line keeps its words, wherever in the file it moves."""
        if line not in self.words:
            self.words[line] = " ".join(self.lines.line(line).split())
        words = self.words[line]
        self.seen[code, words] += 1
        parts = (self.source.path, code, words, str(self.seen[code, words]))
        return sha1("\0".join(parts).encode(), usedforsecurity=False).hexdigest()

    def function_at(self, line: int) -> str | None:
        """The innermost function around a line."""
        if self.names is None:
            self.names = {}
            for function in self.measure.facts["functions"]:
                lines = range(function["line"], function["end_line"] + 1)
                self.names.update(dict.fromkeys(lines, function["name"]))
        return self.names.get(line)

    def unsuppressed(self, found: list[Finding]) -> list[Finding]:
        kept = []
        for finding in found:
            if finding["rule"] in _ALIASES and self.asks_silence(finding):
                self.suppressed.append(finding)
            else:
                kept.append(finding)
        return kept

    def asks_silence(self, finding: Finding) -> bool:
        match = _NOQA.search(self.lines.line(finding["line"]))
        if match is None:
            return False
        named = match["codes"]
        if named is None:
            return True
        codes = set(re.findall(r"[A-Z]+[0-9]+", named.upper()))
        return bool(codes & {finding["rule"], _ALIASES[finding["rule"]]})


def _syntax_rule(code: str) -> Rule:
    """The linter found a syntax error in a text that Python compiles: heavy, not fatal."""
    return Rule(code, code, "syntax", "error", 60.0, None, promoted=False, overlap=None, url=None)


def fix_kind(rule: Rule, found: Diagnostic) -> str:
    """Who may apply the fix: ``auto`` the loop, ``unsafe`` or ``display`` a person, ``none``."""
    if found.applicability is None:
        return "none"
    if rule.fix_group and (found.applicability == "safe" or rule.promoted):
        return "auto"
    return "display" if found.applicability == "display" else "unsafe"


def function_debts(function: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """(rule, weight, message) for each limit a function exceeds."""
    found = []
    over_cognitive, over_cyclomatic = function["cognitive"] - 15, function["cyclomatic"] - 10
    if (over := max(over_cognitive, over_cyclomatic)) > 0:
        numbers = (
            f"cognitive {function['cognitive']} of 15, cyclomatic {function['cyclomatic']} of 10"
        )
        found.append(("TR101", 4.0 * over, f"`{function['name']}` is too complex: {numbers}"))
    if (over := function["statements"] - 50) > 0:
        message = f"`{function['name']}` has {function['statements']} statements, 50 are enough"
        found.append(("TR102", 0.4 * over, message))
    if (over := function["params"] - 7) > 0:
        message = f"`{function['name']}` takes {function['params']} parameters, 7 are enough"
        found.append(("TR103", 8.0 * over, message))
    if (over := function["nesting"] - 4) > 0:
        message = f"`{function['name']}` nests {function['nesting']} levels deep, 4 are enough"
        found.append(("TR104", 8.0 * over, message))
    return found


_FINDING_BYTES = 400
"""What the keys, numbers, id and address of a finding take as JSON."""


def _texts(finding: Finding) -> tuple[str, str, str]:
    return finding["message"], finding["path"], finding["function"] or ""


def by_place(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda f: (f["path"], f["line"], f["column"], f["rule"], f["id"]))


def listed(found: Sequence[Finding], room: int = limits.MAX_FINDINGS_BYTES) -> list[Finding]:
    """As many findings as fit into `room` bytes, the heaviest first to stay, in reading order."""
    kept = []
    for finding in sorted(found, key=lambda f: -f["weight"])[: limits.MAX_FINDINGS_LISTED]:
        room -= _FINDING_BYTES + sum(map(limits.text_weight, _texts(finding)))
        if room < 0:
            break
        kept.append(finding)
    return by_place(kept)
