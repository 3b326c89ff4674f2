"""The tabs of a node: what it was given, gave and said at each visit of a run."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NARROW, Watched, axe_findings, watched_page
from tests.e2e.conftest import OpenContext, make
from tests.e2e.test_editor_expressions import graded
from tests.live import LiveStudio


@pytest.fixture(scope="module")
def workflow(live_studio: LiveStudio) -> str:
    """It ran twice: once round, and three times round."""
    made = make(live_studio, "POST", "/api/v1/workflows", document=graded("Looked back at"))
    for text in ("one", "one two three"):
        body = {"workflow": made["id"], "draft": True, "state": {"text": text}}
        assert make(live_studio, "POST", "/api/v1/runs?wait=20", **body)["status"] == "completed"
    return str(made["id"])


def test_a_step_shows_what_it_was_given_and_gave_at_each_visit(
    visitor: Watched, live_studio: LiveStudio, workflow: str, axe: str
) -> None:
    page = visitor.open(f"/workflows/{workflow}/edit")
    panel = page.get_by_label("Settings", exact=True)
    page.locator("[data-node=count]").click()

    page.keyboard.press("i")
    expect(panel.get_by_role("tab", name="Input")).to_have_attribute("aria-selected", "true")
    expect(panel.locator(".visit__inputs")).to_contain_text('text"one two three"')
    expect(panel.get_by_text("3 of 3")).to_be_visible()
    assert not axe_findings(page, axe)

    page.keyboard.press("o")
    grade = page.locator("[data-node=grade]")
    grade.click()
    expect(panel.get_by_role("tab", name="Output")).to_have_attribute("aria-selected", "true")
    written = panel.locator(".visit__ops")
    expect(written.locator("li").first).to_contain_text("tries set3")
    panel.get_by_role("button", name="The visit before").click()
    expect(written.locator("li").first).to_contain_text("tries set2")
    expect(panel.get_by_text("2 of 3")).to_be_visible()
    panel.get_by_label("Run", exact=True).select_option(index=1)
    expect(panel.get_by_text("of 3")).to_be_hidden()
    expect(written.locator("li").first).to_contain_text("tries set1")

    # The run that was chosen stays, whatever step is looked at.
    page.locator("[data-node=count]").click()
    panel.get_by_role("tab", name="Output").focus()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("tab", name="Log")).to_be_focused()
    expect(panel.get_by_label("Log of the visit")).to_contain_text("wrote words")
    page.keyboard.press("Home")
    expect(panel.get_by_label("Tool")).to_be_visible()

    page.get_by_role("tab", name="Input").click()
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        panel.get_by_role("button", name="Keep this value for text").click()
    draft = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]
    assert draft["nodes"]["count"]["inputs"] == {"text": "'one'"}


def test_a_step_that_never_ran_says_so_on_a_phone(
    signed_in: OpenContext, live_studio: LiveStudio, axe: str
) -> None:
    made = make(live_studio, "POST", "/api/v1/workflows", document=graded("Never looked at"))
    context = signed_in(viewport={"width": NARROW, "height": 800})
    with watched_page(context, live_studio.url) as watched:
        page = watched.open(f"/workflows/{made['id']}/edit")
        page.locator("[data-node=count]").click()
        page.keyboard.press("Enter")
        panel = page.get_by_label("Settings", exact=True)
        panel.get_by_role("tab", name="Output").click()
        expect(panel.get_by_text("No run yet.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW
        assert not axe_findings(page, axe)
