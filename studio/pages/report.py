"""A review's report in words and numbers for its page. The report itself is the API's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from studio.pages.course import Course, course
from studio.pages.diff_lines import DiffLine, diff_lines
from studio.templatetags.treadle import decimal

MOST_FINDINGS = 500
Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    path: str
    line: int
    function: str
    severity: str
    tone: str
    rule: str
    name: str
    category: str
    url: str
    message: str
    points: str
    fix: str


@dataclass(frozen=True, slots=True)
class Function:
    path: str
    name: str
    line: int
    cyclomatic: int
    cognitive: int
    nesting: int
    statements: int
    params: int
    level: str
    """ok, warn or high, by cyclomatic and cognitive complexity."""
    bar: int
    """Width in a box of 72."""


@dataclass(frozen=True, slots=True)
class Fix:
    path: str
    rule: str
    line: int | None
    evidence: str
    evidence_text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pass:
    n: int
    title: str
    applied: Sequence[Fix]
    refused: Sequence[Fix]
    diff: Sequence[DiffLine]
    diff_cut: bool


@dataclass(frozen=True, slots=True)
class Report:
    score: float
    threshold: float
    verdict: str
    """ok, below or bad."""
    headline: str
    reason: str
    gain: str
    dial: float
    """Share of the dial's circle, in hundredths."""
    gate: str
    gate_failed: bool
    course: Course
    findings: Sequence[Finding]
    findings_more: int
    severities: Sequence[tuple[str, int]]
    suppressed: int
    fixed: int
    functions: Sequence[Function]
    passes: Sequence[Pass]
    suggestions: Sequence[Raw]
    remaining_text: str
    skipped: Sequence[Raw]
    limits: Sequence[str]
    many_files: bool
    fixed_code: str


_REASONS = {
    "threshold": gettext_noop("The loop stopped because the score reached the threshold."),
    "no_progress": gettext_noop(
        "The loop stopped because a whole round found nothing more it can safely fix."
    ),
    "budget": gettext_noop("The loop stopped because it used all its passes or its time."),
    "nothing_to_review": gettext_noop("There was no Python code to review."),
}
_GROUPS = {
    "proven": gettext_noop("fixes proven to change nothing"),
    "dead": gettext_noop("dead code"),
    "modernise": gettext_noop("modern forms"),
    "simplify": gettext_noop("simpler forms"),
}
_EVIDENCE = {
    "ast": gettext_noop("Proven: the syntax tree is equal before and after."),
    "bytecode": gettext_noop("Proven: Python compiles both to the same bytecode."),
    "guarded": gettext_noop(
        "Guarded: names, signatures and comments are kept and the code compiles."
    ),
}
_TONES = {"error": "error", "high": "error", "medium": "warn", "warning": "warn"}
_FIXES = {
    "auto": gettext_noop("safe to fix"),
    "unsafe": gettext_noop("with a decision"),
    "display": gettext_noop("with a decision"),
    "none": gettext_noop("by hand"),
}

_KINDS = {"unsafe_fix": gettext_noop("with a decision"), "manual": gettext_noop("by hand")}


def read_report(raw: Raw, fixed_files: Mapping[str, str] | None = None) -> Report:
    """From the report of the API; members it lacks count as empty."""
    score, threshold = (
        float(raw.get("quality_score") or 0),
        float(raw.get("quality_threshold") or 0),
    )
    left = [item for item in raw.get("issues") or () if _is_left(item)]
    paths = {str(item.get("path")) for item in raw.get("files") or ()}
    gate = raw.get("gate") or {}
    passes = [_pass(item) for item in raw.get("passes") or ()]
    return Report(
        score=score,
        threshold=threshold,
        verdict=_verdict(raw, score),
        headline=_headline(raw, score, threshold),
        reason=_(_REASONS.get(str(raw.get("stop_reason")), "")),
        gain=_gain(raw),
        dial=round(min(max(score, 0), 10) * 10, 1),
        gate=str(gate.get("fail_on") or ""),
        gate_failed=gate.get("ok") is False,
        course=course(raw.get("score_course") or (), threshold),
        findings=[_finding(item) for item in sorted(left, key=_place)[:MOST_FINDINGS]],
        findings_more=max(len(left), _count(raw.get("issue_count")))
        - min(len(left), MOST_FINDINGS),
        severities=Counter(str(item.get("severity")) for item in left).most_common(),
        suppressed=_count(raw.get("suppressed")),
        fixed=sum(len(each.applied) for each in passes),
        functions=_functions(raw.get("functions") or ()),
        passes=passes,
        suggestions=_suggestions(raw),
        remaining_text=_remaining(raw.get("remaining") or {}),
        skipped=list(raw.get("skipped") or ()),
        limits=[_words(limit) for limit in raw.get("limits_hit") or ()],
        many_files=len(paths) > 1,
        fixed_code=_only(fixed_files or {}),
    )


def _is_left(item: Raw) -> bool:
    return not item.get("fixed_in_pass") and not item.get("suppressed")


def _place(item: Raw) -> tuple[str, int, int]:
    return str(item.get("path")), int(item.get("line") or 0), int(item.get("column") or 0)


def _verdict(raw: Raw, score: float) -> str:
    if raw.get("quality_ok"):
        return "ok"
    return "below" if score >= 4 else "bad"


def _headline(raw: Raw, score: float, threshold: float) -> str:
    if raw.get("stop_reason") == "nothing_to_review":
        return _("Nothing to review")
    if raw.get("quality_ok"):
        return _("Good: the threshold is reached")
    return _("Below the threshold of {threshold}").format(threshold=number_format(f"{threshold:g}"))


def _gain(raw: Raw) -> str:
    scores = [float(item.get("score") or 0) for item in raw.get("score_course") or ()]
    gained = scores[-1] - scores[0] if len(scores) > 1 else 0.0
    return f"+{decimal(gained, 1)}" if gained >= 0.05 else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) else len(value or ())


def _finding(item: Raw) -> Finding:
    severity = str(item.get("severity") or "")
    url = str(item.get("url") or "")
    points = item.get("points_lost")
    return Finding(
        path=str(item.get("path") or ""),
        line=int(item.get("line") or 0),
        function=str(item.get("function") or ""),
        severity=severity,
        tone=_TONES.get(severity, "plain"),
        rule=str(item.get("rule") or ""),
        name=str(item.get("name") or ""),
        category=str(item.get("category") or ""),
        # Only web addresses become links: a report may come from anywhere one day.
        url=url if url.startswith("https://") else "",
        message=str(item.get("message") or ""),
        points=f"{points:.2f}" if isinstance(points, int | float) else "–",
        fix=_(_FIXES.get(str(item.get("fix") or "none"), "by hand")),
    )


def _functions(rows: Sequence[Raw]) -> list[Function]:
    read = [_function(row) for row in rows]
    return sorted(read, key=lambda each: (-each.cyclomatic, -each.cognitive, each.line))


def _function(row: Raw) -> Function:
    cyclomatic, cognitive = int(row.get("cyclomatic") or 0), int(row.get("cognitive") or 0)
    params = row.get("params") or 0
    high = cyclomatic > 20 or cognitive > 30
    raised = cyclomatic > 10 or cognitive > 15
    return Function(
        path=str(row.get("path") or ""),
        name=str(row.get("qualname") or row.get("name") or ""),
        line=int(row.get("line") or 0),
        cyclomatic=cyclomatic,
        cognitive=cognitive,
        nesting=int(row.get("nesting") or 0),
        statements=int(row.get("statements") or 0),
        params=params if isinstance(params, int) else len(params),
        level="high" if high else "warn" if raised else "ok",
        bar=max(3, min(72, round(cyclomatic * 72 / 25))),
    )


def _pass(item: Raw) -> Pass:
    group = str(item.get("group") or "")
    diff, cut = diff_lines(str(item.get("diff") or ""))
    return Pass(
        n=int(item.get("n") or item.get("pass") or 0),
        title=_(_GROUPS.get(group, group or gettext_noop("fixes"))),
        applied=[_fix(fix) for fix in item.get("applied") or ()],
        refused=[_fix(fix) for fix in item.get("refused") or ()],
        diff=diff,
        diff_cut=cut or bool(item.get("diff_truncated")),
    )


def _fix(item: Raw) -> Fix:
    evidence = str(item.get("evidence") or "")
    return Fix(
        str(item.get("path") or ""),
        str(item.get("rule") or ""),
        item.get("line"),
        evidence,
        _(_EVIDENCE[evidence]) if evidence in _EVIDENCE else "",
        str(item.get("reason") or ""),
    )


def _suggestions(raw: Raw) -> list[Raw]:
    left = [item for item in raw.get("suggestions") or () if item.get("kind") != "auto"]
    return [
        {**item, "kind": _(_KINDS.get(str(item.get("kind")), "by hand"))} for item in left[:100]
    ]


def _remaining(remaining: Raw) -> str:
    unsafe, manual = _count(remaining.get("unsafe")), _count(remaining.get("manual"))
    if not unsafe and not manual:
        return _("Nothing is left to do.")
    parts = []
    if unsafe:
        decide = ngettext(
            "{n} needs a decision, because a fix may change behaviour",
            "{n} need a decision, because a fix may change behaviour",
            unsafe,
        )
        parts.append(decide.format(n=unsafe))
    if manual:
        work = ngettext("{n} is work for a person", "{n} are work for a person", manual)
        parts.append(work.format(n=manual))
    told = _(", and ").join(parts)
    return _("The loop cleans, it does not redesign: {told}.").format(told=told)


def _words(limit: Any) -> str:
    if isinstance(limit, Mapping):
        return str(limit.get("detail") or limit.get("limit") or _("A limit was reached."))
    return str(limit)


def _only(files: Mapping[str, str]) -> str:
    """The text of the only file after the last pass."""
    return next(iter(files.values())) if len(files) == 1 else ""
