"""The tools at the end of a round and of the run: apply fixes, report."""

from __future__ import annotations

from typing import Any

from engine.library.review import report
from engine.library.review.passes import Pass, pass_entry
from engine.library.review.ruff import DEFAULT_TARGET
from engine.library.review.settings import DEFAULT_THRESHOLD, Entry
from engine.library.review.sources import (
    PASTED,
    Source,
    fold_text,
    read,
    sources_in,
    unfold_text,
)


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
