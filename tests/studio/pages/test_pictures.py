"""The numbers behind the small SVG pictures."""

import itertools

import pytest

from studio.pages.course import BOTTOM, TOP, course
from studio.pages.pictures import picture, spark, usual_ms

LOOP = {
    "entry": ["draft"],
    "nodes": {"draft": {}, "check": {}, "fix": {}, "ship": {}},
    "edges": [
        {"from": "draft", "to": "check"},
        {"from": "check", "to": "fix", "when": "bad"},
        {"from": "fix", "to": "check"},
        {"from": "check", "to": "ship", "else": True},
    ],
}


def test_the_newest_run_stands_on_the_right() -> None:
    bars = spark([("failed", 100), ("completed", 200)]).bars

    assert [bar.status for bar in bars] == ["completed", "failed"]
    assert bars[0].x < bars[1].x


def test_a_failed_run_has_a_mark_beside_its_colour() -> None:
    bars = spark([("failed", 100), ("completed", 200)]).bars

    assert [bool(bar.mark) for bar in bars] == [False, True]


def test_bars_and_empty_places_make_ten() -> None:
    found = spark([("completed", 1)] * 3)

    assert len(found.bars) + len(found.slots) == 10


def test_only_ten_runs_are_drawn_and_all_of_them_fit() -> None:
    bars = spark([("completed", number) for number in range(30)]).bars

    assert len(bars) == 10
    assert all(bar.y >= 0 and bar.y + bar.height == 24 and bar.x + 6 <= 88 for bar in bars)


def test_the_label_counts_by_status() -> None:
    label = spark([("failed", 1), ("completed", 1), ("completed", 1)]).label

    assert label == "Last 3 runs: 2 completed, 1 failed"


def test_the_usual_time_is_the_median_of_completed_runs() -> None:
    assert usual_ms([("completed", 10), ("failed", 9000), ("completed", 30)]) == 20
    assert usual_ms([("running", None)]) is None


def test_a_loop_goes_back_and_nodes_stand_in_the_order_of_the_way() -> None:
    drawn = picture(LOOP)

    columns = [node.x for node in drawn.nodes]
    assert columns[0] < columns[1] < columns[2]
    assert [edge.back for edge in drawn.edges] == [False, False, True, False]
    assert [edge.condition for edge in drawn.edges] == [False, True, False, True]
    assert [node.entry for node in drawn.nodes] == [True, False, False, False]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"entry": ["gone"], "nodes": {}, "edges": []},
        {"entry": [], "nodes": {"a": {}}, "edges": [{"from": "a", "to": "a"}]},
        {"nodes": {"a": {}, "b": {}}, "edges": [{"from": "a", "to": "gone"}, {"to": "b"}]},
    ],
)
def test_unfinished_documents_are_drawn_as_far_as_they_go(document: dict[str, object]) -> None:
    assert picture(document).view_box


def test_a_long_way_needs_no_deep_stack() -> None:
    names = [f"n{number}" for number in range(3000)]
    edges = [{"from": a, "to": b} for a, b in itertools.pairwise(names)]

    drawn = picture({"entry": names[:1], "nodes": {key: {} for key in names}, "edges": edges})

    assert len({node.x for node in drawn.nodes}) == 3000


def test_the_course_rises_with_the_score_and_names_its_points() -> None:
    drawn = course([{"pass": 0, "score": 4.0}, {"pass": 1, "score": 8.5, "findings": 3}], 7)

    first, last = drawn.points
    assert (first.name, last.name) == ("start", "pass 1")
    assert last.y < first.y
    assert last.title == "pass 1: 8.50, 3 findings"
    assert drawn.label == "Score after each pass: start 4.0, pass 1 8.5"


def test_scores_outside_the_scale_stay_inside_the_picture() -> None:
    drawn = course([{"score": -3}, {"score": 99}], None)

    assert [point.y for point in drawn.points] == [BOTTOM, TOP]
    assert drawn.threshold_y is None
