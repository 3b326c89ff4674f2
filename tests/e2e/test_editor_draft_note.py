"""The bar says how far the draft is from the version that is live."""

from playwright.sync_api import expect

from tests.e2e.browsing import Watched, axe_findings
from tests.e2e.conftest import make
from tests.e2e.test_editor_keeps_work import Pen, edit_path, new_workflow
from tests.live import LiveStudio


def test_the_bar_counts_the_changes_since_the_live_version_and_leads_to_them(
    visitor: Watched, live_studio: LiveStudio, axe: str
) -> None:
    workflow = new_workflow(live_studio, "Counted changes")
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", rev=1)
    pen = Pen(visitor.open(edit_path(workflow)))
    note = pen.page.locator(".save-note__version")
    expect(note).to_have_text("Draft · v1 is live")
    expect(pen.page.get_by_role("button", name="Published")).to_have_attribute(
        "aria-disabled", "true"
    )

    pen.title("count", "One")
    expect(note).to_have_text("Draft · 1 change since v1")
    publish = pen.page.get_by_role("button", name="Publish", exact=True)
    expect(publish).not_to_have_attribute("aria-disabled", "true")
    pen.title("again", "Two")
    expect(note).to_have_text("Draft · 2 changes since v1")
    assert not axe_findings(pen.page, axe)

    pen.page.keyboard.press("Escape")
    pen.page.get_by_role("button", name="Undo").click()
    expect(note).to_have_text("Draft · 1 change since v1")

    note.get_by_role("button").click()
    dialog = pen.page.get_by_role("dialog", name="Publish version 2")
    expect(dialog.locator(".change")).to_have_count(1)
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(note).to_have_text("Draft · v2 is live")
