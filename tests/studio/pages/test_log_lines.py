"""Events in words."""

from typing import Any

import pytest

from engine import EventKind
from studio.pages.log_lines import log_line


def line(kind: str, node: str | None = None, **data: Any) -> Any:
    event = {"ts": "2026-11-23T10:00:01.250Z", "k": kind, "node": node, "data": data}
    return log_line(event, {"ocr": "Read the page"})


def test_a_line_has_time_node_and_text() -> None:
    found = line("log", "ocr", level="WARNING", message="page 3 is blank")

    assert (found.time, found.level, found.node) == ("10:00:01.250", "warning", "ocr")
    assert found.text == "page 3 is blank"


def test_a_line_names_steps_by_their_titles() -> None:
    assert line("log", "ocr", message="blank").step == "Read the page"
    assert line("log", "post", message="blank").step == "post"
    part = line("run.created", start="ocr", until="post")
    assert part.text == "Run created for a part: from Read the page to post"


def test_a_step_tells_what_it_wrote_and_why_it_goes_on() -> None:
    edges = [
        {"edge": "e1", "taken": True, "when": "n < 3", "values": {"n": 2}},
        {"edge": "e2", "taken": False, "when": "n > 9"},
        {"edge": "e3", "taken": True},
    ]

    found = line(
        "attempt.succeeded", "a", ms=12.4, ops=[["set", "n", 2], ["del", "x"]], edges=edges
    )

    assert found.text == "Done in 12 ms; wrote n, x; because n < 3 is true (n = 2)"


def test_a_failure_that_is_tried_again_is_a_warning() -> None:
    error = {"code": "E_TOOL", "message": "503"}

    assert line("attempt.failed", error=error).level == "error"
    again = line("attempt.failed", error=error, retry_at=1795428003.0)
    assert (again.level, again.text) == ("warning", "Failed: E_TOOL: 503. Next try at 10:00:03")


def test_a_timeout_says_which_and_whether_it_is_tried_again() -> None:
    error = {"code": "E_TIMEOUT", "message": "'a' gave no sign of life"}

    once = line("attempt.timed_out", error=error)
    assert (once.level, once.text) == ("error", "Timed out: E_TIMEOUT: 'a' gave no sign of life")
    assert line("attempt.timed_out", error=error, retry_at=1795428003.0).level == "warning"


def test_lines_that_are_missing_are_spoken_of() -> None:
    found = line("truncated", "a", limit=10 * 2**20)

    assert (found.level, found.text[:18]) == ("warning", "Wrote over 10 MiB ")


def test_a_long_value_is_cut() -> None:
    edge = {"taken": True, "when": "x", "values": {"x": "y" * 500}}

    assert len(line("attempt.succeeded", edges=[edge]).text) < 120


def test_a_wait_tells_what_has_to_come_and_what_came() -> None:
    waits = [
        {"kind": "signal", "name": "payment", "key": "o1"},
        {"kind": "human", "assignees": {"users": ["ann"], "group": "tellers"}, "due": 1795428003.0},
        {"kind": "timer", "due": 1795428003.0},
    ]

    assert line("wait.opened", waits=waits).text == (
        'Waits for the signal payment with the key "o1" or for an answer of ann, the group tellers'
        " until 2026-11-23T10:00:03.000Z or until 2026-11-23T10:00:03.000Z"
    )
    assert line("wait.closed", how="fired", on="late").text == "Its time has come; goes on by late"
    assert line("wait.closed", how="answered", by="ann").text == "Answered by ann"
    assert line("wait.closed", how="received", name="payment").text == "Took the signal payment"


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_has_words(kind: EventKind) -> None:
    found = line(str(kind), "n", message="m", done=1, total=2, error={}, reason="r")

    assert found.text != str(kind)


def test_an_unknown_kind_is_named_as_it_is() -> None:
    assert line("weather.changed").text == "weather.changed"


def test_child_runs_are_worded() -> None:
    def worded(kind: str, **data: object) -> str:
        event = {"k": kind, "ts": "2026-11-27T10:00:00.000Z", "node": "s", "data": data}
        return log_line(event, {}).text

    assert worded("child.started", run="r", workflow="w") == "Started a run of w"
    assert worded("child.started", run="r", workflow="", item=3) == "Started a run for item 3"
    assert worded("child.started", run="r", workflow="w", resumes=True) == "Lets a run of w go on"
    assert worded("child.ended", run="r", status="failed") == "Its run ended: failed"
    refused = {"code": "E_WORKFLOW", "message": "there is none"}
    assert worded("child.ended", run="r", status="refused", error=refused) == (
        "Its run could not be started: E_WORKFLOW: there is none"
    )
    assert "nobody waits" in worded("child.dropped", run="r")
