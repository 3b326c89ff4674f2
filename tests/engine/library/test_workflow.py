"""The shipped workflows under the engine: the same result through every door, at any timing."""

import json

import pytest

from engine import Graph, ToolRegistry, arun, run, validate
from engine.library import examples, register_all
from engine.library.review import ReviewFailed, finished, limits, review_files, review_sources
from tests.engine.library.rounds import README_CODE, review

FILES = {
    "pkg/a.py": "import os\nimport sys\nx = 1 \n\n\ndef f(a=[]):\n    print(a)\n",
    "pkg/b.py": b"\xef\xbb\xbffrom pkg.a import os\r\n\r\nprint(os)",
    "pkg/c.py": b"# coding: latin-1\nimport re\nname = '\xe9' \n",
    "bad.py": b"x = (",
    "notes.txt": "not Python",
}


@pytest.fixture(scope="module")
def registry() -> ToolRegistry:
    registry = ToolRegistry()
    register_all(registry)
    return registry


def graph(name: str) -> Graph:
    return Graph.from_dict(examples.document(name))


@pytest.mark.parametrize("name", examples.names())
def test_every_example_is_valid(name, registry):
    problems = validate(examples.document(name), registry)

    assert [p.as_dict() for p in problems if p.severity == "error"] == []


@pytest.mark.parametrize(
    ("threshold", "score", "ok", "stop", "visits"),
    [
        (7, 7.62, True, "threshold", 1),
        (8, 8.0, True, "threshold", 2),
        (10, 8.0, False, "no_progress", 2),
    ],
)
def test_the_readme_input_under_the_shipped_workflow(threshold, score, ok, stop, visits, registry):
    start = {"code": README_CODE, "quality_threshold": threshold}

    result = run(graph("code_review"), start, registry=registry)

    assert str(result.status) == "completed"
    assert (result.state["quality_score"], result.state["quality_ok"]) == (score, ok)
    assert result.state["stop_reason"] == result.state["report"]["stop_reason"] == stop
    assert result.activations["look"] == visits


def test_the_demos_graph_with_threshold_7_completes(registry):
    start = {"code": README_CODE, "quality_threshold": 7}

    result = run(graph("code_review_demo"), start, registry=registry)

    assert str(result.status) == "completed"
    assert result.state["quality_ok"] is True


def test_the_demos_graph_with_threshold_8_ends_and_says_why(registry):
    start = {"code": README_CODE, "quality_threshold": 8}

    result = run(graph("code_review_demo"), start, registry=registry)

    assert str(result.status) == "paused"
    assert result.error.code == "E_NO_PROGRESS"
    assert result.state["quality_ok"] is False
    assert result.activations["evaluate_quality"] <= 5


def test_a_run_equals_the_plain_loop_over_the_tools():
    plain = review(files=FILES, quality_threshold=10)

    under_engine = review_files(FILES, threshold=10)

    assert json.dumps(under_engine.report, sort_keys=True) == json.dumps(
        plain["report"], sort_keys=True
    )
    assert under_engine.markdown == plain["markdown"]
    assert under_engine.patch == plain["patch"]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_branches_finish_in_does_not_matter(seed, registry):
    start = {"code": README_CODE, "quality_threshold": 10}
    usual = run(graph("code_review"), start, registry=registry)

    shuffled = run(graph("code_review"), start, registry=registry, schedule_seed=seed)

    assert shuffled.state == usual.state


async def test_it_runs_under_an_event_loop_as_well(registry):
    start = {"code": README_CODE, "quality_threshold": 8}

    result = await arun(graph("code_review"), start, registry=registry)

    assert result.state["quality_score"] == 8.0


def test_a_review_of_files_gives_them_back_in_their_own_encoding():
    done = review_files(FILES, threshold=10)

    assert done.fixed_files["pkg/a.py"] == b"import os\nx = 1\n\n\ndef f(a=[]):\n    print(a)\n"
    assert done.fixed_files["pkg/b.py"] == b"\xef\xbb\xbffrom pkg.a import os\r\n\r\nprint(os)\r\n"
    assert done.fixed_files["pkg/c.py"] == b"# coding: latin-1\nname = '\xe9'\n"
    assert "bad.py" not in done.fixed_files
    statuses = {one["path"]: one["status"] for one in done.report["files"]}
    assert statuses == {"bad.py": "syntax", "pkg/a.py": "ok", "pkg/b.py": "ok", "pkg/c.py": "ok"}


def test_measuring_alone_changes_nothing():
    report = review_sources(FILES, threshold=10, fix=False)

    assert report["passes"] == []
    assert report["stop_reason"] == "budget"
    assert report["remaining"]["auto"] > 0


def test_two_reviews_of_the_same_files_are_equal():
    assert review_sources(FILES, 10) == review_sources(dict(reversed(FILES.items())), 10)


def test_a_state_of_an_earlier_review_can_be_reviewed_anew(registry):
    start = {"code": README_CODE, "quality_threshold": 8}
    first = run(graph("code_review"), start, registry=registry)

    again = run(graph("code_review"), first.state, registry=registry)

    assert again.state == first.state
    assert finished(again.state).patch == finished(first.state).patch


def test_a_setting_that_cannot_be_right_fails_with_its_name():
    with pytest.raises(ReviewFailed, match=r"quality_threshold: .* not of type"):
        review_sources({"a.py": "x = 1\n"}, threshold="high")  # type: ignore[arg-type]


def test_nothing_to_review():
    report = review_sources({})

    assert (report["quality_score"], report["quality_ok"]) == (0.0, False)
    assert report["stop_reason"] == "nothing_to_review"


def test_the_threshold_on_the_edge_is_what_counts(registry):
    """Someone changes the condition on the canvas: the loop follows it."""
    changed = examples.document("code_review")
    (edge,) = [edge for edge in changed["edges"] if edge["id"] == "improve"]
    edge["when"] = "quality_score < 8 && can_improve"

    result = run(
        Graph.from_dict(changed), {"code": README_CODE, "quality_threshold": 7}, registry=registry
    )

    assert result.state["quality_score"] == 8.0
    assert result.activations["apply_fixes"] == 1


def test_fan_out_and_join(registry):
    result = run(graph("text_report"), {"text": "One two. Two words."}, registry=registry)

    assert result.state["summary"] == "4 words in 2 sentences, mostly about: words"


def test_a_loop_with_a_bound(registry):
    reached = run(graph("savings_plan"), {}, registry=registry)
    too_slow = run(graph("savings_plan"), {"deposit": 1, "yearly_rate": 0.0}, registry=registry)

    assert reached.state["answer"] == "Reached after 13 months"
    assert too_slow.state["answer"] == "Not within fifty years"


@pytest.mark.parametrize(
    ("ticket", "queue"),
    [
        ('{"severity": 1}', "on call"),
        ('{"severity": 3, "customer": {"plan": "enterprise"}}', "account team"),
        ('{"severity": 3}', "backlog"),
        ("{}", "backlog"),
    ],
)
def test_conditions(ticket, queue, registry):
    result = run(graph("ticket_triage"), {"ticket": ticket}, registry=registry)

    assert result.state["queue"] == queue


def test_a_pass_out_of_time_says_so_and_changes_nothing(monkeypatch):
    monkeypatch.setattr(limits, "PASS_SECONDS", -1.0)

    report = review_sources({"a.py": "import os\n"}, threshold=10)

    assert report["quality_score"] < 10
    assert report["stop_reason"] == "budget"
    assert "pass_seconds" in [hit["limit"] for hit in report["limits_hit"]]
