"""The address of the editor is its view: reload, a shared link and Back show what was shown."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.live import LiveStudio


def three_rounds() -> dict[str, Any]:
    """Goes round three times."""
    document = count_words("Addressed")
    document["nodes"]["again"] = {"type": "set", "set": {"tries": "tries + 1"}}
    document["state"] = {"defaults": {"tries": 0}}
    document["edges"] = [
        {"id": "e1", "from": "count", "to": "again"},
        {"id": "back", "from": "again", "to": "count", "when": "tries < 3", "max": 5},
        {"id": "out", "from": "again", "to": "done", "else": True},
    ]
    return document


@pytest.fixture(scope="module")
def workflow(live_studio: LiveStudio) -> str:
    return str(make(live_studio, "POST", "/api/v1/workflows", document=three_rounds())["id"])


@pytest.fixture(scope="module")
def run(live_studio: LiveStudio, workflow: str) -> str:
    body = {"workflow": workflow, "draft": True, "state": {"text": "a b"}}
    done = make(live_studio, "POST", "/api/v1/runs?wait=20", **body)
    assert done["status"] == "completed"
    return str(done["id"])


def settings(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Settings")


def until_address(page: Page, part: str) -> None:
    page.wait_for_function("part => location.hash === part", arg=part)


def test_what_is_looked_at_stands_in_the_address_and_comes_back(
    visitor: Watched, signed_in: OpenContext, live_studio: LiveStudio, workflow: str, run: str
) -> None:
    page = visitor.open("/runs/")
    page.goto(f"{live_studio.url}/workflows/{workflow}/edit")
    expect(page.locator("[data-node=again]")).to_be_visible()
    assert page.evaluate("location.hash") == ""

    # Choosing is written down, the tab too; a way instead of a step.
    page.locator("[data-node=again]").click()
    until_address(page, "#node=again")
    page.keyboard.press("i")
    until_address(page, "#node=again&tab=input")
    page.keyboard.press("e")
    until_address(page, "#edge=back")
    page.keyboard.press("Alt+o")
    until_address(page, "#edge=back&view=outline")

    # A reload shows the same, and the keyboard can go on at once.
    page.reload()
    expect(page.get_by_role("tree")).to_be_visible()
    expect(page.get_by_role("treeitem", selected=True)).to_contain_text("tries < 3")
    page.keyboard.press("Alt+o")
    until_address(page, "#edge=back")

    # However much was looked at: Back leaves the editor, Forward comes back to the very view.
    page.go_back()
    page.wait_for_url("**/runs/")
    page.go_forward()
    expect(page.get_by_role("heading", name="Connection", exact=True)).to_be_visible()
    until_address(page, "#edge=back")

    # A link to another step on the same page leads there; Back leads to where one was.
    page.evaluate("location.hash = '#node=count'")
    expect(page.locator("[data-node=count]")).to_be_focused()
    expect(settings(page).get_by_label("Id", exact=True)).to_have_value("count")
    page.go_back()
    expect(page.get_by_role("heading", name="Connection", exact=True)).to_be_visible()

    # Somebody else's browser: the step, what it gave, and the run over the canvas, second round.
    link = f"/workflows/{workflow}/edit#node=again&tab=output&run={run}&round=2"
    with watched_page(signed_in(), live_studio.url) as other:
        shared = other.open(link)
        expect(shared.get_by_role("region", name="Run")).to_contain_text("completed")
        expect(shared.get_by_role("tab", name="Output")).to_have_attribute("aria-selected", "true")
        expect(shared.get_by_label("Round", exact=True)).to_have_value("2")
        until_address(shared, link.split("edit")[1])
        shared.reload()
        expect(shared.get_by_role("region", name="Run")).to_contain_text("completed")
        shared.get_by_role("button", name="Close the run").click()
        until_address(shared, "#node=again&tab=output")


def test_a_link_that_leads_nowhere_says_so(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    other = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Elsewhere"))
    body = {"workflow": other["id"], "draft": True, "state": {"text": "a"}}
    strange = make(live_studio, "POST", "/api/v1/runs?wait=20", **body)["id"]

    page = visitor.open(f"/workflows/{workflow}/edit#node=gone")
    expect(page.get_by_text("What this link leads to is not in the draft")).to_be_visible()
    page = visitor.open(f"/workflows/{workflow}/edit?again#run={strange}")
    expect(page.get_by_text("The run of this link is one of another workflow")).to_be_visible()
    until_address(page, "")
    page = visitor.open(f"/workflows/{workflow}/edit?more#run=nonsense")
    expect(page.get_by_text("The run of this link cannot be shown")).to_be_visible()


def test_a_run_leads_to_its_step_in_the_editor(visitor: Watched, workflow: str, run: str) -> None:
    page = visitor.open(f"/runs/{run}?node=again")
    page.get_by_role("link", name="Edit workflow").click()
    expect(settings(page).get_by_label("Id", exact=True)).to_have_value("again")
