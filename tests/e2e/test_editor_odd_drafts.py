"""Drafts that are not right yet open all the same, and one fault does not take the editor along."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.live import LiveStudio

ODD: dict[str, dict[str, Any]] = {
    "a condition that YAML made a truth value": {"edge": {"when": True}},
    "an outcome that is a list": {"edge": {"on": ["error"]}},
    "a title that is an object": {"node": {"title": {"a": 1}}},
    "a tool that is a number": {"node": {"tool": 5}},
    "an input that is a number": {"node": {"inputs": {"text": 5}}},
    "an output that is a number": {"node": {"outputs": {"n": 5}}},
    "values that YAML made numbers": {"node": {"type": "set", "set": {"n": 0}}},
    "no type": {"node": {"type": None}},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_draft_with_something_odd_opens(
    visitor: Watched, live_studio: LiveStudio, odd: dict[str, Any]
) -> None:
    document = count_words("Odd one")
    document["nodes"]["count"] = {**document["nodes"]["count"], **odd.get("node", {})}
    document["edges"][0] |= odd.get("edge", {})
    page = open_editor(visitor, live_studio, document)

    page.locator("[data-node=count]").click()
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    page.locator("[data-node=count]").focus()
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Connection from")).to_be_visible()
    page.keyboard.press("Alt+o")
    expect(page.get_by_role("treeitem").first).to_be_visible()


@pytest.mark.parametrize("width", [1440, 820, 720])
def test_a_long_name_leaves_the_save_state_to_be_read(
    signed_in: OpenContext, live_studio: LiveStudio, width: int
) -> None:
    context = signed_in(viewport={"width": width, "height": 800})
    with watched_page(context, live_studio.url) as visitor:
        page = open_editor(visitor, live_studio, count_words("A long name " * 16))
        parts = [".topbar__name", ".save-note__state", ".topbar__tools"]
        boxes = [page.locator(part).bounding_box() for part in parts]
        edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box]

        assert len(edges) == 3
        assert edges[0][1] <= edges[1][0]
        assert edges[1][1] <= edges[2][0]
        words = page.locator(".save-note__words")
        assert words.evaluate("words => words.scrollWidth <= words.clientWidth")


def test_a_name_that_nobody_takes_is_refused_where_it_is_written(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    page = open_editor(visitor, live_studio, count_words("Forbidden names"))
    page.locator("[data-node=count]").click()
    field = page.get_by_role("textbox", name="Id", exact=True)
    field.fill("constructor")
    field.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text('"constructor" cannot be used as a key')
    expect(field).to_have_value("count")
    page.get_by_role("textbox", name="Name", exact=True).fill("Kept")
    expect(page.get_by_text("Saved")).to_be_visible()


def test_a_double_click_in_the_list_adds_one_step(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    page = open_editor(visitor, live_studio, count_words("Clicked twice"))
    page.get_by_role("region", name="Flow").get_by_role("button", name="Join").dblclick()

    expect(page.locator("[data-node=join]")).to_be_visible()
    expect(page.locator("[data-node]")).to_have_count(4)


def test_a_double_click_on_a_button_opens_its_dialog_and_does_its_work_once(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    page = open_editor(visitor, live_studio, count_words("Pressed twice"))
    page.get_by_role("button", name="Publish").dblclick()
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Publish").dblclick()

    expect(page.get_by_text("v1 is live")).to_be_visible()
    workflow = page.url.split("/workflows/")[1].split("/")[0]
    found = make(live_studio, "GET", f"/api/v1/workflows/{workflow}/versions")["items"]
    assert [version["number"] for version in found] == [1]


def test_edges_that_a_program_gave_no_ids_are_shown_and_kept(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Without ids")
    for edge in document["edges"]:
        del edge["id"]
    page = open_editor(visitor, live_studio, document)

    page.locator("[data-node=count]").click()
    page.get_by_label("Name", exact=True).fill("Counting")
    expect(page.get_by_text("Saved")).to_be_visible()

    workflow = page.url.split("/workflows/")[1].split("/")[0]
    saved = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]
    assert [edge["id"] for edge in saved["edges"]] == ["e1", "e2"]
    assert saved["nodes"]["count"]["title"] == "Counting"


@pytest.mark.parametrize("end", ["from", "to"])
def test_an_edge_that_lacks_an_end_is_given_one_or_deleted(
    visitor: Watched, live_studio: LiveStudio, end: str
) -> None:
    document = count_words("Loose ends")
    whole = document["edges"][0][end]
    del document["edges"][0][end]
    document["edges"][1][end] = "nowhere"
    page = open_editor(visitor, live_studio, document)
    settings = page.get_by_role("complementary", name="Settings")
    page.get_by_role("button", name=re.compile("errors")).first.click()
    problems = page.get_by_role("region", name="Problems")

    problems.get_by_role("button", name=f'lacks the step at its end "{end}"').click()
    choice = settings.get_by_label("Step that it le", exact=False)
    expect(choice).to_have_value("")
    choice.select_option(whole)
    expect(settings.get_by_role("button", name=whole, exact=True)).to_be_visible()
    expect(page.locator("[data-edge=e1]")).to_be_visible()

    problems.get_by_role("button", name='names the step "nowhere"').click()
    expect(choice).to_contain_text("nowhere")
    settings.get_by_role("button", name="Delete").click()
    expect(problems.get_by_role("button", name="names the step")).to_have_count(0)

    expect(page.locator(".save-note")).to_contain_text("Saved", timeout=15_000)
    workflow = page.url.split("/workflows/")[1].split("/")[0]
    saved = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]
    assert [(edge["from"], edge["to"]) for edge in saved["edges"]] == [("count", "again")]


def test_what_cannot_be_shown_leads_to_where_it_is_mended(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Not to be shown")
    document["edges"][0] = "count to again"
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("cannot be shown on a canvas")
    with page.expect_download() as download:
        alert.get_by_role("link", name="Download the draft as JSON").click()
    assert "not-to-be-shown" in download.value.suggested_filename
    alert.get_by_role("link", name="Versions of this workflow").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Versions")


def test_an_odd_clip_is_pasted_or_told_and_takes_nothing_along(
    signed_in: OpenContext, visitor: Watched, live_studio: LiveStudio
) -> None:
    page = open_editor(visitor, live_studio, count_words("Pasted into"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    odd = '{"kind":"treadle/clip-1","nodes":{"x":{"type":"set","title":{"a":1},"set":{"n":0}}}}'
    paste(page, odd)
    expect(page.locator("[data-node=x]")).to_be_visible()
    expect(page.locator("[data-node=x]")).to_contain_text('{"a":1}')
    page.keyboard.press("Control+z")
    expect(page.locator("[data-node=x]")).to_have_count(0)

    for text in (odd[:-5], "Dear all,", '{"kind":"treadle/clip-1","nodes":{"x":1}}'):
        page.locator("[data-node=count]").focus()
        page.keyboard.press("ArrowRight")
        paste(page, text)
        said = page.locator("[role=status][aria-live=polite]")
        expect(said.filter(has_text="no steps in it")).to_have_count(1)
        expect(page.locator("[data-node]")).to_have_count(3)


def test_a_fault_of_the_panel_leaves_the_rest_of_the_editor_alone(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    visitor.expected.append("broken on purpose")
    page = open_editor(visitor, live_studio, count_words("Faulty panel"))
    page.evaluate(
        """() => {
          const choices = HTMLSelectElement.prototype;
          const whole = Object.getOwnPropertyDescriptor(choices, 'options');
          window.mend = () => Object.defineProperty(choices, 'options', whole);
          Object.defineProperty(choices, 'options', {
            configurable: true, get() { throw new Error('broken on purpose'); }
          });
        }"""
    )
    page.locator("[data-node=count]").click()

    alert = page.get_by_role("complementary", name="Settings").get_by_role("alert")
    expect(alert).to_contain_text("met a fault")
    page.locator("[data-node=done]").click()
    page.keyboard.press("Delete")
    expect(page.locator("[data-node=done]")).to_have_count(0)
    expect(page.get_by_text("Saved")).to_be_visible()

    page.evaluate("window.mend()")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-node=done]")).to_be_visible()
    page.locator("[data-node=count]").click()
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    expect(alert).to_have_count(0)


def open_editor(visitor: Watched, studio: LiveStudio, document: dict[str, Any]) -> Page:
    workflow = make(studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=again]")).to_be_visible()
    return page


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.locator("[data-node=count]").focus()
    page.keyboard.press("Control+v")


def test_a_place_without_its_step_is_a_problem_at_once_and_can_be_removed(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Placed for nobody")
    document["layout"]["gone"] = [560, 0]
    page = open_editor(visitor, live_studio, document)
    publish = page.get_by_role("button", name="Publish", exact=True)

    page.keyboard.press("F8")
    remove = page.get_by_label("Settings").get_by_role("button", name="Remove the place")
    expect(remove).to_be_focused()
    # Still after a save, whose answer says the same: it is told once.
    page.get_by_label("Name", exact=True).fill("Placed for nobody yet")
    expect(page.get_by_text("Saved")).to_be_visible()
    page.locator(".problems-button").click()
    listed = page.get_by_role("region", name="Problems").get_by_role("listitem")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text('There is a place for the step "gone", which is not there.')
    publish.click()
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    page.keyboard.press("Escape")

    remove.click()
    expect(page.get_by_text("Nothing is wrong.")).to_be_visible()
    expect(remove).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(listed).to_have_count(1)
