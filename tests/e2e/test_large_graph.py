"""Graphs of 1,000 and 5,000 steps open, pan, zoom and show a run. How fast is for the benches."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.browsing import Watched
from tests.e2e.conftest import make
from tests.e2e.drafts import draft, until_saved
from tests.large_graph import large_document
from tests.live import LiveStudio

MOVED_ON = """before => {
  const nodes = [...document.querySelectorAll('[data-node]')];
  return nodes.length > 0 && !nodes.some(node => before.includes(node.dataset.node));
}"""


@pytest.mark.parametrize("count", [1_000, 5_000])
def test_a_large_graph_opens_pans_zooms_and_runs(
    count: int, visitor: Watched, live_studio: LiveStudio
) -> None:
    document = large_document(count)
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.set_default_timeout(30_000)
    canvas = page.get_by_role("group", name="Canvas.")
    expect(canvas).to_be_visible()
    page.get_by_role("button", name="Zoom is").click()
    expect(page.locator("[data-node]").first).to_be_visible()
    before = in_sight(page)
    assert 0 < len(before) < 200, "only what is in sight is drawn as elements"

    page.mouse.move(700, 500)
    for _ in range(8):
        page.mouse.wheel(250, 0)
    page.wait_for_function(MOVED_ON, arg=sorted(before))
    assert in_sight(page)

    canvas.focus()
    page.keyboard.press("1")
    expect(page.locator("[data-node]")).to_have_count(0)
    expect(page.locator("canvas.far-view")).to_be_visible()
    expect(page.locator(".react-flow__edge")).to_have_count(0)

    # Painted or not, a step is chosen by a click, found by its name and shown on the map.
    corner = canvas.bounding_box()
    assert corner is not None
    middle = (corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    settings = page.get_by_role("complementary", name="Settings")
    chosen = settings.get_by_label("Id", exact=True)
    for aside in range(0, 24, 2):
        page.mouse.click(middle[0] + aside, middle[1] + aside)
        if comes(chosen):
            break
    expect(chosen).to_have_value(re.compile(r"^n\d+$"))
    page.keyboard.press("/")
    page.keyboard.type(f"n{count - 1}")
    page.keyboard.press("Enter")
    expect(chosen).to_have_value(f"n{count - 1}")

    page.get_by_role("button", name="Zoom is").click()
    expect(page.locator("[data-node]").first).to_be_visible()
    before = in_sight(page)
    minimap = page.get_by_role("img", name=f"Map of the graph, {count:,} steps")
    box = minimap.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 30, box["y"] + 40)
    page.wait_for_function(MOVED_ON, arg=sorted(before))
    page.keyboard.press("Alt+m")
    expect(minimap).to_be_hidden()

    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="")
    run = make(live_studio, "POST", "/api/v1/runs?wait=5", workflow=workflow, state={})["id"]
    page = visitor.open(f"/runs/{run}")
    waiting = page.get_by_role("button", name="n0 waiting", exact=True)
    expect(waiting).to_have_count(1)
    make(live_studio, "POST", f"/api/v1/runs/{run}/signals", name="go")
    expect(waiting).to_have_count(0)
    make(live_studio, "POST", f"/api/v1/runs/{run}/cancel")


def comes(found: Locator) -> bool:
    """Whether it is there in a moment: the form of a step follows its choice when there is time."""
    try:
        found.wait_for(timeout=1_000)
    except PlaywrightTimeout:
        return False
    return True


CHANGED = """() => {
  window.changed = new Set();
  const parts = document.querySelector(".rp-body");
  const name = (node) => node.parentElement?.closest("[data-node]")?.dataset.node
    ?? node.parentElement?.closest("[data-step]")?.dataset.step
    ?? node.parentElement?.closest(".react-flow__edge")?.outerHTML;
  const note = (mutations) => {
    for (const { target } of mutations) {
      const found = target.dataset?.node ?? target.dataset?.step ?? name(target);
      if (found !== undefined) window.changed.add(found);
    }
  };
  const watched = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(note).observe(parts, watched);
}"""


def test_an_event_of_a_run_draws_only_the_step_that_it_is_about(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = large_document(200)
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    make(live_studio, "POST", f"/api/v1/workflows/{workflow}/publish", note="")
    run = make(live_studio, "POST", "/api/v1/runs?wait=5", workflow=workflow, state={})
    page = visitor.page
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile(r"/ws/run/"), connect)
    visitor.open(f"/runs/{run['id']}")
    page.get_by_role("button", name="Zoom is").click()
    expect(page.locator("[data-node]").first).to_be_visible()
    name = min(in_sight(page) - set(document["entry"]))
    page.wait_for_function("() => document.querySelectorAll('[data-step]').length > 10")
    seq = json.loads(page.locator("#boot").text_content() or "")["run"]["head"]

    def tell(kind: str, act: int = 9_000) -> None:
        nonlocal seq
        seq += 1
        event = {"seq": seq, "ts": "2026-01-01T00:00:00.000Z", "k": kind, "data": {}}
        row = {**event, "node": name, "act": act, "att": 1}
        sockets[-1].send(json.dumps({"t": "ev", "from": seq, "to": seq, "ev": [row]}))

    step = page.locator(f"[data-node='{name}']")
    tell("attempt.started")
    expect(step).to_have_class(re.compile("step--running"))
    page.evaluate(CHANGED)
    tell("attempt.succeeded")
    expect(step).to_have_class(re.compile("step--ok"))
    expect(page.locator(f"[data-step='{name}#1']")).to_contain_text(name)

    changed = page.evaluate("() => [...window.changed]")
    wires = [one for one in changed if one.startswith("<")]
    assert sorted(set(changed) - set(wires)) == [name, f"{name}#1"]
    assert len(wires) <= 1
    assert all(name in wire for wire in wires)

    # The step that is looked at is another one with each visit that begins; the list is the same.
    page.evaluate("window.row = document.querySelector('[data-step]')")
    tell("attempt.started", act=9_001)
    expect(page.locator(f"[data-step='{name}#2'] [aria-current=step]")).to_be_in_viewport()
    assert page.evaluate("window.row.isConnected")
    make(live_studio, "POST", f"/api/v1/runs/{run['id']}/cancel")


def in_sight(page: Page) -> set[str]:
    found = page.locator("[data-node]").evaluate_all("all => all.map((one) => one.dataset.node)")
    return set(found)


def knotted(count: int) -> dict[str, Any]:
    """A chain with a wire over many steps at every fourth: what takes longest to lay out."""
    nodes = {f"n{at}": {"type": "noop"} for at in range(count)}
    chain = [{"id": f"e{at}", "from": f"n{at - 1}", "to": f"n{at}"} for at in range(1, count)]
    wires = [
        {"id": f"w{at}", "from": f"n{at - 370}", "to": f"n{at}"} for at in range(400, count, 4)
    ]
    return {
        "format": "treadle/1",
        "key": "knotted",
        "name": "Knotted",
        "entry": ["n0"],
        "nodes": nodes,
        "edges": chain + wires,
        "layout": {f"n{at}": [(at % 50) * 240, (at // 50) * 96] for at in range(count)},
    }


def test_a_large_graph_is_tidied_up_beside_the_page(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = knotted(5_000)
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.set_default_timeout(60_000)
    canvas = page.get_by_role("group", name="Canvas.")
    expect(page.get_by_role("img", name="Map of the graph, 5,000 steps")).to_be_visible()
    workers: list[str] = []
    page.on("worker", lambda worker: workers.append(worker.url))

    # Meanwhile the page is at hand: a dialog opens and closes before there is anything to undo.
    canvas.focus()
    page.keyboard.press("Shift+Alt+t")
    expect(page.locator(".banner", has_text="Tidying up 5,000 steps")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Nothing to undo")).to_be_visible()

    # Then each step is on the grid, in an order from left to right; one undo takes all of it back.
    undo = page.get_by_role("button", name="Undo: tidy up")
    expect(undo).to_be_visible(timeout=120_000)
    assert [url.split("?")[0].rsplit("/", 1)[-1].split(".")[0] for url in workers] == ["layout"]
    until_saved(live_studio, workflow, lambda saved: saved["layout"] != document["layout"])
    laid = draft(live_studio, workflow)["layout"]
    assert all(x % 8 == 0 and y % 8 == 0 for x, y in laid.values())
    assert all(laid[f"n{at - 1}"][0] < laid[f"n{at}"][0] for at in range(1, 5_000))
    undo.click()
    until_saved(live_studio, workflow, lambda saved: saved["layout"] == document["layout"])


def test_the_outline_of_a_large_graph_draws_what_is_in_sight(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = large_document(5_000)
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit#view=outline")
    page.set_default_timeout(30_000)
    rows = page.get_by_role("treeitem")
    expect(rows.first).to_be_visible()
    assert rows.count() < 200, "only what is in sight is drawn"
    expect(rows.first).to_have_attribute("aria-setsize", "5000")

    # The keyboard goes to the last one and back, and each is spoken with its place.
    rows.first.click()
    page.keyboard.press("End")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-posinset", "5000")
    expect(focused).to_be_in_viewport()
    page.keyboard.press("ArrowUp")
    expect(focused).to_have_attribute("aria-posinset", "4999")

    # A wheel shows others; the row with the keyboard stays, and the next key leads on from it.
    tree = page.get_by_role("tree")
    tree.hover()
    page.mouse.wheel(0, -60_000)
    expect(page.locator("[aria-posinset='4999']")).not_to_be_in_viewport()
    seen = "() => document.querySelectorAll('[role=treeitem]').length"
    assert page.evaluate(seen) < 200
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-posinset", "5000")
    expect(focused).to_be_in_viewport()

    # A step is unfolded and its way chosen, as in any outline.
    page.keyboard.press("Home")
    expect(focused).to_have_attribute("aria-posinset", "1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("aria-level", "2")
