"""The command palette, steps that are switched off, and what can be downloaded."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import Filled, count_words, make
from tests.e2e.drafts import draft, until_saved
from tests.live import LiveStudio


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("By command"))
    return str(made["id"])


def open_editor(visitor: Watched, workflow: str) -> Page:
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=again]")).to_be_visible()
    return page


def command(page: Page, words: str) -> None:
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Search everything")
    expect(box).to_be_focused()
    page.keyboard.type(words)
    expect(page.locator(".chooser__item").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(box).to_be_hidden()


def test_anything_is_done_found_and_added_by_name(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)

    command(page, "show all keys")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    command(page, "again")
    expect(page.locator("[data-node=again]")).to_be_focused()
    command(page, "add text.trim")
    expect(page.locator("[data-node=trim]")).to_be_focused()
    page.keyboard.press("Control+z")
    command(page, "redo")
    expect(page.locator("[data-node=trim]")).to_be_visible()

    def wired(document: dict) -> bool:
        return [e["to"] for e in document["edges"] if e["from"] == "again"] == ["trim"]

    until_saved(live_studio, workflow, wired)


def test_a_step_is_switched_off_passed_by_and_switched_on(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)
    step = page.locator("[data-node=again]")
    step.click()

    page.keyboard.press("d")

    expect(step).to_have_attribute("aria-label", "again, text.count, switched off")
    expect(page.get_by_text("This step is switched off: runs pass it by.")).to_be_visible()
    until_saved(live_studio, workflow, lambda saved: "disabled" in saved["nodes"]["again"])
    run = make(
        live_studio,
        "POST",
        "/api/v1/runs?wait=20",
        workflow=workflow,
        draft=True,
        state={"text": "a b"},
    )
    events = make(live_studio, "GET", f"/api/v1/runs/{run['id']}/events")["items"]
    assert run["status"] == "completed"
    assert not [e for e in events if e["node"] == "again" and e["k"] == "attempt.started"]

    page.get_by_role("button", name="Switch on").click()

    expect(step).to_have_attribute("aria-label", "again, text.count")


def test_downloads_are_the_draft_and_its_picture(
    visitor: Watched, live_studio: LiveStudio, filled: Filled, tmp_path: Path
) -> None:
    page = open_editor(visitor, filled.workflow)

    with page.expect_download() as saved:
        command(page, "download json")
    document = json.loads(Path(saved.value.path()).read_text())
    assert saved.value.suggested_filename == "busy-one.json"
    assert document["nodes"] == draft(live_studio, filled.workflow)["nodes"]

    with page.expect_download() as drawn:
        command(page, "picture")
    text = Path(drawn.value.path()).read_text()
    picture = ElementTree.fromstring(text)
    words = [element.text for element in picture.iter() if element.text and element.text.strip()]
    assert drawn.value.suggested_filename == "busy-one.svg"
    assert {"count", "again", "done", "size(text) > 1", "else", "Busy one"} <= set(words)
    assert not [element for element in picture.iter() if element.tag.endswith(("script", "a"))]
