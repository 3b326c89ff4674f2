"""The review page from the sample to its report, live."""

from playwright.sync_api import expect

from tests.e2e.browsing import Watched


def test_the_sample_climbs_to_its_threshold_before_ones_eyes(visitor: Watched) -> None:
    page = visitor.open("/review/")
    page.get_by_role("button", name="Use the sample").click()
    expect(page.locator(".cm-content")).to_contain_text("Monthly report of orders")

    page.get_by_role("button", name="Run review").click()

    page.wait_for_url("**/review/*")
    expect(page.get_by_text("threshold is reached")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("B006").first).to_be_visible()
    expect(page.get_by_role("heading", name="Passes")).to_be_visible()
    expect(page.get_by_role("heading", name="Functions")).to_be_visible()
    assert page.get_by_role("heading", level=1).first.inner_text().startswith("Review")


def test_an_empty_form_says_what_is_missing_and_starts_nothing(visitor: Watched) -> None:
    page = visitor.open("/review/")
    expect(page.locator(".cm-content")).to_be_visible()

    page.get_by_role("button", name="Run review").click()

    expect(page.get_by_role("alert")).to_contain_text("There is no code to review yet")
    assert page.url.endswith("/review/")
