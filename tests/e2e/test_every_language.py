"""Every page in German: nothing English is left but what people and programs said, and it fits.

A text that a page shows in both languages alike was not marked, or is no text of ours. The latter
are said by the API too, named here, or stand in elements that hold data.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.browsing import NARROW, WIDE, new_context, watched_page
from tests.e2e.conftest import Filled
from tests.e2e.test_every_page import PAGES, path_of, settle, sideways
from tests.live import LiveStudio
from tests.words import catalogues

STRANGERS = {"login": "/login", "used-up link": "/sign-in/used-up", "nothing": "/nowhere"}

# Names and formats that every language calls alike, and what examples in fields say.
ALIKE = re.compile(
    r"Treadle|ReDoc|JSON Lines|JSON|YAML|GitHub|UTC|E_[A-Z_]+|admin|customer|treadle|code-review"
    r"|First one|Busy asking [0-9a-f]{8}"
)
SAID = (
    "tools",
    "workflows?limit=100",
    "workflows/{workflow}",
    "workflows/{example}",
    "runs?limit=100&children=true",
    "runs/{completed}/download",
    "runs/{failed}/download",
    "runs/{review}/download",
    "runs/{failed}/compare?with={completed}",
    "reviews/{review}",
    "reviews/{broken_review}",
    "waits",
    "schedules",
    "schedules/{schedule}/firings",
    "schedules/{refused}/firings",
    "webhooks",
    "webhooks/{webhook}/deliveries",
    "tokens",
)
"""What the API says is not translated: names, descriptions, findings, reasons, docstrings."""


@pytest.fixture(scope="module")
def said(live_studio: LiveStudio, filled: Filled) -> frozenset[str]:
    """The texts of the API, and what pages make of them: paragraphs, and pieces between marks."""
    ids = {field: getattr(filled, field) for field in Filled.__slots__}
    found: set[str] = set()
    for path in SAID:
        status, answer = live_studio.call("GET", f"/api/v1/{path.format(**ids)}")
        assert status == 200, path
        for text in texts_of(answer):
            for piece in [text, *re.split(r"`+|\n\s*\n|\.\s", text)]:
                found.add(" ".join(piece.split()).rstrip("."))
    return frozenset(found)


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each)


@pytest.fixture(scope="module")
def windows(browser: Browser, storage: Any) -> Iterator[dict[str, BrowserContext]]:
    """Signed-in browsers: English and German, and German on a telephone."""
    size = {"width": NARROW, "height": 900}
    made = {
        "en": new_context(browser, storage_state=storage, locale="en-US"),
        "de": new_context(browser, storage_state=storage, locale="de-DE"),
        "narrow": new_context(
            browser, storage_state=storage, locale="de-DE", viewport=size, has_touch=True
        ),
    }
    yield made
    for context in made.values():
        context.close()


def known() -> set[str]:
    """Texts that German has from English as they are."""
    same = set()
    for domain in catalogues.DOMAINS:
        for message in catalogues.kept("de", domain):
            same.update(catalogues.forms(message))
    return same


@pytest.mark.parametrize("name", PAGES)
def test_no_text_of_ours_is_english(
    name: str,
    windows: dict[str, BrowserContext],
    live_studio: LiveStudio,
    filled: Filled,
    said: frozenset[str],
) -> None:
    shown = {}
    for language in ("en", "de"):
        with watched_page(windows[language], live_studio.url) as watched:
            page = watched.open(path_of(name, filled))
            settle(page)
            assert page.evaluate("document.documentElement.lang") == language
            shown[language] = set(page.evaluate(_TEXTS))

    both = shown["en"] & shown["de"] - known()
    left = sorted(
        text
        for text in both
        if re.search("[A-Za-z]{3}", ALIKE.sub("", text)) and not is_data(text, said)
    )
    assert not left, "\n".join(["mark these texts, or say here where they come from:", *left])


def is_data(text: str, said: frozenset[str]) -> bool:
    """Also names that a page joins, or begins with a capital."""
    bare = text.rstrip(".")
    parts = re.split(r", | → |\"", bare)
    return (
        bare in said
        or all(part in said or part.lower() in said or not part for part in parts)
        or (len(bare) > 20 and any(bare in each for each in said))
    )


@pytest.mark.parametrize("name", PAGES)
def test_german_fits_and_numbers_for_machines_stay_as_they_are(
    name: str, windows: dict[str, BrowserContext], live_studio: LiveStudio, filled: Filled
) -> None:
    for window in ("de", "narrow"):
        with watched_page(windows[window], live_studio.url) as watched:
            page = watched.open(path_of(name, filled))
            settle(page)

            assert not sideways(page), f"it scrolls sideways at {page.viewport_size}"
            assert page.evaluate(_CUT) == [], page.viewport_size
            assert page.evaluate(_COMMAS) == []

            # Where the frame and the tables are at their tightest, before they change their form.
            for width in (841, 761, 641) if window == "de" else ():
                page.set_viewport_size({"width": width, "height": 900})
                settle(page)
                assert not sideways(page), f"it scrolls sideways at {width} px"


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_strangers_are_met_in_german(
    name: str, width: int, browser: Browser, live_studio: LiveStudio
) -> None:
    context = new_context(browser, locale="de-DE", viewport={"width": width, "height": 900})
    with watched_page(context, live_studio.url) as watched:
        page = watched.open(STRANGERS[name], status=200 if name == "login" else 404)

        assert page.evaluate("document.documentElement.lang") == "de"
        assert not sideways(page)
    context.close()


def test_a_language_is_chosen_in_the_account_menu(
    windows: dict[str, BrowserContext], live_studio: LiveStudio
) -> None:
    with watched_page(windows["en"], live_studio.url) as watched:
        page = watched.open("/runs/")
        choose(page, "Account and settings", "Deutsch")
        assert page.get_by_role("heading", name="Läufe", level=1).is_visible()
        assert page.evaluate("location.pathname") == "/runs/"

        choose(page, "Konto und Einstellungen", "Browser")
        assert page.get_by_role("heading", name="Runs", level=1).is_visible()


def choose(page: Page, menu: str, language: str) -> None:
    page.get_by_title(menu, exact=True).click()
    languages = page.locator('form[action="/language"]')
    with page.expect_navigation():
        languages.get_by_role("button", name=language).click()


# Texts and what assistive technology reads, where somebody can see or hear it. Elements that hold
# data are left out.
_TEXTS = """
(() => {
  const DATA = "code, pre, kbd, textarea, script, style, time, noscript, svg:not([aria-label]),"
    + " [lang]:not(html), .cm-editor, .rp-json, .pill--conditional";
  const SPOKEN = ["title", "aria-label", "placeholder", "alt", "data-label"];
  const found = [document.title.replace(" · Treadle", "")];
  for (const one of document.body.querySelectorAll("*")) {
    if (one.closest(DATA) || !one.checkVisibility({ visibilityProperty: true })) continue;
    found.push(...SPOKEN.map((name) => one.getAttribute(name) ?? ""));
    const texts = [...one.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE);
    found.push(...texts.map((each) => each.data));
  }
  return found.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
})()
"""
# Buttons whose words do not fit into them.
_CUT = """
[...document.querySelectorAll("button, .button, .chip, th")]
  .filter((one) => one.checkVisibility() && one.textContent.trim() && one.clientWidth > 0)
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && !one.closest(".react-flow"))
  .filter((one) => getComputedStyle(one).textOverflow !== "ellipsis")
  .map((one) => one.outerHTML.slice(0, 200))
"""
# Numbers of drawings and forms with a decimal comma: nobody reads them.
_COMMAS = """
[...document.querySelectorAll("svg, svg *, input, time, progress, meter")]
  .flatMap((one) => [...one.attributes].map((each) => [one.tagName, each.name, each.value]))
  .filter(([, name, value]) => !name.startsWith("aria-") && /^-?\\d+,\\d+$/.test(value))
"""
