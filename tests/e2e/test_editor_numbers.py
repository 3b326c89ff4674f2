"""A browser has doubles only; what it cannot hold is not changed by who moves a step."""

import json

from playwright.sync_api import expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import count_words, make
from tests.e2e.drafts import draft, until_saved
from tests.live import LiveStudio

DEFAULTS = {"text": "a b", "rate": 1.0, "order": 1129346123456789013}


def test_a_step_is_moved_and_numbers_stay_what_a_program_wrote(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = {**count_words("Exact"), "state": {"defaults": DEFAULTS}}
    document["nodes"]["again"] = {"type": "set", "set": {"half": "rate / 2"}}
    document["meta"] = {"pins": {"count": {"words": 3, "order": 1129346123456789013}}}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")

    # Called something else, a step takes its pin along.
    page.locator("[data-node=count]").click()
    settings = page.get_by_role("complementary", name="Settings")
    settings.get_by_label("Id", exact=True).fill("first")
    page.keyboard.press("Enter")
    expect(page.locator("[data-node=first]")).to_be_visible()
    page.locator("[data-node=again]").click()
    page.keyboard.press("Shift+ArrowDown")

    until_saved(
        live_studio,
        workflow,
        lambda saved: "first" in saved["nodes"] and saved["layout"]["again"] == [280, 8],
    )
    saved = draft(live_studio, workflow)
    assert json.dumps(saved["state"]["defaults"]) == json.dumps(DEFAULTS)
    assert saved["meta"]["pins"]["first"]["order"] == 1129346123456789013
    run = {"workflow": workflow, "draft": True, "state": {}}
    started = make(live_studio, "POST", "/api/v1/runs?wait=20", **run)
    left = make(live_studio, "GET", f"/api/v1/runs/{started['id']}/state")
    assert left["state"]["half"] == 0.5
