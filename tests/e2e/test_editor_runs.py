"""Test runs from the editor: parts of the draft, pins, live states, the log, and stopping."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import make
from tests.live import LiveStudio

NAP = {"type": "tool", "tool": "time.sleep", "inputs": {"duration": "nap"}}
DOCUMENT: dict[str, Any] = {
    "format": "treadle/1",
    "key": "watched",
    "name": "Watched",
    "entry": ["words"],
    "state": {
        "schema": {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string"}, "nap": {"type": "string"}},
        },
        "defaults": {"n": 0, "nap": "200ms"},
    },
    "nodes": {
        "words": {"type": "tool", "tool": "text.split_words", "inputs": {"text": "text"}},
        "nap": NAP,
        "again": {"type": "set", "set": {"n": "n + 1"}},
        "rank": {"type": "tool", "tool": "text.top_words", "inputs": {"words": "words"}},
        "rare": {"type": "end"},
        "done": {"type": "end"},
    },
    "edges": [
        {"id": "e1", "from": "words", "to": "nap"},
        {"id": "e2", "from": "nap", "to": "again"},
        {"id": "back", "from": "again", "to": "nap", "when": "n < 5", "max": 4},
        {"id": "out", "from": "again", "to": "rank", "else": True},
        {"id": "few", "from": "rank", "to": "rare", "when": "size(words) > 99"},
        {"id": "end", "from": "rank", "to": "done", "else": True},
    ],
    "layout": {
        "words": [0, 0],
        "nap": [240, 0],
        "again": [480, 0],
        "rank": [720, 0],
        "rare": [960, -60],
        "done": [960, 60],
    },
}


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    return str(make(live_studio, "POST", "/api/v1/workflows", document=DOCUMENT)["id"])


def open_editor(visitor: Watched, workflow: str) -> Page:
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=words]")).to_be_visible()
    return page


def drawer(page: Page) -> Any:
    return page.get_by_role("region", name="Run", exact=True)


def run_all(page: Page, **state: str) -> None:
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="Run the draft")
    for name, value in state.items():
        unset = dialog.get_by_role("button", name=name, exact=True)
        if unset.count():
            unset.click()
        dialog.get_by_role("textbox", name=name).fill(value)
    dialog.get_by_role("button", name="Run", exact=True).click()


def newest_run(studio: LiveStudio, workflow: str) -> Any:
    run = make(studio, "GET", f"/api/v1/runs?workflow={workflow}&limit=1")["items"][0]
    return make(studio, "GET", f"/api/v1/runs/{run['id']}")


def events(studio: LiveStudio, run: str, node: str) -> list[Any]:
    return list(make(studio, "GET", f"/api/v1/runs/{run}/events?node={node}")["items"])


# Every text the badge of a step ever showed.
_NOTE_BADGES = """() => {
  window.badges = [];
  const note = () => {
    const badge = document.querySelector('.react-flow__node[data-id=nap] .step__rounds');
    const text = badge?.textContent;
    if (text && window.badges.at(-1) !== text) window.badges.push(text);
  };
  new MutationObserver(note).observe(document.body, {subtree: true, childList: true,
    characterData: true});
}"""


def test_a_loop_is_watched_round_by_round_without_sockets(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = visitor.page
    page.route_web_socket(re.compile(r"/ws/run/"), lambda socket: socket.close(code=1011))
    open_editor(visitor, workflow)
    page.evaluate(_NOTE_BADGES)
    rev = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["rev"]

    run_all(page, text="some longer words some", nap="700ms")

    nap = page.locator("[data-node=nap]")
    expect(nap).to_have_class(re.compile("step--running"))
    back = page.locator(".react-flow__edge[data-id=back] .wire")
    expect(back).not_to_have_class(re.compile("wire--untaken"))
    expect(drawer(page)).to_contain_text("Live connection blocked")
    expect(drawer(page).locator(".run-status")).to_have_text("completed", timeout=20_000)
    expect(nap).to_have_class(re.compile("step--ok"))
    run = newest_run(live_studio, workflow)
    badge = page.locator(".react-flow__node[data-id=nap] .step__rounds")
    expect(badge).to_have_text(f"⟲{run['nodes']['nap']['count']}/5")
    badges = page.evaluate("window.badges")
    assert badges == sorted(badges)
    assert badges[-1] == "⟲5/5"
    expect(page.locator("[data-edge=back]")).to_contain_text("×4")
    expect(back).to_have_class(re.compile("wire--taken"))
    few = page.locator(".react-flow__edge[data-id=few] .wire")
    expect(few).to_have_class(re.compile("wire--untaken"))
    expect(few.locator("title")).to_contain_text("size(words) > 99 is false")
    expect(page.locator("[data-node=rare]")).to_have_class(re.compile("step--skipped"))

    badge.click()
    rounds = page.get_by_role("group", name="Rounds of nap")
    expect(rounds.get_by_label("Round", exact=True)).to_have_value("5")
    rounds.get_by_role("button", name="The round before").click()
    expect(rounds).to_contain_text("done in")
    expect(drawer(page)).to_contain_text(re.compile(r"\d+ of \d+ lines"))
    page.get_by_label("Only of this step").select_option("")
    page.get_by_label("Search the log").fill("TOP_WORDS")
    expect(page.locator(".run-log__row")).to_have_count(1)
    page.get_by_label("Least level").select_option("error")
    expect(page.get_by_text("No line passes the filter.")).to_be_visible()
    # Nothing of this touched the draft.
    assert make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["rev"] == rev


def test_a_part_is_run_with_pins_and_on_what_the_last_run_left(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)
    run_all(page, text="alpha beta alpha", nap="1ms")
    status = drawer(page).locator(".run-status")
    expect(status).to_have_text("completed")
    whole = newest_run(live_studio, workflow)

    page.locator("[data-node=words]").click()
    page.keyboard.press("p")
    expect(page.locator("[data-node=words] .step__pin")).to_be_visible()
    page.locator("[data-node=again]").click()
    page.keyboard.press("Shift+Enter")
    dialog = page.get_by_role("dialog", name="Run to “again”")
    expect(dialog).to_contain_text("“words”: not called")
    dialog.get_by_role("textbox", name="text").fill("other words")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(drawer(page)).to_contain_text("Run to “again”")
    expect(status).to_have_text("completed")
    part = newest_run(live_studio, workflow)
    assert part["part"] == {"from": None, "to": "again"}
    [said] = [e for e in events(live_studio, part["id"], "words") if e["k"].endswith("succeeded")]
    assert said["data"]["pinned"] is True
    assert said["data"]["ops"] == [["set", "words", ["alpha", "beta", "alpha"]]]

    page.locator("[data-node=rank]").click(button="right")
    page.get_by_role("menuitem", name="Run this step").click()
    dialog = page.get_by_role("dialog", name="Run only “rank”")
    expect(dialog.get_by_label("what the last run came here with")).to_be_checked()
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(drawer(page)).to_contain_text("Run only “rank”")
    expect(status).to_have_text("completed")
    alone = newest_run(live_studio, workflow)
    assert alone["part"] == {"from": "rank", "to": "rank"}
    assert alone["id"] not in (whole["id"], part["id"])
    assert alone["nodes"]["rank"]["count"] == 1
    [ranked] = [e for e in events(live_studio, alone["id"], "rank") if "ops" in e["data"]]
    assert ranked["data"]["ops"][0][2][0] == {"word": "alpha", "count": 2}

    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Publish version 1")
    expect(dialog).to_contain_text("1 step is pinned: the version has no pins and calls it.")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published as version 1").first).to_be_visible()
    full = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")
    assert full["draft"]["meta"]["pins"]["words"]["words"] == ["alpha", "beta", "alpha"]
    version = make(live_studio, "GET", f"/api/v1/versions/{full['published']['id']}")
    assert "meta" not in version["document"]

    page.locator("[data-node=words]").click()
    value = page.get_by_label("Pinned output as JSON")
    value.fill('"' + "x" * 70_000 + '"')
    expect(page.get_by_text("at most 64 KiB are pinned")).to_be_visible()
    page.get_by_role("button", name="Unpin").click()
    expect(page.locator(".step__pin")).to_have_count(0)


def test_a_run_is_stopped_at_once_and_a_failure_leads_to_its_step(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    page = open_editor(visitor, workflow)
    run_all(page, text="a", nap="30s")
    expect(page.locator("[data-node=nap]")).to_have_class(re.compile("step--running"))
    page.keyboard.press("Control+Alt+Enter")
    status = drawer(page).locator(".run-status")
    expect(status).to_have_text(re.compile("stopping|cancelled"))
    expect(status).to_have_text("cancelled")
    assert newest_run(live_studio, workflow)["status"] == "cancelled"

    run_all(page, text="a", nap="soon")
    expect(status).to_have_text("failed")
    expect(page.locator("[data-node=nap]")).to_have_class(re.compile("step--error"))
    drawer(page).get_by_role("button", name="Open nap").click()
    expect(page.locator("[data-node=nap]")).to_have_attribute("aria-pressed", "true")

    page.locator("[data-node=nap]").focus()
    page.keyboard.press("l")
    expect(page.get_by_role("log")).to_be_focused()
    page.keyboard.press("l")
    expect(page.locator("[data-node=nap]")).to_be_focused()


def test_a_message_that_goes_by_itself_moves_nothing_from_under_the_pointer(
    visitor: Watched, live_studio: LiveStudio, workflow: str
) -> None:
    document = {**DOCUMENT, "meta": {"pins": {"words": {"words": ["a"]}}}}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = open_editor(visitor, workflow)
    page.locator("[data-node=words]").click()
    unpin = page.get_by_role("button", name="Unpin")
    unpin.scroll_into_view_if_needed()
    page.locator("[data-node=words]").focus()
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Publish version 1")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    message = page.locator(".banner").get_by_text("Published as version 1")
    expect(message).to_be_visible()

    unpin.hover()
    page.mouse.down()
    expect(message).to_have_count(0)
    page.mouse.up()

    expect(page.locator(".step__pin")).to_have_count(0)


def test_what_one_looks_at_stays_in_the_middle_when_a_panel_opens_below(
    visitor: Watched, workflow: str
) -> None:
    page = open_editor(visitor, workflow)
    canvas = page.locator(".canvas__host")

    def from_the_middle() -> float:
        step, all_of_it = page.locator("[data-node=nap]").bounding_box(), canvas.bounding_box()
        assert step is not None
        assert all_of_it is not None
        return round(step["y"] - all_of_it["y"] - all_of_it["height"] / 2)

    tall, before = canvas.bounding_box(), from_the_middle()
    problems = page.get_by_role("region", name="Problems")
    page.locator(".problems-button").click()
    expect(problems).to_be_visible()
    low = canvas.bounding_box()
    assert tall is not None
    assert low is not None
    assert low["height"] < tall["height"] - 40
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert from_the_middle() == before
    page.locator(".problems-button").click()
    expect(problems).to_be_hidden()
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert from_the_middle() == before


def test_the_run_dialog_calls_the_keys_of_the_state_by_their_titles(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    words = {"type": "string", "title": "What to read", "description": "Any text will do."}
    titled = {"properties": {"paper": words, "tries": {"type": "integer", "title": "Tries"}}}
    node = {"type": "tool", "tool": "text.count", "inputs": {"text": "paper"}}
    document = {
        "format": "treadle/1", "key": "titled", "name": "Titled", "entry": ["count"],
        "nodes": {"count": node}, "edges": [],
        "state": {"schema": {**titled, "required": ["paper"]}},
    }  # fmt: skip
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=count]")).to_be_visible()

    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="Run the draft")
    expect(dialog.locator(".field")).to_have_count(2)
    first, second = dialog.locator(".field").all()

    expect(first.locator("label")).to_have_text("What to read*")
    expect(first.locator("code")).to_have_text("paper")
    expect(first.locator(".field__help")).to_have_text("Any text will do.")
    # A title that only repeats the key says nothing.
    expect(second.locator("label")).to_have_text("tries")
    expect(second.locator("code")).to_have_count(0)
    dialog.get_by_role("textbox", name="What to read").fill("one two")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(drawer(page).get_by_text("Run completed")).to_be_visible()
    assert newest_run(live_studio, workflow)["status"] == "completed"

    page = visitor.open(f"/workflows/{workflow}/run")
    row = page.get_by_role("row").filter(has_text="What to read")
    expect(row.locator("code").first).to_have_text("paper")
