"""The small behaviour of the pages: colours, menus, dialogs, copying, lists that stay true."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched, watched_page
from tests.e2e.conftest import Filled, OpenContext, count_words, make
from tests.live import LiveStudio


def test_the_chosen_colours_stay(visitor: Watched) -> None:
    page = visitor.open("/workflows/")
    light = background(page)
    page.get_by_label("Account and settings").click()

    page.get_by_role("button", name="Dark").click()

    assert background(page) != light
    page = visitor.open("/runs/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("Account and settings").click()
    page.get_by_role("button", name="Auto").click()
    assert background(page) == light
    page = visitor.open("/runs/")
    assert page.locator("html").get_attribute("data-theme") is None


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_a_menu_closes_by_escape_and_by_a_press_elsewhere(visitor: Watched, filled: Filled) -> None:
    page = visitor.open("/workflows/")
    opener = page.get_by_label("Account and settings")
    entry = page.get_by_role("link", name="API tokens")

    opener.click()
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()

    opener.click()
    page.get_by_role("heading", level=1).click()
    expect(entry).to_be_hidden()


@pytest.mark.parametrize("width", [390, 720, 1440])
def test_menus_open_inside_the_window(
    width: int, signed_in: OpenContext, live_studio: LiveStudio, filled: Filled
) -> None:
    context = signed_in(viewport={"width": width, "height": 900})
    with watched_page(context, live_studio.url) as watched:
        page = watched.open("/workflows/")
        for opener in (page.get_by_label("Account and settings"), page.get_by_label("More for")):
            opener.first.click()
            box = page.locator("details[open] .menu__list").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            page.keyboard.press("Escape")


def test_deleting_asks_in_a_dialog(visitor: Watched, live_studio: LiveStudio) -> None:
    document = count_words("Soon gone")
    make(live_studio, "POST", "/api/v1/workflows", document=document)
    page = visitor.open("/workflows/")
    row = page.get_by_role("row", name=re.compile("Soon gone"))
    row.get_by_label("More for Soon gone").click()
    row.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete “Soon gone”?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()

    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(row).to_have_count(1)

    row.get_by_label("More for Soon gone").click()
    row.get_by_role("link", name="Delete").click()
    dialog.get_by_role("button", name="Delete workflow").click()
    expect(page.get_by_role("status")).to_contain_text("“Soon gone” was deleted.")
    expect(row).to_have_count(0)


def test_a_choice_filters_at_once_and_keeps_the_address_short(
    visitor: Watched, filled: Filled
) -> None:
    page = visitor.open("/runs/")

    page.get_by_label("Status", exact=True).select_option("failed")

    page.wait_for_url("**/runs/?status=failed")
    expect(page.locator("tbody [data-status]").first).to_have_attribute("data-status", "failed")


def test_a_token_is_made_copied_and_revoked(
    signed_in: OpenContext, live_studio: LiveStudio
) -> None:
    context = signed_in(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(live_studio.url + "/settings/tokens")
    page.get_by_label("Name").fill("from the browser")
    page.get_by_role("button", name="Create token").click()
    shown = page.locator("#new-token").inner_text()

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert shown.startswith("trd_")

    page.get_by_role("button", name="Revoke from the browser").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke token").click()
    expect(page.get_by_role("status")).to_contain_text("was revoked")


def test_a_row_that_fails_meanwhile_names_the_step_by_its_title(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    count = {"type": "tool", "tool": "text.count", "inputs": {"text": "text"}, "title": "Count it"}
    document = {
        "format": "treadle/1",
        "key": "fails-later",
        "name": "Fails later",
        "entry": ["word"],
        "nodes": {"word": {"type": "wait", "signal": "count now"}, "count": count},
        "edges": [{"id": "on", "from": "word", "to": "count"}],
    }
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    state = {"workflow": workflow, "draft": True, "state": {"text": 3}}
    run = make(live_studio, "POST", "/api/v1/runs", **state)["id"]
    row = visitor.open("/runs/").locator(f"[data-run='{run}']")
    expect(row.locator("[data-status=waiting]")).to_be_visible()

    make(live_studio, "POST", "/api/v1/signals", name="count now")

    expect(row.locator("[data-error] b")).to_have_text("Count it")
    expect(row.locator("[data-error] b")).to_have_attribute("title", "count")


def test_the_list_of_runs_announces_new_ones(
    visitor: Watched, live_studio: LiveStudio, filled: Filled
) -> None:
    page = visitor.open("/runs/")

    make(live_studio, "POST", "/api/v1/runs", workflow=filled.workflow, state={"text": "x"})

    fresh = page.get_by_role("link", name="1 new run")
    expect(fresh).to_be_visible()
    before = rows(page)
    fresh.click()
    expect(page.locator("tbody tr").first).to_be_visible()
    assert rows(page)[0] not in before


def rows(page: Page) -> list[Any]:
    found: list[Any] = page.locator("tr[data-run]").evaluate_all(
        "rows => rows.map((row) => row.dataset.run)"
    )
    return found
