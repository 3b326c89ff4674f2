"""Waiting for the first of several things: drawn in the editor, answered in the inbox."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import make
from tests.e2e.test_editor_node_kinds import choose, retype, saved, typist
from tests.e2e.typist import Typist
from tests.live import LiveStudio

__all__ = ["typist"]

FORM = {
    "type": "object",
    "required": ["paid"],
    "properties": {"paid": {"type": "boolean", "title": "Was it paid?"}},
}


def first_of_two() -> dict[str, Any]:
    return {
        "format": "treadle/1",
        "key": "payments",
        "name": "Payments",
        "entry": ["pay"],
        "nodes": {
            "pay": {
                "type": "wait",
                "title": "Payment",
                "any": {
                    "arrived": {"signal": "payment"},
                    "asked": {"form": FORM, "title": "Is order 7 paid?"},
                },
                "outputs": {"how": "alternative", "said": "answer"},
            },
            "ship": {"type": "end", "set": {"end": "'by signal'"}},
            "call": {"type": "end", "set": {"end": "'by answer'"}},
        },
        "edges": [
            {"id": "e1", "from": "pay", "to": "ship", "on": "arrived"},
            {"id": "e2", "from": "pay", "to": "call", "on": "asked"},
        ],
        "layout": {"pay": [0, 0], "ship": [280, 0], "call": [280, 120]},
    }


def waiting_run(studio: LiveStudio) -> str:
    made = make(studio, "POST", "/api/v1/workflows", document=first_of_two())
    make(studio, "POST", f"/api/v1/workflows/{made['id']}/publish", note="")
    run = make(studio, "POST", "/api/v1/runs?wait=0.5", workflow=made["id"])
    assert run["status"] == "waiting"
    identity: str = run["id"]
    return identity


def test_a_person_is_one_of_several_alternatives(typist: Typist, live_studio: LiveStudio) -> None:
    page = typist.page
    typist.add_step("Wait")
    typist.press("Enter")
    choose(typist, "Waits for", "The first of several")
    choose(typist, "“late” is", "A person")
    retype(typist, "What is asked", "Was it paid?")
    retype(typist, "People", "ann, bob")
    retype(typist, "Signal", "payment")
    typist.press("Escape")

    draft = saved(page, live_studio)
    assert draft["nodes"]["wait"]["any"] == {
        "arrived": {"signal": "payment"},
        "late": {
            "form": {
                "type": "object",
                "properties": {"approved": {"type": "boolean"}},
                "required": ["approved"],
            },
            "title": "Was it paid?",
            "assignees": {"users": ["ann", "bob"]},
        },
    }


def button(page: Page, name: str) -> Any:
    return page.locator(".rp-head__actions").get_by_role("button", name=name, exact=True)


def test_a_run_answered_in_the_inbox_is_followed_on_its_page_without_a_reload(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    run = waiting_run(live_studio)
    page = visitor.open(f"/runs/{run}")
    page.evaluate("window.__loaded = true")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("waiting")
    expect(button(page, "Pause")).to_be_visible()
    expect(button(page, "Resume")).to_be_hidden()
    waits = "Payment waits for the signal payment or for an answer of a person."
    expect(page.get_by_role("status").filter(has_text=waits)).to_be_visible()
    expect(page.get_by_role("link", name="Answer in the inbox")).to_be_visible()

    button(page, "Pause").click()
    expect(heading).to_contain_text("paused")
    expect(button(page, "Pause")).to_be_hidden()
    button(page, "Resume").click()
    expect(heading).to_contain_text("waiting")
    make(live_studio, "POST", f"/api/v1/runs/{run}/pause")
    expect(button(page, "Resume")).to_be_visible()
    make(live_studio, "POST", f"/api/v1/runs/{run}/resume")
    expect(button(page, "Pause")).to_be_visible()

    inbox = page.context.new_page()
    inbox.goto(f"{live_studio.url}/inbox/")
    inbox.get_by_role("link", name="Is order 7 paid?").first.click()
    inbox.get_by_label("Was it paid?").select_option(label="Yes")
    inbox.get_by_role("button", name="Answer").click()
    expect(inbox.get_by_text("Your answer is on its way")).to_be_visible()
    inbox.close()

    expect(heading).to_contain_text("completed")
    for name in ("Pause", "Resume", "Stop", "Retry"):
        expect(button(page, name)).to_be_hidden()
    expect(page.get_by_text("Answered by admin; goes on by asked")).to_be_visible()
    assert page.evaluate("window.__loaded"), "the page was not loaded again"
    state = make(live_studio, "GET", f"/api/v1/runs/{run}/state")["state"]
    assert state == {"how": "asked", "said": {"paid": True}, "end": "by answer"}
