"""The same loop by mouse; and the shipped review with another threshold edge."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import Filled
from tests.live import LiveStudio

Point = tuple[float, float]


class Hand:
    """A mouse on the editor's canvas."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.canvas = page.get_by_role("group", name="Canvas.")
        self.settings = page.get_by_role("complementary", name="Settings")

    def drag(self, start: Point, end: Point) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=5)
        mouse.move(*end, steps=5)
        mouse.up()

    def drop_step(self, name: str, x: float, y: float) -> None:
        steps = self.page.get_by_role("complementary", name="Steps")
        before = self.page.locator("[data-node]").count()
        corner = _box(self.canvas)
        step = steps.get_by_role("button", name=name, exact=True)
        step.scroll_into_view_if_needed()
        self.drag(
            _middle(step),
            (corner["x"] + x, corner["y"] + y),
        )
        expect(self.page.locator("[data-node]")).to_have_count(before + 1)

    def wire(self, source: str, target: str) -> None:
        self.drag(_middle(self._port(source, "right")), _middle(self._port(target, "left")))
        expect(self._edge(source, target)).to_be_attached()

    def select(self, node: str) -> None:
        self.page.locator(f'[data-node="{node}"]').click()
        expect(self.settings.get_by_label("Id", exact=True)).to_have_value(node)

    def select_way(self, source: str, target: str) -> None:
        self.select(source)
        self.settings.locator(".ways__edge", has_text=target).click()

    def _port(self, node: str, side: str) -> Locator:
        around = self.page.locator(".react-flow__node", has=self.page.locator(_node(node)))
        return around.locator(f".react-flow__handle-{side}").first

    def _edge(self, source: str, target: str) -> Locator:
        return self.page.locator(f'[aria-label*="from {source} to {target}" i]').first


def _node(node: str) -> str:
    return f'[data-node="{node}"]'


def _box(locator: Locator) -> Any:
    box = locator.bounding_box()
    assert box is not None
    return box


def _middle(locator: Locator) -> Point:
    box = _box(locator)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_loop_is_built_saved_published_run_and_watched(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    page = visitor.page
    page.goto(f"{live_studio.url}/workflows/new")
    page.get_by_role("button", name="Start blank").click()
    page.wait_for_url("**/edit")
    hand = Hand(page)

    build(hand)
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("v1 is live")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Run").click()

    done = page.get_by_role("button", name="linear, math.linear, done, 3 times")
    expect(done).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Open the run").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run")
    expect(page.get_by_text("completed").first).to_be_visible()


def build(hand: Hand) -> None:
    settings = hand.settings
    hand.drop_step("Set values", 440, 300)
    hand.drop_step("math.linear", 140, 120)
    hand.drop_step("Join", 420, 120)
    hand.drop_step("End", 700, 120)
    hand.select("set")
    settings.get_by_label("New state key for “Values to set”").fill("n")
    settings.get_by_role("button", name="Add").click()
    settings.get_by_label("Expression for n").fill("0")
    hand.select("linear")
    settings.get_by_role("button", name="Expression for value").click()
    settings.locator("textarea[id^=input-value]").fill("n")
    settings.get_by_role("button", name="Plain value for offset").click()
    settings.locator("input[id^=input-offset]").fill("1")
    settings.get_by_label("New state key for “Outputs”").fill("n")
    settings.get_by_role("button", name="Add").click()
    settings.get_by_label("Expression for n").fill("result")
    hand.wire("set", "linear")
    hand.wire("linear", "join")
    hand.wire("join", "linear")
    hand.wire("join", "end")
    hand.select_way("join", "linear")
    settings.get_by_role("button", name="When", exact=True).click()
    settings.get_by_label("Condition").fill("n < 3")
    hand.select_way("join", "end")
    settings.get_by_role("button", name="Otherwise").click()


def test_the_review_runs_again_with_another_threshold_edge(
    visitor: Watched, live_studio: LiveStudio, filled: Filled
) -> None:
    page = visitor.page
    status, copy = live_studio.call("POST", f"/api/v1/workflows/{filled.example}/duplicate")
    assert status == 201, copy
    page.goto(f"{live_studio.url}/workflows/{copy['id']}/edit")
    hand = Hand(page)
    before = review_run(live_studio, copy["id"])

    page.get_by_role("button", name="Show all").click()
    hand.select_way("evaluate_quality", "Apply fixes")
    condition = hand.settings.get_by_label("Condition")
    expect(condition).to_have_value("quality_score < quality_threshold && can_improve")
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        condition.fill("quality_score < 10.0 && can_improve")
    after = review_run(live_studio, copy["id"])

    assert before["passes"] == []
    assert [step["group"] for step in after["passes"]][:1] == ["proven"]
    assert after["quality_score"] > before["quality_score"]


def review_run(studio: LiveStudio, workflow: str) -> Any:
    """The final state of a run of the draft on a text that passes at once."""
    body = {
        "workflow": workflow,
        "draft": True,
        "state": {"code": "def foo():\n    print('hi')\n    # TODO improve"},
    }
    status, run = studio.call("POST", "/api/v1/runs?wait=30", body)
    assert status == 201, run
    assert run["status"] == "completed", run["error"]
    return studio.call("GET", f"/api/v1/runs/{run['id']}/state")[1]["state"]
