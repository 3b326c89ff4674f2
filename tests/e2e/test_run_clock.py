"""The clock of the run page: it moves on the time that is shown, and draws nothing else."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import new_context, watched_page
from tests.e2e.renders import WATCH_RENDERS, commits_of
from tests.live import LiveStudio

WAITS = {
    "format": "treadle/1",
    "key": "waits",
    "name": "Waits for a word",
    "entry": ["word"],
    "nodes": {
        "word": {"type": "wait", "signal": "word"},
        "done": {"type": "end"},
    },
    "edges": [{"id": "on", "from": "word", "to": "done"}],
}


@pytest.fixture
def waiting(browser: Browser, live_studio: LiveStudio, storage: object) -> Iterator[Page]:
    """The page of a run that waits: nothing happens in it but the time."""
    _, workflow = live_studio.call("POST", "/api/v1/workflows", {"document": WAITS})
    body = {"workflow": workflow["id"], "draft": True, "state": {}}
    status, run = live_studio.call("POST", "/api/v1/runs", body)
    assert status == 201, run
    context = new_context(browser, storage_state=storage)
    with watched_page(context, live_studio.url) as watched:
        watched.page.add_init_script(WATCH_RENDERS)
        page = watched.open(f"/runs/{run['id']}")
        expect(page.locator(".rp-head [data-status=waiting]").first).to_be_visible()
        yield page
    context.close()


def test_the_clock_draws_the_times_and_nothing_else(waiting: Page) -> None:
    took = waiting.locator(".rp-head .number")
    expect(took).to_have_text(re.compile(r"^\d"))
    before = took.inner_text()
    # What opening the page still brings: the canvas in its place, the link, what it waits for.
    waiting.wait_for_load_state("networkidle")
    commits_of(waiting, 2_000)

    drawn = commits_of(waiting, 3_000)

    assert took.inner_text() != before
    assert len(drawn) >= 6, "the time stood still"
    # The header's time at each turn, the chart's at each fourth; its bars are no components.
    assert max(drawn) <= 2, drawn
