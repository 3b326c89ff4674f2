"""A form made of a tool's schema: nested lists and objects, choices, shapes, secrets, mistakes."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Watched, axe_findings, new_context, watched_page
from tests.e2e.conftest import make
from tests.live import LiveStudio


@pytest.fixture(scope="module")
def tooled_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStudio]:
    """A studio with a tool that takes nested values."""
    studio = LiveStudio(tmp_path_factory.mktemp("forms") / "data", TREADLE_TOOLS="tests.e2e.tools")
    studio.start()
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def cookies(browser: Browser, tooled_studio: LiveStudio) -> Any:
    context = new_context(browser)
    page = context.new_page()
    page.goto(tooled_studio.url + tooled_studio.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def visitor(browser: Browser, tooled_studio: LiveStudio, cookies: Any) -> Iterator[Watched]:
    context = new_context(browser, storage_state=cookies)
    with watched_page(context, tooled_studio.url) as watched:
        yield watched
    context.close()


def sending(tooled_studio: LiveStudio, **inputs: str) -> str:
    node: dict[str, Any] = {"type": "tool", "tool": "watch.send", "inputs": inputs}
    document = {"format": "treadle/1", "key": "send", "name": "Send", "entry": ["send"]}
    document |= {"nodes": {"send": node}, "edges": [], "layout": {"send": [0, 0]}}
    return str(make(tooled_studio, "POST", "/api/v1/workflows", document=document)["id"])


def test_nested_values_are_filled_in_and_mistakes_told_at_their_place(
    visitor: Watched, tooled_studio: LiveStudio, axe: str
) -> None:
    make(tooled_studio, "POST", "/api/v1/secrets", name="post-key", value="sk-cAn4ry")
    workflow = sending(tooled_studio, text="'Hello'")
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.locator("[data-node=send]").click()
    panel = page.get_by_label("Settings", exact=True)

    # The docs of the tool stand beside the form.
    panel.get_by_text("About watch.send").click()
    expect(panel.get_by_text("Nothing leaves the machine: this is for forms.")).to_be_visible()
    expect(panel.get_by_text("Never called again when nobody knows")).to_be_visible()

    panel.get_by_role("button", name="Plain value for receivers").click()
    panel.get_by_role("button", name="Add an item").click()
    receiver = panel.locator(".form-list__card")
    receiver.get_by_label("address").fill("ann@example.org")
    receiver.get_by_label("kind", exact=True).click()
    receiver.get_by_label("kind", exact=True).select_option(label="chat")
    receiver.get_by_label("tags").click()
    receiver.get_by_role("button", name="Add an item").click()
    receiver.get_by_label("tags, item 1").fill("team")

    panel.get_by_role("button", name="Plain value for tries").click()
    panel.locator("input[id^=input-tries]").fill("9")
    expect(panel.get_by_text("At most 5.")).to_be_visible()
    panel.get_by_role("button", name="Plain value for key").click()
    panel.get_by_role("combobox", name="key", exact=True).fill("post-key")
    panel.get_by_role("button", name="Plain value for when").click()
    panel.get_by_label("Shape of when").select_option(label="text")
    with page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok) as saved:
        panel.locator("input[id^=input-when]").fill("tomorrow")
    assert not axe_findings(page, axe)

    # The server sees the same, and its word leads to the field.
    (wrong,) = [each for each in saved.value.json()["problems"] if each["code"] == "bad_input"]
    assert wrong["pointer"] == "/nodes/send/inputs/tries"
    panel.locator("input[id^=input-tries]").fill("5")
    draft = make(tooled_studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]
    assert draft["nodes"]["send"]["inputs"]["receivers"] == (
        "[{'address': 'ann@example.org', 'kind': 'chat', 'tags': ['team']}]"
    )
    assert draft["nodes"]["send"]["inputs"]["key"] == "'post-key'"
    assert draft["nodes"]["send"]["inputs"]["when"] == "'tomorrow'"


def test_a_problem_leads_to_the_part_of_the_value_that_it_is_about(
    visitor: Watched, tooled_studio: LiveStudio
) -> None:
    workflow = sending(
        tooled_studio,
        text="'Hello'",
        receivers="[{'address': 'a', 'tags': []}, {'address': 5, 'tags': ['x']}]",
    )
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.get_by_role("button", name="1 warning", exact=True).click()
    problem = (
        page.get_by_role("region", name="Problems")
        .get_by_role("button")
        .filter(has_text="wants something else for 'receivers'")
    )

    problem.click()

    panel = page.get_by_label("Settings", exact=True)
    part = panel.locator("[data-at='/nodes/send/inputs/receivers/1/address']")
    expect(part.get_by_role("textbox")).to_be_focused()
    expect(part).to_contain_text("is not of type")
    part.get_by_role("textbox").fill('"b"')
    expect(panel.get_by_text("is not of type")).to_have_count(0)
