"""Fix one file by one group of rules, keeping only what passes every guard and pays off.

The linter suggests edits; the worker applies them and checks each against the guards; here is the
loop around it, and the last gate: the file's debt must fall, or nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any

from engine.library.review import limits
from engine.library.review.catalogue import Rule, rules
from engine.library.review.findings import FileFindings, fix_kind
from engine.library.review.inspection import MEASURED, lint_all, measure_all
from engine.library.review.ruff import Diagnostic
from engine.library.review.score import debt_of
from engine.library.review.sources import Source
from engine.library.review.text import Lines
from engine.library.review.worker import WorkerDied, pool

PROOF = {"guarded": 0, "bytecode": 1, "ast": 2}
"""Levels of evidence, weakest first."""


@dataclass(frozen=True, slots=True)
class Protection:
    """Names of a module that other files of the batch take from it."""

    names: tuple[str, ...] = ()
    star: bool = False


@dataclass(frozen=True, slots=True)
class FileFix:
    """What one group did to one file."""

    source: Source
    """The file afterwards."""
    applied: tuple[dict[str, Any], ...] = ()
    """{path, rule, name, line, message, evidence, weight} each, lines as they were then."""
    refused: tuple[dict[str, Any], ...] = ()
    """{path, rule, line, message, reason} each."""


def debt(source: Source, target: str) -> float:
    """The debt D of one file as the score counts it."""
    measure = measure_all([source])[source.path]
    builder = FileFindings(source, measure)
    issues = builder.issues(lint_all([source], target).get(source.path))
    return debt_of([*issues, *builder.complexity()])


@dataclass(frozen=True, slots=True)
class Job:
    """What to do to which file."""

    group: str
    target: str
    protection: Protection = Protection()
    deadline: float = inf
    """On the monotonic clock: no round begins after it."""


def fix_file(source: Source, job: Job) -> FileFix:
    """Apply a group to a file; the result has strictly less debt, or is the file as it was."""
    before = debt(source, job.target)
    whole = _Attempt(source, job).run()
    if whole.source.text == source.text or debt(whole.source, job.target) < before:
        return whole
    return _rule_by_rule(source, job, before, whole)


def _rule_by_rule(source: Source, job: Job, before: float, whole: FileFix) -> FileFix:
    """Together the fixes made the file no better: keep the rules that do so alone."""
    current, least = source, before
    applied: list[dict[str, Any]] = []
    refused = list(whole.refused)
    for code in sorted({fix["rule"] for fix in whole.applied}):
        alone = _Attempt(current, job, only=code).run()
        if alone.source.text == current.text:
            continue
        left = debt(alone.source, job.target)
        if left < least:
            current, least = alone.source, left
            applied += alone.applied
        else:
            reason = "the file would not get better: its debt would not fall"
            refused += [_refusal(fix, reason) for fix in alone.applied]
    return FileFix(current, tuple(applied), tuple(refused))


def _refusal(fix: dict[str, Any], reason: str) -> dict[str, Any]:
    kept = {key: fix[key] for key in ("path", "rule", "line", "message")}
    return {**kept, "reason": reason}


@dataclass(slots=True)
class _Attempt:
    """Rounds of edits of one group until nothing is left to do."""

    source: Source
    job: Job
    only: str | None = None
    """Restrict the group to this rule."""
    applied: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    blocked: set[tuple[str, str, str]] = field(default_factory=set)
    lines: Lines = field(init=False)

    def run(self) -> FileFix:
        for _ in range(limits.MAX_INNER_ROUNDS):
            self.lines = Lines(self.source.text)
            candidates = self.candidates()
            if not candidates or monotonic() > self.job.deadline:
                break
            answer = self.ask(candidates)
            self.note(candidates, answer)
            if answer["text"] == self.source.text:
                break
            self.source = self.source.with_text(answer["text"])
        return FileFix(self.source, tuple(self.applied), tuple(self.refused))

    def candidates(self) -> list[Diagnostic]:
        measure = measure_all([self.source])[self.source.path]
        found = lint_all([self.source], self.job.target).get(self.source.path)
        if measure.status != MEASURED or found is None or found.status != "ok":
            return []
        return _affordable([d for d in found.diagnostics if self.is_candidate(d)])

    def is_candidate(self, found: Diagnostic) -> bool:
        rule = rules().get(found.rule)
        if rule is None or not _belongs(rule, self.job.group) or fix_kind(rule, found) != "auto":
            return False
        if self.only is not None and found.rule not in (self.only, _companion(self.job.group)):
            return False
        return self.key(found) not in self.blocked

    def key(self, found: Diagnostic) -> tuple[str, str, str]:
        """What stays the same when a finding moves to another line."""
        return found.rule, found.message, self.lines.line(found.line)[:200].strip()

    def ask(self, candidates: list[Diagnostic]) -> dict[str, Any]:
        protection = self.job.protection
        request = {
            "do": "fix",
            "text": self.source.text,
            "group": self.job.group,
            "candidates": [_wire(n, found) for n, found in enumerate(candidates)],
            "protected": {"names": protection.names, "star": protection.star},
            "is_package": self.source.is_package,
        }
        try:
            answer: dict[str, Any] = pool.ask(request)
        except WorkerDied as error:
            reason = f"the edits could not be checked: {error}"
            refused = [{"n": n, "reason": reason} for n in range(len(candidates))]
            return {"text": self.source.text, "applied": [], "refused": refused}
        return answer

    def note(self, candidates: list[Diagnostic], answer: dict[str, Any]) -> None:
        for item in answer["applied"]:
            found = candidates[item["n"]]
            self.applied.append({**self.entry(found), "evidence": item["evidence"]})
        for item in answer["refused"]:
            found = candidates[item["n"]]
            self.blocked.add(self.key(found))
            if found.rule != _companion(self.job.group):
                self.refused.append({**_refusal(self.entry(found), item["reason"])})

    def entry(self, found: Diagnostic) -> dict[str, Any]:
        rule = rules()[found.rule]
        return {
            "path": self.source.path,
            "rule": found.rule,
            "name": rule.name,
            "category": rule.category,
            "line": found.line,
            "message": found.message,
            "weight": rule.weight,
        }


def _affordable(candidates: list[Diagnostic]) -> list[Diagnostic]:
    """As many candidates as one round can carry; the others come in the next rounds."""
    room = limits.MAX_EDIT_CHARS
    kept = []
    for found in candidates[: limits.MAX_CANDIDATES]:
        room -= sum(len(edit.content) for edit in found.edits)
        if room < 0:
            break
        kept.append(found)
    return kept


def _belongs(rule: Rule, group: str) -> bool:
    return rule.fix_group == group or rule.code == _companion(group)


def _companion(group: str) -> str | None:
    """Modernising makes typing imports unused; they go with it, or the debt would rise."""
    return "F401" if group == "modernise" else None


def _wire(number: int, found: Diagnostic) -> dict[str, Any]:
    name = found.message.split("`")[1] if found.message.count("`") >= 2 else ""
    return {
        "n": number,
        "rule": found.rule,
        "safe": found.applicability == "safe",
        "name": name.rpartition(" as ")[2],
        "line": found.line,
        "edits": [[edit.start, edit.end, edit.content] for edit in found.edits],
    }


def weakest(applied: Iterable[dict[str, Any]]) -> str:
    return str(min((fix["evidence"] for fix in applied), key=PROOF.__getitem__))
