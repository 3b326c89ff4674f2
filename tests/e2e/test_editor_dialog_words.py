"""What a dialog cannot do is told in it and leaves the keyboard; another's refusal is not told."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import count_words, make
from tests.e2e.test_editor_keeps_work import SERVER_GONE
from tests.live import LiveStudio


@pytest.fixture
def page(visitor: Watched, live_studio: LiveStudio) -> Page:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("With dialogs"))
    opened = visitor.open(f"/workflows/{made['id']}/edit")
    expect(opened.locator("[data-node=again]")).to_be_visible()
    # What is loaded later has to be there before the line is cut.
    opened.locator("[data-node=count]").click()
    expect(opened.get_by_role("textbox", name="Name", exact=True)).to_be_visible()
    return opened


def import_dialog(page: Page, text: str) -> Locator:
    page.keyboard.press("Control+k")
    page.keyboard.type("Import a document")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Import a workflow")
    dialog.get_by_role("textbox", name="Text of the document").fill(text)
    return dialog


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("format: treadle/1\nentry: a\nnodes:\n  a: {type: end}\nedges: []\n", "/entry"),
        ('{"format": "treadle/1", "entry": [], "nodes": {"a": 5}, "edges": []}', "/nodes/a"),
        ('{"format": "treadle/1", "entry": [], "nodes": {}, "edges": ["x"]}', "/edges/0"),
    ],
    ids=["a name in place of a list", "a step that is a number", "an edge that is a text"],
)
def test_a_document_that_no_canvas_can_show_is_refused_with_the_place(
    page: Page, text: str, pointer: str
) -> None:
    dialog = import_dialog(page, text)

    expect(dialog.locator(".notice--error code").first).to_be_visible()
    assert pointer in dialog.locator(".notice--error code").all_text_contents()
    expect(dialog.get_by_role("button", name="Replace this draft")).to_be_disabled()
    expect(dialog).not_to_contain_text("Reading…")


def test_why_no_workflow_was_made_of_a_text_is_told(visitor: Watched, page: Page) -> None:
    visitor.expected = SERVER_GONE
    dialog = import_dialog(page, "format: treadle/1\nnodes:\n  a: {type: end}\nedges: []\n")
    new = dialog.get_by_role("button", name="Make a new workflow of it")
    expect(new).to_be_enabled()

    page.context.set_offline(True)
    new.click()

    expect(dialog.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(new).to_be_enabled()


def test_a_refusal_that_takes_its_time_leaves_the_keyboard_where_it_was(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Refused slowly")
    document["nodes"]["count"]["inputs"] = {"text": "'a b'", "unknown": "1"}
    made = make(live_studio, "POST", "/api/v1/workflows", document=document)
    page = visitor.open(f"/workflows/{made['id']}/edit")
    page.locator("[data-node=count]").focus()
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="Run the draft")
    button = dialog.locator("[type=submit]")
    button.focus()

    def slowly(route: Route) -> None:
        expect(button).to_have_text("Starting…")
        expect(button).to_be_disabled()
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/api/v1/runs", slowly)
    page.keyboard.press("Enter")

    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(button).to_be_focused()
    expect(button).to_be_enabled()


def test_why_a_run_was_refused_is_not_told_of_publishing(visitor: Watched, page: Page) -> None:
    visitor.expected = SERVER_GONE
    page.context.set_offline(True)
    page.locator("[data-node=count]").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+Enter")
    running = page.get_by_role("dialog", name="Run the draft")
    running.get_by_role("button", name="Run", exact=True).click()
    expect(running.get_by_role("alert")).to_contain_text("so it was not run")
    page.keyboard.press("Escape")

    page.keyboard.press("Control+s")

    publishing = page.get_by_role("dialog", name="Publish version 1")
    expect(publishing).to_contain_text("What changed cannot be shown")
    expect(publishing.get_by_role("alert")).to_have_count(0)
