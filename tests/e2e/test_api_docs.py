"""Pages that bring somebody else's widgets: they work within the policy, from our own files."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Watched


def test_swagger_shows_the_operations_and_calls_one(visitor: Watched) -> None:
    page = visitor.open("/docs")

    expect(page.locator(".opblock").first).to_be_visible(timeout=20_000)
    assert page.locator(".opblock").count() > 30
    operation = page.locator("#operations-api-getTools")
    operation.scroll_into_view_if_needed()
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status")).to_contain_text(
        "200"
    )


def test_redoc_shows_the_operations(visitor: Watched) -> None:
    page = visitor.open("/redoc")

    expect(page.get_by_role("heading", name="Treadle").first).to_be_visible(timeout=20_000)
    expect(page.locator("[data-section-id]").first).to_be_visible()
    assert page.locator("[data-section-id]").count() > 30


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/studio/run/", "/admin/auth/user/", "/admin/auth/user/add/"]
)
def test_the_admin_works_within_the_policy(visitor: Watched, path: str) -> None:
    page = visitor.open(path)

    expect(page.locator("#content")).to_be_visible()
