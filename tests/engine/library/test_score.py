"""The score's algebra: additive, monotone, independent of order, never dressed up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.library.review.score import (
    SMOOTHING,
    BatchScore,
    FileScore,
    gate,
    score_batch,
    totals_of,
)

CATEGORIES = ("bug", "security", "layout", "complexity")
WEIGHTS = st.sampled_from([1.0, 2.0, 4.0, 8.0, 25.0, 30.0, 60.0, 0.4])


def finding(path: str, category: str, weight: float, severity: str = "minor") -> dict[str, Any]:
    return {"path": path, "category": category, "weight": weight, "severity": severity, "id": "x"}


findings = st.lists(
    st.builds(finding, st.sampled_from(["a.py", "b.py"]), st.sampled_from(CATEGORIES), WEIGHTS),
    max_size=30,
)
sizes = st.fixed_dictionaries({"a.py": st.integers(0, 5000), "b.py": st.integers(0, 5000)})


def scored(found: list[dict[str, Any]], size: dict[str, int]) -> BatchScore:
    facts = {path: {"status": "ok", "size": lines} for path, lines in size.items()}
    return score_batch(facts, size, totals_of(found))


@given(findings, sizes)
def test_what_findings_cost_adds_up_to_what_is_missing(found, size):
    batch = scored(found, size)

    lost = sum(f["points_lost"] for f in batch.with_points(found))

    assert batch.score + lost == pytest.approx(10, abs=1e-4)
    assert sum(batch.terms().values()) == pytest.approx(lost, abs=1e-3)


@given(findings, sizes, st.sampled_from(["a.py", "b.py"]), WEIGHTS)
def test_one_more_finding_never_raises_the_score(found, size, path, weight):
    more = [*found, finding(path, "bug", weight)]

    assert scored(more, size).score < scored(found, size).score


@given(findings, sizes, st.randoms())
def test_the_order_of_findings_does_not_matter(found, size, random):
    shuffled = list(found)
    random.shuffle(shuffled)

    assert scored(shuffled, size).score == pytest.approx(scored(found, size).score)


@given(findings, sizes)
def test_it_stays_within_0_and_10(found, size):
    assert 0 <= scored(found, size).score <= 10


def test_the_formula_itself():
    score = FileScore("a.py", "ok", 70, {"bug": 60.0, "layout": 40.0})

    assert SMOOTHING == 30
    assert score.score == 5.0


def test_the_batch_is_the_mean_weighed_by_size():
    big = FileScore("a.py", "ok", 170, {})
    small = FileScore("b.py", "ok", 20, {"bug": 50.0})

    assert BatchScore((big, small)).score == pytest.approx((200 * 10 + 50 * 5) / 250)


@pytest.mark.parametrize("status", ["syntax", "undecodable", "nul_bytes", "too_deep"])
def test_a_file_that_cannot_run_scores_0(status):
    assert FileScore("a.py", status, 100, {}).score == 0


@pytest.mark.parametrize("status", ["analyzer_crash", "analyzer_timeout"])
def test_a_file_that_could_not_be_analysed_is_left_out(status):
    good = FileScore("a.py", "ok", 10, {"bug": 40.0})

    assert BatchScore((good, FileScore("b.py", status, 500, {}))).score == good.score


def test_nothing_to_score_is_0_and_not_10():
    assert BatchScore(()).score == 0


def test_the_gate_closes_on_what_it_is_told_to():
    weak_hash = finding("a.py", "security", 60, "high")
    bug = finding("a.py", "bug", 60, "error")

    assert gate([weak_hash, bug], "none")["ok"]
    assert gate([weak_hash, bug], "error") == {"fail_on": "error", "ok": False, "blocking": 2}
    assert gate([bug], "security-high")["ok"]
    assert not gate([weak_hash], "security-high")["ok"]
