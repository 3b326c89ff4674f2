"""The editor by finger at 390 px: look around, choose, change, add; keys leave nothing stuck."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.browsing import NARROW, Watched, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.e2e.drafts import draft, until_saved
from tests.large_graph import large_document
from tests.live import LiveStudio

Point = tuple[float, float]


class Finger:
    """Touches as the browser's debugger sends them: several at once, moved, lifted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: Point) -> None:
        at = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    def drag(self, start: Point, end: Point, *, lift: bool = True) -> None:
        self.send("touchStart", start)
        for part in (0.25, 0.5, 0.75, 1.0):
            between = tuple(a + (b - a) * part for a, b in zip(start, end, strict=True))
            self.send("touchMove", between)  # type: ignore[arg-type]
        if lift:
            self.send("touchEnd")

    def pinch(self, middle: Point, before: float, after: float) -> None:
        x, y = middle
        self.send("touchStart", (x - before, y), (x + before, y))
        for part in (0.25, 0.5, 0.75, 1.0):
            apart = before + (after - before) * part
            self.send("touchMove", (x - apart, y), (x + apart, y))
        self.send("touchEnd")


@pytest.fixture
def touched(signed_in: OpenContext, live_studio: LiveStudio) -> Iterator[Watched]:
    context = signed_in(viewport={"width": NARROW, "height": 780}, has_touch=True, is_mobile=True)
    with watched_page(context, live_studio.url) as watched:
        yield watched


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    document = count_words("By finger")
    return str(make(live_studio, "POST", "/api/v1/workflows", document=document)["id"])


def box(page: Page, selector: str) -> Any:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found


def zoom(page: Page) -> int:
    words = page.get_by_role("button", name="Zoom is").inner_text()
    return int(words.split()[0])


def test_a_workflow_is_looked_at_and_changed_by_finger(
    touched: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = touched.open(f"/workflows/{workflow}/edit")
    finger = Finger(page)
    node = page.locator("[data-node=count]")
    expect(node).to_be_visible()
    empty = (200.0, 230.0)

    # One finger moves the paper, two zoom it.
    before = box(page, "[data-node=count]")
    finger.drag(empty, (empty[0] + 40, empty[1] + 60))
    moved = box(page, "[data-node=count]")
    assert moved["y"] - before["y"] == pytest.approx(60, abs=12)
    was = zoom(page)
    finger.pinch((200, 300), 40, 80)
    page.wait_for_function(
        "was => parseInt(document.querySelector('.controls__zoom').innerText) > was", arg=was
    )
    page.get_by_role("button", name="Show all").tap()

    # A tap selects, a drag of a step moves it, an edit is made in the sheet below.
    node.tap()
    expect(node).to_have_attribute("aria-pressed", "true")
    at = box(page, "[data-node=count]")
    middle = (at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    finger.drag(middle, (middle[0] + 8, middle[1] + 80))
    until_saved(live_studio, workflow, lambda saved: saved["layout"]["count"][1] > 0)
    node.tap()
    page.get_by_role("button", name="Settings", exact=True).tap()
    settings = page.get_by_role("complementary", name="Settings")
    settings.get_by_label("Name", exact=True).fill("Counted by finger")
    until_saved(
        live_studio, workflow, lambda saved: saved["nodes"]["count"].get("title") is not None
    )
    settings.get_by_role("button", name="Close the settings").tap()

    # A step from the palette, added by a tap.
    page.get_by_role("button", name="Steps", exact=True).tap()
    page.get_by_role("complementary", name="Steps").get_by_role(
        "button", name="Join", exact=True
    ).tap()
    until_saved(live_studio, workflow, lambda saved: len(saved["nodes"]) == 4)

    # What has to be hit is large enough for a finger.
    for button in page.locator(".controls button").all():
        size = button.bounding_box()
        assert size is not None
        assert size["width"] >= 44
        assert size["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


def test_no_key_and_no_touch_stays_stuck(
    touched: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = touched.open(f"/workflows/{workflow}/edit")
    finger = Finger(page)
    node = page.locator("[data-node=count]")
    expect(node).to_be_visible()
    places = draft(live_studio, workflow)["layout"]

    # A key that was down when the window lost the keyboard is not down afterwards.
    node.tap()
    page.keyboard.down("Shift")
    page.keyboard.down("Space")
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.keyboard.up("Space")
    page.keyboard.up("Shift")
    page.get_by_role("button", name="Show all").tap()
    page.locator("[data-node=again]").tap()
    expect(page.locator("[data-node=again]")).to_have_attribute("aria-pressed", "true")
    expect(node).to_have_attribute("aria-pressed", "false")

    # A touch that the system takes away drops nothing, and the next one works.
    at = box(page, "[data-node=done]")
    middle = (at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    finger.drag(middle, (middle[0], middle[1] + 60), lift=False)
    finger.send("touchCancel")
    before = box(page, "[data-node=count]")
    finger.drag((200, 640), (200, 600))
    moved = box(page, "[data-node=count]")
    assert moved["y"] - before["y"] == pytest.approx(-40, abs=12)
    page.locator("[data-node=again]").tap()
    expect(page.locator("[data-node=again]")).to_have_attribute("aria-pressed", "true")
    assert draft(live_studio, workflow)["layout"]["count"] == places["count"]


def test_a_finger_that_stays_on_a_step_selects_it_along_with_others(
    touched: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = touched.open(f"/workflows/{workflow}/edit")
    finger = Finger(page)
    expect(page.locator("[data-node=count]")).to_be_visible()
    bar = page.get_by_role("toolbar", name="Selected steps")

    def middle(node: str) -> Point:
        at = box(page, f"[data-node={node}]")
        return at["x"] + at["width"] / 2, at["y"] + at["height"] / 2

    def is_selected(node: str) -> str | None:
        return page.locator(f"[data-node={node}]").get_attribute("aria-pressed")

    # Held until it is selected; then each tap adds one, or takes it out again.
    places = draft(live_studio, workflow)["layout"]
    finger.send("touchStart", middle("count"))
    expect(bar).to_contain_text("1 step")
    finger.send("touchEnd")
    expect(page.get_by_role("menu")).to_have_count(0)
    page.locator("[data-node=again]").tap()
    expect(bar).to_contain_text("2 steps")
    page.locator("[data-node=done]").tap()
    expect(bar).to_contain_text("3 steps")
    page.locator("[data-node=count]").tap()
    expect(bar).to_contain_text("2 steps")
    assert [is_selected(node) for node in ("count", "again", "done")] == ["false", "true", "true"]
    assert draft(live_studio, workflow)["layout"] == places

    # A drag of one moves them all.
    start = middle("again")
    finger.drag(start, (start[0], start[1] + 96))
    until_saved(
        live_studio,
        workflow,
        lambda saved: all(saved["layout"][node][1] > places[node][1] for node in ("again", "done")),
    )
    assert draft(live_studio, workflow)["layout"]["count"] == places["count"]

    # What can be done with them; with none selected it has ended, and a tap selects one step only.
    bar.get_by_role("button", name="Duplicate").tap()
    until_saved(live_studio, workflow, lambda saved: len(saved["nodes"]) == 5)
    expect(bar).to_contain_text("2 steps")
    page.get_by_role("button", name="Undo").tap()
    until_saved(live_studio, workflow, lambda saved: len(saved["nodes"]) == 3)
    expect(bar).to_have_count(0)
    page.get_by_role("button", name="Show all").tap()
    page.locator("[data-node=count]").tap()
    page.locator("[data-node=again]").tap()
    expect(page.locator("[data-node=again]")).to_have_attribute("aria-pressed", "true")
    assert is_selected("count") == "false"
    expect(bar).to_have_count(0)

    # A step that is selected already is taken along; with one alone its menu is a tap away.
    finger.send("touchStart", middle("count"))
    expect(bar).to_contain_text("2 steps")
    finger.send("touchEnd")
    page.locator("[data-node=again]").tap()
    expect(bar).to_contain_text("1 step")
    bar.get_by_role("button", name="More").tap()
    expect(page.get_by_role("menu", name="Menu of")).to_be_visible()
    page.keyboard.press("Escape")
    bar.get_by_role("button", name="Done").tap()
    expect(bar).to_have_count(0)


def test_a_finger_that_stays_on_a_painted_step_selects_it_too(
    touched: Watched, live_studio: LiveStudio
) -> None:
    document = {**large_document(200), "key": "from-afar", "name": "From afar"}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = touched.open(f"/workflows/{workflow}/edit")
    finger = Finger(page)
    page.get_by_role("button", name="Show all").tap()
    expect(page.locator("canvas.far-view")).to_be_visible()
    expect(page.locator("[data-node]")).to_have_count(0)
    bar = page.get_by_role("toolbar", name="Selected steps")

    def middle(node: str) -> Point:
        place = document["layout"][node]
        x, y = page.evaluate(
            "([x, y]) => { const view = document.querySelector('.react-flow__viewport');"
            " const { a, e, f } = new DOMMatrix(getComputedStyle(view).transform);"
            " const at = view.closest('.react-flow').getBoundingClientRect();"
            " return [at.x + e + x * a, at.y + f + y * a]; }",
            [place[0] + 104, place[1] + 32],
        )
        return x, y

    finger.send("touchStart", middle("n40"))
    expect(bar).to_contain_text("1 step")
    finger.send("touchEnd")
    expect(bar).to_contain_text("1 step")
    page.touchscreen.tap(*middle("n81"))
    expect(bar).to_contain_text("2 steps")
    page.touchscreen.tap(*middle("n40"))
    expect(bar).to_contain_text("1 step")
