"""A run is kept from the rules of its workflow, and left to them again, in the browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NARROW, Watched, axe_findings, watched_page
from tests.e2e.conftest import Filled, OpenContext, make
from tests.e2e.test_every_page import sideways
from tests.live import LiveStudio


@pytest.fixture
def run(live_studio: LiveStudio, filled: Filled) -> Iterator[str]:
    yield filled.completed
    make(live_studio, "PUT", f"/api/v1/runs/{filled.completed}/keep", kept=False)


def kept(studio: LiveStudio, run: str) -> Any:
    return make(studio, "GET", f"/api/v1/runs/{run}")["kept"]


def test_a_run_is_kept_and_left_to_the_rules_again_by_keyboard(
    visitor: Watched, live_studio: LiveStudio, run: str, axe: str
) -> None:
    page = visitor.open(f"/runs/{run}")
    head = page.locator(".rp-head")
    button = head.get_by_role("button", name="Keep")
    expect(head.locator(".chip")).to_have_count(0)

    button.focus()
    page.keyboard.press("Enter")

    expect(head.get_by_role("status")).to_have_text("No rule will delete this run.")
    expect(head.locator(".chip")).to_have_text(["kept"])
    expect(head.get_by_role("button", name="Keep no longer")).to_be_focused()
    assert kept(live_studio, run) is True
    assert axe_findings(page, axe) == []

    page.reload()
    button = head.get_by_role("button", name="Keep no longer")
    button.focus()
    page.keyboard.press("Space")

    expect(head.get_by_role("status")).to_have_text("The rules decide again.")
    expect(head.get_by_role("button", name="Keep", exact=True)).to_be_focused()
    expect(head.locator(".chip")).to_have_count(0)
    assert kept(live_studio, run) is False


def test_what_the_server_refuses_is_said_and_can_be_tried_again(
    visitor: Watched, live_studio: LiveStudio, run: str
) -> None:
    visitor.expected.append("status of 503")
    page = visitor.open(f"/runs/{run}")
    refusal = {"error": {"code": "E_BUSY", "message": "The disk is full.", "details": []}}
    page.route("**/keep", lambda route: route.fulfill(status=503, json=refusal))
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("alert")).to_contain_text("The disk is full.")
    assert kept(live_studio, run) is False

    page.unroute("**/keep")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("button", name="Keep no longer")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_on_a_telephone_in_german_it_is_large_enough_for_a_finger(
    signed_in: OpenContext, live_studio: LiveStudio, filled: Filled, run: str
) -> None:
    size = {"width": NARROW, "height": 900}
    context = signed_in(viewport=size, has_touch=True, locale="de-DE")
    with watched_page(context, live_studio.url) as watched:
        page = watched.open(f"/runs/{run}")
        button = page.get_by_role("button", name="Behalten")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        button.tap()
        expect(page.get_by_role("button", name="Nicht länger behalten")).to_be_visible()
        expect(page.locator(".rp-head .chip")).to_have_text(["behalten"])
        assert not sideways(page)

        page = watched.open(f"/workflows/{filled.workflow}/keeping")
        expect(page.get_by_role("link", name=run[-8:])).to_be_visible()
        assert not sideways(page)
