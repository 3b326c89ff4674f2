"""Steps become a workflow of their own and come back; the runs agree before and after."""

from typing import Any

from playwright.sync_api import expect

from tests.e2e.browsing import Watched, axe_findings
from tests.e2e.conftest import make
from tests.e2e.drafts import draft, until_saved
from tests.live import LiveStudio

LOOP: dict[str, Any] = {
    "format": "treadle/1",
    "key": "taken-apart",
    "name": "Taken apart",
    "entry": ["begin"],
    "state": {
        "schema": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "n": {"type": "integer"}},
        },
        "defaults": {"text": "a b a", "n": 0, "seen": []},
        "reducers": {"seen": "append"},
    },
    "nodes": {
        "begin": {"type": "set", "set": {"n": "0"}},
        "count": {
            "type": "tool",
            "tool": "text.count",
            "inputs": {"text": "text"},
            "outputs": {"words": "result.word_count", "seen": "[n]"},
        },
        "bump": {"type": "set", "set": {"n": "n + words"}},
        "check": {"type": "noop", "route": "first"},
        "last": {"type": "set", "set": {"text": "text + '!'"}},
        "done": {"type": "end"},
    },
    "edges": [
        {"id": "e1", "from": "begin", "to": "count"},
        {"id": "e2", "from": "count", "to": "bump"},
        {"id": "e3", "from": "bump", "to": "check"},
        {"id": "e4", "from": "check", "to": "count", "when": "n < 9", "max": 5},
        {"id": "e5", "from": "check", "to": "last", "else": True},
        {"id": "e6", "from": "last", "to": "done"},
    ],
    "layout": {
        "begin": [0, 0],
        "count": [288, 0],
        "bump": [576, 0],
        "check": [288, 200],
        "last": [576, 200],
        "done": [864, 200],
    },
}


def test_a_loop_becomes_a_workflow_of_its_own_and_comes_back(
    visitor: Watched, live_studio: LiveStudio, axe: str
) -> None:
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=LOOP)["id"]
    before = run_of_the_draft(live_studio, workflow)
    assert before == {"text": "a b a!", "n": 9, "words": 3, "seen": [0, 3, 6]}
    page = visitor.open(f"/workflows/{workflow}/edit")
    for node in ("count", "bump", "check"):
        page.locator(f"[data-node={node}]").click(modifiers=["Shift"])

    page.keyboard.press("Alt+x")

    dialog = page.get_by_role("dialog", name="Make a workflow of 3 steps")
    expect(dialog.get_by_label("Name")).to_be_focused()
    assert dialog.locator("code").all_text_contents() == ["n", "text", "words", "seen", "n"]
    assert axe_findings(page, axe) == []
    page.keyboard.type("Count up")
    page.keyboard.press("Enter")
    call = page.locator("[data-node=count_up]")
    expect(call).to_be_focused(timeout=15_000)
    expect(page.get_by_text("“Count up” is a workflow of its own, version 1.")).to_be_visible()
    until_saved(live_studio, workflow, lambda saved: len(saved["nodes"]) == 4)
    saved = draft(live_studio, workflow)
    assert saved["nodes"]["count_up"]["workflow"] == "count-up"
    assert saved["nodes"]["count_up"]["in"] == {"text": "text", "n": "n"}
    assert [(e["from"], e["to"]) for e in saved["edges"]] == [
        ("begin", "count_up"),
        ("count_up", "last"),
        ("last", "done"),
    ]
    assert run_of_the_draft(live_studio, workflow) == before

    # One step takes it back, and does it again.
    page.keyboard.press("Control+z")
    until_saved(live_studio, workflow, lambda saved: saved["nodes"] == LOOP["nodes"])
    page.keyboard.press("Control+Shift+z")
    until_saved(live_studio, workflow, lambda saved: "count_up" in saved["nodes"])

    # The steps of the workflow in its place again: the same graph, with the same outcome.
    call.click()
    page.keyboard.press("Control+k")
    page.keyboard.type("put the workflow")
    page.keyboard.press("Enter")
    until_saved(live_studio, workflow, lambda saved: "count" in saved["nodes"])
    back = draft(live_studio, workflow)
    assert back["nodes"] == LOOP["nodes"]
    assert sorted(ways(back)) == sorted(ways(LOOP))
    assert run_of_the_draft(live_studio, workflow) == before


def test_what_cannot_be_kept_is_said(visitor: Watched, live_studio: LiveStudio) -> None:
    document = {**LOOP, "key": "refused", "name": "Refused"}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.locator("[data-node=bump]").click()
    page.locator("[data-node=last]").click(modifiers=["Shift"])

    page.keyboard.press("Alt+x")

    dialog = page.get_by_role("dialog", name="Make a workflow of 2 steps")
    expect(dialog).to_contain_text("Ways lead in at “bump” and “last”.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert draft(live_studio, workflow)["nodes"] == LOOP["nodes"]


def ways(document: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [
        (e["from"], e["to"], e.get("when", "else" if e.get("else") else ""), e.get("max", 0))
        for e in document["edges"]
    ]


def run_of_the_draft(studio: LiveStudio, workflow: str) -> Any:
    """The last state of a run of the draft."""
    run = make(studio, "POST", "/api/v1/runs?wait=30", workflow=workflow, draft=True, state={})
    assert run["status"] == "completed", run["error"]
    return make(studio, "GET", f"/api/v1/runs/{run['id']}/state")["state"]
