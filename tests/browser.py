"""A real Chromium on a real studio. A page that logs an error, breaks its policy or asks anything
of another host fails its test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests import services
from tests.live import LiveStudio

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-gpu"]

WATCH_POLICY = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error('policy violated: ' + event.violatedDirective + ' ' + event.blockedURI));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def signed_in(
    browser: Browser, studio: LiveStudio, *, trouble_expected: bool = False, **context: Any
) -> Iterator[Page]:
    """A page of the administrator. What went wrong on it is raised at the end."""
    opened = browser.new_context(
        base_url=studio.url, viewport=context.pop("viewport", DESKTOP), **context
    )
    opened.add_init_script(WATCH_POLICY)
    page = opened.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.extend(_complaint(message)))
    page.on("pageerror", lambda error: trouble.append(f"uncaught: {error}"))
    page.on("request", lambda request: trouble.extend(_stranger(studio, request)))
    page.goto(studio.sign_in_path())
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/workflows/")
    yield page
    opened.close()
    assert trouble_expected or not trouble, trouble


DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def _complaint(message: ConsoleMessage) -> list[str]:
    return [f"console {message.type}: {message.text}"] if message.type == "error" else []


def _stranger(studio: LiveStudio, request: Request) -> list[str]:
    url = urlsplit(request.url)
    if url.scheme in ("data", "blob") or url.netloc == urlsplit(studio.url).netloc:
        return []
    return [f"asked another host: {request.url}"]
