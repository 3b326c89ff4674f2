"""A step that needs a key takes the name of a secret, offered from a list; the value is nowhere."""

import json
from typing import Any

from playwright.sync_api import expect

from tests.e2e.browsing import Watched, axe_findings
from tests.e2e.conftest import make
from tests.e2e.drafts import until_saved
from tests.live import LiveStudio

VALUE = "sk-cAn4ry-0123456789"


def test_the_name_of_a_secret_is_chosen(
    visitor: Watched, live_studio: LiveStudio, axe: str
) -> None:
    make(live_studio, "POST", "/api/v1/secrets", name="openai", value=VALUE)
    node: dict[str, Any] = {"type": "tool", "tool": "ai.chat", "inputs": {"model": "'small'"}}
    document = {"format": "treadle/1", "key": "ask", "name": "Ask", "entry": ["ask"], "edges": []}
    document |= {"nodes": {"ask": node}, "layout": {"ask": [0, 0]}}
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=document)["id"]

    page = visitor.open(f"/workflows/{workflow}/edit")
    page.locator('[data-node="ask"]').click()
    page.get_by_role("button", name="Plain value for key").click()
    field = page.get_by_role("combobox", name="key", exact=True)
    expect(field).to_be_focused()
    expect(page.locator('datalist option[value="openai"]').first).to_be_attached()
    names = field.evaluate("each => [...each.list.options].map(one => one.value)")
    field.fill("missing")
    expect(page.get_by_text("Your runs have no secret of this name")).to_be_visible()
    field.fill("openai")
    expect(page.get_by_text("The name only: the value stays")).to_be_visible()
    findings = axe_findings(page, axe)
    until_saved(
        live_studio,
        workflow,
        lambda found: found["nodes"]["ask"]["inputs"].get("key") == "'openai'",
    )

    assert "openai" in names
    assert findings == []
    draft = make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["draft"]
    assert VALUE not in page.content() + json.dumps(draft)
