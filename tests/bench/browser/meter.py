"""What a page costs: frames by the browser's clock, CPU of its main thread, the longest stall."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page

from .trace import longest_task_ms

GESTURE_S = 6.0
"""A gesture that takes longer is cut: what its frames took until then counts."""
FRAME_MS = 1000 / 60
LATE_MS = 4.0
"""A frame is in time when it comes at most so long after its turn: a timer's own scatter."""

IN_PAGE = """
(() => {
  const frame = () => new Promise(requestAnimationFrame);
  const pane = () => document.querySelector(".react-flow__pane");
  // A timer that comes back as soon as it may: the gaps are what else the thread did.
  let longest = 0;
  let last = null;
  const beat = () => {
    const now = performance.now();
    if (last === null) return;
    longest = Math.max(longest, now - last);
    last = now;
    setTimeout(beat, 0);
  };
  window.meter = {
    async drawn() {
      await frame();
      await frame();
      return performance.now();
    },
    async wheel(count, [x, y, ctrlKey], most) {
      const at = [];
      const until = performance.now() + most;
      for (let turn = 0; turn < count && performance.now() < until; turn += 1) {
        at.push(await frame());
        const place = { clientX: 720, clientY: 450, bubbles: true, cancelable: true };
        pane().dispatchEvent(new WheelEvent("wheel", { ...place, deltaX: x, deltaY: y, ctrlKey }));
      }
      at.push(await frame());
      return at.slice(1).map((one, index) => one - at[index]);
    },
    async scroll(selector, count) {
      const element = document.querySelector(selector);
      const step = (element.scrollHeight - element.clientHeight) / count;
      for (let turn = 0; turn <= count; turn += 1) {
        await frame();
        element.scrollTop = turn * step;
      }
    },
    watch() {
      [longest, last] = [0, performance.now()];
      setTimeout(beat, 0);
    },
    stalled() {
      last = null;
      return longest;
    },
  };
})();
"""


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds between frames, and what the main thread spent on one."""

    gaps: list[float]
    cpu_ms: float

    def percentile(self, share: float) -> float:
        """The gap that this share of all gaps does not exceed."""
        ordered = sorted(self.gaps)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def median(self) -> float:
        """The gap in the middle."""
        return statistics.median(self.gaps)

    @property
    def per_second(self) -> float:
        """Frames the page could draw in a second."""
        return 1000 * len(self.gaps) / sum(self.gaps)

    @property
    def in_time(self) -> float:
        """Frames that came with the next turn of the screen, of a hundred."""
        return 100 * sum(gap <= FRAME_MS + LATE_MS for gap in self.gaps) / len(self.gaps)


@dataclass(slots=True)
class Stall:
    """The longest time in which the page could not have answered a key, in milliseconds."""

    clock_ms: float = 0.0
    """By the clock: what other programs took of it counts."""
    cpu_ms: float = 0.0
    """What the page's thread itself spent on its longest task."""


class Meter:
    """Measures one page. `page` has `IN_PAGE` as an init script."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        # By the thread's own clock: what other programs take does not count.
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def cpu_ms(self) -> float:
        """CPU the main thread has used so far: scripts, style, layout and painting."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return 1000 * sum(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    def since_navigation(self) -> float:
        """Milliseconds from the start of the navigation to the second frame after this call."""
        return float(self.page.evaluate("meter.drawn()"))

    def pan(self, frames: int) -> Frames:
        """Pan to the right and back, a wheel event in each frame."""
        half = frames // 2
        return self._wheel([(half, (24, 8, False)), (half, (-24, -8, False))])

    def zoom(self, frames: int) -> Frames:
        """Zoom out and back in around the middle, a wheel event in each frame."""
        half = frames // 2
        return self._wheel([(half, (0, 10, True)), (half, (0, -10, True))])

    def _wheel(self, parts: list[tuple[int, tuple[int, int, bool]]]) -> Frames:
        before = self.cpu_ms()
        gaps: list[float] = []
        for count, deltas in parts:
            gaps += self.page.evaluate(
                "([count, deltas, most]) => meter.wheel(count, deltas, most)",
                [count, list(deltas), 1000 * GESTURE_S / len(parts)],
            )
        return Frames(gaps, (self.cpu_ms() - before) / len(gaps))

    @contextmanager
    def stalls(self) -> Iterator[Stall]:
        """Within: how long the main thread was blocked at most, told once it is left."""
        found = Stall()
        browser = self.page.context.browser
        assert browser is not None
        browser.start_tracing(page=self.page, categories=["disabled-by-default-devtools.timeline"])
        self.page.evaluate("meter.watch()")
        try:
            yield found
        finally:
            found.clock_ms = self.page.evaluate("meter.stalled()")
            found.cpu_ms = longest_task_ms(browser.stop_tracing())

    def drawn(self) -> None:
        """Return when what is known to the page is drawn."""
        self.page.evaluate("meter.drawn()")

    def settle(self, milliseconds: int = 300) -> None:
        """Let what is still under way end."""
        self.page.wait_for_timeout(milliseconds)
