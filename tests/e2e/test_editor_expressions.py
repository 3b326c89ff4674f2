"""Conditions and mappings: completion over real names and last values, and the last 20 runs."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched, axe_findings, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.e2e.typist import Typist
from tests.live import LiveStudio


def graded(name: str) -> dict[str, Any]:
    """Counts words, grades, and goes round while the grade is low."""
    return {
        "format": "treadle/1",
        "key": name.lower().replace(" ", "-"),
        "name": name,
        "entry": ["count"],
        "state": {
            "schema": {
                "type": "object",
                "required": ["text"],
                "properties": {"text": {"type": "string", "description": "What is counted."}},
            },
            "defaults": {"tries": 0},
        },
        "nodes": {
            "count": {
                "type": "tool",
                "tool": "text.count",
                "inputs": {"text": "text"},
                "outputs": {"words": "result.word_count"},
            },
            "grade": {
                "type": "set",
                "set": {"tries": "tries + 1", "lint": "{'count': words, 'odd key': 1}"},
            },
            "done": {"type": "end"},
        },
        "edges": [
            {"id": "e1", "from": "count", "to": "grade"},
            {"id": "again", "from": "grade", "to": "count", "when": "tries < words", "max": 9},
            {"id": "out", "from": "grade", "to": "done", "else": True},
        ],
        "layout": {"count": [0, 0], "grade": [280, 0], "done": [560, 0]},
    }


@pytest.fixture(scope="module")
def workflow(live_studio: LiveStudio) -> str:
    """It ran twice: once round, and three times round."""
    made = make(live_studio, "POST", "/api/v1/workflows", document=graded("Graded by words"))
    for text in ("one", "one two three"):
        body = {"workflow": made["id"], "draft": True, "state": {"text": text}}
        assert make(live_studio, "POST", "/api/v1/runs?wait=20", **body)["status"] == "completed"
    return str(made["id"])


def open_condition(page: Page, url: str) -> None:
    """By keyboard: to the step, to the edge that leads on, and into its condition."""
    page.goto(url)
    step = page.locator("[data-node=grade]")
    expect(step).to_be_visible()
    step.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Connection from grade to count")).to_be_visible()


def offered(page: Page) -> dict[str, str]:
    """What the open list offers: what stands beside each name."""
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    lines = page.locator(".suggest__item").all()
    return {
        line.locator(".suggest__label").inner_text(): line.locator("span").last.inner_text()
        for line in lines
    }


def test_a_condition_is_completed_checked_and_tried_on_the_last_runs_by_keyboard(
    signed_in: OpenContext, live_studio: LiveStudio, workflow: str, axe: str
) -> None:
    with watched_page(signed_in(), live_studio.url) as watched:
        page = watched.page
        typist = Typist(page)
        open_condition(page, f"{live_studio.url}/workflows/{workflow}/edit")
        editor = page.get_by_role("dialog", name="Connection from grade to count")
        field = editor.get_by_label("Condition")
        expect(field).to_be_focused()
        # What it gave: the last run went round three times.
        expect(editor.get_by_text("= false")).to_be_visible()
        expect(editor.locator(".playground__brief")).to_contain_text(
            "true in 2, false in 2 in the last 2 runs"
        )

        typist.press("Control+a")
        typist.write("lint.")
        assert offered(page)["count"] == "3"
        expect(field).to_have_attribute("aria-autocomplete", "list")
        assert not axe_findings(page, axe)
        typist.write("c")
        expect(page.locator(".suggest__item[aria-selected=true]")).to_contain_text("count")
        assert (
            page.evaluate(
                "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
                "?.getAttribute('aria-selected')"
            )
            == "true"
        )
        typist.press("Enter")
        expect(field).to_have_value("lint.count")
        typist.write(" > tr")
        typist.press("Tab")
        expect(field).to_have_value("lint.count > tries")
        typist.press("Control+z")
        expect(field).not_to_have_value("lint.count > tries")
        typist.press("Control+y")
        expect(field).to_have_value("lint.count > tries")
        typist.write(" ")
        typist.write("|| ")
        typist.press("Control+Space")
        expect(page.get_by_role("listbox", name="What can be written here")).to_be_visible()
        typist.press("Escape", *["Backspace"] * 4)
        expect(editor).to_be_visible()

        # On the page of settings: every visit of the last runs, with its values and a link.
        typist.press("Enter")
        expect(editor).to_be_hidden()
        tried = page.get_by_role("region", name="The condition on the last runs")
        expect(tried.get_by_role("button", name="true in 2")).to_be_visible()
        expect(tried.get_by_text("lint.count = 3, tries = 2")).to_be_visible()
        link = tried.get_by_role("link", name="visit 2").get_attribute("href") or ""
        assert link.startswith("/runs/")
        assert link.endswith("?node=grade&visit=2&tab=why")


def test_a_wrong_condition_is_marked_at_its_place_everywhere_and_keeps_from_publishing(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = visitor.page
    open_condition(page, f"{live_studio.url}/workflows/{workflow}/edit")
    editor = page.get_by_role("dialog", name="Connection from grade to count")
    field = editor.get_by_label("Condition")

    field.fill("lint.cuont > 1")
    tried = page.get_by_role("region", name="The condition on the last runs")
    expect(tried.get_by_role("button", name="error in 4")).to_be_visible()
    expect(editor.get_by_text("no key 'cuont' in lint").first).to_be_visible()
    expect(field).not_to_have_attribute("aria-invalid", "true")

    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        field.fill("lint.count >")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(editor.get_by_role("alert")).to_contain_text("the expression ends where")
    page.keyboard.press("Escape")
    pill = page.locator("[data-edge=again]")
    expect(pill).to_have_class("pill pill--ok pill--conditional pill--selected pill--faulty")

    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog.get_by_role("button", name="Publish", exact=True)).to_be_disabled()
    dialog.get_by_role("button", name="Show").click()
    page.get_by_role("region", name="Problems").get_by_role("button").nth(1).click()
    expect(page.get_by_label("Settings").get_by_label("Condition")).to_be_focused()

    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        page.get_by_label("Settings").get_by_label("Condition").fill("tries < words")
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()


def test_a_mistake_in_a_condition_is_told_at_its_field_and_in_the_list_alone(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = visitor.page
    open_condition(page, f"{live_studio.url}/workflows/{workflow}/edit")
    editor = page.get_by_role("dialog", name="Connection from grade to count")
    settings = page.get_by_label("Settings")
    listed = page.get_by_role("region", name="Problems")
    page.locator(".problems-button").click()
    page.locator("[data-edge=again]").click()

    # In the field that is written in, on the canvas, while the settings show the same condition.
    words = page.get_by_text("the expression ends where")
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        editor.get_by_label("Condition").fill("lint.count >")
    expect(listed.get_by_role("button", name="the expression ends where")).to_be_visible()
    expect(editor.get_by_text("the expression ends where")).to_be_visible()
    expect(words).to_have_count(2)
    expect(settings.get_by_label("Condition")).to_have_attribute("aria-invalid", "true")

    # And in the settings once they are what is open, to which the list leads.
    settings.get_by_label("Condition").click()
    expect(editor).to_be_hidden()
    expect(settings.get_by_text("the expression ends where")).to_be_visible()
    expect(words).to_have_count(2)
    page.locator("[data-node=grade]").click()
    expect(words).to_have_count(1)
    listed.get_by_role("button", name="the expression ends where").click()
    expect(settings.get_by_label("Condition")).to_be_focused()

    # A condition without a word, with what can be done about it.
    settings.get_by_label("Condition").fill("")
    expect(settings.get_by_text("The condition is empty.")).to_be_visible()
    expect(settings.get_by_text("Write an expression such as tries < 3")).to_be_visible()
    expect(page.get_by_text("The condition is empty.")).to_have_count(2)


def test_a_mistake_is_told_at_the_field_also_where_nobody_answers_it(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Unanswered")
    document["edges"][0]["when"] = "size(text) >"
    made = make(live_studio, "POST", "/api/v1/workflows", document=document)
    page = visitor.page
    visitor.expected = ["net::ERR_FAILED"]
    page.route("**/expressions/check", lambda route: route.abort())
    page.goto(f"{live_studio.url}/workflows/{made['id']}/edit")
    page.locator("[data-node=count]").click()
    page.keyboard.press("e")
    settings = page.get_by_label("Settings")
    expect(settings.get_by_text("the expression ends where")).to_be_visible()
    expect(page.get_by_text("the expression ends where")).to_have_count(1)
