"""The two canvases under measure, with the same gestures."""

import json
import re
from datetime import UTC, datetime
from typing import Any, Protocol

from playwright.sync_api import Locator, Page, WebSocketRoute

from tests.large_graph import large_document
from tests.live import LiveStudio

SHOWN = "() => document.querySelector('.react-flow__node, .far-view')"


class Canvas(Protocol):
    """A page that shows a graph."""

    page: Page

    def open(self, count: int) -> None:
        """Load it with a graph of so many steps, and return when that is drawn."""

    def whole_graph(self) -> None:
        """Show all of the graph."""

    def full_size(self) -> None:
        """Show a part of it at 100 %."""

    def move(self) -> None:
        """Move a step that is in sight."""

    def take_back(self) -> None:
        """Take the move back."""

    def change_status(self, turn: int) -> None:
        """Let a step that is in sight begin, or end what it began."""


class Stock:
    """React Flow as its manual starts it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address

    def open(self, count: int) -> None:
        self.page.goto("about:blank")
        self.page.goto(f"{self._address}#{count}", wait_until="commit")
        self.page.wait_for_function("() => window.bench")
        self.page.wait_for_function(SHOWN)

    def whole_graph(self) -> None:
        self.page.evaluate("bench.wholeGraph()")

    def full_size(self) -> None:
        self.page.evaluate("bench.fullSize()")

    def change_status(self, turn: int) -> None:
        self.page.evaluate("bench.status('n2', %s)" % ("'done'" if turn % 2 else "'running'"))

    def move(self) -> None:
        self.page.evaluate("bench.move('n1', 288, 8)")

    def take_back(self) -> None:
        self.page.evaluate("bench.move('n1', 288, 0)")


class Editor:
    """Treadle's editor, signed in, on a workflow that a real studio keeps."""

    def __init__(self, page: Page, studio: LiveStudio) -> None:
        self.page = page
        self._studio = studio
        self._workflows: dict[int, str] = {}
        self._chosen = False
        self._socket: WebSocketRoute | None = None
        self._seq = 0
        """The last event that the page heard of."""
        self._watched: str | None = None
        self._visits = 0
        page.route_web_socket(re.compile("/ws/run/"), self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            self._seq = max(self._seq, json.loads(frame).get("to", 0))
            route.send(frame)

        server.on_message(pass_on)
        self._socket = route

    def workflow(self, count: int) -> str:
        """The id of the workflow of so many steps."""
        if count not in self._workflows:
            document = large_document(count)
            made = call(self._studio, "POST", "/api/v1/workflows", document=document)
            self._workflows[count] = made["id"]
        return self._workflows[count]

    def open(self, count: int) -> None:
        self._chosen, self._watched = False, None
        path = f"/workflows/{self.workflow(count)}/edit"
        self.page.goto(self._studio.url + path, wait_until="commit")
        self.page.wait_for_function(SHOWN)

    def whole_graph(self) -> None:
        self._press("1")

    def full_size(self) -> None:
        self._press("0")

    def move(self) -> None:
        if not self._chosen:
            self._press("ArrowRight")
        self._chosen = True
        self._press("ArrowDown", shiftKey=True)

    def take_back(self) -> None:
        self._press("z", ctrlKey=True)

    def run(self) -> None:
        """Start a test run, and return when the page follows it and it waits."""
        self.page.keyboard.press("Control+Enter")
        dialog = self.page.get_by_role("dialog", name="Run the draft")
        dialog.get_by_role("button", name="Run", exact=True).click()
        self.page.get_by_role("region", name="Run", exact=True).get_by_text(
            "waiting"
        ).first.wait_for()

    def change_status(self, turn: int) -> None:
        """As the server says it: a new visit of a step starts, or it ends."""
        if self._watched is None:
            self.full_size()
            step = self.page.locator("[data-node]").nth(3)
            self._watched = step.get_attribute("data-node") or ""
        kind = "attempt.succeeded" if turn % 2 else "attempt.started"
        self._visits += kind == "attempt.started"
        self._say([(kind, self._watched, 100_000 + self._visits)])

    def _say(self, events: list[tuple[str, str, int]]) -> None:
        """Send a frame of events: kind, step and the number of the visit."""
        assert self._socket is not None
        first = self._seq + 1
        rows = [_event(first + at, *each) for at, each in enumerate(events)]
        self._seq += len(rows)
        frame = {"t": "ev", "from": first, "to": self._seq, "ev": rows}
        self._socket.send(json.dumps(frame))

    def saved(self) -> None:
        """Return when the server holds what is shown."""
        self.page.wait_for_function(_SAVED)

    def name_field(self) -> Locator:
        """Where the name of the step that is chosen is written."""
        return self.page.get_by_role("complementary", name="Settings").get_by_label("Name")

    def _press(self, key: str, **held: bool) -> None:
        """A key for the canvas, handled before this returns."""
        self.page.evaluate(_PRESS, [key, held])


_SAVED = """
() => document.querySelector(".save-note__state")?.textContent.trim().startsWith("Saved")
"""
_PRESS = """
([key, held]) => document.querySelector(".canvas__host").dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...held }))
"""


class RunPage(Editor):
    """The page of a run that waits, with a graph of so many steps, and a socket that says more."""

    def __init__(self, page: Page, studio: LiveStudio) -> None:
        super().__init__(page, studio)
        self._runs: dict[int, str] = {}

    def open(self, count: int) -> None:
        if count not in self._runs:
            workflow = self.workflow(count)
            call(self._studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="")
            run = call(self._studio, "POST", "/api/v1/runs?wait=2", workflow=workflow, state={})
            self._runs[count] = run["id"]
        self.page.goto(f"{self._studio.url}/runs/{self._runs[count]}", wait_until="commit")
        self.page.wait_for_function(SHOWN)
        boot = json.loads(self.page.locator("#boot").text_content() or "")
        self._seq = boot["run"]["head"]
        self._watched = None

    def let_all_run(self, count: int) -> None:
        """Every step that does not wait starts and ends."""
        told = large_document(count)
        steps = [name for name in told["nodes"] if name not in told["entry"]]
        for first in range(0, len(steps), 200):
            self._say(
                [
                    (kind, name, 1_000 + first + at)
                    for at, name in enumerate(steps[first : first + 200])
                    for kind in ("attempt.started", "attempt.succeeded")
                ]
            )


def _event(seq: int, kind: str, node: str, act: int) -> dict[str, Any]:
    ts = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data = {"ms": 12.5} if kind == "attempt.succeeded" else {}
    return {"seq": seq, "ts": ts, "k": kind, "node": node, "act": act, "att": 1, "data": data}


class LogPage:
    """The page of a run of one step that logged so many lines."""

    def __init__(self, page: Page, studio: LiveStudio) -> None:
        self.page = page
        self._studio = studio

    def open(self, lines: int) -> None:
        """Run it, load its page and return when the page has every line."""
        document = {
            "format": "treadle/1",
            "key": "chatter",
            "name": "Chatter",
            "entry": ["say"],
            "nodes": {"say": {"type": "tool", "tool": "bench.chatter", "outputs": {}}},
            "edges": [],
        }
        workflow = call(self._studio, "POST", "/api/v1/workflows", document=document)["id"]
        call(self._studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="")
        state = {"lines": lines}
        run = call(self._studio, "POST", "/api/v1/runs?wait=60", workflow=workflow, state=state)
        self.page.goto(f"{self._studio.url}/runs/{run['id']}", wait_until="commit")
        self.page.wait_for_function(_LINES, arg=lines)

    def scroll(self, frames: int) -> None:
        """Through the whole log, a part of it in each frame."""
        self.page.evaluate("([frames]) => meter.scroll('.rp-log__view', frames)", [frames])

    def search(self, text: str) -> None:
        """For a text in the lines."""
        self.page.get_by_label("Search the log").fill(text)


_LINES = """
(lines) => {
  const shown = document.querySelector(".rp-log .rp-count")?.textContent ?? "";
  return Number(shown.replace(/[^0-9]/g, "")) >= lines;
}
"""


def call(studio: LiveStudio, method: str, path: str, **body: Any) -> Any:
    """One API call that must succeed."""
    status, answer = studio.call(method, path, body or None)
    if status >= 300:
        raise RuntimeError(f"{method} {path}: {status} {answer}")
    return answer
