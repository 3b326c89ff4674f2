"""How a step is tried again, which workers take what, and how often a loop may go round."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import make
from tests.e2e.drafts import draft, until_saved
from tests.live import LiveStudio


def looping() -> dict[str, Any]:
    """Four ways back: one with a bound, one without a word, one without a bound."""
    node = {"type": "tool", "tool": "text.count", "inputs": {"text": "text"}}
    each = {"type": "map", "over": "['a']", "as": "item", "body": {"tool": "text.count"}}
    back = {"to": "count", "when": "verdict == 'again'"}
    verdict = {"enum": ["again", "ship", "stop"], "type": "string"}
    return {
        "format": "treadle/1",
        "key": "looping",
        "name": "Looping",
        "entry": ["count"],
        "state": {"schema": {"type": "object", "properties": {"verdict": verdict}}},
        "nodes": {"count": node, "check": {"type": "noop"}, "each": each, "done": {"type": "end"}},
        "edges": [
            {"id": "on", "from": "count", "to": "check"},
            {"id": "bound", "from": "check", **back, "max": 5},
            {"id": "given", "from": "check", **back},
            {"id": "free", "from": "check", **back, "max": None},
            {"id": "out", "from": "check", "to": "each", "else": True},
            {"id": "end", "from": "each", "to": "done"},
        ],
        "layout": {"count": [0, 0], "check": [280, 0], "each": [560, 0], "done": [840, 0]},
    }


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    return str(make(live_studio, "POST", "/api/v1/workflows", document=looping())["id"])


def open_editor(visitor: Watched, workflow: str) -> tuple[Page, Locator]:
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=count]")).to_be_visible()
    return page, page.get_by_role("complementary", name="Settings")


def test_how_a_step_is_tried_again_is_set_and_a_mistake_told_at_its_field(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page, settings = open_editor(visitor, workflow)
    page.locator("[data-node=count]").click()
    settings.get_by_text("How it runs").click()
    settings.get_by_label("Attempts").fill("5")
    settings.get_by_label("First pause").fill("2s")
    settings.get_by_label("Each pause times").fill("1.5")
    settings.get_by_label("Longest pause").fill("20s")
    settings.get_by_label("Spread of pauses").press_sequentially("0.5")
    settings.get_by_label("Tried again after", exact=True).fill("ConnectionError, OSError")
    settings.get_by_label("Never tried again after").fill("PermissionError")
    wanted = {
        "max_attempts": 5,
        "initial": "2s",
        "factor": 1.5,
        "max": "20s",
        "jitter": 0.5,
        "on": ["ConnectionError", "OSError"],
        "not_on": ["PermissionError"],
    }
    until_saved(live_studio, workflow, lambda saved: saved["nodes"]["count"].get("retry") == wanted)
    expect(settings.get_by_text("5 attempts · own pauses · own errors")).to_be_visible()

    # A number that is out of bounds is kept inside; a word that is no time is told at its field.
    settings.get_by_label("Spread of pauses").fill("3")
    settings.get_by_label("Longest pause").fill("soon")
    until_saved(
        live_studio, workflow, lambda saved: saved["nodes"]["count"]["retry"]["max"] == "soon"
    )
    assert draft(live_studio, workflow)["nodes"]["count"]["retry"]["jitter"] == 1
    expect(settings.locator("[data-at='/nodes/count/retry/max'] .field__error")).to_be_visible()


def test_workers_are_chosen_for_a_workflow_and_for_the_runs_of_a_map(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page, settings = open_editor(visitor, workflow)
    settings.get_by_label("Queue of its runs").fill("night")
    until_saved(live_studio, workflow, lambda saved: saved.get("queue") == "night")
    settings.get_by_label("Queue of its runs").fill("Not a queue")
    expect(settings.locator("[data-at='/queue'] .field__error")).to_be_visible()
    settings.get_by_label("Queue of its runs").fill("")
    until_saved(live_studio, workflow, lambda saved: "queue" not in saved)

    page.locator("[data-node=each]").click()
    queue = settings.get_by_label("Queue of the items' runs")
    expect(settings.get_by_label("Items are worked on")).to_be_visible()
    expect(queue).to_have_count(0)
    settings.get_by_label("Items are worked on").select_option("queue")
    queue.fill("gpu")
    until_saved(live_studio, workflow, lambda saved: saved["nodes"]["each"].get("queue") == "gpu")
    assert draft(live_studio, workflow)["nodes"]["each"]["dispatch"] == "queue"


def test_a_loop_says_how_often_it_may_go_round(visitor: Watched, workflow: str) -> None:
    page, _ = open_editor(visitor, workflow)
    pill = {name: page.locator(f"[data-edge={name}]") for name in ("bound", "given", "free")}
    expect(pill["bound"]).to_contain_text("max 5")
    expect(pill["given"]).to_contain_text("max 100")
    expect(pill["free"]).to_contain_text("no max")
    expect(pill["given"]).to_have_accessible_name(
        "Connection from check to count, verdict == 'again', "
        "at most 100 times, as it says no number"
    )


def test_values_that_a_key_may_have_are_offered_behind_a_comparison(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page, settings = open_editor(visitor, workflow)
    page.locator("[data-edge=given]").click()
    field = page.get_by_role("dialog").get_by_label("Condition")
    field.fill("")
    field.press_sequentially("verdict ==")
    options = page.locator(".suggest__item .suggest__label")
    expect(options.first).to_have_text("'again'")
    assert options.all_inner_texts()[:3] == ["'again'", "'ship'", "'stop'"]

    # None is chosen until an arrow or a letter chooses it.
    field.press_sequentially(" sto")
    expect(page.locator(".suggest__item[aria-selected=true]")).to_contain_text("'stop'")
    field.press("Enter")
    expect(field).to_have_value("verdict == 'stop'")
    until_saved(
        live_studio,
        workflow,
        lambda saved: any(edge.get("when") == "verdict == 'stop'" for edge in saved["edges"]),
    )
    expect(settings).to_be_visible()
