"""The editor loses nothing: the server may die, the page may crash, two tabs may write at once."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.e2e.browsing import Watched, axe_findings, new_context, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.live import LiveStudio

SERVER_GONE = ["net::ERR_", "WebSocket connection"]


class Pen:
    """Somebody who writes titles of steps in an open editor."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.note = page.locator(".save-note")
        self.banners = page.locator(".banners")
        self.settings = page.get_by_role("complementary", name="Settings")

    def title(self, node: str, text: str) -> None:
        self.page.locator(f'[data-node="{node}"]').click()
        field = self.settings.locator('[data-field="title"]')
        field.fill(text)
        expect(self.face(node)).to_contain_text(text or node)

    def face(self, node: str) -> Any:
        return self.page.locator(f'[data-node="{node}"]')

    def until_saved(self) -> None:
        expect(self.note).to_contain_text("Saved", timeout=15_000)


def new_workflow(studio: LiveStudio, name: str) -> str:
    made: str = make(studio, "POST", "/api/v1/workflows", document=count_words(name))["id"]
    return made


def draft(studio: LiveStudio, workflow: str) -> dict[str, Any]:
    found: dict[str, Any] = make(studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]
    return found


def titles(studio: LiveStudio, workflow: str) -> dict[str, str]:
    nodes = draft(studio, workflow)["nodes"]
    return {name: node["title"] for name, node in nodes.items() if "title" in node}


def edit_path(workflow: str) -> str:
    return f"/workflows/{workflow}/edit"


# The editor tries by itself too, and would often be quicker than who clicks.
CUT_UNTIL_SOMEBODY_CLICKS = """
() => {
  const send = window.fetch;
  window.fetch = () => Promise.reject(new TypeError("cut"));
  const mend = () => { window.fetch = send; };
  document.addEventListener("click", mend, { capture: true, once: true });
}
"""


@pytest.fixture
def own_context(browser: Browser, own_studio: LiveStudio) -> Any:
    """A browser in which the administrator of a studio of one's own is signed in."""
    context = new_context(browser)
    page = context.new_page()
    page.goto(own_studio.url + own_studio.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    page.close()
    yield context
    context.close()


@pytest.mark.timeout(300)  # three servers and two pages begin, one after the other
def test_what_was_done_while_the_server_was_dead_is_not_lost(
    own_studio: LiveStudio, own_context: BrowserContext, axe: str
) -> None:
    workflow = new_workflow(own_studio, "Busy dying")
    with watched_page(own_context, own_studio.url) as watched:
        watched.expected = SERVER_GONE
        pen = Pen(watched.open(edit_path(workflow)))
        pen.title("count", "Before")
        pen.until_saved()

        own_studio.kill()
        pen.title("count", "While it was dead")
        expect(pen.note).to_contain_text("Kept on this computer, not on the server: retrying")
        pen.page.evaluate(CUT_UNTIL_SOMEBODY_CLICKS)
        own_studio.start()
        pen.page.get_by_role("button", name="Try now").click()
        pen.until_saved()
        assert titles(own_studio, workflow) == {"count": "While it was dead"}

        own_studio.kill()
        pen.title("count", "One")
        pen.title("again", "Two")
        pen.title("done", "Three")
        pen.page.keyboard.press("Escape")
        pen.page.keyboard.press("Delete")
        expect(pen.face("done")).to_have_count(0)
        expect(pen.note).to_contain_text("Kept on this computer")
        # A crash before the disk has the last edit would lose it: nobody could prevent that.
        expect(pen.note).to_have_attribute("data-writing", "false")
        with pytest.raises(Error):
            pen.page.goto("chrome://crash")
        pen.page.close()
    own_studio.start()

    with watched_page(own_context, own_studio.url) as watched:
        pen = Pen(watched.open(edit_path(workflow)))
        expect(pen.banners).to_contain_text("Restored 4 changes")
        expect(pen.face("count")).to_contain_text("One")
        expect(pen.face("done")).to_have_count(0)
        assert not axe_findings(pen.page, axe)
        pen.until_saved()
        assert titles(own_studio, workflow) == {"count": "One", "again": "Two"}

        undo = pen.page.get_by_role("button", name="Undo")
        undo.click()
        expect(pen.face("done")).to_contain_text("Three")
        undo.click()
        expect(pen.face("done")).not_to_contain_text("Three")
        pen.banners.get_by_role("button", name="Keep").click()
        expect(pen.banners).not_to_contain_text("Restored")


def test_try_now_stays_where_it_is_while_the_words_beside_it_change(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    workflow = new_workflow(live_studio, "Busy waiting")
    visitor.expected = SERVER_GONE
    pen = Pen(visitor.open(edit_path(workflow)))
    pen.title("count", "Online")
    pen.until_saved()
    pen.page.context.set_offline(True)
    try:
        pen.title("count", "Offline")
        button = pen.page.get_by_role("button", name="Try now")
        expect(button).to_be_visible()
        before = button.bounding_box()
        words = pen.page.locator(".save-note__words")
        words.evaluate("words => { words.textContent = 'Not saved anywhere' }")
        assert button.bounding_box() == before
    finally:
        pen.page.context.set_offline(False)


def test_back_and_forward_between_two_workflows_keeps_the_edits_of_each(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    one, two = (new_workflow(live_studio, f"Busy {name}") for name in ("back", "forth"))
    pen = Pen(visitor.open(edit_path(one)))
    pen.title("count", "Of the first")
    visitor.open(edit_path(two))
    pen.title("count", "Of the second")
    pen.page.go_back()
    expect(pen.face("count")).to_contain_text("Of the first")
    pen.title("again", "Also of the first")
    pen.page.go_forward()
    expect(pen.face("count")).to_contain_text("Of the second")
    expect(pen.face("again")).not_to_contain_text("first")
    pen.until_saved()
    pen.page.go_back()
    expect(pen.face("again")).to_contain_text("Also of the first")
    pen.until_saved()

    assert titles(live_studio, one) == {"count": "Of the first", "again": "Also of the first"}
    assert titles(live_studio, two) == {"count": "Of the second"}


def test_a_title_that_is_being_written_is_kept_when_one_goes_back(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    workflow = new_workflow(live_studio, "Busy leaving")
    visitor.open("/workflows/")
    pen = Pen(visitor.open(edit_path(workflow)))
    pen.face("count").focus()
    pen.page.keyboard.press("F2")
    expect(pen.page.get_by_role("textbox", name="Title of count")).to_be_focused()
    pen.page.keyboard.type("Half writ")
    pen.page.go_back()
    pen.page.go_forward()

    expect(pen.face("count")).to_contain_text("Half writ")
    pen.until_saved()
    assert titles(live_studio, workflow) == {"count": "Half writ"}


def test_two_tabs_of_one_person_show_the_same(
    signed_in: OpenContext, live_studio: LiveStudio
) -> None:
    workflow = new_workflow(live_studio, "Busy twice")
    context = signed_in()
    with (
        watched_page(context, live_studio.url) as first,
        watched_page(context, live_studio.url) as second,
    ):
        one, two = (Pen(tab.open(edit_path(workflow))) for tab in (first, second))
        one.title("count", "From one")
        two.title("again", "From two")
        for tab in (one, two):
            expect(tab.face("count")).to_contain_text("From one", timeout=15_000)
            expect(tab.face("again")).to_contain_text("From two", timeout=15_000)
            tab.until_saved()
            expect(tab.page.get_by_role("dialog")).to_have_count(0)
        one.page.get_by_role("button", name="Undo").click()
        expect(two.face("count")).not_to_contain_text("From one", timeout=15_000)
        expect(two.face("again")).to_contain_text("From two")

    assert titles(live_studio, workflow) == {"again": "From two"}


Offline = Callable[[bool], None]


def test_the_same_field_changed_by_two_people_is_chosen_by_one_of_them(
    signed_in: OpenContext, live_studio: LiveStudio, axe: str
) -> None:
    workflow = new_workflow(live_studio, "Busy both")
    head = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")
    context = signed_in()
    with watched_page(context, live_studio.url) as watched:
        watched.expected = SERVER_GONE
        pen = Pen(watched.open(edit_path(workflow)))
        pen.face("count").click()
        expect(pen.settings.locator('[data-field="title"]')).to_be_visible()
        context.set_offline(True)
        pen.title("count", "Mine")
        pen.title("again", "Mine too")
        pen.title("done", "Only mine")
        theirs = count_words("Busy both")
        for name in ("count", "again"):
            theirs["nodes"][name] = {**theirs["nodes"][name], "title": f"Theirs of {name}"}
        theirs["nodes"]["count"]["disabled"] = True
        path = f"/api/v1/workflows/{workflow}/draft"
        status, _ = live_studio.call("PUT", path, {"document": theirs}, If_Match=f'"{head["rev"]}"')
        assert status == 200
        context.set_offline(False)

        expect(pen.banners).to_contain_text(
            "You changed the same 2 fields elsewhere too.", timeout=40_000
        )
        expect(pen.note).to_contain_text("conflict")
        assert titles(live_studio, workflow)["count"] == "Theirs of count"
        pen.banners.get_by_role("button", name="Choose").click()
        dialog = pen.page.get_by_role("dialog", name="Choose what to keep")
        expect(dialog.get_by_role("group")).to_have_count(2)
        expect(dialog).to_contain_text("You saved this workflow elsewhere (")
        assert not axe_findings(pen.page, axe)
        join = dialog.get_by_role("button", name="left to choose")
        expect(join).to_be_disabled()
        # By keyboard: the first field keeps mine, the second takes theirs.
        pen.page.keyboard.press("Space")
        pen.page.keyboard.press("Tab")
        pen.page.keyboard.press("ArrowDown")
        expect(dialog.get_by_role("button", name="Join and save")).to_be_enabled()
        pen.page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        pen.until_saved()

        assert titles(live_studio, workflow) == {
            "count": "Mine",
            "again": "Theirs of again",
            "done": "Only mine",
        }
        assert draft(live_studio, workflow)["nodes"]["count"]["disabled"] is True
        pen.page.get_by_role("button", name="Undo").click()
        expect(pen.face("done")).not_to_contain_text("Only mine")
        expect(pen.face("again")).to_contain_text("Theirs of again")


def test_nothing_is_saved_before_the_document_is_there_whole(
    signed_in: OpenContext, live_studio: LiveStudio
) -> None:
    workflow = new_workflow(live_studio, "Busy half")
    context = signed_in()
    puts: list[str] = []
    with watched_page(context, live_studio.url) as watched:
        page = watched.page
        page.on(
            "request", lambda request: puts.append(request.url) if request.method == "PUT" else None
        )

        def cut(route: Any) -> None:
            whole = route.fetch()
            text = whole.text()
            route.fulfill(response=whole, body=text[: text.index('"nodes"') + 40])

        page.route(f"**{edit_path(workflow)}", cut)
        page.goto(live_studio.url + edit_path(workflow))
        expect(page.get_by_role("alert")).to_contain_text("did not arrive whole")
        page.keyboard.press("n")
        page.keyboard.press("Delete")
        page.goto("about:blank")
    assert puts == []
    assert len(draft(live_studio, workflow)["nodes"]) == 3


def test_an_emptied_draft_is_saved_once_that_is_meant(
    visitor: Watched, live_studio: LiveStudio, axe: str
) -> None:
    workflow = new_workflow(live_studio, "Busy emptied")
    pen = Pen(visitor.open(edit_path(workflow)))
    pen.face("count").click()
    pen.page.keyboard.press("Control+a")
    pen.page.keyboard.press("Delete")
    expect(pen.banners).to_contain_text("Nearly all steps would be gone")
    expect(pen.note).to_contain_text("confirm first")
    assert not axe_findings(pen.page, axe)
    assert len(draft(live_studio, workflow)["nodes"]) == 3
    pen.banners.get_by_role("button", name="I mean it").click()
    pen.until_saved()
    assert draft(live_studio, workflow)["nodes"] == {}


def test_who_was_signed_out_saves_after_signing_in_again(
    signed_in: OpenContext, live_studio: LiveStudio
) -> None:
    workflow = new_workflow(live_studio, "Busy signed out")
    context = signed_in()
    with watched_page(context, live_studio.url) as watched:
        watched.expected = ["status of 401"]
        pen = Pen(watched.open(edit_path(workflow)))
        expect(pen.face("count")).to_be_visible()
        cookies = context.cookies()
        context.clear_cookies()
        pen.title("count", "Signed out")
        expect(pen.banners).to_contain_text("You are signed out", timeout=10_000)
        expect(pen.note).to_contain_text("Kept on this computer, not on the server: refused")
        context.add_cookies(cookies)  # type: ignore[arg-type]
        pen.banners.get_by_role("button", name="Save again").click()
        pen.until_saved()
        expect(pen.banners).not_to_contain_text("signed out")
    assert titles(live_studio, workflow) == {"count": "Signed out"}


FORBIDDEN = """
Object.defineProperty(window, 'indexedDB', {
  get() { throw new DOMException('no', 'SecurityError'); },
});
Object.defineProperty(navigator, 'locks', { value: undefined });
"""


def test_a_browser_without_indexed_db_and_locks_keeps_the_work_too(
    signed_in: OpenContext, live_studio: LiveStudio, axe: str
) -> None:
    """It cannot tell whether another tab still works on it: it asks before it restores."""
    workflow = new_workflow(live_studio, "Busy by storage")
    context = signed_in()
    context.add_init_script(FORBIDDEN)
    with watched_page(context, live_studio.url) as watched:
        watched.expected = SERVER_GONE
        pen = Pen(watched.open(edit_path(workflow)))
        pen.title("count", "Saved")
        pen.until_saved()
        context.set_offline(True)
        pen.title("count", "Not saved")
        expect(pen.note).to_contain_text("Kept on this computer, not on the server")
        with pytest.raises(Error):
            pen.page.goto("chrome://crash")
        pen.page.close()
    context.set_offline(False)
    with watched_page(context, live_studio.url) as watched:
        pen = Pen(watched.open(edit_path(workflow)))
        expect(pen.banners).to_contain_text("This browser holds 1 change")
        expect(pen.face("count")).not_to_contain_text("Not saved")
        assert not axe_findings(pen.page, axe)
        pen.banners.get_by_role("button", name="Restore").click()
        expect(pen.banners).to_contain_text("Restored 1 change")
        expect(pen.face("count")).to_contain_text("Not saved")
        pen.until_saved()
    assert titles(live_studio, workflow) == {"count": "Not saved"}
