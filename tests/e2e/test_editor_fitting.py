"""A wire dropped on the empty canvas: fitting steps first, and one undo takes all of it away."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import make
from tests.e2e.drafts import draft, until_saved
from tests.e2e.test_editor_by_mouse import Hand
from tests.e2e.test_editor_gestures import ends, undo_label
from tests.live import LiveStudio


def one_step() -> dict[str, Any]:
    """Splits a text into words: a list is there behind it, and no address."""
    outputs = {"words": "result.parts"}
    split = {"type": "tool", "tool": "text.split", "inputs": {"text": "text"}, "outputs": outputs}
    return {
        "format": "treadle/1",
        "key": "fitting",
        "name": "Fitting",
        "entry": ["split"],
        "nodes": {"split": split},
        "edges": [],
        "layout": {"split": [0, 0]},
    }


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    return str(make(live_studio, "POST", "/api/v1/workflows", document=one_step())["id"])


def drop_wire(page: Page) -> None:
    """Pull a wire out of the step and let it go over nothing."""
    box = page.locator(".react-flow__node", has=page.locator("[data-node=split]"))
    port = box.locator(".react-flow__handle-right").first.bounding_box()
    assert port is not None
    Hand(page).drag((port["x"] + 12, port["y"] + 12), (port["x"] + 60, port["y"] + 150))
    expect(page.get_by_role("combobox", name="Search the steps")).to_be_focused()


def test_a_dropped_wire_offers_what_fits_and_feeds_what_is_chosen(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=split]")).to_be_visible()

    # What takes a list, or what is in the state already, fits; what needs an address stands below.
    drop_wire(page)
    fitting = page.get_by_role("group", name="Fitting steps").get_by_role("option")
    other = page.get_by_role("group", name="Other steps").get_by_role("option")
    expect(fitting.filter(has_text="text.join")).to_contain_text("takes words")
    expect(fitting.filter(has_text="text.trim")).to_contain_text("takes text")
    expect(fitting.filter(has_text="For each")).to_contain_text("takes words")
    expect(other.filter(has_text="http.request")).to_contain_text("needs url")
    expect(fitting.filter(has_text="http.request")).to_have_count(0)
    expect(fitting.first).to_contain_text("takes words")
    expect(fitting.first).to_have_attribute("aria-selected", "true")

    # Enter adds, connects and feeds it: one step for undo.
    page.keyboard.type("text.join")
    page.keyboard.press("Enter")
    expect(page.locator("[data-node=join]")).to_be_focused()
    until_saved(live_studio, workflow, lambda saved: ("split", "join") in ends(saved))
    assert draft(live_studio, workflow)["nodes"]["join"]["inputs"] == {"parts": "words"}
    assert undo_label(page) == "add join"
    page.keyboard.press("Control+z")
    until_saved(live_studio, workflow, lambda saved: list(saved["nodes"]) == ["split"])
    assert draft(live_studio, workflow)["edges"] == []
    assert undo_label(page) == ""

    # What does not fit can be had all the same, by its name.
    drop_wire(page)
    page.keyboard.type("http.request")
    expect(other.filter(has_text="http.request")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    until_saved(live_studio, workflow, lambda saved: ("split", "request") in ends(saved))
    assert "inputs" not in draft(live_studio, workflow)["nodes"]["request"]
