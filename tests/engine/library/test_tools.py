"""The ten tools: the README's figures, idempotence, empty input, settings that cannot be right."""

import json

import pytest

from engine.library.review.tools import TOOLS
from tests.engine.library.rounds import README_CODE, ROUND, call, review, rules_found

DEMO = (
    "extract_functions",
    "check_complexity",
    "detect_basic_issues",
    "suggest_improvements",
    "evaluate_quality",
)


def test_readme_input_with_threshold_7_is_good_as_it_comes():
    state = review(code=README_CODE, quality_threshold=7)

    assert state["quality_score"] == 7.62
    assert state["quality_ok"] is True
    assert state["stop_reason"] == "threshold"
    assert state["passes"] == []


def test_readme_input_with_threshold_8_gets_its_last_line_end_and_is_exactly_good():
    state = review(code=README_CODE, quality_threshold=8)

    assert state["quality_score"] == 8.0
    assert state["quality_ok"] is True
    assert [step["score"] for step in state["score_course"]] == [7.62, 8.0]
    assert state["sources"][0]["text"] == README_CODE + "\n"
    assert state["passes"][0]["applied"][0]["rule"] == "W292"


def test_readme_input_with_threshold_10_ends_and_says_why():
    state = review(code=README_CODE, quality_threshold=10)

    assert state["quality_score"] == 8.0
    assert state["quality_ok"] is False
    assert state["stop_reason"] == "no_progress"
    assert sorted(rules_found(state)) == ["D103", "FIX002", "T201"]
    assert state["report"]["remaining"] == {"auto": 0, "unsafe": 1, "manual": 2}


def test_the_demos_five_tools_give_the_demos_keys():
    state = {"code": README_CODE, "quality_threshold": 7}

    for name in DEMO:
        state |= call(name, state)

    assert state["functions"][0]["name"] == "foo"
    assert state["function_count"] == 1
    assert state["line_count"] == 3
    assert 1 <= state["complexity_score"] <= 10
    assert state["issue_count"] == len(state["issues"]) == 4
    assert state["suggestions"]
    assert state["quality_score"] == 7.62
    assert state["quality_threshold"] == 7
    assert state["quality_ok"] is True


def test_a_second_round_of_the_demos_tools_changes_nothing():
    state = {"code": README_CODE, "quality_threshold": 8}
    for name in DEMO:
        state |= call(name, state)
    first = json.dumps(state, sort_keys=True)

    for name in DEMO:
        state |= call(name, state)

    assert json.dumps(state, sort_keys=True) == first
    assert state["quality_ok"] is False


def test_a_second_round_of_measuring_changes_nothing():
    state = {"code": README_CODE, "quality_threshold": 8}
    for name in ("load_code", *ROUND):
        state |= call(name, state)
    first = json.dumps(state, sort_keys=True)

    for name in ROUND:
        state |= call(name, state)

    assert json.dumps(state, sort_keys=True) == first


@pytest.mark.parametrize("code", ["", "   \n\t\n"])
def test_nothing_to_review_is_never_a_10(code):
    state = review(code=code)

    assert state["quality_score"] == 0
    assert state["quality_ok"] is False
    assert state["stop_reason"] == "nothing_to_review"


def test_the_demos_tools_on_nothing_do_not_say_it_is_good():
    state = {"code": ""}
    for name in DEMO:
        state |= call(name, state)

    assert state["quality_ok"] is False
    assert state["stop_reason"] == "nothing_to_review"


@pytest.mark.parametrize(
    ("code", "score"),
    [
        ("# only a comment\n", 10.0),
        ("x = (\n", 0.0),
        ("print(eval(input()))\n", 3.26),
        ("import os\n", 7.95),
        ("def area(w, h):\n    '''Area.'''\n    return w * h\n", 10.0),
    ],
)
def test_scores_of_small_texts(code, score):
    assert review(code=code, max_passes=0)["quality_score"] == score


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"quality_threshold": "8"}, "quality_threshold must be a number"),
        ({"quality_threshold": True}, "quality_threshold must be a number"),
        ({"quality_threshold": float("nan")}, "quality_threshold must be a number"),
        ({"max_passes": -1}, "max_passes must be a whole number from 0 to 100"),
        ({"target_version": "py27"}, "target_version must be one of py310"),
        ({"language": "rust"}, "language must be 'python'"),
        ({"fail_on": "all"}, "fail_on must be one of none, error, security-high"),
        ({"files": ["a.py"]}, "a list of files holds objects"),
        ({"files": {"a.py": 1}}, "give its text as a string"),
        ({"files": {"a.py": {"base64": "!"}}}, "base64 is damaged"),
        ({"files": "a.py"}, "files must be an object"),
    ],
)
def test_bad_settings_are_refused_with_what_is_allowed(settings, words):
    with pytest.raises(ValueError, match=words):
        TOOLS["load_code"](code="x = 1", **settings)


def test_files_are_reviewed_together_whatever_form_they_come_in():
    as_object = review(files={"b.py": "import os\n", "a.py": "x = 1\n"}, max_passes=0)
    as_list = call("load_code", {"files": [{"path": "b.py", "text": "import os\n"}]})

    assert [one["path"] for one in as_object["report"]["files"]] == ["a.py", "b.py"]
    assert as_list["sources"][0]["path"] == "b.py"
    assert as_list["files"] == {}


def test_what_is_not_python_or_too_big_is_skipped_with_the_reason():
    files = {"a.txt": "x", "b.py": "x = 1\n" * 100_000, "c.py": "", "d.py": "x = 1\n"}

    state = review(files=files, max_passes=0)

    reasons = {entry["path"]: entry["reason"] for entry in state["report"]["skipped"]}
    assert reasons == {"a.txt": "not_python", "b.py": "too_big", "c.py": "empty"}
    assert [hit["limit"] for hit in state["report"]["limits_hit"]] == ["too_big"]
    assert state["report"]["files"][0]["path"] == "d.py"


def test_the_gate_is_apart_from_the_score():
    good_lines = "".join(f"x{n} = {n}\n" for n in range(2000))
    state = review(code=good_lines + "y = undefined_name\n", max_passes=0, fail_on="error")

    assert state["quality_ok"] is True
    assert state["report"]["gate"] == {"fail_on": "error", "ok": False, "blocking": 1}


def test_suggestions_say_what_to_do_and_show_the_diff_of_unsafe_fixes():
    state = review(code="def f(a=[]):\n    print(a)\n", max_passes=0)

    by_rule = {s["rule"]: s for s in state["suggestions"]}
    assert by_rule["B006"]["kind"] == "unsafe_fix"
    assert "+def f(a=None):" in by_rule["B006"]["diff"]
    assert "shared by all calls" in by_rule["B006"]["text"]
    assert by_rule["D103"]["kind"] == "manual"
    assert [s["points"] for s in state["suggestions"]] == sorted(
        (s["points"] for s in state["suggestions"]), reverse=True
    )


def test_the_report_has_what_the_page_shows_and_the_patch_leads_to_the_fixed_text():
    state = review(files={"a.py": "import os\nx = 1\n"}, quality_threshold=10)

    assert set(state["report"]) >= {
        "quality_score", "quality_threshold", "quality_ok", "stop_reason", "gate", "score_course",
        "score_terms", "files", "functions", "issues", "passes", "remaining", "skipped",
        "suppressed", "limits_hit", "engine",
    }  # fmt: skip
    assert state["patch"].splitlines()[-2:] == ["-import os", " x = 1"]
    assert state["report"]["passes"][0]["applied"][0]["fixed_in_pass"] == 1
    assert "# Code review: 10 of 10, passed" in state["markdown"]


def test_reviewed_text_cannot_break_out_of_the_markdown():
    state = review(files={"a|<b>.py": "import os\n```\n"}, max_passes=0)

    assert "<b>" not in state["markdown"].replace("\\<b\\>", "")
