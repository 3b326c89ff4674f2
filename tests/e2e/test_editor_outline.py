"""The outline is an equal editor: built, wired, changed and undone in it by keyboard or touch."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browsing import NARROW, axe_findings, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.e2e.test_editor_commands import draft, until_saved
from tests.e2e.typist import Typist
from tests.live import LiveStudio


def rows(page: Page) -> list[str]:
    """What a screen reader says of each row of the tree."""
    items = page.get_by_role("treeitem").all()
    return [str(item.get_attribute("aria-label")) for item in items]


def spoken(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_attached()


def test_everything_is_done_in_the_outline_by_keyboard(
    signed_in: OpenContext, live_studio: LiveStudio, axe: str
) -> None:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("In the outline"))
    with watched_page(signed_in(), live_studio.url) as watched:
        page = watched.page
        typist = Typist(page)
        page.goto(f"{live_studio.url}/workflows/{made['id']}/edit")
        expect(page.locator("[data-node=count]")).to_be_visible()
        typist.press("Alt+o")
        typist.expect_on("count, text.count, start")
        expect(page.locator("[data-node=count]")).to_be_hidden()
        said = page.get_by_role("status").filter(
            has_text="Outline. Arrow keys go from step to step"
        )
        expect(said).to_be_attached()
        assert rows(page) == [
            "count, text.count, start, 2 ways on",
            "to again, when size(text) > 1",
            "to done, otherwise",
            "again, text.count, no way on",
            "done, End, no way on",
        ]
        assert not axe_findings(page, axe)

        # Add after a step, rename it, and connect it by name and by the order of the list.
        typist.press("ArrowDown", "ArrowDown", "ArrowDown")
        typist.expect_on("again, text.count")
        typist.add_step("Set values")
        typist.expect_on("set, Set values")
        typist.press("F2")
        typist.expect_on("Title of “set”")
        typist.press("Control+a")
        typist.write("Remember")
        typist.press("Enter")
        typist.expect_on("Remember, Set values")
        typist.press("c")
        expect(page.get_by_text("Connect “Remember”: choose a step")).to_be_visible()
        typist.write("done")
        typist.press("Enter")
        typist.expect_on("Remember, Set values, 1 way on")

        # Its way on has a condition, edited in the settings and back.
        typist.press("ArrowRight")
        typist.expect_on("to done, always")
        typist.press("Enter")
        typist.expect_on("Always")
        typist.tab_to("When")
        typist.press("Enter")
        typist.tab_to("Condition")
        typist.write("characters > 3")
        typist.press("Escape", "Escape")
        typist.expect_on("to done, when characters > 3")

        # The order of the ways decides: it is changed, and said.
        typist.press("Home", "ArrowDown", "Alt+ArrowDown")
        spoken(page, "Way to again is number 2 of 2 now")
        typist.expect_on("to again, when size(text) > 1")

        # Switch off, delete, undo: the keyboard is never lost.
        typist.press("ArrowDown")
        typist.expect_on("again, text.count")
        typist.press("d")
        typist.expect_on("again, text.count, switched off")
        typist.press("Delete")
        spoken(page, "Deleted again")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "treeitem"
        typist.press("Control+z")
        expect(page.get_by_role("treeitem", name="again, text.count")).to_be_visible()

        def as_made(document: dict[str, Any]) -> bool:
            first, second, *_ = [e["to"] for e in document["edges"] if e["from"] == "count"]
            last = [e.get("when") for e in document["edges"] if e["from"] == "set"]
            # Earlier saves have the edges already, and a step that is neither off nor deleted yet.
            is_off = document["nodes"].get("again", {}).get("disabled") is True
            return is_off and (first, second) == ("done", "again") and last == ["characters > 3"]

        until_saved(live_studio, made["id"], as_made)
        nodes = draft(live_studio, made["id"])["nodes"]
        assert nodes["set"]["title"] == "Remember"

        typist.press("Alt+o")
        expect(page.get_by_role("tree")).to_be_hidden()
        expect(page.locator("[data-node=again]")).to_be_visible()


def test_the_outline_is_used_on_a_phone_by_touch(
    signed_in: OpenContext, live_studio: LiveStudio, axe: str
) -> None:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("By touch"))
    context = signed_in(viewport={"width": NARROW, "height": 800}, color_scheme="dark")
    with watched_page(context, live_studio.url) as watched:
        page = watched.open(f"/workflows/{made['id']}/edit")
        page.get_by_role("button", name="Outline (Alt+O)").click()
        page.get_by_role("treeitem", name="again, text.count").click()
        page.get_by_role("button", name="Connect", exact=True).click()
        page.get_by_role("treeitem", name="done, End").click()
        expect(page.get_by_role("treeitem", name="again, text.count, 1 way on")).to_be_visible()
        page.get_by_role("button", name="Edit", exact=True).click()
        expect(page.get_by_label("Settings", exact=True).get_by_label("Tool")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW
        assert not axe_findings(page, axe)
