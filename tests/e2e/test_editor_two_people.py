"""Two people with two tabs each at one workflow: all of it is joined, nothing is overwritten."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, Route, expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import OpenContext, make
from tests.e2e.test_editor_company import person
from tests.e2e.test_editor_keeps_work import (
    SERVER_GONE,
    Pen,
    draft,
    edit_path,
    new_workflow,
    titles,
)
from tests.live import LiveStudio

# Saved here, told there, read again: on a busy machine each may take its time.
UNTIL_TOLD_MS = 40_000


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    return new_workflow(live_studio, "Busy by two")


@pytest.fixture
def vera(browser: Browser, live_studio: LiveStudio, workflow: str) -> Iterator[BrowserContext]:
    """Somebody else's browser; she may change the workflow."""
    context = person(browser, live_studio, "vera")
    grants = f"/api/v1/workflows/{workflow}/grants"
    make(live_studio, "POST", grants, user="vera", role="editor")
    yield context
    context.close()


def test_different_steps_are_joined_in_all_four_tabs(
    signed_in: OpenContext, vera: BrowserContext, live_studio: LiveStudio, workflow: str
) -> None:
    mine = signed_in()
    with ExitStack() as stack:
        tabs = [
            stack.enter_context(watched_page(context, live_studio.url))
            for context in (mine, mine, vera, vera)
        ]
        pens = [Pen(tab.open(edit_path(workflow))) for tab in tabs]
        for pen in pens:
            expect(pen.face("count")).to_be_visible()

        # All write at once, each another step; nobody is asked anything.
        pens[0].title("count", "Mine in one")
        pens[1].title("again", "Mine in two")
        pens[2].title("done", "Hers in one")
        pens[3].face("count").click()
        pens[3].page.keyboard.press("d")
        for pen in pens:
            expect(pen.face("count")).to_contain_text("Mine in one", timeout=UNTIL_TOLD_MS)
            expect(pen.face("again")).to_contain_text("Mine in two", timeout=UNTIL_TOLD_MS)
            expect(pen.face("done")).to_contain_text("Hers in one", timeout=UNTIL_TOLD_MS)
            expect(pen.face("count")).to_contain_class("step--off", timeout=UNTIL_TOLD_MS)
            pen.until_saved()
            expect(pen.page.get_by_role("dialog")).to_have_count(0)

        # One's undo takes back one's own, and leaves what others did.
        pens[2].page.get_by_role("button", name="Undo").click()
        for pen in pens:
            expect(pen.face("done")).not_to_contain_text("Hers", timeout=UNTIL_TOLD_MS)
            expect(pen.face("count")).to_contain_text("Mine in one")
    assert titles(live_studio, workflow) == {"count": "Mine in one", "again": "Mine in two"}
    assert draft(live_studio, workflow)["nodes"]["count"]["disabled"] is True


def test_the_same_field_is_chosen_by_who_comes_second(
    signed_in: OpenContext, vera: BrowserContext, live_studio: LiveStudio, workflow: str
) -> None:
    mine = signed_in()
    with (
        watched_page(mine, live_studio.url) as first,
        watched_page(vera, live_studio.url) as second,
    ):
        first.expected = SERVER_GONE
        me, her = Pen(first.open(edit_path(workflow))), Pen(second.open(edit_path(workflow)))
        # What is loaded later has to be there before the line is cut.
        me.face("count").click()
        expect(me.settings.locator('[data-field="title"]')).to_be_visible()
        expect(her.face("count")).to_be_visible()
        mine.set_offline(True)
        me.title("count", "As I say")
        me.title("done", "Only mine")
        her.title("count", "As she says")
        her.until_saved()
        mine.set_offline(False)

        # She keeps hers until I have chosen; what only I changed is joined then, too.
        expect(me.banners).to_contain_text("changed the same field", timeout=UNTIL_TOLD_MS)
        assert titles(live_studio, workflow) == {"count": "As she says"}
        me.banners.get_by_role("button", name="Choose").click()
        dialog = me.page.get_by_role("dialog", name="Choose what to keep")
        expect(dialog).to_contain_text("As I say")
        expect(dialog).to_contain_text("As she says")
        expect(dialog).to_contain_text("vera")
        dialog.get_by_label("As she says").check()
        dialog.get_by_role("button", name="Join and save").click()
        me.until_saved()
        for pen in (me, her):
            expect(pen.face("count")).to_contain_text("As she says", timeout=UNTIL_TOLD_MS)
            expect(pen.face("done")).to_contain_text("Only mine", timeout=UNTIL_TOLD_MS)
    assert titles(live_studio, workflow) == {"count": "As she says", "done": "Only mine"}


LATE_MS = 5_000


@pytest.mark.parametrize("held", ["the document", "the editor"])
def test_nothing_is_sent_before_all_of_it_is_there(
    held: str, visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    """It comes five seconds late, to somebody who will not wait."""
    page = visitor.open("/workflows/")
    path = edit_path(workflow)
    writes: list[str] = []

    def note(request: Request) -> None:
        if request.method not in ("GET", "HEAD") and "/expressions/check" not in request.url:
            writes.append(f"{request.method} {request.url}")

    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.on("request", note)
    pattern = f"**{path}" if held == "the document" else "**/dist/editor.*js"
    page.route(pattern, hold)
    page.evaluate("url => { location.href = url }", live_studio.url + path)
    if held == "the editor":
        page.wait_for_url(f"**{path}", wait_until="commit")
    for _ in range(10):
        page.wait_for_timeout(LATE_MS / 10)
        if held == "the editor":
            page.mouse.click(720, 600)
        for key in ("n", "Delete", "d", "Control+z", "Control+s"):
            page.keyboard.press(key)
    assert len(waiting) == 1, "held back"
    assert writes == []
    before = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")
    assert before["rev"] == 1
    waiting[0].continue_()

    # Then it is edited and saved as ever.
    pen = Pen(page)
    expect(pen.face("count")).to_be_visible()
    assert draft(live_studio, workflow) == before["draft"]
    pen.title("again", "In the end")
    pen.until_saved()
    assert titles(live_studio, workflow) == {"again": "In the end"}
