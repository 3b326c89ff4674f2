"""What a step is called is said wherever the editor speaks of it; its id is for expressions."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Watched, new_context, watched_page
from tests.e2e.conftest import count_words, make
from tests.live import LiveStudio


def test_steps_are_named_by_their_titles(visitor: Watched, live_studio: LiveStudio) -> None:
    document = count_words("Names of steps")
    count = document["nodes"]["count"]
    document["nodes"]["count"] = {**count, "title": "Count the words"}
    document["nodes"]["again"] = {**count, "title": "Once more", "tool": "text.nowhere"}
    document["edges"][0]["when"] = "size(text) >"
    again = {"id": "e3", "from": "count", "to": "count", "when": "size(text) > 9 && text != 'a'"}
    again["max"] = 3
    document["edges"].append(again)
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    settings = page.get_by_role("complementary", name="Settings")

    page.locator("[data-node=count]").click()
    expect(settings.locator(".node-kind")).to_have_text("Tool")
    expect(settings.locator(".ways__to")).to_have_text(["Once more", "done", "Count the words"])
    expect(settings.get_by_role("button", name="Move the way to Once more down")).to_be_visible()
    expect(settings.locator(".ways__rounds")).to_have_text(["⟲ max 3"])
    assert settings.locator(".inspector__body").evaluate("it => it.scrollWidth <= it.clientWidth")

    page.locator("[data-node=count]").press("c")
    expect(page.locator(".connect-bar")).to_contain_text("Connect Count the words to Once more")
    page.keyboard.press("Escape")

    page.get_by_role("button", name=re.compile("error")).first.click()
    problems = page.get_by_role("region", name="Problems")
    expect(problems.locator(".problem__about", has_text="→")).to_have_text(
        "Count the words → Once more"
    )
    expect(problems.locator(".problem__about", has_not_text="→").first).to_have_text("Once more")
    problems.get_by_role("button", name="Count the words → Once more").click()
    expect(settings.locator(".edge-ends")).to_have_text("Count the words Once more")
    expect(settings.get_by_text("Leaves when “Count the words” has")).to_be_visible()

    label = page.get_by_role("button", name="Connection from Count the words to Once more")
    label.click()
    editor = page.get_by_role("dialog", name="Connection from Count the words to Once more")
    expect(editor.locator(".edge-editor__ends")).to_have_text("Count the words Once more")


@pytest.mark.parametrize(
    ("language", "racing"),
    [
        ("en", "“Count the words” and “Once more” run beside each other and both write “words”"),
        (
            "de",
            "„Count the words“ und „Once more“ laufen nebeneinander und schreiben beide „words“",
        ),
    ],
)
def test_what_the_server_finds_names_steps_by_their_titles(
    browser: Browser, storage: Any, live_studio: LiveStudio, language: str, racing: str
) -> None:
    document = count_words("Races of steps")
    count = {**document["nodes"]["count"], "outputs": {"words": "result.words"}}
    document["nodes"] = {
        "start": {"type": "noop"},
        "count": {**count, "title": "Count the words"},
        "again": {**count, "title": "Once more"},
    }
    document["entry"] = ["start"]
    del document["layout"]
    document["edges"] = [
        {"id": "e1", "from": "start", "to": "count"},
        {"id": "e2", "from": "start", "to": "again"},
    ]
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    context = new_context(browser, storage_state=storage, locale=language)
    with watched_page(context, live_studio.url) as watched:
        page = watched.open(f"/workflows/{workflow}/edit")
        page.locator("[data-node=count]").click()
        of_step = page.locator("aside .problem", has_text=racing)
        expect(of_step).to_be_visible()
        page.keyboard.press("d")
        expect(of_step).to_have_count(0)  # the server was asked anew

        page.keyboard.press("d")
        expect(of_step).to_be_visible()
    context.close()


def test_a_dialog_begins_in_its_first_field(visitor: Watched, live_studio: LiveStudio) -> None:
    document = count_words("First fields")
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.locator("[data-node=count]").press("Control+k")
    page.keyboard.type("import")
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog").get_by_label("Text of the document")).to_be_focused()


def test_what_differs_in_how_a_step_runs_is_told_in_words(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Words for settings")
    document["edges"].append({"id": "e3", "from": "again", "to": "done"})
    document["nodes"]["done"]["join"] = {"policy": "first"}
    document["nodes"]["again"]["on_error"] = "continue"
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    words = page.get_by_role("complementary", name="Settings").locator(".form-details__words")

    page.locator("[data-node=done]").click()
    expect(words.first).to_have_text("waits for: The first arrival; later ones are let go")
    page.locator("[data-node=again]").click()
    expect(words.first).to_have_text("on error: Go on without its result")


def test_labels_of_ports_stand_clear_of_the_words_of_their_step(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Ports with labels")
    document["nodes"]["count"]["title"] = "A title that is as long as the step is wide"
    document["edges"] += [
        {"id": "e4", "from": "count", "to": "done", "on": "exhausted"},
        {"id": "e5", "from": "count", "to": "done", "on": "error"},
    ]
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    step = page.locator(".react-flow__node", has=page.locator("[data-node=count]"))

    words = step.locator(".step__words").bounding_box()
    label = step.get_by_text("exhausted").bounding_box()
    last = step.get_by_text("error").bounding_box()
    box = step.bounding_box()
    assert words is not None
    assert label is not None
    assert last is not None
    assert box is not None
    assert words["y"] + words["height"] <= label["y"]
    assert last["y"] + last["height"] <= box["y"] + box["height"]


def test_an_id_that_is_taken_in_leaves_the_keyboard_in_its_field(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Called anew"))
    page = visitor.open(f"/workflows/{made['id']}/edit")
    page.locator("[data-node=count]").click()
    page.get_by_role("textbox", name="Id", exact=True).fill("first")

    page.keyboard.press("Enter")

    expect(page.locator("[data-node=first]")).to_be_visible()
    field = page.get_by_role("textbox", name="Id", exact=True)
    expect(field).to_have_value("first")
    expect(field).to_be_focused()


def test_who_leaves_the_field_of_an_id_arrives_where_he_goes(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    made = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Called again"))
    page = visitor.open(f"/workflows/{made['id']}/edit")
    page.locator("[data-node=again]").click()
    for name, key, goal in (
        ("first", "Tab", page.get_by_role("button", name="Start here")),
        ("second", "Shift+Tab", page.get_by_role("textbox", name="Name", exact=True)),
    ):
        page.get_by_role("textbox", name="Id", exact=True).fill(name)
        page.keyboard.press(key)
        expect(page.locator(f"[data-node={name}]")).to_be_visible()
        expect(goal).to_be_focused()
