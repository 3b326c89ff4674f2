"""Schedules and webhooks in a browser: made on their pages, at work, seen on the run's page."""

import re
import subprocess
import time

from playwright.sync_api import expect

from tests.e2e.browsing import NARROW, Watched, axe_findings, watched_page
from tests.e2e.conftest import Filled, OpenContext, come_due, make
from tests.live import LiveStudio


def test_a_schedule_is_made_fires_and_is_run_by_hand(
    visitor: Watched, live_studio: LiveStudio, filled: Filled, axe: str
) -> None:
    page = visitor.open(f"/triggers/schedules/new?workflow={filled.workflow}")
    page.get_by_label("Name").fill("Count at night")
    page.get_by_label("Cron").fill("30 2 * * *")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Show the next times").click()
    expect(page.get_by_text(re.compile(r"\w+ \d+ \w+ \d{4}, 02:30"))).to_have_count(5)
    assert axe_findings(page, axe) == []
    page.get_by_label("Start state").fill('{"text": "one two three"}')
    page.get_by_role("button", name="Set schedule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Count at night")
    schedule = page.url.rsplit("/", 1)[1]

    come_due(live_studio, schedule)
    wait_for_a_firing(live_studio, schedule)
    page.reload()
    row = page.get_by_role("row").filter(has_text="started")
    expect(row).to_have_count(1)
    row.get_by_role("link").click()
    expect(page.get_by_role("link", name="schedule Count at night")).to_be_visible()
    page.get_by_role("link", name="schedule Count at night").click()

    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run")
    page.go_back()
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("None: it is switched off.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete schedule").click()
    expect(page.get_by_text("“Count at night” was deleted.")).to_be_visible()


def wait_for_a_firing(studio: LiveStudio, schedule: str) -> None:
    deadline = time.monotonic() + 30
    while not make(studio, "GET", f"/api/v1/schedules/{schedule}/firings")["items"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_shown_example_of_a_webhook_starts_a_run(
    visitor: Watched, filled: Filled, axe: str
) -> None:
    """What the page says is run by a shell, as it is."""
    page = visitor.open(f"/triggers/webhooks/new?workflow={filled.workflow}")
    page.get_by_label("Name", exact=True).fill("From a shell")
    page.get_by_label("Start state of the run").fill("text = body.hello")
    page.get_by_role("button", name="Make webhook").click()
    expect(page.get_by_text("Copy the secret now: it is not shown again.")).to_be_visible()
    assert axe_findings(page, axe) == []
    example = page.locator("#example").text_content() or ""
    secret = page.locator("#new-secret").text_content() or ""
    address = page.locator("#address").text_content() or ""
    assert address in example

    done = subprocess.run(
        ["bash", "-c", f"set -e\n{example}"], capture_output=True, text=True, timeout=30, check=True
    )

    assert '"repeat":false' in done.stdout.replace(" ", ""), done
    page = visitor.open("/triggers/")
    page.get_by_role("link", name="From a shell").click()
    assert secret not in page.content()
    row = page.get_by_role("row").filter(has_text="accepted")
    expect(row).to_have_count(1)
    row.get_by_role("link").click()
    expect(page.get_by_role("link", name="webhook From a shell")).to_be_visible()
    expect(page.get_by_text("completed").first).to_be_visible()


def test_the_navigation_fits_a_phone(
    signed_in: OpenContext, live_studio: LiveStudio, filled: Filled
) -> None:
    context = signed_in(viewport={"width": NARROW, "height": 800}, has_touch=True)
    with watched_page(context, live_studio.url) as watched:
        for path in ("/triggers/", "/workflows/", "/tools/"):
            page = watched.open(path)
            hidden = "(n => n.scrollWidth - n.clientWidth)(document.querySelector('.header nav'))"

            assert page.evaluate(hidden) <= 0
