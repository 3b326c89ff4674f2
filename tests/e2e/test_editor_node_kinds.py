"""Maps, people, waits and signals are put into a workflow by keyboard and saved as written."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.conftest import make
from tests.e2e.typist import Typist
from tests.live import LiveStudio


@pytest.fixture
def typist(visitor: Watched, live_studio: LiveStudio) -> Typist:
    """A person on the canvas of a blank workflow."""
    page = visitor.page
    typist = Typist(page)
    page.goto(f"{live_studio.url}/workflows/new")
    typist.tab_to("Start blank")
    typist.press("Enter")
    page.wait_for_url("**/edit")
    typist.tab_to("Canvas.")
    return typist


def saved(page: Page, studio: LiveStudio) -> Any:
    """The nodes as the server keeps them, after the last change was saved."""
    page.wait_for_timeout(300)
    expect(page.locator(".save-note")).to_contain_text("Saved", timeout=10_000)
    workflow = page.url.split("/workflows/")[1].split("/")[0]
    return make(studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]


def choose(typist: Typist, field: str, option: str) -> None:
    """Choose an option as a keyboard does: by typing the beginning of its words."""
    typist.tab_to(field)
    typist.write(option)


def retype(typist: Typist, field: str, text: str) -> None:
    typist.tab_to(field)
    typist.press("Control+A")
    typist.write(text)


def test_every_kind_is_added_with_a_face(typist: Typist, live_studio: LiveStudio) -> None:
    faces = {
        "For each": "each, For each",
        "Ask a person": "ask, ask a person",
        "Wait": "wait, wait 30s",
        "Emit a signal": "emit, Emit a signal",
    }
    for name, face in faces.items():
        typist.add_step(name)
        typist.expect_on(face)

    nodes = saved(typist.page, live_studio)["nodes"]
    assert nodes == {
        "each": {"type": "map", "over": "", "as": "item", "body": {"tool": ""}},
        "ask": {
            "type": "human",
            "form": {
                "type": "object",
                "properties": {"approved": {"type": "boolean"}},
                "required": ["approved"],
            },
        },
        "wait": {"type": "wait", "for": "30s"},
        "emit": {"type": "emit", "signal": ""},
    }


def test_a_map_is_filled_in(typist: Typist, live_studio: LiveStudio) -> None:
    typist.add_step("For each")
    typist.press("Enter")
    typist.expect_on("For each item of")
    typist.write("queries")
    retype(typist, "An item is called", "q")
    choose(typist, "Tool", "text.count")
    typist.tab_to("Expression for text")
    typist.press("Enter")
    typist.expect_on("text")
    typist.write("q")
    typist.tab_to("How each item runs")
    typist.press("Enter")
    retype(typist, "Timeout", "20s")
    retype(typist, "At the same time", "8")
    choose(typist, "When an item fails", "It is left out")
    retype(typist, "Enough when", "done >= 3")
    typist.tab_to("New state key for “Results”")
    typist.write("counts")
    typist.press("Enter")
    typist.expect_on("Expression for counts")
    typist.write("results")
    typist.press("Escape")
    typist.expect_on("each, for each q in queries")

    assert saved(typist.page, live_studio)["nodes"]["each"] == {
        "type": "map",
        "over": "queries",
        "as": "q",
        "body": {"tool": "text.count", "inputs": {"text": "q"}, "timeout": "20s"},
        "max_concurrency": 8,
        "on_item_error": "skip",
        "complete_when": "done >= 3",
        "collect": {"counts": "results"},
    }


def test_a_person_is_asked(typist: Typist, live_studio: LiveStudio) -> None:
    typist.add_step("Ask a person")
    typist.press("Enter")
    typist.expect_on("What is asked")
    typist.write("May it go out?")
    retype(typist, "Name of the question approved", "decision")
    choose(typist, "Answer", "One of")
    retype(typist, "Choices", "approve, reject")
    retype(typist, "People", "ann, bob")
    retype(typist, "Group", "maintainers")
    retype(typist, "Due", "48h")
    typist.press("Escape")
    typist.expect_on("ask, ask ann, bob, maintainers")

    assert saved(typist.page, live_studio)["nodes"]["ask"] == {
        "type": "human",
        "description": "May it go out?",
        "form": {
            "type": "object",
            "properties": {"decision": {"type": "string", "enum": ["approve", "reject"]}},
            "required": ["decision"],
        },
        "assignees": {"users": ["ann", "bob"], "group": "maintainers"},
        "due": "48h",
    }


def test_the_first_of_several_is_waited_for(typist: Typist, live_studio: LiveStudio) -> None:
    page = typist.page
    typist.add_step("Wait")
    typist.add_step("End")
    typist.press("ArrowLeft")
    typist.expect_on("wait, wait 30s")
    typist.press("Enter")
    typist.expect_on("Waits for")
    typist.write("The first")
    retype(typist, "Name of the alternative arrived", "paid")
    retype(typist, "Signal", "payment")
    retype(typist, "Key", "order_id")
    typist.press("Escape")
    typist.expect_on("wait, wait for paid or late")
    typist.press("e", "Enter")
    settings = page.get_by_role("complementary", name="Settings")
    page.get_by_role("dialog").wait_for()
    typist.press("Escape")
    settings.get_by_label("Leaves when").select_option("paid")

    draft = saved(page, live_studio)
    assert draft["nodes"]["wait"] == {
        "type": "wait",
        "any": {"paid": {"signal": "payment", "key": "order_id"}, "late": {"for": "1h"}},
    }
    assert draft["edges"][0]["on"] == "paid"


def test_a_signal_is_sent_and_the_run_ended(typist: Typist, live_studio: LiveStudio) -> None:
    typist.add_step("Emit a signal")
    typist.press("Enter")
    typist.expect_on("Signal")
    typist.write("payment")
    choose(typist, "The signal is", "Only for")
    typist.tab_to("New name for “Payload”")
    typist.write("amount")
    typist.press("Enter")
    typist.expect_on("Expression for amount")
    typist.write("total")
    typist.press("Escape")
    typist.expect_on("emit, emit payment")
    typist.add_step("End")
    typist.press("Enter")
    typist.tab_to("Ends the whole run")
    typist.press("Space")
    typist.press("Escape")
    typist.expect_on("end, End the whole run")

    nodes = saved(typist.page, live_studio)["nodes"]
    assert nodes["emit"] == {
        "type": "emit",
        "signal": "payment",
        "mode": "transient",
        "payload": {"amount": "total"},
    }
    assert nodes["end"] == {"type": "end", "terminate": True}


JOINED = {
    "format": "treadle/1",
    "key": "joined-kinds",
    "name": "Joined kinds",
    "entry": ["a"],
    "nodes": {
        "a": {"type": "noop"},
        "b": {"type": "tool", "tool": "text.count", "inputs": {"text": "'x'"}, "later": {"x": 1}},
        "c": {"type": "noop"},
        "j": {"type": "noop", "join": {"on_conflict": "last"}},
    },
    "edges": [
        {"id": "e1", "from": "a", "to": "b"},
        {"id": "e2", "from": "a", "to": "c"},
        {"id": "e3", "from": "b", "to": "j"},
        {"id": "e4", "from": "c", "to": "j"},
    ],
    "layout": {"a": [0, 0], "b": [280, -60], "c": [280, 60], "j": [560, 0]},
}


def test_joins_locks_and_withdrawals(visitor: Watched, live_studio: LiveStudio) -> None:
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=JOINED)["id"]
    page = visitor.open(f"/workflows/{workflow}/edit")
    settings = page.get_by_role("complementary", name="Settings")

    page.locator('[data-node="j"]').click()
    settings.get_by_text("How it runs").click()
    settings.get_by_label("Waits for").select_option("n_of_m")
    settings.get_by_label("How many arrivals").fill("2")
    settings.get_by_label("Withdraws when it is done").select_option("c")
    page.locator('[data-node="b"]').click()
    settings.get_by_text("How it runs").click()
    settings.get_by_label("Lock", exact=True).fill("printer")

    nodes = saved(page, live_studio)["nodes"]
    assert nodes["j"] == {
        "type": "noop",
        "join": {"policy": "n_of_m", "n": 2, "cancel": True, "on_conflict": "last"},
        "cancels": ["c"],
    }
    assert nodes["b"] == {**JOINED["nodes"]["b"], "lock": "printer"}  # type: ignore[index]
