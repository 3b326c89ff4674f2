"""In the reader's own colours what a colour tells is told by a line, too; and nothing moves."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.live import LiveStudio

STYLE = "(one, part) => getComputedStyle(one)[part]"
SYSTEM = """name => {
  const probe = document.createElement("i");
  probe.style.color = name;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}"""


@pytest.fixture
def visitor(signed_in: OpenContext, live_studio: LiveStudio) -> Iterator[Watched]:
    context = signed_in(forced_colors="active", reduced_motion="reduce")
    with watched_page(context, live_studio.url) as watched:
        yield watched


def style(one: Locator, part: str) -> str:
    found: str = one.evaluate(STYLE, part)
    return found


def system(page: Page, name: str) -> str:
    found: str = page.evaluate(SYSTEM, name)
    return found


def test_wires_choices_and_tabs_are_seen_in_ones_own_colours(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=count_words("In contrast"))
    body = {"workflow": workflow["id"], "draft": True, "state": {"text": "a"}}
    run = make(live_studio, "POST", "/api/v1/runs?wait=20", **body)["id"]
    page = visitor.open(f"/workflows/{workflow['id']}/edit#node=count&run={run}")
    expect(page.get_by_role("region", name="Run")).to_contain_text("completed")

    text, dim, chosen = (system(page, name) for name in ("CanvasText", "GrayText", "Highlight"))
    taken = page.locator(".wire--taken .wire__line").first
    untaken = page.locator(".wire--untaken .wire__line").first
    assert style(taken, "stroke") == text
    assert style(untaken, "stroke") == dim
    assert style(untaken, "strokeDasharray") != "none"
    assert style(page.locator("[data-node=count]"), "outlineColor") == chosen
    tabs = {
        name: style(page.get_by_role("tab", name=name), "borderBottomColor")
        for name in ("Settings", "Input")
    }
    assert tabs["Settings"] == chosen != tabs["Input"]

    # Keyboard and list: the option that Enter takes has a line around it.
    page.locator("[data-node=count]").focus()
    page.keyboard.press("n")
    steps = page.get_by_role("listbox", name="Steps")
    option = steps.get_by_role("option", selected=True)
    expect(option).to_be_visible()
    assert style(option, "outlineStyle") == "solid"
    assert style(steps.get_by_role("option", selected=False).first, "outlineStyle") == "none"
    page.keyboard.press("Escape")

    hand = page.get_by_role("button", name="Move the paper by dragging (H)")
    hand.click()
    pressed = page.get_by_role("button", name="Select by dragging (V)")
    assert style(pressed, "outlineStyle") == "solid"
    moving = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) == 0
