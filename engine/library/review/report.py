"""The report of a review: JSON for programs, Markdown for people, a patch for git."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from engine.library.review import limits, ruff
from engine.library.review.catalogue import profile_hash
from engine.library.review.patch import patch_of

Report = dict[str, Any]

_STOPS = {
    "threshold": "the score reached the threshold",
    "no_progress": "no fix is left that can be applied safely",
    "budget": "the passes or the time allowed are used up",
    "nothing_to_review": "there was nothing to review",
}
_PROOFS = {
    "ast": "equal syntax tree",
    "bytecode": "equal bytecode",
    "guarded": "guarded: safe by rule, interface and comments unchanged",
}


def build(state: Mapping[str, Any]) -> Report:
    """The report of a run's state; every list is sorted, and nothing in it depends on time."""
    findings = [*state["issues"], *state["complexity_findings"]]
    target = state["target_version"]
    return {
        "quality_score": state["quality_score"],
        "quality_threshold": state["quality_threshold"],
        "quality_ok": state["quality_ok"],
        "stop_reason": state["stop_reason"],
        "gate": state["gate"],
        "score_course": state["score_course"],
        "score_terms": state["score_terms"],
        "files": state["file_scores"],
        "functions": state["functions"],
        "issues": sorted(findings, key=lambda f: (f["path"], f["line"], f["column"], f["rule"])),
        "issue_count": state["issue_count"] + len(state["complexity_findings"]),
        "passes": state["passes"],
        "suggestions": state["suggestions"],
        "remaining": remaining(findings),
        "skipped": state["skipped"],
        "suppressed": state["suppressed"],
        "limits_hit": limits_hit(state),
        "engine": {
            "ruff": ruff.version(),
            "profile_hash": profile_hash(),
            "target_version": target,
        },
    }


def remaining(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    kinds = Counter(finding["fix"] for finding in findings)
    return {
        "auto": kinds["auto"],
        "unsafe": kinds["unsafe"] + kinds["display"],
        "manual": kinds["none"],
    }


def limits_hit(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = [*state["limits_hit"], *state["analysis_notes"]]
    for one in state["passes"]:
        entries += one.get("limits_hit", ())
        if one["diff_truncated"]:
            most = f"{limits.MAX_PASS_DIFF_CHARS:,}"
            detail = f"the diff of pass {one['n']} is longer than {most} characters"
            entries.append(limits.hit("pass_diff", detail))
    missing = state["issue_count"] - len(state["issues"])
    if missing > 0:
        detail = f"{missing:,} findings are counted in the score and not listed"
        entries.append(limits.hit("findings_listed", detail))
    return entries


def patch(originals: Mapping[str, str], sources: Iterable[Mapping[str, Any]]) -> str:
    """One diff from what came in to what the passes made of it."""
    now = {entry["path"]: entry["text"] for entry in sources}
    text, _ = patch_of(originals, {p: now[p] for p in originals}, limits.MAX_PATCH_CHARS)
    return text


def markdown(report: Report) -> str:
    """The report on one page."""
    parts = [_headline(report), _course(report), _terms(report), _files(report)]
    parts += [_suggestions(report), _passes(report), _notes(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(report: Report) -> str:
    verdict = "passed" if report["quality_ok"] else "below the threshold"
    score, threshold = report["quality_score"], report["quality_threshold"]
    stop = _STOPS.get(report["stop_reason"] or "", "it is still running")
    title = f"# Code review: {score:g} of 10, {verdict}"
    return f"{title}\n\nThreshold {threshold:g}; it ended because {stop}."


def _course(report: Report) -> str:
    rows = [
        f"| {one['pass']} | {one['group'] or 'as it came'} | {one['score']:g} | {one['findings']} |"
        for one in report["score_course"]
    ]
    return (
        "\n".join(["| pass | fixes | score | findings |", "|---|---|---|---|", *rows])
        if rows
        else ""
    )


def _terms(report: Report) -> str:
    rows = [f"- {category}: {points:.2f}" for category, points in report["score_terms"].items()]
    return "\n".join(["## Points lost", "", *rows]) if rows else ""


def _files(report: Report) -> str:
    worst = sorted(report["files"], key=lambda f: (f["score"], f["path"]))[:20]
    if len(report["files"]) < 2:
        return ""
    rows = [
        f"| {_cell(f['path'])} | {f['score']:g} | {f['size']} | {f['debt']:g} | {f['status']} |"
        for f in worst
    ]
    head = [
        "## Files, the worst first",
        "",
        "| file | score | lines | debt | status |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def _suggestions(report: Report) -> str:
    rows = [
        f"- {_cell(s['path'])}:{s['line']} {s['rule']} ({s['kind']}, {s['points']:.2f}):"
        f" {_cell(s['text'])}"
        for s in report["suggestions"][:50]
    ]
    return "\n".join(["## What to do next", "", *rows]) if rows else ""


def _passes(report: Report) -> str:
    parts = []
    room = limits.MAX_MARKDOWN_DIFF_CHARS
    for one in report["passes"]:
        proofs = ", ".join(f"{_PROOFS[level]}: {n}" for level, n in one["evidence"].items())
        text = f"## Pass {one['n']}: {one['group'] or 'nothing could be applied'}"
        text += f"\n\n{one['applied_count']} fixes in {len(one['files_changed'])} files"
        text += f" ({proofs})" if proofs else ""
        text += f"; {one['refused_count']} refused."
        if one["diff"] and len(one["diff"]) <= room:
            room -= len(one["diff"])
            fence = "`" * max(3, _longest_fence(one["diff"]) + 1)
            text += f"\n\n{fence}diff\n{one['diff']}{fence}"
        elif one["diff"]:
            text += " The diff is long: see the patch."
        parts.append(text)
    return "\n\n".join(parts)


def _longest_fence(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _notes(report: Report) -> str:
    rows = [f"- {_cell(s['path'])}: {s['reason']}: {s['detail']}" for s in report["skipped"]]
    rows += [f"- {entry['limit']}: {entry['detail']}" for entry in report["limits_hit"]]
    if report["suppressed"]:
        rows.append(f"- {len(report['suppressed'])} findings are suppressed by comments")
    return "\n".join(["## Left out", "", *rows]) if rows else ""


def _cell(text: str) -> str:
    """Text from the reviewed code, harmless inside a table or a list of Markdown."""
    plain = " ".join(text.split())
    for character in "\\|<>[]":
        plain = plain.replace(character, "\\" + character)
    return plain
