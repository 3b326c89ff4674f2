"""What comes after a first screen: the page works without it, and it can be asked for again."""

from playwright.sync_api import expect

from tests.e2e.conftest import Filled, OpenContext
from tests.live import LiveStudio


def test_a_later_file_that_failed_is_loaded_again(
    signed_in: OpenContext, live_studio: LiveStudio, filled: Filled
) -> None:
    page = signed_in().new_page()
    page.route("**/editor-later*", lambda route: route.abort())
    page.goto(f"{live_studio.url}/workflows/{filled.example}/edit")

    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    page.locator("[data-node]").first.click()
    settings = page.get_by_role("complementary", name="Settings")
    expect(settings.get_by_role("heading")).not_to_have_text("Workflow")
    expect(settings.get_by_role("textbox")).to_have_count(0)

    page.unroute("**/editor-later*")
    page.get_by_role("button", name="Try again").click()

    expect(settings.get_by_role("textbox").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_values_of_a_run_whose_file_failed_are_asked_for_again(
    signed_in: OpenContext, live_studio: LiveStudio, filled: Filled
) -> None:
    page = signed_in().new_page()
    page.route("**/run-later*", lambda route: route.abort())
    page.goto(f"{live_studio.url}/runs/{filled.completed}?node=count&tab=output")

    panel = page.get_by_role("tabpanel")
    expect(panel.get_by_role("alert")).to_contain_text("could not be loaded")
    expect(page.locator("[data-node=count]")).to_be_visible()
    page.get_by_role("tab", name="Steps").click()
    expect(panel).to_contain_text("count")

    page.unroute("**/run-later*")
    page.get_by_role("tab", name="Output").click()
    expect(panel.get_by_role("alert")).to_have_count(0)
    expect(panel.get_by_text("word_count")).to_be_visible()
