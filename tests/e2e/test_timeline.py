"""The timeline of a run: its bars are a picture, and still tell and choose their steps."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import Filled, OpenContext, make
from tests.large_graph import large_document
from tests.live import LiveStudio

STEPS = ("n11", "n12", "n13")
"""Steps behind those that wait: what the run says about them is only what a test says."""
SHOWN_S = 100
"""The page's clock stands so long after the run began."""

# The bars in the order of lanes and time, each by the place of its middle and by its colour. Read
# from a copy, as a canvas that is read is no longer painted as others are.
BARS = """canvas => {
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const ratio = width / canvas.clientWidth;
  const found = [];
  for (let y = 8; y < canvas.clientHeight - 4; y += 14) {
    const row = copy.getImageData(0, Math.round(y * ratio), width, 1).data;
    const at = (x) => [...row.slice(4 * x, 4 * x + 4)];
    for (let x = 0, from = 0; x <= width; x += 1) {
      if (x < width && String(at(x)) === String(at(from))) continue;
      if (at(from)[3] > 0) found.push({ x: (from + x) / 2 / ratio, y, colour: at(from) });
      from = x;
    }
  }
  return found;
}"""
COLOUR = """name => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
}"""


@dataclass
class Told:
    """The page of a run that waits, and what it is told beyond that."""

    page: Page
    socket: WebSocketRoute
    seq: int
    began: datetime

    def say(self, kind: str, node: str, at_s: float, **data: Any) -> None:
        """As the server says it: something happened so many seconds after the run began."""
        self.seq += 1
        ts = (self.began + timedelta(seconds=at_s)).isoformat(timespec="milliseconds")
        event = {"seq": self.seq, "ts": ts.replace("+00:00", "Z"), "k": kind, "node": node}
        row = {**event, "act": 1_000 + int(node[1:]), "att": 1, "data": data}
        self.socket.send(json.dumps({"t": "ev", "from": self.seq, "to": self.seq, "ev": [row]}))

    def bars(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.locator(".rp-chart__bars").evaluate(BARS)
        return found

    def colour(self, name: str) -> list[int]:
        found: list[int] = self.page.evaluate(COLOUR, name)
        return found

    def drawn(self, visits: int) -> None:
        """Return when the timeline shows so many visits."""
        label = re.compile(f"^{visits} visits? of ")
        expect(self.page.get_by_role("img", name=label)).to_be_visible()


@pytest.fixture
def told(visitor: Watched, live_studio: LiveStudio) -> Iterator[Told]:
    """Its first steps wait from the beginning on, in lanes of their own."""
    document = large_document(40)
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="")
    run = make(live_studio, "POST", "/api/v1/runs?wait=5", workflow=workflow, state={})["id"]
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page = visitor.page
    page.route_web_socket(re.compile(r"/ws/run/"), connect)
    visitor.open(f"/runs/{run}")
    boot = json.loads(page.locator("#boot").text_content() or "")
    began = datetime.fromisoformat(boot["events"][0]["ts"]).astimezone(UTC)
    page.clock.set_fixed_time(began + timedelta(seconds=SHOWN_S))
    expect(page.locator(".rp-log .rp-count")).to_have_text(re.compile(r"\d"))
    page.wait_for_function("() => document.querySelectorAll('[data-step]').length > 0")
    expect(page.locator(".rp-chart__edge").last).to_have_text(re.compile("^01:4"))
    found = Told(page, sockets[-1], boot["run"]["head"], began)
    yield found
    make(live_studio, "POST", f"/api/v1/runs/{run}/cancel")


def three_bars(told: Told) -> int:
    """One went well, one failed, one runs; gives how many more there are."""
    waiting = told.page.locator("[data-step]").count()
    well, failed, running = STEPS
    told.say("attempt.started", well, 10)
    told.say("attempt.succeeded", well, 30, ms=20_000)
    told.say("attempt.started", failed, 40)
    error = {"code": "TOOL_ERROR", "message": "It failed"}
    told.say("attempt.failed", failed, 60, ms=20_000, error=error)
    told.say("attempt.started", running, 70)
    told.drawn(waiting + 3)
    return waiting


def test_a_bar_tells_its_step_and_chooses_it(told: Told) -> None:
    three_bars(told)
    page = told.page
    canvas = page.locator(".rp-chart__bars")
    failed = next(bar for bar in told.bars() if bar["colour"] == told.colour("--error"))

    canvas.hover(position={"x": failed["x"], "y": failed["y"]})
    expect(canvas).to_have_attribute("title", "n12, failed, 20.0 s")
    assert canvas.evaluate("one => getComputedStyle(one).cursor") == "pointer"
    plain = told.bars()
    canvas.click(position={"x": failed["x"], "y": failed["y"]})
    expect(page.get_by_role("complementary", name="Step").get_by_role("heading")).to_have_text(
        "n12"
    )
    assert re.search(r"[?&]node=n12\b", page.url)
    assert re.search(rf"[?&]seq={told.seq - 1}\b", page.url)

    # The bars of other steps step back, and the moment is marked; beside a bar nothing is told.
    dimmed = [bar["colour"][3] for bar in told.bars()]
    assert dimmed.count(255) < [bar["colour"][3] for bar in plain].count(255)
    box = page.locator(".rp-chart__plot").bounding_box()
    mark = page.locator(".rp-chart__now").bounding_box()
    assert box is not None
    assert mark is not None
    assert 0.5 < (mark["x"] - box["x"]) / box["width"] < 0.7
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] - 20)
    expect(canvas).to_have_attribute("title", "")
    assert canvas.evaluate("one => getComputedStyle(one).cursor") == "auto"


def test_an_event_paints_its_strip_and_the_picture_is_the_same_as_painted_whole(told: Told) -> None:
    three_bars(told)
    page = told.page
    page.evaluate(
        """() => {
          window.cleared = [];
          const clear = CanvasRenderingContext2D.prototype.clearRect;
          CanvasRenderingContext2D.prototype.clearRect = function (x, y, width, height) {
            if (this.canvas.matches(".rp-chart__bars")) window.cleared.push(width);
            return clear.call(this, x, y, width, height);
          };
        }"""
    )
    canvas = page.locator(".rp-chart__bars")
    before = canvas.evaluate("one => one.toDataURL()")
    told.say("attempt.succeeded", STEPS[2], 90, ms=20_000)
    expect(page.locator(f"[data-step='{STEPS[2]}#1']")).to_contain_text("20.0 s")
    part = canvas.evaluate("one => one.toDataURL()")
    assert part != before
    width = canvas.evaluate("one => one.width")
    cleared = page.evaluate("window.cleared")
    assert len(cleared) == 1
    assert 0.2 < cleared[0] / width < 0.4

    # Another theme paints all of it, in its colours; back again it is the picture of before.
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => window.cleared.length === 2")
    assert canvas.evaluate("one => one.toDataURL()") != part
    assert told.colour("--error") in [bar["colour"] for bar in told.bars()]
    page.emulate_media(color_scheme="light")
    page.wait_for_function("() => window.cleared.length === 3")
    assert canvas.evaluate("one => one.toDataURL()") == part


def test_it_is_as_sharp_as_paper_when_it_is_printed(told: Told) -> None:
    three_bars(told)
    canvas = told.page.locator(".rp-chart__bars")
    dots = "one => one.width / one.clientWidth"
    on_screen = canvas.evaluate("one => one.toDataURL()")
    told.page.evaluate(
        """() => addEventListener("beforeprint", () => {
          const one = document.querySelector(".rp-chart__bars");
          window.printed = one.width / one.clientWidth;
        })"""
    )
    told.page.pdf()
    assert told.page.evaluate("window.printed") == pytest.approx(4, rel=0.01)
    assert canvas.evaluate(dots) == pytest.approx(1, rel=0.01)
    assert canvas.evaluate("one => one.toDataURL()") == on_screen


def test_in_ones_own_colours_it_keeps_its_bars_and_its_mark(told: Told) -> None:
    three_bars(told)
    page = told.page
    page.emulate_media(forced_colors="active")
    assert told.colour("--error") in [bar["colour"] for bar in told.bars()]
    page.get_by_role("button", name="To the start").click()
    ground, mark = (
        page.locator(f".rp-chart__{part}").evaluate(f"one => getComputedStyle(one).{style}")
        for part, style in (("plot", "backgroundColor"), ("now", "borderLeftColor"))
    )
    assert mark != ground


@pytest.mark.parametrize("dots", [1, 3])
def test_it_fits_a_small_screen_and_one_with_many_dots(
    dots: int, signed_in: OpenContext, live_studio: LiveStudio, filled: Filled
) -> None:
    with watched_page(signed_in(device_scale_factor=dots), live_studio.url) as watched:
        page = watched.open(f"/runs/{filled.completed}")
        canvas = page.locator(".rp-chart__bars")
        fits = f"""() => {{
          const one = document.querySelector(".rp-chart__bars");
          return one && one.clientWidth > 0 && one.width === one.clientWidth * {dots};
        }}"""
        page.wait_for_function(fits)
        wide = canvas.evaluate(BARS)
        assert wide
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_function("() => document.querySelector('.rp-chart__bars').clientWidth < 390")
        page.wait_for_function(fits)
        narrow = canvas.evaluate(BARS)
        assert [bar["colour"] for bar in narrow] == [bar["colour"] for bar in wide]
