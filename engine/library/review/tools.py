"""The ten tools of the code review, plain functions over the keys of a run's state.

Each is pure: the same state gives the same answer, so a run can be replayed, a crashed one
repeated, and a round run twice leaves the state as it was. Without `sources` (in a graph that does
not begin with `load_code`) they review the bare `code`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from engine.library.review import limits, report
from engine.library.review.catalogue import rules
from engine.library.review.findings import FileFindings, Finding, by_place, listed
from engine.library.review.inspection import LINT_FAILURES, lint_all, measure_all
from engine.library.review.passes import Pass, imports_index, open_candidates, pass_entry
from engine.library.review.ruff import DEFAULT_TARGET, TARGETS
from engine.library.review.score import BatchScore, gate, score_batch, totals_of
from engine.library.review.sources import (
    PASTED,
    Source,
    fold_text,
    load,
    read,
    sources_in,
    unfold_text,
    unpack,
)
from engine.library.review.suggestions import suggest
from engine.tools import ToolRegistry

Entry = dict[str, Any]

DEFAULT_THRESHOLD = 7.0
DEFAULT_PASSES = 8
FAIL_ON = ("none", "error", "security-high")


def load_code(
    code: str = "",
    files: dict[str, Any] | list[Any] | None = None,
    sources: list[Entry] | None = None,
    quality_threshold: float = DEFAULT_THRESHOLD,
    max_passes: int = DEFAULT_PASSES,
    target_version: str = DEFAULT_TARGET,
    language: str = "python",
    fail_on: str = "none",
) -> dict[str, Any]:
    """Take in the code to review: pasted text in `code`, or `files` as {path: text}.

    A file that is not UTF-8 is given as {"base64": …} of its bytes. `quality_threshold` is the
    score from 0 to 10 that is good enough, `max_passes` how often fixes may be applied,
    `target_version` the oldest Python the code has to run on (py310 … py314), `fail_on` which
    findings close the gate whatever the score says: none, error or security-high.
    """
    _check_settings(quality_threshold, max_passes, target_version, language, fail_on)
    given = unpack(files) if files else {}
    if isinstance(code, str) and code.strip():
        given.setdefault(PASTED, code)
    loaded = load(given)
    entries = [source.to_state() for source in loaded.sources]
    return {
        "sources": entries or sources or [],
        # The files live on in `sources`; a second copy would only weigh the state down.
        "files": {},
        "skipped": loaded.skipped,
        "limits_hit": loaded.limits_hit,
        "quality_threshold": quality_threshold,
        "max_passes": max_passes,
        "target_version": target_version,
        "fail_on": fail_on,
        **_FRESH,
    }


_FRESH: dict[str, Any] = {
    "passes": [],
    "refusals": [],
    "originals": {},
    "baseline_size": {},
    "score_course": [],
    "progress": True,
}
"""What the loop gathers, empty at the start: a state of an earlier review begins anew."""


def _check_settings(
    threshold: float, max_passes: int, target: str, language: str, fail_on: str
) -> None:
    _check_threshold(threshold)
    if (
        isinstance(max_passes, bool)
        or not isinstance(max_passes, int)
        or not 0 <= max_passes <= 100
    ):
        raise ValueError(f"max_passes must be a whole number from 0 to 100, not {max_passes!r}")
    if target not in TARGETS:
        raise ValueError(f"target_version must be one of {', '.join(TARGETS)}, not {target!r}")
    if language != "python":
        raise ValueError(f"language must be 'python', not {language!r}: no other can be reviewed")
    if fail_on not in FAIL_ON:
        raise ValueError(f"fail_on must be one of {', '.join(FAIL_ON)}, not {fail_on!r}")


def _check_threshold(threshold: float) -> float:
    if (
        isinstance(threshold, bool)
        or not isinstance(threshold, (int, float))
        or not math.isfinite(threshold)
    ):
        raise ValueError(f"quality_threshold must be a number from 0 to 10, not {threshold!r}")
    return threshold


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
        "suggestions": suggest(findings, _given(code, sources), target_version),
        "quality_threshold": _check_threshold(quality_threshold),
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
    ok = files_reviewed > 0 and quality_score >= _check_threshold(quality_threshold)
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


def apply_fixes(
    sources: list[Entry],
    issues: list[Entry],
    target_version: str = DEFAULT_TARGET,
    imports_index: dict[str, Any] | None = None,
    passes: list[Entry] | None = None,
    refusals: list[Entry] | None = None,
    originals: dict[str, str] | None = None,
    code: str = "",
) -> dict[str, Any]:
    """Apply the next group of safe fixes to every file, and prove that the code means the same.

    A fix is kept only if the result compiles, keeps every comment and the module's interface, and
    lowers the file's debt; the first group is kept only if the compiled code is equal.
    """
    befores = {source.path: source for source in sources_in({"sources": sources})}
    done = passes or []
    last_group = done[-1]["group"] if done else None
    one = Pass(
        len(done) + 1,
        befores,
        issues,
        refusals or [],
        imports_index or {},
        target_version,
        last_group,
    )
    result = one.run()
    changed = result.changed(befores)
    afters = {**befores, **changed}
    entry = {**pass_entry(result, befores, done), "limits_hit": list(result.limits_hit)}
    # Pasted code is in the state already, as it came.
    firsts = {p: fold_text(befores[p].text) for p in changed if not (code and p == PASTED)}
    return {
        "sources": [afters[path].to_state() for path in sorted(afters)],
        "originals": {**firsts, **(originals or {})},
        "passes": [*done, entry] if changed or result.refusals or result.limits_hit else done,
        "refusals": _current([*(refusals or []), *result.refusals], afters),
        "progress": bool(changed),
    }


def _current(refusals: list[Entry], sources: dict[str, Source]) -> list[Entry]:
    """Refusals for texts that still exist; the others can never apply again."""
    return [r for r in refusals if sources[r["path"]].sha256 == r["sha256"]]


def write_report(state: dict[str, Any]) -> dict[str, Any]:
    """Put the report together: JSON in `report`, one page in `markdown`, all fixes in `patch`."""
    whole = {**_EMPTY, **state}
    built = report.build(whole)
    return {
        "report": built,
        "markdown": report.markdown(built),
        "patch": report.patch(_originals(whole), whole["sources"]),
    }


def _originals(state: dict[str, Any]) -> dict[str, str]:
    """The texts of changed files as they came in."""
    originals = {path: unfold_text(text) for path, text in state["originals"].items()}
    code = state.get("code")
    if code and any(entry["path"] == PASTED for entry in state["sources"]):
        originals.setdefault(PASTED, read(PASTED, code).text)
    return originals


_EMPTY: dict[str, Any] = {
    "issues": [],
    "issue_count": 0,
    "complexity_findings": [],
    "functions": [],
    "suggestions": [],
    "suppressed": [],
    "sources": [],
    "skipped": [],
    "limits_hit": [],
    "analysis_notes": [],
    "passes": [],
    "originals": {},
    "file_scores": [],
    "score_course": [],
    "score_terms": {},
    "quality_score": 0.0,
    "quality_threshold": DEFAULT_THRESHOLD,
    "quality_ok": False,
    "stop_reason": None,
    "gate": {"fail_on": "none", "ok": True, "blocking": 0},
    "target_version": DEFAULT_TARGET,
}

TOOLS: dict[str, Callable[..., dict[str, Any]]] = {
    "load_code": load_code,
    "extract_functions": extract_functions,
    "check_complexity": check_complexity,
    "detect_issues": detect_issues,
    "detect_basic_issues": detect_issues,
    "score_quality": score_quality,
    "suggest_improvements": suggest_improvements,
    "evaluate_quality": evaluate_quality,
    "apply_fixes": apply_fixes,
    "report": write_report,
}
"""The tools by name; `detect_basic_issues` is the older name of `detect_issues`."""


def register(registry: ToolRegistry) -> None:
    """Register the ten tools (one of them under two names); all are pure."""
    for name, function in TOOLS.items():
        registry.register(name, function, effect="pure", category="review")
