"""A workflow is shared on its page, and taken back: the other person's browser shows what holds."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.browsing import NARROW, Watched, axe_findings, watched_page
from tests.e2e.conftest import OpenContext
from tests.e2e.test_editor_company import person
from tests.e2e.test_editor_keeps_work import Pen, edit_path, new_workflow
from tests.live import LiveStudio


def test_a_role_is_given_used_and_taken_back(
    browser: Browser, signed_in: OpenContext, live_studio: LiveStudio, axe: str
) -> None:
    workflow = new_workflow(live_studio, "Busy shared")
    theirs = person(browser, live_studio, "theo")
    with (
        watched_page(signed_in(), live_studio.url) as owner,
        watched_page(theirs, live_studio.url) as guest,
    ):
        guest.expected = ["status of 403", "status of 404"]
        guest.open(edit_path(workflow), status=404)

        # By keyboard, from the list of workflows: first a name that nobody has.
        page = owner.open(f"/workflows/{workflow}/sharing")
        expect(page.get_by_text("Nobody yet: only you and administrators see it.")).to_be_visible()
        field = page.get_by_label("Person")
        field.fill("teo")
        field.press("Enter")
        expect(page.get_by_text("There is no account 'teo'")).to_be_visible()
        expect(field).to_be_focused()
        expect(field).to_have_accessible_description(re.compile("There is no account 'teo'"))
        field.fill("theo")
        page.get_by_label("Role").select_option(label="editor and operator")
        page.get_by_role("button", name="Share", exact=True).press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Shared with theo.")
        rows = page.get_by_role("row").filter(has_text="theo")
        expect(rows).to_have_count(2)
        assert not axe_findings(page, axe)

        # It is there at once, to be changed and run.
        pen = Pen(guest.open(edit_path(workflow)))
        pen.title("count", "By theo")
        pen.until_saved()
        expect(guest.page.get_by_role("button", name="Run", exact=True)).to_be_enabled()

        # Taken back, one role after the other, on a telephone: nothing more is saved.
        page.set_viewport_size({"width": NARROW, "height": 800})
        page.get_by_role("button", name="Take back the role operator from theo").click()
        expect(page.get_by_role("status")).to_contain_text("theo is no longer operator.")
        page.get_by_role("button", name="Take back the role editor from theo").click()
        # Between two pages there are no rows either: the message is on the one that comes.
        expect(page.get_by_role("status")).to_contain_text("theo is no longer editor.")
        expect(rows).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
        pen.title("again", "Too late")
        expect(pen.banners).to_contain_text("is not shared with you any more")
        expect(pen.note).to_contain_text("Kept on this computer")
        guest.open(edit_path(workflow), status=404)
    theirs.close()


def test_who_does_not_own_it_shares_nothing(
    browser: Browser, live_studio: LiveStudio, stranger: Watched
) -> None:
    workflow = new_workflow(live_studio, "Busy unshared")
    stranger.open(f"/workflows/{workflow}/sharing")
    expect(stranger.page.get_by_label("Password", exact=True)).to_be_visible()

    theirs = person(browser, live_studio, "tove")
    with watched_page(theirs, live_studio.url) as guest:
        guest.open(f"/workflows/{workflow}/sharing", status=404)
    theirs.close()
