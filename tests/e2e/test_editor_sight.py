"""What people have to see of the editor is in sight: buttons of long forms, labels, keys, code."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import NARROW, WIDE, Watched
from tests.e2e.conftest import count_words, make
from tests.live import LiveStudio

KEYS = [f"a_key_of_the_state_{number}" for number in range(14)]
CONDITION = "a_key_of_the_state_0 == a_key_of_the_state_1 && size(text) < 9"


@pytest.fixture
def workflow(live_studio: LiveStudio) -> str:
    document = count_words("Busy with keys")
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in KEYS}}
    document["state"] = {"schema": schema}
    document["edges"] = [
        {"id": "e1", "from": "count", "to": "again", "when": CONDITION},
        {"id": "e2", "from": "count", "to": "done", "else": True},
        {"id": "e3", "from": "again", "to": "count", "when": "size(text) < 3", "max": 3},
    ]
    document["nodes"]["again"] = {"type": "set", "set": {"text": "text + 'b'"}}
    document["layout"] = {"count": [0, 0], "again": [448, 0], "done": [448, 160]}
    return str(make(live_studio, "POST", "/api/v1/workflows", document=document)["id"])


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return dict(found)


@pytest.mark.parametrize(("width", "height"), [(WIDE, 900), (NARROW, 844)])
def test_what_starts_a_run_is_in_sight_however_many_keys_there_are(
    visitor: Watched, workflow: str, width: int, height: int
) -> None:
    visitor.page.set_viewport_size({"width": width, "height": height})
    page = visitor.open(f"/workflows/{workflow}/edit")

    page.get_by_role("button", name="Run", exact=True).click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label(KEYS[-1])).to_be_attached()
    assert dialog.evaluate("dialog => dialog.scrollHeight > dialog.clientHeight")
    run = dialog.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_in_viewport(ratio=1)
    # What has the keyboard is not under it.
    for key in KEYS:
        field = dialog.get_by_label(key, exact=True)
        field.focus()
        assert box(field)["y"] + box(field)["height"] <= box(run)["y"], key
    # At the end of the form it stands under the last field, and covers none.
    dialog.evaluate("dialog => dialog.scrollTo(0, dialog.scrollHeight)")
    last = dialog.locator("form > :not(.form__actions)").last
    assert box(last)["y"] + box(last)["height"] <= box(run)["y"]


def test_a_label_with_a_count_leaves_the_steps_beside_it_alone(
    visitor: Watched, workflow: str
) -> None:
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="As JSON").click()
    same = f'"{KEYS[0]}": "x", "{KEYS[1]}": "x"'
    dialog.get_by_label("First state as JSON").fill(f'{{"text": "a", {same}}}')
    dialog.get_by_role("button", name="Run", exact=True).click()

    label = page.locator(".pill[data-edge=e1]")
    expect(label).to_contain_text("×2", timeout=15_000)
    pill, count, again = (
        box(each)
        for each in (label, page.locator("[data-node=count]"), page.locator("[data-node=again]"))
    )
    port = 6 * count["width"] / 208
    assert count["x"] + count["width"] + port < pill["x"]
    assert pill["x"] + pill["width"] < again["x"] - port


def test_keys_stand_one_by_one_and_code_is_code(visitor: Watched, workflow: str) -> None:
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.get_by_role("group", name="Canvas.").focus()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog")
    copy = sheet.locator(".keys__row", has_text="Copy, cut, paste").locator("kbd")
    assert copy.all_text_contents() == ["Ctrl+C", "Ctrl+X", "Ctrl+V"]
    page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    page.keyboard.type("text.top_words")
    offered = page.get_by_role("option", name="text.top_words").first
    expect(offered.locator("code")).to_have_text("shortest")
    expect(offered).not_to_contain_text("`")


def test_a_refused_run_leads_to_the_step_by_its_title(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Busy with a mistake")
    document["nodes"]["again"] = {
        "type": "tool",
        "tool": "text.count",
        "title": "Count once more",
        "inputs": {"words": "1"},
    }
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in KEYS}}
    document["state"] = {"schema": schema}
    made = make(live_studio, "POST", "/api/v1/workflows", document=document)
    page = visitor.open(f"/workflows/{made['id']}/edit")
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog")
    run = dialog.get_by_role("button", name="Run", exact=True)
    run.click()

    # Why is told where it is seen: the form is longer than the window.
    why = dialog.get_by_role("alert")
    expect(why).to_be_in_viewport(ratio=1)
    assert box(why)["y"] + box(why)["height"] <= box(run)["y"]
    dialog.get_by_role("button", name="Open Count once more").click()

    expect(dialog).to_be_hidden()
    expect(page.locator("[data-node=again]")).to_have_attribute("aria-pressed", "true")


def test_why_a_run_failed_stands_clear_of_the_fields_of_its_log(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Busy failing in the drawer")
    made = make(live_studio, "POST", "/api/v1/workflows", document=document)
    page = visitor.open(f"/workflows/{made['id']}/edit")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()

    drawer = page.get_by_role("region", name="Run", exact=True)
    why = drawer.get_by_role("alert")
    expect(why).to_contain_text("text", timeout=15_000)
    search = drawer.get_by_role("searchbox")
    assert box(why)["y"] + box(why)["height"] + 4 <= box(search)["y"]
