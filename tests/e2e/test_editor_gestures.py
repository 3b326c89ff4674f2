"""What hand and keys do on the canvas: drop, wire, split, heal, rename, align, move the paper."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import count_words, make
from tests.e2e.drafts import draft, until_saved
from tests.e2e.test_editor_by_mouse import Hand, Point
from tests.live import LiveStudio


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("By hand"))
    return str(made["id"])


def open_editor(visitor: Watched, workflow: str) -> Page:
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=again]")).to_be_visible()
    return page


def undo_label(page: Page) -> str:
    """What the next undo takes back; empty when there is nothing."""
    label = page.locator(".topbar [aria-label^='Undo'], .topbar [aria-label='Nothing to undo']")
    words = label.get_attribute("aria-label") or ""
    return "" if words == "Nothing to undo" else words.split(": ")[1].split(" (")[0]


def box(page: Page, node: str) -> Any:
    found = page.locator(f"[data-node={node}]").bounding_box()
    assert found is not None
    return found


def middle(page: Page, node: str) -> Point:
    at = box(page, node)
    return at["x"] + at["width"] / 2, at["y"] + at["height"] / 2


def test_steps_are_dropped_wired_put_into_edges_and_taken_out_again(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)
    hand = Hand(page)
    assert undo_label(page) == ""

    # From the palette: on the grid, with the settings open, one undo step.
    hand.drop_step("http.request", 420, 560)
    expect(hand.settings.get_by_label("Id", exact=True)).to_have_value("request")
    until_saved(live_studio, workflow, lambda saved: "request" in saved["nodes"])
    assert all(part % 8 == 0 for part in draft(live_studio, workflow)["layout"]["request"])
    assert undo_label(page) == "add request"
    page.keyboard.press("Control+z")
    expect(page.locator("[data-node=request]")).to_have_count(0)
    assert undo_label(page) == ""

    # A wire dropped on the empty canvas asks what it should lead to; both are one undo step.
    port = page.locator(".react-flow__node", has=page.locator("[data-node=again]"))
    at = port.locator(".react-flow__handle-right").first.bounding_box()
    assert at is not None
    hand.drag((at["x"] + 12, at["y"] + 12), (at["x"] + 60, at["y"] + 220))
    expect(page.get_by_role("combobox", name="Search the steps")).to_be_focused()
    page.keyboard.type("text.trim")
    page.keyboard.press("Enter")
    expect(page.locator("[data-node=trim]")).to_be_focused()
    assert undo_label(page) == "add trim"
    until_saved(live_studio, workflow, lambda saved: ("again", "trim") in ends(saved))
    page.keyboard.press("Control+z")
    until_saved(live_studio, workflow, lambda saved: "trim" not in saved["nodes"])
    assert ("again", "trim") not in ends(draft(live_studio, workflow))

    # A step that stands alone, dragged onto an edge, goes into it; Ctrl+Delete joins what is left.
    page.keyboard.press("1")
    hand.drop_step("Join", 500, 520)
    expect(hand.settings.get_by_label("Id", exact=True)).to_have_value("join")
    count, done = box(page, "count"), box(page, "done")
    way = (
        (count["x"] + count["width"] + done["x"]) / 2,
        (count["y"] + 32 + done["y"] + 32) / 2,
    )
    hand.drag(middle(page, "join"), way)
    until_saved(live_studio, workflow, lambda saved: ("join", "done") in ends(saved))
    saved = draft(live_studio, workflow)
    assert ("count", "join") in ends(saved)
    assert ("count", "done") not in ends(saved)
    assert next(edge for edge in saved["edges"] if edge["to"] == "join")["else"] is True
    assert undo_label(page) == "insert join"
    page.locator("[data-node=join]").click()
    page.keyboard.press("Control+Delete")
    until_saved(live_studio, workflow, lambda saved: ("count", "done") in ends(saved))
    assert next(e for e in draft(live_studio, workflow)["edges"] if e["to"] == "done")["else"]

    # A double click on the empty canvas offers steps; what was added last is offered first.
    corner = hand.canvas.bounding_box()
    assert corner is not None
    page.mouse.dblclick(corner["x"] + 200, corner["y"] + 640)
    expect(page.get_by_role("option").first).to_contain_text("Join")
    page.keyboard.press("Escape")
    recent = page.get_by_role("region", name="Recent").get_by_role("button")
    assert recent.all_text_contents() == ["Join", "text.trim", "http.request"]


def ends(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(edge["from"], edge["to"]) for edge in document["edges"]]


def test_keys_rename_align_and_paste_and_letters_can_be_switched_off(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)
    again = page.locator("[data-node=again]")

    # The title is written where it stands; letters typed there are no keys of the canvas.
    again.click()
    page.keyboard.press("F2")
    field = page.get_by_role("textbox", name="Title of again")
    expect(field).to_be_focused()
    page.keyboard.type("Once more, nd")
    page.keyboard.press("Control+z")
    page.keyboard.type("end")
    page.keyboard.press("Enter")
    expect(again).to_be_focused()
    until_saved(live_studio, workflow, lambda saved: "title" in saved["nodes"]["again"])
    assert draft(live_studio, workflow)["nodes"]["again"]["title"].endswith("end")
    assert len(draft(live_studio, workflow)["nodes"]) == 3
    page.keyboard.press("F2")
    page.keyboard.type("No")
    page.keyboard.press("Escape")
    expect(again).to_be_focused()
    assert undo_label(page) == "change title of again"

    # Into line, by name.
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    page.keyboard.type("align: top")
    page.keyboard.press("Enter")
    until_saved(live_studio, workflow, lambda saved: saved["layout"]["done"][1] == 0)
    page.keyboard.press("Control+z")
    until_saved(live_studio, workflow, lambda saved: saved["layout"]["done"] == [280, 120])

    # A click on one of several is about that one.
    page.locator("[data-node=done]").click()
    expect(page.get_by_role("toolbar", name="Selected steps")).to_be_hidden()

    # Pasted with its links, the copy stands where the original stands.
    again.click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+Shift+v")
    until_saved(live_studio, workflow, lambda saved: ("count", "again_2") in ends(saved))
    copied = next(e for e in draft(live_studio, workflow)["edges"] if e["to"] == "again_2")
    assert copied["when"] == "size(text) > 1"
    page.keyboard.press("Control+v")
    until_saved(live_studio, workflow, lambda saved: "again_3" in saved["nodes"])
    assert ("count", "again_3") not in ends(draft(live_studio, workflow))

    # With the letters switched off only keys with Ctrl and the named ones act.
    page.keyboard.press("?")
    page.get_by_label("Single letters, digits and signs are keys").uncheck()
    page.keyboard.press("Escape")
    page.locator("[data-node=count]").click()
    page.keyboard.press("d")
    page.keyboard.press("n")
    expect(page.get_by_role("combobox", name="Search the steps")).to_be_hidden()
    page.keyboard.press("?")
    page.get_by_label("Single letters, digits and signs are keys").check()
    page.keyboard.press("Escape")
    page.locator("[data-node=count]").click()
    page.keyboard.press("d")
    until_saved(live_studio, workflow, lambda saved: saved["nodes"]["count"].get("disabled"))


def test_the_hand_moves_the_paper_and_the_arrow_selects(visitor: Watched, workflow: str) -> None:
    page = open_editor(visitor, workflow)
    hand = Hand(page)
    corner = hand.canvas.bounding_box()
    assert corner is not None
    empty = (corner["x"] + 80, corner["y"] + 620)
    before = box(page, "count")

    page.keyboard.press("h")
    hand.drag(empty, (empty[0] + 60, empty[1] - 80))
    moved = box(page, "count")
    assert (moved["x"] - before["x"], moved["y"] - before["y"]) == pytest.approx((60, -80), abs=3)
    page.keyboard.press("v")
    hand.drag(empty, (corner["x"] + corner["width"] - 60, corner["y"] + 60))
    expect(page.get_by_role("toolbar", name="Selected steps")).to_contain_text("3 steps")
    # The connections between them are selected along with them, and are not counted.
    expect(hand.settings.get_by_role("heading", name="3 selected")).to_be_visible()
    assert box(page, "count") == moved
