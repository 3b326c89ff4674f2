"""A worker is killed inside a tool that must not run twice; a person decides in the browser."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.e2e.browsing import NARROW, WIDE, axe_findings, new_context, watched_page
from tests.e2e.conftest import make
from tests.live import LiveStudio


class Till:
    """A studio that is killed while it charges cards."""

    def __init__(self, folder: Path) -> None:
        self.calls, self.go = folder / "calls", folder / "go"
        self.calls.touch()
        self.studio = LiveStudio(
            folder / "data",
            TREADLE_TOOLS="tests.e2e.tools",
            WATCH_CALLS=str(self.calls),
            WATCH_GO=str(self.go),
        )

    def made(self) -> list[str]:
        return self.calls.read_text().splitlines()

    def cut(self, *names: str) -> str:
        """A run that was killed while it called the tool at each of these steps."""
        self.go.unlink(missing_ok=True)
        before = len(self.made())
        workflow = make(self.studio, "POST", "/api/v1/workflows", document=document(*names))
        make(self.studio, "POST", f"/api/v1/workflows/{workflow['id']}/publish", note="")
        started = make(
            self.studio, "POST", "/api/v1/runs", workflow=workflow["id"], state={"cents": 1250}
        )
        run: str = started["id"]
        until(lambda: len(self.made()) == before + len(names), self.studio)
        self.studio.kill()
        self.go.touch()
        self.studio.start()
        until(lambda: self.status(run) == "paused", self.studio)
        return run

    def status(self, run: str) -> str:
        return str(make(self.studio, "GET", f"/api/v1/runs/{run}")["status"])

    def ended(self, run: str) -> Any:
        until(lambda: self.status(run) == "completed", self.studio)
        return make(self.studio, "GET", f"/api/v1/runs/{run}/state")["state"]


def document(*names: str) -> dict[str, Any]:
    charge = {"type": "tool", "tool": "watch.charge", "inputs": {"cents": "cents"}}
    nodes: dict[str, Any] = {"order": {"type": "noop"}}
    for name in names:
        outputs = {name: "result.receipt"}
        nodes[name] = {**charge, "title": f"Charge {name}", "outputs": outputs}
    return {
        "format": "treadle/1",
        "key": "orders",
        "name": "Take orders",
        "entry": ["order"],
        "nodes": {**nodes, "ship": {"type": "noop"}},
        "edges": [
            edge
            for name in names
            for edge in (
                {"id": f"to-{name}", "from": "order", "to": name},
                {"id": f"from-{name}", "from": name, "to": "ship"},
            )
        ],
        "layout": {
            "order": [0, 0],
            **{name: [280, 120 * at] for at, name in enumerate(names)},
            "ship": [560, 0],
        },
    }


def until(condition: Any, studio: LiveStudio, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, studio.log.read_text()[-4_000:]
        time.sleep(0.05)


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    made = Till(tmp_path_factory.mktemp("till"))
    made.studio.start()
    yield made
    made.studio.stop()


@pytest.fixture(scope="module")
def cookies(till: Till, browser: Browser) -> Any:
    context = new_context(browser)
    page = context.new_page()
    page.goto(till.studio.url + till.studio.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def clerk(browser: Browser, cookies: Any) -> Iterator[BrowserContext]:
    context = new_context(browser, storage_state=cookies)
    yield context
    context.close()


def test_two_calls_are_decided_from_the_inbox_to_the_end(
    till: Till, clerk: BrowserContext, axe: str
) -> None:
    run = till.cut("card", "voucher")
    with watched_page(clerk, till.studio.url) as watched:
        page = watched.open("/inbox/")
        expect(page.get_by_role("navigation", name="Main")).to_contain_text("2 open")
        page.get_by_role("link", name="card").click()
        expect(page.get_by_role("heading", name="What became of Charge card?")).to_be_visible()
        expect(page.get_by_text("watch.charge")).to_be_visible()
        output = page.get_by_label("Output, as JSON")
        expect(output).to_be_hidden()
        page.get_by_label("It was done").check()
        expect(output).to_be_visible()
        assert axe_findings(page, axe) == []
        output.fill('{"receipt": "none"}')
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_role("alert")).to_contain_text("would not return this")
        page.get_by_label("Output, as JSON").fill('{"receipt": 4711}')
        page.get_by_label("Note").fill("The bank has it.")
        page.get_by_role("button", name="Decide").click()

        page.wait_for_url(f"**/runs/{run}")
        banner = page.locator("[data-undecided]")
        expect(banner).to_contain_text("A call may have been made, and nobody knows")
        assert axe_findings(page, axe) == []
        banner.get_by_role("link", name="Decide about Charge voucher").click()
        page.get_by_label("Call it again").check()
        page.get_by_role("button", name="Decide").click()
        page.wait_for_url(f"**/runs/{run}")
        expect(page.locator(".rp-head").first).to_contain_text("completed")
        expect(banner).to_have_count(0)

    assert till.ended(run) == {"cents": 1250, "card": 4711, "voucher": 12502}
    assert till.made()[-1] == "1250 2"


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_call_is_decided_without_javascript(
    till: Till, browser: Browser, cookies: Any, width: int
) -> None:
    run = till.cut("card")
    context = new_context(
        browser,
        storage_state=cookies,
        java_script_enabled=False,
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    page.goto(f"{till.studio.url}/runs/{run}")
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)
    page.get_by_role("link", name="Decide about Charge card").click()
    page.wait_for_url("**/inbox/calls/**")
    page.evaluate("document.forms[document.forms.length - 1].noValidate = true")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("alert")).to_have_text("Choose what became of the call.")
    page.get_by_label("Skip the step").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Decided: the run goes on.")).to_be_visible()
    context.close()

    assert till.ended(run) == {"cents": 1250}


def test_a_resume_that_is_sent_all_the_same_says_what_to_do(till: Till) -> None:
    run = till.cut("card")
    status, body = till.studio.call("POST", f"/api/v1/runs/{run}/resume")
    assert (status, body["error"]["code"]) == (409, "E_UNDECIDED")

    made = len(till.made())
    make(till.studio, "POST", f"/api/v1/outcomes/{run}.2.1/decide", choice="fail")
    until(lambda: till.status(run) == "failed", till.studio)
    assert len(till.made()) == made
