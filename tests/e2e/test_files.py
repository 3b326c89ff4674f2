"""Workflows as files: export, import by dropping and pasting, and pictures that stand alone."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import OpenContext, count_words, make
from tests.e2e.drafts import until_saved
from tests.live import LiveStudio

_DROP = """([text, name, target]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const at = document.querySelector(target);
  for (const kind of ['dragover', 'drop'])
    at.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data}));
}"""

_PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  document.activeElement.dispatchEvent(
    new ClipboardEvent('paste', {bubbles: true, cancelable: true, clipboardData: data}));
}"""

PINNED = {"card": "4111 1111"}


def travelling(name: str) -> dict[str, Any]:
    document = count_words(name)
    document["meta"] = {"pins": {"count": PINNED}, "notes": {"n1": {"at": [0, 200], "text": "Hi"}}}
    document["nodes"]["again"] = {
        "type": "tool",
        "tool": "http.request",
        "inputs": {"url": "'https://example.org'", "secret": "'canary'"},
    }
    return document


def exported(page: Page, name: str, form: str) -> str:
    """The file that the menu of the list gives."""
    page.get_by_label(f"More for {name}", exact=True).first.click()
    with page.expect_download() as saved:
        page.get_by_role("link", name=f"Export as {form}").click()
    page.keyboard.press("Escape")
    return Path(saved.value.path()).read_text(encoding="utf-8")


def test_a_file_comes_back_the_same_and_without_anything_secret(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    make(live_studio, "POST", "/api/v1/secrets", name="canary", value="sk-never-to-be-seen")
    make(live_studio, "POST", "/api/v1/workflows", document=travelling("Traveller"))
    page = visitor.open("/workflows/?search=traveller")
    first = {form: exported(page, "Traveller", form) for form in ("JSON", "YAML")}
    for text in first.values():
        assert "canary" in text
        assert "sk-never-to-be-seen" not in text
        assert "4111" not in text
    assert '    "done": {"type": "end"}' in first["JSON"].splitlines()

    for name, form in (("flow.json", "JSON"), ("flow.yml", "YAML")):
        page = visitor.open("/workflows/?search=traveller")
        page.evaluate(_DROP, [first[form], name, "main"])
        page.wait_for_url(re.compile(r"/workflows/[0-9a-f-]+/edit"))
        expect(page.get_by_text("Draft", exact=True).first).to_be_visible()
        workflow = page.url.split("/")[-2]
        for kind in ("json", "yaml"):
            path = f"/workflows/{workflow}/export?format={kind}"
            again = page.request.get(live_studio.url + path).text()
            assert again == first[kind.upper()], (form, kind)

    page = visitor.open("/workflows/")
    page.locator("h1").click()
    page.evaluate(_PASTE, "format: treadle/1\nnodes: {a: [}\n")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("cannot be imported")
    expect(alert).to_contain_text("Line 2")
    expect(page.get_by_label("Document")).to_have_value(re.compile("treadle/1"))
    # A browser calls an answer of 400 an error; here it is the one that was asked for.
    [refused] = visitor.noticed
    assert "400" in refused
    visitor.noticed.clear()


def test_a_document_is_pasted_into_the_editor(
    visitor: Watched, live_studio: LiveStudio, browser: Browser, tmp_path: Path
) -> None:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Receiver"))
    page = visitor.open(f"/workflows/{made['id']}/edit")
    page.locator("[data-node=again]").click()

    demo = {"nodes": [{"name": "old", "tool": "text.count"}], "edges": [], "start_node": "old"}
    page.evaluate(_PASTE, json.dumps(demo))
    dialog = page.get_by_role("dialog", name="Import a workflow")
    expect(dialog).to_contain_text("1 step and 0 connections")
    text = dialog.get_by_label("Text of the document")
    text.fill('{"format": "treadle/1",, }')
    expect(dialog).to_contain_text("Line 1, column 24")
    expect(dialog.get_by_role("button", name="Replace this draft")).to_be_disabled()
    text.fill("format: treadle/1\nentry: [new]\nedges: []\nnodes: {new: {type: tool, tool: no}}\n")
    expect(dialog).to_contain_text("/nodes/new/tool")
    dialog.get_by_role("button", name="Replace this draft").click()
    expect(page.locator("[data-node=new]")).to_be_visible()
    expect(page.locator("[data-node=again]")).to_have_count(0)
    expect(page.get_by_role("heading", name="Receiver", level=1)).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-node=again]")).to_be_visible()

    page.evaluate(_DROP, [json.dumps(travelling("Dropped")), "x.json", ".canvas__host"])
    expect(dialog).to_contain_text("“Dropped”, 3 steps and 2 connections")
    dialog.get_by_role("button", name="Make a new workflow of it").click()
    page.wait_for_url(lambda url: str(made["id"]) not in url)
    expect(page.get_by_role("heading", name="Dropped", level=1)).to_be_visible()

    page.keyboard.press("Control+k")
    page.keyboard.type("picture")
    with page.expect_download() as drawn:
        page.keyboard.press("Enter")
    picture = tmp_path / "picture.svg"
    drawn.value.save_as(picture)
    assert "<script" not in picture.read_text(encoding="utf-8")
    alone = browser.new_page()
    said: list[str] = []
    alone.on("console", lambda message: said.append(message.text))
    alone.on("request", lambda request: said.append(request.url))
    alone.goto(picture.as_uri())
    assert alone.locator("svg").get_attribute("role") == "img"
    for words in ("again", "http.request", "else", "Hi"):
        expect(alone.get_by_text(words, exact=True)).to_be_visible()
    assert said == [picture.as_uri()]
    alone.close()


_FAR = {"first": [30_000, 20_000], "last": [30_280, 20_240]}
_WAYS = """
() => {
  window.ways = new Set();
  const view = document.querySelector(".react-flow__viewport");
  const look = () => {
    window.ways.add(view.style.transform);
    requestAnimationFrame(look);
  };
  look();
}
"""


def test_what_was_imported_is_in_sight(signed_in: OpenContext, live_studio: LiveStudio) -> None:
    """However far from the draft it lies; who wants no motion is there at once."""
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Faraway"))
    step = {"type": "tool", "tool": "text.count"}
    text = {
        "format": "treadle/1",
        "entry": ["first"],
        "nodes": {"first": step, "last": step},
        "edges": [{"id": "e", "from": "first", "to": "last"}],
        "layout": _FAR,
    }
    with watched_page(signed_in(reduced_motion="reduce"), live_studio.url) as watched:
        page = watched.open(f"/workflows/{made['id']}/edit")
        page.locator("[data-node=again]").click()
        page.evaluate(_PASTE, json.dumps(text))
        dialog = page.get_by_role("dialog", name="Import a workflow")
        page.evaluate(_WAYS)
        dialog.get_by_role("button", name="Replace this draft").click()
        for node in _FAR:
            expect(page.locator(f"[data-node={node}]")).to_be_in_viewport(ratio=1)
        # The view of the draft, and that of the graph in its place.
        assert page.evaluate("window.ways.size") == 2

        # Who replaces a draft means it: nobody asks whether its steps may go.
        until_saved(live_studio, made["id"], lambda saved: set(saved["nodes"]) == set(_FAR))
        expect(page.locator(".banner--warning")).to_have_count(0)

        # The keyboard goes on from there.
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-node=first]")).to_be_focused()
