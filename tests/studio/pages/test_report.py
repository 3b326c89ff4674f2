"""The review's report as its page tells it."""

from typing import Any

import pytest

from studio.pages.report import read_report

FINDING = {
    "path": "a.py",
    "line": 3,
    "column": 1,
    "rule": "B006",
    "severity": "error",
    "points_lost": 0.5,
    "message": "m",
    "fix": "none",
}


def report(**members: Any) -> Any:
    return read_report({"quality_score": 6.4, "quality_threshold": 7, **members})


def test_findings_stand_in_the_order_of_lines() -> None:
    found = report(issues=[{**FINDING, "line": 9}, {**FINDING, "line": 2}])

    assert [finding.line for finding in found.findings] == [2, 9]


def test_what_was_fixed_or_suppressed_is_not_left() -> None:
    found = report(issues=[{**FINDING, "fixed_in_pass": 1}, {**FINDING, "suppressed": True}])

    assert found.findings == []


def test_only_https_addresses_become_links() -> None:
    urls = ["javascript:alert(1)", "http://x", "https://docs.astral.sh/r"]

    found = report(issues=[{**FINDING, "url": url} for url in urls])

    assert [finding.url for finding in found.findings] == ["", "", "https://docs.astral.sh/r"]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("threshold", "threshold"),
        ("no_progress", "nothing more"),
        ("budget", "passes"),
        ("nothing_to_review", "no Python"),
    ],
)
def test_the_stop_reason_is_told_in_words(reason: str, word: str) -> None:
    assert word in report(stop_reason=reason).reason


def test_the_verdict_follows_threshold_and_score() -> None:
    assert report(quality_ok=True).verdict == "ok"
    assert report(quality_ok=False).verdict == "below"
    assert report(quality_ok=False, quality_score=1.2).verdict == "bad"


def test_the_gain_is_the_way_from_the_first_to_the_last_score() -> None:
    assert report(score_course=[{"score": 4.0}, {"score": 6.4}]).gain == "+2.4"
    assert report(score_course=[{"score": 6.4}]).gain == ""


def test_functions_come_with_the_most_complex_first_and_a_level() -> None:
    rows = [
        {"name": "plain", "cyclomatic": 2, "cognitive": 1, "params": ["a", "b"]},
        {"name": "knot", "cyclomatic": 25, "cognitive": 40, "params": 3},
        {"name": "raised", "cyclomatic": 11, "cognitive": 4},
    ]

    found = report(functions=rows).functions

    assert [(each.name, each.level) for each in found] == [
        ("knot", "high"),
        ("raised", "warn"),
        ("plain", "ok"),
    ]
    assert [each.params for each in found] == [3, 0, 2]


def test_passes_show_fixes_with_their_evidence_and_the_diff() -> None:
    applied = [{"path": "a.py", "rule": "F401", "line": 1, "evidence": "bytecode"}]
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1,1 +0,0 @@\n-import os\n"

    found = report(passes=[{"n": 1, "group": "dead", "applied": applied, "diff": diff}])

    (one,) = found.passes
    assert one.title == "dead code"
    assert "bytecode" in one.applied[0].evidence_text
    assert [line.kind for line in one.diff] == ["file", "hunk", "remove"]
    assert found.fixed == 1


def test_an_empty_report_is_readable() -> None:
    found = read_report({})

    assert found.remaining_text == "Nothing is left to do."
    assert found.findings == []
    assert found.course.points == ()
