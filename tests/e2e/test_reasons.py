"""Why a button may not be used is read by whoever sees it, touches it, tabs to it or hears it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.e2e.browsing import NARROW, Watched, axe_findings, watched_page
from tests.e2e.conftest import make
from tests.e2e.test_editor_company import person
from tests.e2e.test_editor_keeps_work import edit_path, new_workflow
from tests.live import LiveStudio


@pytest.fixture(scope="module")
def workflow(live_studio: LiveStudio) -> str:
    return new_workflow(live_studio, "Busy to look at")


@pytest.fixture(scope="module")
def guest(browser: Browser, live_studio: LiveStudio, workflow: str) -> Iterator[BrowserContext]:
    """Somebody who may look at the workflow, and nothing else."""
    context = person(browser, live_studio, "viktor")
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/grants", user="viktor", role="viewer")
    yield context
    context.close()


def reason(button: Locator) -> Locator:
    return button.locator("xpath=..").locator("[role=tooltip]")


def test_the_editor_says_why_one_may_not_run(
    guest: BrowserContext, live_studio: LiveStudio, workflow: str, axe: str
) -> None:
    with watched_page(guest, live_studio.url) as watched:
        page = watched.open(edit_path(workflow))
        run = page.get_by_role("button", name="Run", exact=True)
        expect(run).to_be_disabled()
        why = reason(run)
        expect(why).to_be_hidden()
        words = why.text_content() or ""
        assert len(words) > 10
        expect(run).to_have_accessible_description(words)

        # By keyboard it comes and, with Escape, goes; a click on it does nothing.
        page.locator(".topbar a").first.focus()
        for _ in range(12):
            page.keyboard.press("Tab")
            if run.evaluate("one => one === document.activeElement"):
                break
        expect(run).to_be_focused()
        expect(why).to_be_visible()
        assert not axe_findings(page, axe)
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(why).to_be_hidden()
        expect(page.get_by_role("dialog")).to_have_count(0)

        # By pointer, and narrow without leaving the window.
        page.set_viewport_size({"width": NARROW, "height": 800})
        run.hover()
        expect(why).to_be_visible()
        box = why.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW
        copy = page.get_by_role("button", name="Duplicate to edit")
        expect(copy).to_be_enabled()
        copy.hover()
        expect(reason(copy)).to_be_visible()


def test_the_run_page_says_why_one_may_not_steer(
    guest: BrowserContext, live_studio: LiveStudio, workflow: str
) -> None:
    body = {"workflow": workflow, "draft": True, "state": {"text": 3}}
    failed = make(live_studio, "POST", "/api/v1/runs?wait=20", **body)
    assert failed["status"] == "failed"
    with watched_page(guest, live_studio.url) as watched:
        page = watched.open(f"/runs/{failed['id']}")
        for name in ("Retry", "Run again", "Keep"):
            button = page.get_by_role("button", name=name)
            expect(button).to_be_disabled()
            button.focus()
            expect(reason(button)).to_be_visible()
            expect(button).to_have_accessible_description(reason(button).inner_text())


def test_what_has_no_steps_says_that_it_has_none(visitor: Watched, live_studio: LiveStudio) -> None:
    empty = {"format": "treadle/1", "key": "none", "name": "None", "entry": [], "nodes": {}}
    made = make(live_studio, "POST", "/api/v1/workflows", document={**empty, "edges": []})
    page = visitor.open(edit_path(made["id"]))
    for name in ("Run", "Publish"):
        button = page.get_by_role("button", name=name, exact=True)
        expect(button).to_have_accessible_description("It has no steps yet.")

    # With the first step they are buttons as any other, and the keyboard stays where it was.
    publish = page.get_by_role("button", name="Publish", exact=True)
    page.get_by_role("group", name="Canvas.").focus()
    page.keyboard.press("n")
    page.keyboard.type("Join")
    page.keyboard.press("Enter")
    expect(publish).to_be_enabled()
    expect(publish).not_to_have_accessible_description("It has no steps yet.")
