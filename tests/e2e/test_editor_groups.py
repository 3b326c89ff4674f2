"""Groups: framed, moved, closed to one box and opened, by keys and by mouse; shown with a run."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched, axe_findings
from tests.e2e.conftest import count_words, make
from tests.e2e.drafts import draft, until_saved
from tests.live import LiveStudio


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("With groups"))
    return str(made["id"])


def open_editor(visitor: Watched, workflow: str) -> Page:
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=again]")).to_be_visible()
    return page


BOTH = ("again", "done")


def groups(document: dict) -> dict:
    return document.get("meta", {}).get("groups", {})


def test_steps_are_grouped_closed_opened_and_ungrouped_by_keys(
    visitor: Watched, live_studio: LiveStudio, workflow: str, axe: str
) -> None:
    page = open_editor(visitor, workflow)
    page.locator("[data-node=again]").click()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-node=done]")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+a")
    page.locator("[data-node=count]").click(modifiers=["Shift"])
    expect(page.get_by_role("toolbar", name="Selected steps")).to_contain_text("2 steps")

    page.keyboard.press("Control+g")
    field = page.get_by_role("textbox", name="Title of the group")
    expect(field).to_be_focused()
    page.keyboard.type("After the count")
    page.keyboard.press("Enter")

    frame = page.get_by_role("region", name="Group: After the count, 2 steps")
    expect(frame).to_be_focused()
    until_saved(
        live_studio,
        workflow,
        lambda saved: (
            groups(saved) == {"group": {"title": "After the count", "nodes": ["again", "done"]}}
        ),
    )
    page.keyboard.press("Enter")
    closed = page.get_by_role("button", name="Group After the count, 2 steps, closed")
    expect(closed).to_be_focused()
    expect(page.locator("[data-node=again]")).to_have_count(0)
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    assert axe_findings(page, axe) == []
    page.keyboard.press("Alt+o")
    listed = page.get_by_role("treeitem", name="again, text.count, in group After the count")
    expect(listed).to_be_visible()
    page.keyboard.press("Alt+o")
    closed.click()
    page.keyboard.press("Shift+ArrowRight")
    until_saved(live_studio, workflow, lambda saved: saved["layout"]["again"][0] == 288)
    assert draft(live_studio, workflow)["layout"]["done"] == [288, 120]

    # Travel leads over the box, and a step in it is found in it.
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-node=count]")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("again")
    page.keyboard.press("Enter")
    expect(closed).to_be_focused()
    settings = page.get_by_role("complementary", name="Settings")
    expect(settings.get_by_label("Id", exact=True)).to_have_value("again")

    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(frame).to_be_focused()
    page.keyboard.press("Control+Shift+g")
    until_saved(live_studio, workflow, lambda saved: groups(saved) == {})
    for _ in range(6):
        page.keyboard.press("Control+z")
    until_saved(live_studio, workflow, lambda saved: saved["layout"]["again"] == [280, 0])
    assert groups(draft(live_studio, workflow)) == {}


def test_a_group_is_dragged_taken_into_and_shown_with_a_run(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    document = count_words("Grouped already")
    document["meta"] = {"groups": {"g": {"title": "Both", "nodes": ["again", "done"]}}}
    document["nodes"]["alone"] = {"type": "noop"}
    document["layout"]["alone"] = [0, 320]
    document["entry"] = ["count", "alone"]
    made = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = open_editor(visitor, made)

    title = page.locator(".frame__title")
    drag(page, title, 40, 80)
    until_saved(live_studio, made, lambda saved: saved["layout"]["done"] == [320, 200])
    assert draft(live_studio, made)["layout"]["again"] == [320, 80]
    assert draft(live_studio, made)["layout"]["count"] == [0, 0]

    # What is dropped into the frame belongs to it, what is drawn far out of it does not.
    alone = page.locator("[data-node=alone]")
    drag(page, alone, 320, -176)
    until_saved(
        live_studio, made, lambda saved: groups(saved)["g"]["nodes"] == ["again", "done", "alone"]
    )
    drag(page, alone, -320, 240)
    until_saved(live_studio, made, lambda saved: groups(saved)["g"]["nodes"] == ["again", "done"])
    page.keyboard.press("Control+z")
    until_saved(live_studio, made, lambda saved: len(groups(saved)["g"]["nodes"]) == 3)
    page.keyboard.press("Control+z")

    page.get_by_role("button", name="Close the group Both").click()
    box = page.get_by_role("button", name="Group Both, 2 steps, closed")
    drag(page, box, 0, -80)
    until_saved(live_studio, made, lambda saved: saved["layout"]["done"][1] < 200)
    (x, top), (left, bottom) = (draft(live_studio, made)["layout"][id_] for id_ in BOTH)
    assert (x, left, bottom - top, top % 8) == (320, 320, 120, 0)

    # With a run the closed group tells what became of its steps; who looks may open it.
    body = {"workflow": made, "draft": True, "state": {"text": "a b"}}
    run = make(live_studio, "POST", "/api/v1/runs?wait=20", **body)
    before = draft(live_studio, made)
    page = visitor.open(f"/runs/{run['id']}")
    told = page.get_by_role("button", name="Group Both, 2 steps, closed, done")
    expect(told).to_be_visible()
    told.dblclick()
    expect(page.get_by_role("region", name="Group: Both, 2 steps")).to_be_visible()
    expect(page.locator("[data-node=again]")).to_be_visible()
    assert draft(live_studio, made) == before


def drag(page: Page, thing, dx: float, dy: float) -> None:
    box = thing.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
