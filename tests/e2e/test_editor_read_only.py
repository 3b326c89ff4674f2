"""Who may only look is told once why a key, a drag or a drop changed nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from tests.e2e.browsing import NARROW, Watched, axe_findings, watched_page
from tests.e2e.conftest import count_words, make
from tests.e2e.test_editor_by_mouse import Hand, Point
from tests.e2e.test_editor_company import person
from tests.e2e.test_editor_keeps_work import edit_path, new_workflow
from tests.live import LiveStudio


@pytest.fixture(scope="module")
def workflow(live_studio: LiveStudio) -> str:
    return new_workflow(live_studio, "Busy to read")


@pytest.fixture(scope="module")
def reader(browser: Browser, live_studio: LiveStudio, workflow: str) -> Iterator[BrowserContext]:
    """Somebody with whom the workflow is shared as viewer."""
    context = person(browser, live_studio, "rita")
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/grants", user="rita", role="viewer")
    yield context
    context.close()


@pytest.fixture
def looking(reader: BrowserContext, live_studio: LiveStudio, workflow: str) -> Iterator[Watched]:
    with watched_page(reader, live_studio.url) as watched:
        watched.open(edit_path(workflow))
        expect(watched.page.locator("[data-node=count]")).to_be_visible()
        yield watched


def note(page: Page) -> Locator:
    return page.locator(".banner--passing")


def test_keys_that_change_nothing_are_answered_once(
    looking: Watched, live_studio: LiveStudio, workflow: str, axe: str
) -> None:
    page = looking.page
    writes: list[str] = []

    def heed(request: Request) -> None:
        if request.method in ("PUT", "PATCH", "DELETE"):
            writes.append(request.url)

    page.on("request", heed)
    page.locator("[data-node=count]").click()
    expect(note(page)).to_have_count(0)

    page.keyboard.press("Delete")
    words = note(page).inner_text()
    assert "nothing was changed" in words
    assert "share it with you as editor" in words
    expect(page.locator("[role=status]", has_text="nothing was changed")).to_have_count(1)
    assert not axe_findings(page, axe)
    page.set_viewport_size({"width": NARROW, "height": 800})
    box = note(page).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= NARROW
    page.set_viewport_size({"width": 1440, "height": 900})

    # Closed, it stays so: neither a key that is held nor the next ones bring it back.
    page.get_by_role("button", name="Close this message").click()
    page.locator("[data-node=count]").focus()
    for key in ("Delete", "Delete", "F2", "d", "Control+z", "Shift+ArrowLeft", "Control+d"):
        page.keyboard.press(key)
    expect(note(page)).to_have_count(0)
    expect(page.locator("[data-node]")).to_have_count(3)
    expect(page.get_by_role("textbox", name="Title of count")).to_have_count(0)
    assert writes == []


def test_what_is_pasted_is_answered_too(looking: Watched) -> None:
    page = looking.page
    page.locator("[data-node=count]").click()
    page.keyboard.press("Control+c")
    expect(note(page)).to_have_count(0)
    page.keyboard.press("Control+v")
    expect(note(page)).to_contain_text("nothing was changed")
    expect(page.locator("[data-node]")).to_have_count(3)


def middle(part: Locator) -> Point:
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def draw_a_wire(page: Page) -> None:
    step = page.locator(".react-flow__node", has=page.locator("[data-node=again]"))
    x, y = middle(step.locator(".react-flow__handle-right").first)
    Hand(page).drag((x, y), (x + 80, y + 160))


def move_a_step(page: Page) -> None:
    x, y = middle(page.locator("[data-node=again]"))
    Hand(page).drag((x, y), (x + 40, y + 120))


def double_click_the_paper(page: Page) -> None:
    x, y = middle(page.locator("[data-node=again]"))
    page.mouse.dblclick(x, y + 300)


def bring_a_step_from_another_window(page: Page) -> None:
    page.locator(".react-flow__pane").evaluate(
        """(pane) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.setData("application/x-treadle-step", "tool:text.count");
          const at = { bubbles: true, cancelable: true, clientX: 600, clientY: 600 };
          pane.dispatchEvent(new DragEvent("dragover", { ...at, dataTransfer }));
        }"""
    )


@pytest.mark.parametrize(
    "attempt",
    [draw_a_wire, move_a_step, double_click_the_paper, bring_a_step_from_another_window],
)
def test_what_a_hand_tries_is_answered(looking: Watched, attempt: Callable[[Page], Any]) -> None:
    page = looking.page
    page.locator("[data-node=again]").click()
    expect(note(page)).to_have_count(0)
    attempt(page)
    expect(note(page)).to_contain_text("nothing was changed")
    expect(page.locator("[data-node]")).to_have_count(3)


def test_moving_the_paper_is_no_attempt(looking: Watched) -> None:
    page = looking.page
    step = page.locator("[data-node=again]")
    x, y = middle(step)
    Hand(page).drag((x, y + 300), (x + 40, y + 380))
    expect(note(page)).to_have_count(0)
    moved = middle(step)
    assert moved[1] > y


def test_a_closed_group_is_opened_by_who_looks_and_stays_closed_for_others(
    browser: Browser, live_studio: LiveStudio
) -> None:
    document = count_words("Busy in a group")
    groups = {"g": {"title": "Counting", "nodes": ["count", "again"], "collapsed": True}}
    document["meta"] = {"groups": groups}
    made = make(live_studio, "POST", "/api/v1/workflows", document=document)
    context = person(browser, live_studio, "gero")
    grants = f"/api/v1/workflows/{made['id']}/grants"
    make(live_studio, "POST", grants, user="gero", role="viewer")
    with watched_page(context, live_studio.url) as watched:
        page = watched.open(edit_path(made["id"]))
        pile = page.locator("[data-group=g]")
        expect(pile).to_be_visible()
        expect(page.locator("[data-node=count]")).to_have_count(0)
        pile.dblclick()
        expect(page.locator("[data-node=count]")).to_be_visible()
        expect(note(page)).to_have_count(0)
    saved = make(live_studio, "GET", f"/api/v1/workflows/{made['id']}")
    assert saved["draft"]["meta"]["groups"] == groups
    context.close()


def test_who_may_not_edit_any_more_hears_it_again(
    browser: Browser, live_studio: LiveStudio
) -> None:
    """The banner that stays says it to eyes, so there is no second note."""
    workflow = new_workflow(live_studio, "Busy to lend")
    context = person(browser, live_studio, "edda")
    grants = f"/api/v1/workflows/{workflow}/grants"
    grant = make(live_studio, "POST", grants, user="edda", role="editor")
    with watched_page(context, live_studio.url) as watched:
        watched.expected = ["status of 403"]
        page = watched.open(edit_path(workflow))
        page.locator("[data-node=count]").click()
        status, _ = live_studio.call("DELETE", f"{grants}/{grant['id']}")
        assert status == 204
        make(live_studio, "POST", grants, user="edda", role="viewer")
        page.keyboard.press("d")
        banner = page.get_by_role("alert").filter(has_text="You may not change this workflow")
        expect(banner).to_be_visible(timeout=15_000)

        page.locator("[data-node=count]").focus()
        page.keyboard.press("Delete")
        spoken = page.locator("[role=status]", has_text="You may not change this workflow any more")
        expect(spoken).to_have_count(1)
        expect(note(page)).to_have_count(0)
        expect(page.locator("[data-node]")).to_have_count(3)
    context.close()
