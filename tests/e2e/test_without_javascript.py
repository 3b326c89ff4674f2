"""Lists and forms work, and runs and workflows read, with scripts switched off."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import Filled, OpenContext
from tests.live import LiveStudio


@pytest.fixture
def plain(signed_in: OpenContext, live_studio: LiveStudio) -> Watched:
    """A browser without JavaScript. What a script would notice cannot be asked for."""
    context = signed_in(java_script_enabled=False)
    page = context.new_page()
    return Watched(page, live_studio.url)


def test_the_editor_reads_as_an_outline(plain: Watched, filled: Filled) -> None:
    page = plain.open(f"/workflows/{filled.example}/edit")

    # Playwright's text search passes over <noscript>, so this looks by place.
    expect(page.locator("noscript h1")).to_have_text("Code review")
    expect(page.locator("noscript .outline")).to_contain_text("quality_score < quality_threshold")
    expect(page.locator("noscript a", has_text="export")).to_be_visible()


def test_a_run_reads_with_steps_log_and_state(plain: Watched, filled: Filled) -> None:
    page = plain.open(f"/runs/{filled.failed}")

    expect(page.get_by_role("alert")).to_contain_text("Step “count” failed")
    expect(page.get_by_role("table")).to_contain_text("text.count")
    expect(page.get_by_role("list", name="Log lines")).to_contain_text("Run created")
    expect(page.get_by_label("State as JSON")).to_contain_text('"text"')


def test_a_review_can_be_started_and_read(plain: Watched) -> None:
    page = plain.open("/review/")
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_role("textbox", name="Code")).to_contain_text("def load_orders")

    page.get_by_role("button", name="Run review").click()

    page.wait_for_url("**/review/*")
    again = page.get_by_role("link", name="Look again")
    for _ in range(50):
        if again.count() == 0:
            break
        page.wait_for_timeout(200)
        page.reload()
    expect(page.get_by_text("Good: the threshold is reached")).to_be_visible()
    expect(page.get_by_role("heading", name="Pass 1")).to_be_visible()
    expect(page.get_by_role("link", name="B006")).to_be_visible()


def test_a_template_can_be_used_started_and_deleted(plain: Watched) -> None:
    page = plain.open("/workflows/new")
    page.get_by_role("button", name="Use this: Text report").click()
    page.wait_for_url("**/edit")
    path = page.url.removeprefix(plain.origin).removesuffix("/edit")

    page = plain.open(f"{path}/run")
    page.get_by_label("Initial state").fill('{"text": "one two two"}')
    page.get_by_role("button", name="Start run").click()
    page.wait_for_url("**/runs/*")

    page = plain.open("/workflows/?owner=me&search=Text+report")
    row = page.locator("tr", has=page.locator(f"a[href^='{path}']"))
    row.get_by_label("More for Text report").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete workflow").click()
    expect(page.get_by_role("status")).to_contain_text("was deleted")


def test_lists_are_filtered_by_the_button(plain: Watched, filled: Filled) -> None:
    page = plain.open("/runs/")
    page.get_by_label("Status", exact=True).select_option("failed")
    page.get_by_role("button", name="Filter").click()

    assert "status=failed" in page.url
    expect(page.locator("tr[data-run]").first).to_contain_text("failed")


def test_the_colours_can_be_chosen(plain: Watched) -> None:
    page = plain.open("/tools/")
    page.get_by_label("Account and settings").click()
    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/tools/")
