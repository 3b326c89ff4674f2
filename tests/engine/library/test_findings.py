"""Findings: their places, ids that stay, suppressions, and mistakes counted once."""

import pytest

from engine.library.review.findings import FileFindings
from engine.library.review.inspection import lint_all, measure_all
from engine.library.review.sources import read
from tests.engine.library.rounds import call, review, rules_found


def found(text: str | bytes, path: str = "a.py") -> list[dict]:
    source = read(path, text)
    builder = FileFindings(source, measure_all([source])[path])
    return [*builder.issues(lint_all([source], "py310").get(path)), *builder.complexity()]


def suppressed(text: str) -> list[str]:
    state = {"code": text}
    return [finding["rule"] for finding in call("detect_issues", state)["suppressed"]]


def places(text: str | bytes) -> list[tuple[str, int, int]]:
    return [(f["rule"], f["line"], f["column"]) for f in found(text)]


def test_a_finding_has_everything_a_page_needs():
    (finding,) = [f for f in found("def f():\n    x = 1\n") if f["rule"] == "F841"]

    assert finding | {"id": ""} == {
        "id": "",
        "path": "a.py",
        "line": 2,
        "column": 5,
        "end_line": 2,
        "end_column": 6,
        "rule": "F841",
        "name": "unused-variable",
        "category": "deadcode",
        "severity": "minor",
        "weight": 8.0,
        "points_lost": 0.0,
        "message": "Local variable `x` is assigned to but never used",
        "url": "https://docs.astral.sh/ruff/rules/unused-variable",
        "function": "f",
        "fix": "unsafe",
        "in_scope": True,
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_are_right_for_every_kind_of_line_end(end):
    text = end.join(["import os", "x = '😀é';  y = 1 ", ""])

    assert places(text) == [("F401", 1, 8), ("E702", 2, 9), ("W291", 2, 17)]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfimport os\n",
        b"# coding: latin-1\nimport os  # \xe9\n",
        b"\x0cimport os\n",
    ],
)
def test_bom_coding_line_and_form_feed_do_not_move_places(data):
    (place,) = places(data)

    assert place[0] == "F401"
    assert place[1] == data.count(b"\n", 0, data.index(b"import")) + 1


def test_ids_stay_when_lines_move_and_differ_within_a_file():
    text = "import os\nimport os\n\n\ndef f():\n    x = 1\n"

    ids = {f["id"]: f["rule"] for f in found(text)}
    moved = {f["id"]: f["rule"] for f in found("# new first line\n\n" + text)}

    assert len(ids) == len(found(text))
    assert moved == ids


def test_a_comment_suppresses_and_is_counted():
    text = "import os  # noqa: F401\nimport sys  # noqa\nx = eval(input())  # noqa: S307\n"

    assert "F401" not in [f["rule"] for f in found(text)]
    assert suppressed(text) == ["F401", "F401", "S307"]


def test_a_comment_suppresses_our_own_rules_by_either_name():
    text = "x = 1\nx + 1  # noqa: TR001\nx + 2  # noqa: B018\nx + 3  # noqa\nx + 4  # noqa: E501\n"

    own = [f["line"] for f in found(text) if f["rule"] == "TR001"]

    assert own == [5]
    assert suppressed(text).count("TR001") == 3


def test_a_suppressed_finding_costs_nothing():
    assert review(code="import os  # noqa: F401\n", max_passes=0)["quality_score"] == 10


def test_one_mistake_is_counted_once_by_the_heaviest_rule():
    text = "def f():\n    try:\n        return 1\n    except:\n        pass\n"

    weights = {f["rule"]: f["weight"] for f in found(text) if f["rule"] not in ("D103",)}
    overlapping = [f for f in found(text) if "overlaps" in f]

    assert set(weights) >= {"E722", "S110"}
    assert [w for w in weights.values() if w] == [max(weights.values())]
    assert {f["overlaps"] for f in overlapping} == {
        f["id"] for f in found(text) if f["rule"] in weights and f["weight"]
    }


def test_the_same_rule_twice_on_a_line_counts_twice():
    text = "def f():\n    a = 1; b = 2\n"

    assert [f["weight"] for f in found(text) if f["rule"] == "F841"] == [8.0, 8.0]


def test_a_statement_without_effect_is_found_except_in_tests():
    assert "TR001" in [f["rule"] for f in found("x = 1\nx + 1\n")]
    for path in ("test_a.py", "tests/a.py", "pkg/a_test.py", "conftest.py"):
        assert "TR001" not in [f["rule"] for f in found("x = 1\nx + 1\n", path)]


def test_each_limit_of_a_function_is_a_finding_of_its_own():
    body = "".join(f"    if a{i}:\n        b({i})\n" for i in range(30))
    text = f"def f({', '.join(f'a{i}' for i in range(30))}, b):\n    '''Doc.'''\n{body}"

    by_rule = {f["rule"]: f["weight"] for f in found(text) if f["category"] == "complexity"}

    assert by_rule == {"TR101": 4.0 * 21, "TR102": pytest.approx(0.4 * 10), "TR103": 8.0 * 24}


def test_newer_syntax_is_linted_and_not_called_an_error():
    state = review(code="x = t'{y}'\n", max_passes=0)

    assert state["report"]["files"][0]["status"] == "newer_syntax"
    assert sorted(rules_found(state)) == ["F821", "TR902"]


def test_syntax_newer_than_the_target_but_not_than_this_python_is_fine():
    state = review(code="try:\n    x = 1\nexcept* ValueError:\n    x = 2\n", max_passes=0)

    assert state["report"]["files"][0]["status"] == "ok"
    assert rules_found(state) == []


def test_more_findings_than_can_be_listed_are_counted_and_weigh():
    state = review(code="x = 1 \n" * 3000, max_passes=0)

    assert state["issue_count"] == 3000
    assert len(state["issues"]) < 3000
    assert state["report"]["files"][0]["debt"] == 6000
    assert [hit["limit"] for hit in state["report"]["limits_hit"]] == ["findings_listed"]


def test_a_flood_of_findings_is_counted_at_its_mean_weight():
    state = review(code="x = 1 \n" * 12_000, max_passes=0)

    assert state["report"]["files"][0]["debt"] == 24_000
    assert "linter" in [hit["limit"] for hit in state["report"]["limits_hit"]]
