"""A workflow runs another one: made by keyboard, published, run, and followed up and down."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import Watched, axe_findings, new_context, watched_page
from tests.e2e.conftest import make
from tests.e2e.test_editor_node_kinds import choose, saved
from tests.e2e.typist import Typist
from tests.live import LiveStudio

PICTURES = os.environ.get("TREADLE_TEST_PICTURES")
"""A folder: what is looked at is kept there."""


def counting(key: str) -> dict[str, Any]:
    return {
        "format": "treadle/1",
        "key": key,
        "name": "Count words",
        "entry": ["count"],
        "state": {
            "schema": {
                "type": "object",
                "required": ["text"],
                "properties": {"text": {"type": "string"}},
            }
        },
        "nodes": {
            "count": {
                "type": "tool",
                "tool": "text.count",
                "inputs": {"text": "text"},
                "outputs": {"words": "result.word_count"},
            }
        },
        "edges": [],
    }


@pytest.fixture
def callee(live_studio: LiveStudio) -> str:
    """The key of a published workflow that counts the words of a text."""
    document = counting("count-words-below")
    made = make(live_studio, "POST", "/api/v1/workflows", document=document)
    make(live_studio, "POST", f"/api/v1/workflows/{made['id']}/publish")
    return str(made["key"])


@pytest.fixture
def typist(visitor: Watched, live_studio: LiveStudio) -> Typist:
    page = visitor.page
    typist = Typist(page)
    page.goto(f"{live_studio.url}/workflows/new")
    typist.tab_to("Start blank")
    typist.press("Enter")
    page.wait_for_url("**/edit")
    typist.tab_to("Canvas.")
    return typist


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_a_workflow_is_chosen_and_run(
    typist: Typist, live_studio: LiveStudio, callee: str, axe: str
) -> None:
    page = typist.page
    typist.add_step("Run a workflow")
    typist.press("Enter")
    typist.expect_on("Workflow")
    expect(page.get_by_text("No workflow is chosen.").first).to_be_visible()
    expect(page.locator("option", has_text=f"({callee})")).to_be_attached()
    typist.write("Count words")
    expect(page.get_by_role("link", name="Open Count words")).to_be_visible()
    choose(typist, "Version", "v1")
    typist.tab_to("New key of its state for “What it starts with”")
    typist.write("text")
    typist.press("Enter")
    typist.expect_on("Expression for text")
    typist.write("'one two three'")
    typist.tab_to("New state key for “What it leaves”")
    typist.write("n")
    typist.press("Enter")
    typist.expect_on("Expression for n")
    typist.write("state.words")
    typist.press("Escape")
    typist.expect_on(f"run, run {callee} v1")

    assert saved(page, live_studio)["nodes"]["run"] == {
        "type": "subgraph",
        "workflow": callee,
        "version": 1,
        "in": {"text": "'one two three'"},
        "out": {"n": "state.words"},
    }
    picture(page, "editor-light-1440")
    assert axe_findings(page, axe) == []

    workflow = page.url.split("/workflows/")[1].split("/")[0]
    started = make(
        live_studio, "POST", "/api/v1/runs?wait=30", workflow=workflow, draft=True, state={}
    )
    assert started["status"] == "completed", started["error"]
    page.goto(f"{live_studio.url}/runs/{started['id']}?node=run")
    page.get_by_role("link", name="Open its run").press("Enter")
    page.wait_for_url(lambda url: started["id"] not in url)
    back = page.get_by_role("link", name="started by").last
    expect(back).to_contain_text("run)")
    assert axe_findings(page, axe) == []
    back.press("Enter")
    page.wait_for_url(lambda url: started["id"] in url)


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)]
)
def test_a_map_of_runs_is_looked_at(
    browser: Browser,
    storage: Any,
    live_studio: LiveStudio,
    callee: str,
    axe: str,
    scheme: Any,
    width: int,
) -> None:
    each = {
        "type": "map",
        "over": "['a', 'b b', 'c c c']",
        "body": {"workflow": callee, "inputs": {"text": "item"}},
    }
    below = {"type": "subgraph", "workflow": callee, "in": {"text": "'x y'"}, "out": {"n": "1"}}
    document = {
        "format": "treadle/1",
        "key": "many",
        "name": "Many texts",
        "entry": ["each"],
        "nodes": {"each": each, "once": below},
        "edges": [{"id": "e", "from": "each", "to": "once"}],
        "layout": {"each": [0, 0], "once": [280, 0]},
    }
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    run = make(live_studio, "POST", "/api/v1/runs?wait=30", workflow=workflow, draft=True, state={})
    assert run["status"] == "completed", run["error"]
    below_id = make(live_studio, "GET", f"/api/v1/runs?parent={run['id']}")["items"][0]["id"]
    context = new_context(
        browser, storage_state=storage, color_scheme=scheme,
        viewport={"width": width, "height": 900},
    )  # fmt: skip
    with watched_page(context, live_studio.url) as visitor:
        page = visitor.page
        for name, path in {
            "run": f"/runs/{run['id']}?node=each",
            "child": f"/runs/{below_id}",
            "list": f"/runs/?parent={run['id']}",
            "edit": f"/workflows/{workflow}/edit#node=each",
        }.items():
            page.goto(f"{live_studio.url}{path}")
            page.wait_for_timeout(600)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (name, wide)
            picture(page, f"{name}-{scheme}-{width}")
            assert axe_findings(page, axe) == []
    context.close()


def test_the_run_page_reads_without_javascript(
    browser: Browser, storage: Any, live_studio: LiveStudio, callee: str
) -> None:
    below = {"type": "subgraph", "workflow": callee, "in": {"text": "'x y'"}}
    document = {**counting("reads"), "nodes": {"count": below}, "name": "Reads"}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    run = make(
        live_studio, "POST", "/api/v1/runs?wait=30", workflow=workflow, draft=True,
        state={"text": ""},
    )  # fmt: skip
    context = new_context(browser, storage_state=storage, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_studio.url}/runs/{run['id']}")
    panel = page.locator("section", has=page.get_by_role("heading", name="Runs it started"))
    expect(panel).to_contain_text("count")
    panel.get_by_role("link", name="Count words").click()
    expect(page.locator(".crumbs")).to_contain_text("started by Reads")
    context.close()
