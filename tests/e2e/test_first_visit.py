"""A first visit: hints that go for good, ways to begin, and what is seen while the page loads."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browsing import Watched, axe_findings
from tests.e2e.conftest import make
from tests.e2e.typist import Typist
from tests.live import LiveStudio


@pytest.fixture
def blank(live_studio: LiveStudio) -> str:
    return str(make(live_studio, "POST", "/api/v1/workflows", name="Blank one")["id"])


def test_hints_are_reached_by_keyboard_and_stay_away_once_closed(
    visitor: Watched, blank: str, axe: str
) -> None:
    page = visitor.page
    typist = Typist(page)
    visitor.open(f"/workflows/{blank}/edit")
    hints = page.get_by_role("region", name="First steps")
    expect(hints).to_contain_text("Build")
    expect(page.get_by_role("dialog")).to_have_count(0)
    typist.tab_to("Next")
    typist.press("Enter")
    expect(hints).to_contain_text("Try it out")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert not axe_findings(page, axe)
    typist.press("Escape")
    expect(hints).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Drag a step here, or press N.")).to_be_visible()
    expect(hints).to_have_count(0)
    page.keyboard.press("Control+k")
    typist.write("first hints")
    typist.press("Enter")
    expect(hints).to_be_visible()


def test_an_empty_canvas_offers_ways_to_begin(visitor: Watched, blank: str) -> None:
    page = visitor.open(f"/workflows/{blank}/edit")
    offers = page.get_by_role("group", name="Or begin with")
    expect(offers.get_by_role("button")).to_have_count(3)
    offers.get_by_role("button", name="text.fill").click()
    expect(page.locator("[data-node=fill]")).to_be_focused()
    expect(offers).to_have_count(0)


def test_the_steps_stand_there_as_boxes_until_the_canvas_comes(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = {
        "format": "treadle/1",
        "name": "Slowly",
        "nodes": {"a": {"type": "noop"}, "b": {"type": "end"}},
        "edges": [{"id": "e", "from": "a", "to": "b"}],
        "entry": ["a"],
        "layout": {"a": [0, 0], "b": [280, 0]},
    }
    slow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.page
    held: list[Route] = []
    # The page's own file; the address may carry a hash.
    page.route(re.compile(r"/dist/editor(\.\w+)?\.js"), lambda route: held.append(route))
    page.goto(f"{live_studio.url}/workflows/{slow}/edit", wait_until="commit")
    expect(page.locator(".skeleton__box")).to_have_count(2)
    expect(page.get_by_text("Opening…")).to_be_visible()
    expect(page.get_by_text("This takes long.")).to_be_hidden()
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("[data-node=b]")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
