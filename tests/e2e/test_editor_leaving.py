"""What was just written is kept however one leaves the editor, though disk and line are slow."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browsing import PATIENCE_MS
from tests.e2e.conftest import OpenContext
from tests.e2e.test_editor_keeps_work import Pen, edit_path, new_workflow, titles
from tests.live import LiveStudio

# A browser refuses what a leaving page sends when it is more than 64 KiB.
NO_LAST_WORDS = """
const send = window.fetch;
window.fetch = (url, how) =>
  how?.keepalive ? Promise.reject(new TypeError("too much")) : send(url, how);
"""

# Nobody else writes to the shelf while this page stands in the middle of its transaction. It stands
# still: a page that kept the transaction busy instead would take a whole processor from the editor.
STAND_STILL = """
indexedDB.open('treadle', 1).onsuccess = (opened) => {
  const database = opened.target.result;
  const held = database.transaction('unsaved', 'readwrite').objectStore('unsaved').get('nothing');
  held.onsuccess = () => {
    debugger;
    database.close();
  };
};
"""


@contextmanager
def busy_disk(context: BrowserContext, origin: str) -> Iterator[None]:
    page = context.new_page()
    page.goto(f"{origin}/workflows/")
    debugger = context.new_cdp_session(page)
    stands: list[object] = []
    debugger.on("Debugger.paused", lambda said: stands.append(said))
    debugger.send("Debugger.enable")
    debugger.send("Runtime.evaluate", {"expression": STAND_STILL})
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not stands and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    assert stands, "the page does not hold the shelf"
    yield
    debugger.send("Debugger.resume")
    page.close()


def reload(page: Page) -> None:
    page.reload(wait_until="commit")


def follow_a_link(page: Page) -> None:
    # Where runs are under way, which others may have left, the link counts them.
    menu = page.get_by_role("navigation", name="Main")
    menu.get_by_role("link", name=re.compile("^Runs")).click()
    page.wait_for_url("**/runs/**")


def go_back(page: Page) -> None:
    page.go_back()
    page.wait_for_url("**/workflows/")


def close(page: Page) -> None:
    page.close()


def stay(page: Page) -> Page:
    return page


def again_by_back(page: Page) -> Page:
    page.go_back()
    return page


def again_by_forward(page: Page) -> Page:
    page.go_forward()
    return page


def again_in_a_new_tab(page: Page) -> Page:
    return page.context.new_page()


@pytest.mark.parametrize(
    ("leave", "come_back"),
    [
        (reload, stay),
        (follow_a_link, again_by_back),
        (go_back, again_by_forward),
        (close, again_in_a_new_tab),
    ],
)
def test_what_was_just_written_is_kept(
    signed_in: OpenContext,
    live_studio: LiveStudio,
    leave: Callable[[Page], None],
    come_back: Callable[[Page], Page],
) -> None:
    workflow = new_workflow(live_studio, f"Busy {leave.__name__.replace('_', ' ')}")
    context = signed_in()
    context.add_init_script(NO_LAST_WORDS)
    page = context.new_page()
    page.goto(f"{live_studio.url}/workflows/")
    page.goto(live_studio.url + edit_path(workflow))
    pen = Pen(page)
    pen.title("count", "Before")
    pen.until_saved()
    with busy_disk(context, live_studio.url):
        pen.title("again", "Just written")
        expect(pen.note).to_have_attribute("data-writing", "true")
        leave(page)

    page = come_back(page)
    if page.url == "about:blank":
        page.goto(live_studio.url + edit_path(workflow))
    pen = Pen(page)
    expect(pen.face("again")).to_contain_text("Just written")
    expect(pen.face("count")).to_contain_text("Before")
    pen.until_saved()
    assert titles(live_studio, workflow) == {"count": "Before", "again": "Just written"}
