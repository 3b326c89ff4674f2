"""The run page: followed live across a killed server, travelled in time, stopped."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import new_context
from tests.live import LiveStudio

LOOPS = 10


@pytest.fixture(scope="module")
def slow_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStudio]:
    studio = LiveStudio(tmp_path_factory.mktemp("slow") / "data", TREADLE_TOOLS="tests.e2e.tools")
    studio.start()
    yield studio
    studio.stop()


@contextmanager
def run_page(browser: Browser, studio: LiveStudio) -> Iterator[tuple[str, Page]]:
    """A run of ten slow steps and its page, opened while it goes on.

    Not a watched page: a browser reports refused connections as errors, and here they are meant.
    """
    context = new_context(browser)
    page = context.new_page()
    page.goto(studio.url + studio.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    run = start_run(studio)
    page.goto(f"{studio.url}/runs/{run}")
    yield run, page
    context.close()


def start_run(studio: LiveStudio) -> str:
    document = {
        "format": "treadle/1",
        "key": "ten",
        "name": "Ten slow steps",
        "entry": ["slow"],
        "nodes": {"slow": {"type": "tool", "tool": "watch.slow"}, "done": {"type": "end"}},
        "edges": [
            {"id": "again", "from": "slow", "to": "slow", "when": f"n < {LOOPS}"},
            {"id": "out", "from": "slow", "to": "done", "else": True},
        ],
    }
    _, workflow = studio.call("POST", "/api/v1/workflows", {"document": document})
    body = {"workflow": workflow["id"], "draft": True}
    status, run = studio.call("POST", "/api/v1/runs", body)
    assert status == 201, run
    run_id: str = run["id"]
    return run_id


def events(studio: LiveStudio, run: str) -> list[Any]:
    return list(studio.call("GET", f"/api/v1/runs/{run}/events?limit=500")[1]["items"])


def test_a_killed_server_costs_the_watcher_nothing(
    browser: Browser, slow_studio: LiveStudio
) -> None:
    with run_page(browser, slow_studio) as (run, page):
        expect(page.get_by_text("count is 3")).to_be_visible(timeout=15_000)
        slow_studio.kill()
        slow_studio.start()

        expect(page.get_by_text("completed").first).to_be_visible(timeout=30_000)

        journal = events(slow_studio, run)
        assert [event["seq"] for event in journal] == list(range(1, len(journal) + 1))
        done = [e for e in journal if e["k"] == "attempt.succeeded" and e["node"] == "slow"]
        assert len(done) == LOOPS
        expect(page.get_by_text(re.compile(rf"of {len(journal)} lines"))).to_be_visible()


def test_time_travel_is_in_the_address(browser: Browser, slow_studio: LiveStudio) -> None:
    with run_page(browser, slow_studio) as (run, page):
        expect(page.get_by_text("completed").first).to_be_visible(timeout=30_000)
        page.get_by_role("slider").first.focus()
        for _ in range(5):
            page.keyboard.press("[")

        expect(page).to_have_url(re.compile(r"seq=\d+"))
        seq = int(re.findall(r"seq=(\d+)", page.url)[0])
        page.get_by_role("tab", name="State").click()
        _, there = slow_studio.call("GET", f"/api/v1/runs/{run}/state?seq={seq}")
        assert 0 < there["state"]["n"] <= LOOPS
        shown = page.get_by_role("tabpanel").filter(
            has_text=re.compile(rf"n\W+{there['state']['n']}")
        )
        expect(shown.first).to_be_visible()


def test_a_run_is_stopped_and_run_again(browser: Browser, slow_studio: LiveStudio) -> None:
    with run_page(browser, slow_studio) as (run, page):
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop the run").click()
        expect(page.get_by_text("cancelled").first).to_be_visible(timeout=15_000)

        page.get_by_role("button", name="Run again").click()
        page.wait_for_url(re.compile(rf"/runs/(?!{run})"))
        expect(page.get_by_text("completed").first).to_be_visible(timeout=30_000)
