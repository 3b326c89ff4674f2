"""Publishing shows every change with its author; versions are compared on the canvas, restored."""

import subprocess
import sys
from copy import deepcopy
from typing import Any

from playwright.sync_api import Browser, Route, expect

from tests.e2e.browsing import Watched, axe_findings, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.e2e.test_editor_company import person, share
from tests.e2e.test_editor_keeps_work import Pen, edit_path, titles
from tests.live import ROOT, LiveStudio


def promote(studio: LiveStudio, name: str) -> str:
    """Make somebody an administrator; gives a token."""
    token: str = studio.command("treadle", "token", "--user", name, "--create", "--json")["token"]
    code = (
        "import sys, django; django.setup()\n"
        "from django.contrib.auth.models import User\n"
        "User.objects.filter(username=sys.argv[1]).update(is_superuser=True)"
    )
    subprocess.run([sys.executable, "-c", code, name], cwd=ROOT, env=studio.environment, check=True)
    return token


def save_as(studio: LiveStudio, token: str, workflow: str, document: dict[str, Any]) -> None:
    rev = make(studio, "GET", f"/api/v1/workflows/{workflow}")["rev"]
    path = f"/api/v1/workflows/{workflow}/draft"
    status, answer = studio.call(
        "PUT", path, {"document": document}, Authorization=f"Bearer {token}", If_Match=f'"{rev}"'
    )
    assert status == 200, answer


def test_who_is_quicker_than_the_list_of_changes_is_asked_to_look_at_it(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Quick"))["id"]
    page = visitor.open(edit_path(workflow))
    asked: list[Route] = []
    page.route("**/changes", lambda route: asked.append(route))
    expect(page.locator("[data-node=again]")).to_be_visible()
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog).to_be_visible()

    page.keyboard.press("Enter")

    expect(dialog.get_by_role("alert")).to_contain_text("Look at what the draft changes first")
    assert make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["published"] is None
    asked[0].continue_()
    page.unroute("**/changes")
    expect(dialog).not_to_contain_text("Looking at what changed…")
    page.keyboard.press("Enter")
    expect(page.get_by_text("v1 is live")).to_be_visible()


def test_what_is_published_was_seen_with_its_authors_and_can_be_compared_and_restored(
    visitor: Watched, live_studio: LiveStudio, axe: str
) -> None:
    ana = promote(live_studio, "ana")
    first = count_words("Busy versions")
    first["nodes"]["still"] = {"type": "noop"}
    first["edges"].append({"id": "e3", "from": "again", "to": "still"})
    first["layout"]["still"] = [560, 0]
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=first)["id"]
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="First")
    second = deepcopy(first)
    second["nodes"]["again"] = {**first["nodes"]["again"], "title": "Of Ana"}
    second["nodes"]["more"] = {"type": "noop"}
    second["edges"][1] = {"id": "e2", "from": "count", "to": "more", "else": True}
    del second["nodes"]["done"], second["layout"]["done"]
    second["layout"]["still"] = [640, 96]
    save_as(live_studio, ana, workflow, second)

    pen = Pen(visitor.open(edit_path(workflow)))
    pen.title("count", "Of the admin")
    page = pen.page
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name="Publish version 2")
    change = dialog.get_by_role("listitem")
    expect(change.filter(has_text="Of the admin (count)").first).to_contain_text("by you")
    expect(change.filter(has_text="Of Ana (again)").first).to_contain_text("by ana")
    expect(change.filter(has_text="more").first).to_contain_text("added")
    expect(change.filter(has_text="done").first).to_contain_text("removed")
    assert not axe_findings(page, axe)

    third = deepcopy(second)
    third["nodes"]["count"] = {**first["nodes"]["count"], "title": "Of the admin"}
    third["limits"] = {"max_steps": 9}
    save_as(live_studio, ana, workflow, third)
    expect(pen.note).to_contain_text("Saved")
    publish = dialog.get_by_role("button", name="Publish", exact=True)
    page.wait_for_function(
        "rev => fetch(rev).then((r) => r.json()).then((w) => w.rev === 4)",
        arg=f"/api/v1/workflows/{workflow}",
    )
    publish.click()
    expect(dialog.get_by_role("alert")).to_contain_text("saved meanwhile")
    expect(change.filter(has_text="limits").first).to_contain_text("by ana")
    publish.click()
    expect(page.get_by_text("Published as version 2").first).to_be_visible()

    visitor.open(f"/workflows/{workflow}/versions/compare?from=1&to=2")
    step = page.locator('[data-node="again"]')
    expect(step).to_have_attribute("aria-label", "Of Ana, text.count, changed")
    expect(page.locator('[data-node="done"]')).to_have_attribute("aria-label", "done, End, removed")
    expect(page.locator('[data-node="more"]')).to_have_attribute("aria-label", "more, Join, added")
    # Where a step lies is no change of it.
    expect(page.locator('[data-node="still"]')).to_have_attribute("aria-label", "still, Join")
    expect(page.locator('[data-part="nodes/still"]')).to_have_count(0)
    step.click()
    row = page.locator('[data-part="nodes/again"]')
    expect(row).to_have_attribute("data-chosen", "")
    expect(row).to_contain_text("By ana")
    page.keyboard.press("ArrowDown")
    expect(row).not_to_have_attribute("data-chosen", "")
    page.get_by_role("button", name="Show Of the admin (count) on the canvas").click()
    expect(page.locator('[data-node="count"]')).to_have_attribute("aria-pressed", "true")
    assert not axe_findings(page, axe)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})

    visitor.open(f"/workflows/{workflow}/versions/")
    page.get_by_role("button", name="Copy v1 into the draft").click()
    page.wait_for_url("**/edit")
    expect(pen.face("done")).to_be_visible()
    expect(pen.face("count")).not_to_contain_text("Of the admin")
    assert titles(live_studio, workflow) == {}


def test_what_changed_far_from_the_start_is_in_sight_at_once_also_in_german(
    live_studio: LiveStudio, signed_in: OpenContext
) -> None:
    names = [f"step_{number}" for number in range(14)]
    document = count_words("Busy far away")
    document["entry"] = names[:1]
    document["nodes"] = {name: {"type": "noop"} for name in names}
    document["edges"] = [
        {"id": f"e{at}", "from": name, "to": names[at + 1]} for at, name in enumerate(names[:-1])
    ]
    document["layout"] = {name: [at * 288, 0] for at, name in enumerate(names)}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="")
    document["nodes"]["step_13"]["title"] = "The last one"
    save_as(live_studio, live_studio.token, workflow, document)

    with watched_page(signed_in(locale="de-DE"), live_studio.url) as watched:
        page = watched.open(f"/workflows/{workflow}/versions/compare")
        expect(page.locator('[data-node="step_13"]')).to_be_in_viewport()
        expect(page.locator('[data-part="nodes/step_13"] .chip')).to_have_text("geändert")
        legend = page.locator(".compare-legend li")
        for words, row in zip(("hinzugefügt", "entfernt", "geändert"), legend.all(), strict=True):
            expect(row).to_contain_text(words)


def test_who_may_only_look_reads_versions_and_restores_none(
    browser: Browser, live_studio: LiveStudio
) -> None:
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Busy read"))
    for note in ("One", "Two"):
        document = {**count_words("Busy read"), "description": note}
        save_as(live_studio, live_studio.token, workflow["id"], document)
        make(live_studio, "POST", f"/api/v1/workflows/{workflow['id']}/publish", note=note)
    share(live_studio, workflow["id"])
    context = person(browser, live_studio, "rita")
    page = context.new_page()
    page.goto(f"{live_studio.url}/workflows/{workflow['id']}/versions/")
    expect(page.get_by_role("rowheader", name="v2")).to_be_visible()
    expect(page.get_by_role("button", name="into the draft")).to_have_count(0)
    page.get_by_role("link", name="What changed from v1 to v2").click()
    expect(page.locator("[data-node]")).to_have_count(3)
    context.close()
