"""What is written goes into the step that is selected, however slow the browser is just now."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.test_editor_keeps_work import Pen, edit_path, new_workflow, titles
from tests.live import LiveStudio

# What React puts off it does in messages to itself: here they come when the test says so.
PUT_OFF = """
(() => {
  const post = MessagePort.prototype.postMessage;
  const waiting = [];
  window.putOff = false;
  MessagePort.prototype.postMessage = function (...message) {
    if (window.putOff) waiting.push(() => post.apply(this, message));
    else post.apply(this, message);
  };
  window.catchUp = () => {
    window.putOff = false;
    for (const send of waiting.splice(0)) send();
  };
})();
"""


@pytest.fixture
def slow(visitor: Watched) -> Page:
    visitor.page.add_init_script(PUT_OFF)
    return visitor.page


def opened(visitor: Watched, studio: LiveStudio, name: str) -> tuple[Pen, str]:
    """An editor in which the form of `count` is shown."""
    workflow = new_workflow(studio, name)
    pen = Pen(visitor.open(edit_path(workflow)))
    pen.title("count", "Counted")
    return pen, workflow


def test_a_step_that_is_clicked_has_its_form_at_once(
    slow: Page, visitor: Watched, live_studio: LiveStudio
) -> None:
    pen, workflow = opened(visitor, live_studio, "Busy pointing")
    slow.evaluate("window.putOff = true")
    pen.face("again").click()
    pen.settings.locator('[data-field="title"]').fill("Once more")
    expect(pen.face("again")).to_contain_text("Once more")
    expect(pen.face("count")).to_contain_text("Counted")

    slow.evaluate("window.catchUp()")
    pen.until_saved()
    assert titles(live_studio, workflow) == {"count": "Counted", "again": "Once more"}


def test_nothing_is_written_into_the_form_of_the_step_before(
    slow: Page, visitor: Watched, live_studio: LiveStudio
) -> None:
    pen, workflow = opened(visitor, live_studio, "Busy travelling")
    pen.until_saved()
    pen.face("count").focus()
    slow.evaluate("window.putOff = true")
    slow.keyboard.press("ArrowRight")
    expect(pen.face("again")).to_be_focused()
    field = pen.settings.locator('[data-field="title"]')
    expect(field).to_have_value("Counted")
    place = field.bounding_box()
    assert place is not None
    slow.mouse.click(place["x"] + 20, place["y"] + place["height"] / 2)
    slow.keyboard.type(" wrongly")
    expect(pen.face("count")).not_to_contain_text("wrongly")

    slow.evaluate("window.catchUp()")
    expect(field).to_have_value("")
    field.fill("Once more")
    pen.until_saved()
    assert titles(live_studio, workflow) == {"count": "Counted", "again": "Once more"}
