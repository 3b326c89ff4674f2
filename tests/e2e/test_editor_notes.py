"""Sticky notes: by mouse, by keyboard, shown with a run, harmless whatever stands on them."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import count_words, make
from tests.live import LiveStudio


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    document = {**count_words("With notes"), "meta": {"owner": "ann"}}
    return str(make(live_studio, "POST", "/api/v1/workflows", document=document)["id"])


def notes(studio: LiveStudio, workflow: str) -> dict:
    draft = make(studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]
    assert draft["meta"]["owner"] == "ann"
    return draft["meta"].get("notes", {})


def until(studio: LiveStudio, workflow: str, condition, empty: bool = False) -> None:
    for _ in range(100):
        found = notes(studio, workflow)
        if (found or empty) and condition(found):
            return
        time.sleep(0.1)
    raise AssertionError(notes(studio, workflow))


def open_editor(visitor: Watched, workflow: str) -> Page:
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=again]")).to_be_visible()
    return page


def test_a_note_is_written_moved_and_removed_by_keyboard(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)

    page.keyboard.press("Shift+S")
    expect(page.get_by_role("textbox", name="Text of the note, in Markdown")).to_be_focused()
    page.keyboard.type("# Mind **this**")
    page.keyboard.press("Escape")

    note = page.get_by_role("region", name="Note: Mind this")
    expect(note).to_be_focused()
    expect(note.locator("strong")).to_have_text("this")
    until(live_studio, workflow, lambda all_: all_["note"]["text"] == "# Mind **this**")
    x, y = notes(live_studio, workflow)["note"]["at"]
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    until(live_studio, workflow, lambda all_: all_["note"]["at"] == [x + 8, y + 8])
    page.keyboard.press("Delete")
    expect(note).to_be_hidden()
    until(live_studio, workflow, lambda all_: all_ == {}, empty=True)
    page.keyboard.press("Control+z")
    expect(note).to_be_visible()


def test_a_note_is_dragged_and_made_larger_by_mouse(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)
    page.keyboard.press("Shift+S")
    page.keyboard.type("Here")
    page.keyboard.press("Escape")
    until(live_studio, workflow, lambda all_: all_["note"]["text"] == "Here")
    before = notes(live_studio, workflow)["note"]
    box = page.locator("[data-note=note]").bounding_box()
    assert box is not None

    drag(page, (box["x"] + 30, box["y"] + 60), (0, 160))
    until(live_studio, workflow, lambda all_: all_["note"]["at"][1] > before["at"][1] + 100)
    box = page.locator("[data-note=note]").bounding_box()
    assert box is not None
    corner = (box["x"] + box["width"] - 5, box["y"] + box["height"] - 5)
    drag(page, corner, (80, 40))
    until(live_studio, workflow, lambda all_: all_["note"]["size"][0] > before["size"][0])

    after = notes(live_studio, workflow)["note"]
    assert all(number % 8 == 0 for number in [*after["at"], *after["size"]])
    page.get_by_role("button", name="Undo: change a note").click()
    until(live_studio, workflow, lambda all_: all_["note"]["size"] == before["size"])


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
    page.mouse.move(start[0] + by[0], start[1] + by[1])
    page.mouse.up()


HOSTILE = (
    "<img src=x onerror='window.__xss=1'> <script>window.__xss=1</script>\n"
    "[click](javascript:window.__xss=1) [d](data:text/html,<script>window.__xss=1</script>)\n"
    '[ok](https://example.org/"onmouseover="window.__xss=1)'
)


def test_sec_markdown_what_a_note_says_stays_words(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Hostile note")
    note = {"at": [0, 160], "size": [400, 160], "text": HOSTILE, "tone": "<b>"}
    document["meta"] = {"notes": {"<i>": note, "odd": 7}}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="")
    body = {"workflow": workflow, "state": {"text": "a"}}
    run = make(live_studio, "POST", "/api/v1/runs?wait=20", **body)

    for path in (f"/workflows/{workflow}/edit", f"/runs/{run['id']}"):
        page = visitor.open(path)
        shown = page.locator(".note")
        expect(shown).to_contain_text("<img src=x")
        links = shown.locator("a").evaluate_all(
            "all => all.map(each => [each.protocol, each.rel, each.target])"
        )
        assert links == [["https:", "noopener noreferrer nofollow", "_blank"]]
        assert shown.locator("img, script").count() == 0
        assert page.evaluate("window.__xss") is None
