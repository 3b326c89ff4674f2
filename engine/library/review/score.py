"""The quality score: 10 · (S + 30) / (S + 30 + D), with every term of it shown.

S is the size of the code in lines, frozen when the run starts, so that deleting an unused import
cannot lower the score. D is the sum of the weights of all findings, in lines of good code that
each outweighs. Every finding therefore costs exactly 10 · w / (S + 30 + D) points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.library.review.inspection import NOT_REVIEWED, UNUSABLE

SMOOTHING = 30
"""Lines of good code granted to every file, so that one nit does not ruin a short paste."""

Finding = dict[str, Any]
Totals = Mapping[str, Mapping[str, float]]
"""By path and category: the sum of the weights of all findings, listed or not."""


def totals_of(findings: Iterable[Finding]) -> dict[str, dict[str, float]]:
    sums: dict[str, dict[str, float]] = {}
    for finding in findings:
        if finding["weight"]:
            of_file = sums.setdefault(finding["path"], {})
            category = finding["category"]
            of_file[category] = round(of_file.get(category, 0.0) + finding["weight"], 4)
    return sums


def debt_of(findings: Iterable[Finding]) -> float:
    return float(round(sum(finding["weight"] for finding in findings), 4))


@dataclass(frozen=True, slots=True)
class FileScore:
    path: str
    status: str
    size: int
    weights: Mapping[str, float]
    """The debt by category of finding."""

    @property
    def debt(self) -> float:
        return sum(self.weights.values())

    @property
    def effort(self) -> float:
        """The file's share in the score of a batch."""
        return self.size + SMOOTHING

    @property
    def score(self) -> float:
        """0 to 10, not rounded."""
        if self.status in UNUSABLE:
            return 0.0
        return 10 * self.effort / (self.effort + self.debt)

    @property
    def counts(self) -> bool:
        return self.status not in NOT_REVIEWED

    def points_by_category(self) -> dict[str, float]:
        """What each category costs of this file's own 10 points."""
        if self.status in UNUSABLE:
            return {"syntax": 10.0}
        whole = self.effort + self.debt
        return {category: 10 * weight / whole for category, weight in self.weights.items()}

    def points_of(self, finding: Finding) -> float:
        """What one finding costs of this file's own 10 points."""
        if self.status in UNUSABLE:
            return 10.0 if finding["severity"] == "blocker" else 0.0
        return 10 * float(finding["weight"]) / (self.effort + self.debt)

    def as_dict(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "status": self.status,
            "size": self.size,
            "debt": round(self.debt, 2),
            "score": round(self.score, 2),
        }


@dataclass(frozen=True, slots=True)
class BatchScore:
    """The files of a review together: the mean of their scores, weighed by their size."""

    files: tuple[FileScore, ...]

    @property
    def effort(self) -> float:
        return sum(score.effort for score in self.files if score.counts)

    @property
    def score(self) -> float:
        """0 to 10; 0 when there is nothing to score."""
        total = self.effort
        if not total:
            return 0.0
        return sum(s.effort * s.score for s in self.files if s.counts) / total

    @property
    def reviewed(self) -> int:
        return sum(score.counts for score in self.files)

    def terms(self) -> dict[str, float]:
        """Points lost by category, the dearest first; they add up to 10 minus the score."""
        sums: defaultdict[str, float] = defaultdict(float)
        total = self.effort
        for score in self.files:
            for category, points in score.points_by_category().items() if score.counts else ():
                sums[category] += points * score.effort / total
        ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        return {category: round(points, 4) for category, points in ordered if points > 0}

    def with_points(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with `points_lost` of the batch's 10 points."""
        counted = {score.path: score for score in self.files if score.counts}
        total = self.effort
        priced = []
        for finding in findings:
            score = counted.get(finding["path"])
            points = score.points_of(finding) * score.effort / total if score else 0.0
            priced.append({**finding, "points_lost": round(points, 6)})
        return priced


def score_batch(
    facts: Mapping[str, Mapping[str, Any]], sizes: Mapping[str, int], *totals: Totals
) -> BatchScore:
    """Score files by their {status, size}; `sizes` are the frozen ones of the run's start."""
    scores = []
    for path, fact in sorted(facts.items()):
        weights: dict[str, float] = {}
        for total in totals:
            for category, weight in total.get(path, {}).items():
                weights[category] = weights.get(category, 0.0) + weight
        scores.append(FileScore(path, fact["status"], sizes.get(path, fact["size"]), weights))
    return BatchScore(tuple(scores))


def is_blocking(finding: Mapping[str, Any], fail_on: str) -> bool:
    """Whether a finding closes the gate, whatever the score says."""
    if fail_on == "error":
        return finding["severity"] in ("error", "high", "blocker")
    if fail_on == "security-high":
        return bool(finding["category"] == "security" and finding["severity"] == "high")
    return False


def gate(findings: Iterable[Mapping[str, Any]], fail_on: str) -> dict[str, Any]:
    blocking = [f["id"] for f in findings if is_blocking(f, fail_on)]
    return {"fail_on": fail_on, "ok": not blocking, "blocking": len(blocking)}
