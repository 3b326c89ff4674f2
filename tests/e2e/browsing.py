"""A browser that notices everything wrong: console errors, policy violations, outside requests."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "static" / "src" / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]

WIDE, NARROW = 1440, 390

# How long a page may take to become what a test waits for: the machine has other things to do, too.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)

# The violation event comes also for what the console words differently, or not at all.
_WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


@dataclass
class Watched:
    """A page and what was noticed on it. `check()` fails with all of it."""

    page: Page
    origin: str
    noticed: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of console messages that a test brings about itself, such as a server that is gone."""

    def open(self, path: str, *, status: int = 200) -> Page:
        response = self.page.goto(self.origin + path)
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"
        return self.page

    def check(self) -> None:
        if not self.page.is_closed() and self.page.url.startswith(self.origin):
            found = self.page.evaluate("window.__violations ?? []")
            self.noticed += [f"policy: {one}" for one in found]
        assert not self.noticed, "\n".join([self.page.url, *self.noticed])

    def note_console(self, message: ConsoleMessage) -> None:
        # Answers that the pages know what to do with: none of them is a fault.
        known = ["status of 404", "status of 409", "status of 422", *self.expected]
        expected = any(part in message.text for part in known)
        if message.type in ("error", "warning") and not expected:
            self.noticed.append(f"console: {message.text}")

    def note_request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.noticed.append(f"outside: {request.url}")


@contextmanager
def watched_page(context: BrowserContext, origin: str) -> Iterator[Watched]:
    """A page that is checked when it is left."""
    page = context.new_page()
    watched = Watched(page, origin)
    page.add_init_script(_WATCH)
    page.on("console", watched.note_console)
    page.on("pageerror", lambda error: watched.noticed.append(f"error: {error}"))
    page.on("request", watched.note_request)
    try:
        yield watched
        watched.check()
    finally:
        page.close()


def new_context(browser: Browser, **more: Any) -> BrowserContext:
    """A browser's own storage at 1440 by 900 in light colours, unless said otherwise."""
    given = {"viewport": {"width": WIDE, "height": 900}, "color_scheme": "light", **more}
    context = browser.new_context(**given)
    context.set_default_timeout(PATIENCE_MS)
    return context


def axe_source() -> str:
    """axe-core from the packages of the browser sources, which are installed if need be."""
    if not AXE.exists():
        if shutil.which("npm") is None:
            pytest.skip("axe-core needs npm: install Node 20.19 or later")
        install = ["npm", "install", "--no-save", "--no-audit"]
        subprocess.run(install, cwd=AXE.parents[2], check=True)
    return AXE.read_text(encoding="utf-8")


# A step of the canvas says in words what is drawn on it, beginning with its title: not the same
# letters in the same order. `test_steps_are_called_by_their_titles` looks after that instead; pages
# without a canvas keep the rule.
_CANVAS_RULES = {"label-content-name-mismatch": {"enabled": False}}


def axe_findings(page: Page, source: str, *rules: str) -> list[str]:
    """What axe calls serious or critical by its rules, or by some of them, one line each.

    Injected through the debugger, so that the page's content security policy stays on.
    """
    session = page.context.new_cdp_session(page)
    if not page.evaluate("'axe' in window"):
        session.send("Runtime.evaluate", {"expression": source})
    usual = _CANVAS_RULES if page.locator(".canvas").count() else {}
    only = {"runOnly": list(rules)} if rules else {"rules": usual}
    options = json.dumps({"resultTypes": ["violations"], **only})
    answer = session.send(
        "Runtime.evaluate",
        {
            "expression": f"axe.run(document, {options}).then((r) => JSON.stringify(r.violations))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    assert "value" in answer["result"], answer
    violations = json.loads(answer["result"]["value"])
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in violations
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:5]
    ]
