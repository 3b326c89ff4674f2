"""Undo and redo survive sixty edits and what is saved between them; the keyboard is never lost."""

import json
import random
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import count_words, make
from tests.e2e.drafts import draft, until_saved
from tests.live import LiveStudio

SEED = 20261127
EDITS = 60


def test_sixty_random_edits_are_undone_and_redone_byte_for_byte(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = with_a_tail(count_words("Sixty edits"), 9)
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.locator("[data-node=count]").click()
    first = text_of(live_studio, workflow)
    saves: list[str] = []
    page.on("response", lambda answer: saves.append(answer.url) if is_save(answer) else None)

    chance = random.Random(SEED)
    done: list[str] = []
    for turn in range(EDITS):
        edit = chance.choice(KINDS)
        edit(page, chance)
        done.append(edit.__name__)
        # What is saved in between must touch neither stack.
        if turn in (EDITS // 3, 2 * EDITS // 3):
            before = undo_label(page)
            count = len(saves)
            page.keyboard.press("Shift+ArrowDown")
            page.wait_for_function("() => document.body.innerText.includes('Saved')")
            page.keyboard.press("Control+z")
            assert undo_label(page) == before
            assert len(saves) > count
    until_quiet(page)
    last = text_of(live_studio, workflow)
    assert last != first, done
    assert len(saves) >= 2

    undone = press_until(page, "Control+z", "Nothing to undo")
    assert undone >= EDITS // 2, (undone, done)
    until_saved(live_studio, workflow, lambda saved: json.dumps(saved) == first)
    redone = press_until(page, "Control+Shift+z", "Nothing to redo")
    assert redone == undone
    until_saved(live_studio, workflow, lambda saved: json.dumps(saved) == last)


def with_a_tail(document: dict, length: int) -> dict:
    """Some more steps, so that undoing everything empties no draft as if by mistake."""
    for i in range(length):
        document["nodes"][f"tail{i}"] = {"type": "noop"}
        before = f"tail{i - 1}" if i else "again"
        document["edges"].append({"id": f"t{i}", "from": before, "to": f"tail{i}"})
        document["layout"][f"tail{i}"] = [560 + 280 * i, 0]
    return document


def is_save(answer) -> bool:
    return answer.url.endswith("/draft") and answer.request.method == "PUT" and answer.ok


def text_of(studio: LiveStudio, workflow: str) -> str:
    """The draft as the server keeps it, key order included."""
    return json.dumps(draft(studio, workflow))


def undo_label(page: Page) -> str | None:
    button = page.locator(".topbar [aria-label^='Undo:'], .topbar [aria-label='Nothing to undo']")
    return button.get_attribute("aria-label")


def until_quiet(page: Page) -> None:
    expect(page.locator(".save-note__state")).to_contain_text("Saved", timeout=15_000)


def press_until(page: Page, key: str, label: str) -> int:
    button = page.locator(f".topbar [aria-label='{label}']")
    for count in range(400):
        if button.count():
            return count
        page.keyboard.press(key)
    raise AssertionError(f"pressed {key} 400 times")


def adds(page: Page, chance: random.Random) -> None:
    page.keyboard.press("n")
    page.keyboard.type(chance.choice(["Set values", "text.trim", "Join", "End", "Wait"]))
    page.keyboard.press("Enter")


def adds_alone(page: Page, chance: random.Random) -> None:
    page.keyboard.press("n")
    page.keyboard.type(chance.choice(["math.linear", "Join"]))
    page.keyboard.press("Shift+Enter")


def travels_and_nudges(page: Page, chance: random.Random) -> None:
    page.keyboard.press(chance.choice(ARROWS))
    page.keyboard.press("Shift+" + chance.choice(ARROWS))


def connects(page: Page, chance: random.Random) -> None:
    page.keyboard.press("c")
    for _ in range(chance.randrange(3)):
        page.keyboard.press(chance.choice(ARROWS))
    page.keyboard.press("Enter")


def deletes(page: Page, chance: random.Random) -> None:
    page.keyboard.press(chance.choice(ARROWS))
    page.keyboard.press(chance.choice(["Delete", "Control+Delete"]))


def renames(page: Page, chance: random.Random) -> None:
    page.keyboard.press(chance.choice(ARROWS))
    page.keyboard.press("F2")
    page.keyboard.type(chance.choice(["One", "Two words", "Drei"]))
    page.keyboard.press("Enter")


def duplicates(page: Page, chance: random.Random) -> None:
    page.keyboard.press("Control+d")
    page.keyboard.press(chance.choice(ARROWS))


def switches_off(page: Page, chance: random.Random) -> None:
    page.keyboard.press(chance.choice(ARROWS))
    page.keyboard.press("d")


def groups(page: Page, chance: random.Random) -> None:
    page.keyboard.press("Shift+Alt+ArrowRight")
    page.keyboard.press("Control+g")
    page.keyboard.type("Together")
    page.keyboard.press("Enter")
    if chance.random() < 0.5:
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")


def tidies(page: Page, chance: random.Random) -> None:
    page.keyboard.press("Shift+Alt+t")
    page.keyboard.press(chance.choice(ARROWS))


ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]
KINDS: list[Callable[[Page, random.Random], None]] = [
    adds,
    adds_alone,
    adds,
    travels_and_nudges,
    travels_and_nudges,
    connects,
    deletes,
    renames,
    duplicates,
    switches_off,
    groups,
    tidies,
]


def test_after_deleting_the_nearest_step_has_the_keyboard_and_fields_keep_their_own_undo(
    visitor: Watched, live_studio: LiveStudio
) -> None:
    document = count_words("Kept keyboard")
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    page.locator("[data-node=done]").click()

    page.keyboard.press("Delete")
    expect(page.locator("[data-node=again]")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-node=done]")).to_be_visible()
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.get_by_text("Drag a step here, or press N.")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-node]")).to_have_count(1)
    for _ in range(2):
        page.keyboard.press("Control+z")
    expect(page.locator("[data-node]")).to_have_count(3)

    # In a field Ctrl+Z is about the text, and letters are letters.
    page.locator("[data-node=again]").click()
    settings = page.get_by_role("complementary", name="Settings")
    name = settings.get_by_label("Name", exact=True)
    name.click()
    page.keyboard.type("ncdh")
    expect(name).to_have_value("ncdh")
    page.keyboard.press("Control+z")
    expect(name).not_to_have_value("ncdh")
    expect(page.locator("[data-node]")).to_have_count(3)
    expect(page.get_by_role("combobox", name="Search the steps")).to_be_hidden()


def test_tidying_up_is_one_step_to_undo(visitor: Watched, live_studio: LiveStudio) -> None:
    document = count_words("Untidy")
    document["nodes"]["more"] = {"type": "noop"}
    document["edges"].append({"id": "e3", "from": "again", "to": "more"})
    document["layout"] = {"count": [3, 5], "again": [50, 20], "done": [61, 33], "more": [-7, 1]}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    expect(page.locator("[data-node=more]")).to_be_visible()

    page.get_by_role("button", name="Tidy up").click()

    until_saved(live_studio, workflow, lambda saved: saved["layout"] != document["layout"])
    places = draft(live_studio, workflow)["layout"]
    assert all(part % 8 == 0 for place in places.values() for part in place)
    boxes = [page.locator(f"[data-node={id_}]").bounding_box() for id_ in places]
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    page.keyboard.press("Control+z")
    until_saved(live_studio, workflow, lambda saved: saved["layout"] == document["layout"])
    expect(page.locator(".topbar [aria-label='Nothing to undo']")).to_be_visible()


def overlap(a, b) -> bool:
    apart = (
        a["x"] + a["width"] <= b["x"]
        or b["x"] + b["width"] <= a["x"]
        or a["y"] + a["height"] <= b["y"]
        or b["y"] + b["height"] <= a["y"]
    )
    return not apart


def test_a_new_workflow_of_a_template_is_a_draft_with_nothing_to_undo(visitor: Watched) -> None:
    page = visitor.open("/workflows/new")
    page.get_by_role("button", name="Use this: Text report").click()
    page.wait_for_url("**/edit")

    expect(page.locator("[data-node]").first).to_be_visible()
    expect(page.locator(".react-flow__edge").first).to_be_attached()
    expect(page.locator(".save-note__version")).to_have_text("Draft")
    expect(page.locator(".topbar [aria-label='Nothing to undo']")).to_be_disabled()
    expect(page.locator(".topbar [aria-label='Nothing to redo']")).to_be_disabled()
