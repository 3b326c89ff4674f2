"""Every page in light and dark, wide and narrow: nothing wrong, readable, reachable."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.browsing import NARROW, WIDE, Watched, axe_findings, new_context, watched_page
from tests.e2e.conftest import Filled, OpenContext
from tests.live import LiveStudio

PAGES = {
    "workflows": "/workflows/",
    "workflows without a match": "/workflows/?search=zebra",
    "new": "/workflows/new",
    "import": "/workflows/import",
    "editor": "/workflows/{workflow}/edit",
    "editor of an example": "/workflows/{example}/edit",
    "start": "/workflows/{workflow}/run",
    "versions": "/workflows/{workflow}/versions/",
    "compare": "/workflows/{workflow}/versions/compare",
    "runs of a workflow": "/workflows/{workflow}/runs/",
    "runs at once": "/workflows/{workflow}/limit",
    "runs to keep": "/workflows/{workflow}/keeping",
    "sharing": "/workflows/{workflow}/sharing",
    "delete": "/workflows/{workflow}/delete",
    "runs": "/runs/",
    "runs without a match": "/runs/?search=zebra",
    "run that completed": "/runs/{completed}",
    "run that failed": "/runs/{failed}",
    "move a run": "/runs/{failed}/move",
    "runs to compare with": "/runs/{failed}/compare",
    "two runs": "/runs/{failed}/compare?with={completed}",
    "why a run failed": "/runs/{failed}?tab=why",
    "run of a review": "/runs/{review}",
    "inbox": "/inbox/",
    "triggers": "/triggers/",
    "triggers of a workflow": "/triggers/?workflow={example}",
    "new schedule": "/triggers/schedules/new?workflow={workflow}",
    "schedule": "/triggers/schedules/{schedule}",
    "schedule that was refused": "/triggers/schedules/{refused}",
    "new webhook": "/triggers/webhooks/new?workflow={workflow}",
    "webhook": "/triggers/webhooks/{webhook}",
    "question": "/inbox/{question}",
    "review": "/review/",
    "report": "/review/{review}",
    "report of broken code": "/review/{broken_review}",
    "tools": "/tools/",
    "tool": "/tools/load_code",
    "tokens": "/settings/tokens",
    "secrets": "/settings/secrets",
    "profile": "/settings/profile",
    "confirm": "/confirm",
}


@pytest.fixture(params=[WIDE, NARROW], scope="module")
def window(
    request: pytest.FixtureRequest, browser: Browser, storage: Any
) -> Iterator[BrowserContext]:
    """A signed-in browser of this width; all pages are shown in the same one."""
    size = {"width": request.param, "height": 900}
    touch = request.param == NARROW
    context = new_context(browser, viewport=size, has_touch=touch, storage_state=storage)
    yield context
    context.close()


def path_of(name: str, filled: Filled) -> str:
    ids = {field: getattr(filled, field) for field in Filled.__slots__}
    return PAGES[name].format(**ids)


# A canvas needs two dimensions: WCAG's reflow leaves such pages out at 320 px.
CANVASES = ("editor", "editor of an example")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_sound(
    name: str, window: BrowserContext, live_studio: LiveStudio, filled: Filled, axe: str
) -> None:
    """In light and dark colours; the wide one also as it is when people zoom in.

    A window of 1440 px at 200 % is 720 px wide; 320 px is what WCAG's reflow asks for. Tables are
    at their tightest at 761 px, just before their rows become cards.
    """
    with watched_page(window, live_studio.url) as watched:
        shown = watched.open(path_of(name, filled))
        settle(shown)
        assert has_one_heading(shown)
        assert not sideways(shown), "it scrolls sideways"
        assert axe_findings(shown, axe) == []

        shown.emulate_media(color_scheme="dark")
        settle(shown)
        assert axe_findings(shown, axe, "color-contrast") == []

        if shown.viewport_size == {"width": WIDE, "height": 900}:
            for width in (820, 761, 720) if name in CANVASES else (820, 761, 720, 320):
                shown.set_viewport_size({"width": width, "height": 450})
                settle(shown)
                assert not sideways(shown), f"it scrolls sideways at {width} px"


@pytest.mark.parametrize("path", ["/login", "/sign-in/used-up", "/nowhere"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_for_strangers_are_sound(path: str, scheme: str, stranger: Watched, axe: str) -> None:
    stranger.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    shown = stranger.open(path, status=200 if path == "/login" else 404)

    assert has_one_heading(shown)
    assert axe_findings(shown, axe) == []


@pytest.mark.parametrize(
    "name", ["workflows", "editor", "runs", "report", "run that failed", "tokens"]
)
def test_forced_colours_and_reduced_motion_are_kept(
    name: str, signed_in: OpenContext, live_studio: LiveStudio, filled: Filled, axe: str
) -> None:
    context = signed_in(forced_colors="active", reduced_motion="reduce")
    with watched_page(context, live_studio.url) as watched:
        shown = watched.open(path_of(name, filled))
        settle(shown)

        moving = shown.evaluate(
            "document.getAnimations().filter((one) => one.playState === 'running').length"
        )
        assert moving == 0
        assert axe_findings(shown, axe) == []


@pytest.mark.parametrize("name", ["workflows", "runs", "review", "tools", "tokens", "profile"])
def test_the_keyboard_reaches_everything_and_focus_is_seen(
    name: str, visitor: Watched, filled: Filled
) -> None:
    shown = visitor.open(path_of(name, filled))
    settle(shown)
    expected = shown.evaluate(_FOCUSABLE)

    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "Skip to the content"
    reached = 1
    for _ in range(expected * 2):
        assert shown.evaluate(_RING), shown.evaluate("document.activeElement.outerHTML")
        shown.keyboard.press("Tab")
        if shown.evaluate("document.activeElement === document.body"):
            break
        reached += 1

    assert reached >= expected


def test_the_skip_link_leads_past_the_navigation(visitor: Watched) -> None:
    shown = visitor.open("/runs/")

    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")

    assert shown.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("name", ["editor of an example", "run of a review"])
def test_steps_are_called_by_their_titles(name: str, visitor: Watched, filled: Filled) -> None:
    """Who speaks to the computer says what stands on the step."""
    shown = visitor.open(path_of(name, filled))
    shown.locator("[data-node]").first.wait_for()

    called = shown.locator("[data-node]").evaluate_all(
        "steps => steps.map((one) => [one.getAttribute('aria-label'),"
        " one.querySelector('.step__title').textContent])"
    )
    assert called
    assert [spoken for spoken, title in called if not spoken.startswith(title)] == []


def settle(shown: Page) -> None:
    """Wait until an island has drawn what it has to draw: nothing changes for a moment."""
    shown.wait_for_load_state("load")
    shown.evaluate(_QUIET)


def has_one_heading(shown: Page) -> bool:
    return shown.locator("h1:visible").count() == 1


def sideways(shown: Page) -> bool:
    wider: bool = shown.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return wider


_FOCUSABLE = """
[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden")
  .filter((one) => one.checkVisibility())
  .length
"""
_RING = """
(() => {
  const style = getComputedStyle(document.activeElement);
  const own = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = document.activeElement.closest(".cm-editor");
  return own || Boolean(inside);
})()
"""
# A page that follows a run never comes to rest: it is looked at after two seconds.
_QUIET = """
() => new Promise((done) => {
  const turning = (one) => one instanceof CSSTransition && one.playState === "running";
  const busy = () =>
    document.querySelector(".inspector__body:empty") || document.getAnimations().some(turning);
  const rest = () => { timer = setTimeout(() => busy() ? rest() : done(), 80); };
  let timer;
  new MutationObserver(() => { clearTimeout(timer); rest(); })
    .observe(document, { subtree: true, childList: true, attributes: true });
  rest();
  setTimeout(done, 2000);
})
"""
