"""A thousand steps open in the editor, pan and zoom. How fast is for the benches to say."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browsing import Watched
from tests.live import LiveStudio

ROWS, COLUMNS = 25, 40


def large_document() -> dict[str, Any]:
    names = [[f"n{row}_{column}" for column in range(COLUMNS)] for row in range(ROWS)]
    edges = [
        {"id": f"e{row}_{column}", "from": line[column], "to": line[column + 1]}
        for row, line in enumerate(names)
        for column in range(COLUMNS - 1)
    ]
    return {
        "format": "treadle/1",
        "key": "large",
        "name": "A thousand steps",
        "entry": [line[0] for line in names],
        "nodes": {name: {"type": "noop"} for line in names for name in line},
        "edges": edges,
        "layout": {
            name: [column * 288, row * 112]
            for row, line in enumerate(names)
            for column, name in enumerate(line)
        },
    }


def test_a_thousand_steps_open_pan_and_zoom(visitor: Watched, live_studio: LiveStudio) -> None:
    status, workflow = live_studio.call("POST", "/api/v1/workflows", {"document": large_document()})
    assert status == 201, workflow
    page = visitor.page

    page.goto(f"{live_studio.url}/workflows/{workflow['id']}/edit")
    canvas = page.get_by_role("group", name="Canvas.")
    expect(canvas).to_be_visible()
    page.get_by_role("button", name="Zoom is").click()
    expect(page.locator("[data-node]").first).to_be_visible()
    before = in_sight(page)
    assert 0 < len(before) < 200, "only what is in sight is drawn as elements"

    page.mouse.move(700, 500)
    for _ in range(8):
        page.mouse.wheel(250, 0)
    page.wait_for_function(
        "before => ![...document.querySelectorAll('[data-node]')]"
        ".some(node => before.includes(node.dataset.node))",
        arg=sorted(before),
    )
    assert in_sight(page)

    canvas.focus()
    page.keyboard.press("1")
    expect(page.locator("[data-node]")).to_have_count(0)
    expect(page.locator("canvas").first).to_be_visible()


def in_sight(page: Page) -> set[str]:
    nodes = page.locator("[data-node]").all()
    return {str(node.get_attribute("data-node")) for node in nodes}
