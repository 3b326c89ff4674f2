"""Steps are carried from one workflow to another as text."""

import json

from playwright.sync_api import expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import count_words, make
from tests.e2e.drafts import draft, until_saved
from tests.live import LiveStudio


def test_five_steps_are_copied_in_one_tab_and_pasted_into_another_workflow(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    secret = {"name": "carried-key", "value": "s3cr3t-that-stays-here"}
    make(live_studio, "POST", "/api/v1/secrets", **secret)
    source = count_words("Copied from")
    source["nodes"] |= {
        "ask": {
            "type": "tool",
            "tool": "http.request",
            "inputs": {"url": "'https://example.org'", "secret": "'carried-key'"},
        },
        "last": {"type": "noop"},
    }
    source["edges"] += [
        {"id": "e3", "from": "again", "to": "ask", "max": 3},
        {"id": "e4", "from": "ask", "to": "last", "resets": ["e3"]},
    ]
    source["layout"] |= {"ask": [560, 0], "last": [840, 0]}
    source["meta"] = {"groups": {"g": {"title": "Both", "nodes": ["ask", "last"]}}}
    first = make(live_studio, "POST", "/api/v1/workflows", document=source)["id"]
    second = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Pasted to"))["id"]

    page = visitor.open(f"/workflows/{first}/edit")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-node=count]").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    text = page.evaluate("navigator.clipboard.readText()")
    assert "s3cr3t" not in text
    assert "carried-key" in text
    assert set(json.loads(text)["nodes"]) == set(source["nodes"])

    with watched_page(page.context, live_studio.url) as other:
        tab = other.open(f"/workflows/{second}/edit")
        tab.locator("[data-node=count]").click()
        tab.keyboard.press("Control+v")
        until_saved(live_studio, second, lambda saved: len(saved["nodes"]) == 8)
        expect(tab.locator("[data-node=ask]")).to_be_visible()
    saved = draft(live_studio, second)
    assert set(saved["nodes"]) == {
        *("count", "again", "done"),
        *("count_2", "again_2", "done_2", "ask", "last"),
    }
    pasted = saved["edges"][2:]
    assert [(e["from"], e["to"]) for e in pasted] == [
        ("count_2", "again_2"),
        ("count_2", "done_2"),
        ("again_2", "ask"),
        ("ask", "last"),
    ]
    assert pasted[3]["resets"] == [pasted[2]["id"]]
    assert len({e["id"] for e in saved["edges"]}) == 6
    assert [*saved["meta"]["groups"].values()] == [{"title": "Both", "nodes": ["ask", "last"]}]
    # Nothing of it was joined to what was there, and the source is as it was.
    assert draft(live_studio, first)["nodes"] == source["nodes"]
    # Where there is room, no copy lies on what was there.
    places = saved["layout"]
    for copied in ("count_2", "again_2", "done_2", "ask", "last"):
        for there in ("count", "again", "done"):
            across, down = (abs(a - b) for a, b in zip(places[copied], places[there], strict=True))
            assert across >= 208 or down >= 64, (copied, there, places)
