"""The tools that judge: the score, the suggestions, whether to go on."""

from __future__ import annotations

from typing import Any

from engine.library.review.passes import open_candidates
from engine.library.review.ruff import DEFAULT_TARGET
from engine.library.review.score import BatchScore, gate, score_batch
from engine.library.review.settings import DEFAULT_PASSES, DEFAULT_THRESHOLD, Entry, check_threshold
from engine.library.review.sources import sources_in
from engine.library.review.suggestions import suggest


def score_quality(
    file_facts: dict[str, Any],
    issues: list[Entry],
    complexity_findings: list[Entry],
    issue_totals: dict[str, Any],
    complexity_totals: dict[str, Any],
    issue_count: int,
    unlinted: dict[str, str] | None = None,
    baseline_size: dict[str, int] | None = None,
    score_course: list[Entry] | None = None,
    passes: list[Entry] | None = None,
) -> dict[str, Any]:
    """Score the code from 0 to 10, with what every finding costs.

    10 · (S + 30) / (S + 30 + D): S is the size of the code in lines when the run began, D the sum
    of the weights of all findings, in lines of good code that each outweighs.
    """
    batch = _batch(file_facts, baseline_size, unlinted, issue_totals, complexity_totals)
    done = passes or []
    step = {
        "pass": len(done),
        "group": done[-1]["group"] if done else None,
        "score": round(batch.score, 2),
        "findings": issue_count + len(complexity_findings),
    }
    course = [earlier for earlier in score_course or [] if earlier["pass"] < step["pass"]]
    return {**_scored(batch, issues, complexity_findings), "score_course": [*course, step]}


def _batch(
    facts: dict[str, Any],
    baseline: dict[str, int] | None,
    unlinted: dict[str, str] | None,
    *totals: dict[str, Any],
) -> BatchScore:
    """The scores by file; one whose linter failed is not scored, it would look too good."""
    failed = unlinted or {}
    known = {
        path: {**fact, "status": failed.get(path, fact["status"])} for path, fact in facts.items()
    }
    sizes = {path: fact["size"] for path, fact in facts.items()} | (baseline or {})
    return score_batch(known, sizes, *totals)


def _scored(batch: BatchScore, issues: list[Entry], complexity: list[Entry]) -> dict[str, Any]:
    return {
        "quality_score": round(batch.score, 2),
        "score_terms": batch.terms(),
        "file_scores": [score.as_dict() for score in batch.files],
        "files_reviewed": batch.reviewed,
        "baseline_size": {score.path: score.size for score in batch.files},
        "issues": batch.with_points(issues),
        "complexity_findings": batch.with_points(complexity),
    }


def suggest_improvements(
    code: str = "",
    sources: list[Entry] | None = None,
    issues: list[Entry] | None = None,
    complexity_findings: list[Entry] | None = None,
    issue_totals: dict[str, Any] | None = None,
    complexity_totals: dict[str, Any] | None = None,
    file_facts: dict[str, Any] | None = None,
    unlinted: dict[str, str] | None = None,
    baseline_size: dict[str, int] | None = None,
    quality_threshold: float = DEFAULT_THRESHOLD,
    target_version: str = DEFAULT_TARGET,
) -> dict[str, Any]:
    """Say what to do next: one suggestion per rule and file, the dearest first.

    Also scores the code, as `score_quality` does, for graphs without that node.
    """
    totals = (issue_totals or {}, complexity_totals or {})
    batch = _batch(file_facts or {}, baseline_size, unlinted, *totals)
    scored = _scored(batch, issues or [], complexity_findings or [])
    findings = [*scored["issues"], *scored["complexity_findings"]]
    return {
        **scored,
        "suggestions": suggest(
            findings, sources_in({"code": code, "sources": sources}), target_version
        ),
        "quality_threshold": check_threshold(quality_threshold),
    }


def evaluate_quality(
    quality_score: float = 0.0,
    quality_threshold: float = DEFAULT_THRESHOLD,
    files_reviewed: int = 0,
    issues: list[Entry] | None = None,
    complexity_findings: list[Entry] | None = None,
    sources: list[Entry] | None = None,
    refusals: list[Entry] | None = None,
    passes: list[Entry] | None = None,
    max_passes: int = DEFAULT_PASSES,
    progress: bool = True,
    fail_on: str = "none",
) -> dict[str, Any]:
    """Decide whether the code is good enough, and if not whether another pass can help.

    `can_improve` says that fixes are left to try and passes to try them in; `stop_reason` is
    threshold, no_progress, budget, nothing_to_review, or null: go on.
    """
    ok = files_reviewed > 0 and quality_score >= check_threshold(quality_threshold)
    findings = [*(issues or []), *(complexity_findings or [])]
    able = progress and _fixable(issues or [], sources, refusals or [])
    if files_reviewed == 0:
        stop: str | None = "nothing_to_review"
    elif ok:
        stop = "threshold"
    elif len(passes or []) >= max_passes:
        stop = "budget"
    elif not able:
        stop = "budget" if _out_of_time(passes or []) else "no_progress"
    else:
        stop = None
    return {
        "quality_ok": ok,
        "gate": gate(findings, fail_on),
        "can_improve": able and files_reviewed > 0 and len(passes or []) < max_passes,
        "stop_reason": stop,
    }


def _out_of_time(passes: list[Entry]) -> bool:
    """Whether the last pass had to leave files alone for want of time."""
    return bool(passes) and bool(passes[-1]["limits_hit"])


def _fixable(issues: list[Entry], sources: list[Entry] | None, refusals: list[Entry]) -> bool:
    shas = {entry["path"]: entry["sha256"] for entry in sources or []}
    return bool(open_candidates(issues, shas, refusals))
