"""The editor in German: no English is left in its panels, dialogs and menus, and all of it fits.

Each scene is shown in both languages by the same keys. What reads alike in both was not marked,
or is no text of ours: names of steps, tools and keys, expressions, and what the API says of
workflows and tools. Problems are told in the language of the page.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browsing import NARROW, new_context, watched_page
from tests.e2e.conftest import make
from tests.e2e.test_every_language import _CUT, _TEXTS, known, texts_of
from tests.e2e.test_every_page import settle, sideways
from tests.live import LiveStudio

NODES: dict[str, Any] = {
    "count": {
        "type": "tool",
        "tool": "text.count",
        "inputs": {"text": "text", "odd": "1"},
        "outputs": {"words": "result.words"},
        "retry": {"max_attempts": 3, "initial": "1s", "on": ["ValueError"]},
        "timeout": "30s",
        "on_error": "continue",
        "lock": "l",
    },
    "unset": {"type": "tool"},
    "put": {"type": "set", "set": {"tries": "1", "a": "1", "b": "2", "c": "3"}, "disabled": True},
    "each": {
        "type": "map",
        "over": "[1, 2]",
        "as": "item",
        "max_concurrency": 2,
        "body": {"tool": "text.count", "inputs": {"text": "'a'"}},
    },
    "ask": {
        "type": "human",
        "description": "Is it right?",
        "assignees": {"users": ["admin"]},
        "form": {
            "type": "object",
            "properties": {"ok": {"type": "boolean"}, "mood": {"enum": ["up", "down"]}},
        },
    },
    "wait": {
        "type": "wait",
        "any": {
            "late": {"for": "1h"},
            "paid": {"signal": "payment"},
            "said": {"form": {"type": "object", "properties": {}}},
        },
    },
    "pause": {"type": "wait", "until": "'2030-01-31T09:00:00Z'"},
    "emit": {"type": "emit", "signal": "payment", "payload": {"total": "1"}},
    "other": {"type": "subgraph", "workflow": "code-review", "timeout": "5m"},
    "join": {"type": "noop", "join": {"policy": "n_of_m", "n": 1, "cancel": True}},
    "stop": {"type": "end", "terminate": True},
}
EDGES: list[dict[str, Any]] = [
    {"id": "e1", "from": "count", "to": "put", "when": "words > 1"},
    {"id": "e2", "from": "count", "to": "join", "else": True},
    {"id": "e3", "from": "put", "to": "join"},
    {"id": "e4", "from": "join", "to": "stop"},
    {"id": "e5", "from": "put", "to": "count", "max": 3, "resets": ["e6"]},
    {"id": "e6", "from": "put", "to": "put", "when": "false"},
    {"id": "e7", "from": "count", "to": "stop", "on": "error"},
    {"id": "e8", "from": "other", "to": "stop", "on": "timeout"},
    {"id": "e9", "from": "put", "to": "stop", "on": "exhausted"},
]


def document(key: str) -> dict[str, Any]:
    at = {id_: [280 * (i % 4), 140 * (i // 4)] for i, id_ in enumerate(NODES)}
    return {
        "format": "treadle/1",
        "key": key,
        "name": "Zzz",
        "entry": ["count"],
        "state": {
            "schema": {"type": "object", "properties": {"text": {"type": "string"}}},
            "defaults": {"text": "aa bb"},
        },
        "nodes": NODES,
        "edges": EDGES,
        "layout": at,
        "meta": {
            "notes": {"n": {"at": [0, 500], "size": [240, 120], "text": "zzz", "tone": "amber"}},
            "groups": {"g": {"title": "ggg", "nodes": ["ask", "wait"], "collapsed": False}},
            "pins": {"count": {"words": 2}},
        },
    }


# Names in the document above, words of the language of documents, and what people of every language
# write alike.
DRAWN = "late|paid|said|mood|ggg|zzz|Zzz|ok|up|down|payment|total|words|tries|text"
FORMAT = (
    "payload|answer|results?|string|integer|boolean|array|object|max|first"
    "|n_of_m|continue|item|index|pure|idempotent|once|transactional|admin|treadle|code-review"
)
ALIKE = (
    "JSON Lines|JSONL?|CSV|HTTP|TOML|YAML|SVG|Alt|Esc|[A-Z][a-z]+Error|Code review|Zoom|Version"
    "|Treadle|Alternative|Name"
)
NAMES = re.compile(rf"\b({'|'.join(NODES)}|{DRAWN}|{FORMAT}|{ALIKE})\b")

SMALL = {"width": NARROW, "height": 900}
Scene = Callable[[Page], None]


def keys(*pressed: str) -> Scene:
    def show(page: Page) -> None:
        page.locator('[data-node="count"]').focus()
        for key in pressed:
            page.keyboard.press(key)

    return show


def step(name: str, tab: str = "settings") -> Scene:
    def show(page: Page) -> None:
        page.evaluate(f"location.hash = 'node={name}&tab={tab}'")
        page.locator(".inspector__body .form-stack, .inspector__body .visit").first.wait_for()
        unfold(page)

    return show


def given(page: Page) -> None:
    page.evaluate("location.hash = 'node=count&tab=input'")
    page.locator(".visit__none").wait_for()


def edge(name: str) -> Scene:
    def show(page: Page) -> None:
        page.evaluate(f"location.hash = 'edge={name}'")
        page.locator(".edge-ends").wait_for()
        unfold(page)

    return show


def unfold(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('.editor details')) one.open = true")


def outline(page: Page) -> None:
    page.evaluate("location.hash = 'view=outline'")
    page.locator(".outliner__row").first.wait_for()


def workflow(page: Page) -> None:
    page.locator(".state-row").first.wait_for()
    unfold(page)


def command(words: str) -> Scene:
    """By the words that no language changes."""

    def show(page: Page) -> None:
        keys("Control+k")(page)
        page.locator(".chooser__input").fill(words)
        page.keyboard.press("Enter")

    return show


def menu(page: Page) -> None:
    page.locator('[data-node="each"]').click(button="right")
    page.locator(".step-menu").wait_for()


def everything(page: Page) -> None:
    keys("Control+a")(page)
    page.locator(".selection-bar").wait_for()
    page.locator(".selection-bar__menu button").first.click()


def problems(page: Page) -> None:
    page.locator(".problems-button").click()
    page.locator(".bottom-panel").wait_for()


SCENES: dict[str, Scene] = {
    "workflow": workflow,
    **{f"settings of {name}": step(name) for name in NODES},
    **{f"edge {name}": edge(name) for name in ("e1", "e2", "e5")},
    "what was given": given,
    "edge on the canvas": lambda page: page.locator('[data-edge="e1"]').first.click(),
    "outline": outline,
    "add": keys("n"),
    "find": keys("/"),
    "palette of commands": keys("Control+k"),
    "keys": keys("?"),
    "run": keys("Control+Enter"),
    "run to here": keys("Shift+Enter"),
    "publish": keys("Control+s"),
    "connect": keys("c"),
    "make a workflow": keys("Alt+x"),
    "import": command("open load file json yaml paste"),
    "hints": command("help tour start"),
    "rename": keys("F2"),
    "menu": menu,
    "everything": everything,
    "problems": problems,
}


@pytest.fixture(scope="module")
def drawn(live_studio: LiveStudio) -> dict[str, Any]:
    made: dict[str, Any] = make(
        live_studio, "POST", "/api/v1/workflows", document=document("german-zzz")
    )
    return made


@pytest.fixture(scope="module")
def said(live_studio: LiveStudio, drawn: dict[str, Any]) -> frozenset[str]:
    """Texts of the API, and the pieces that the editor makes of them."""
    texts: set[str] = set()
    paths = ["tools", "workflows?limit=100", f"workflows/{drawn['id']}", "expressions/functions"]
    for path in paths:
        status, answer = live_studio.call("GET", f"/api/v1/{path}")
        if status == 200:
            answer.pop("problems", None)
            for text in texts_of(answer):
                for piece in [text, *re.split(r"`+|\n\s*\n|\.\s", text)]:
                    texts.add(" ".join(piece.split()).rstrip(".").casefold())
    return frozenset(texts)


@pytest.fixture(scope="module")
def windows(browser: Browser, storage: Any) -> Iterator[dict[str, BrowserContext]]:
    made = {
        "en": new_context(browser, storage_state=storage, locale="en-US"),
        "de": new_context(browser, storage_state=storage, locale="de-DE"),
        "narrow": new_context(browser, storage_state=storage, locale="de-DE", viewport=SMALL),
    }
    yield made
    for context in made.values():
        context.close()


def open_scene(page: Page, studio: LiveStudio, workflow: str, scene: str) -> None:
    page.goto(f"{studio.url}/workflows/{workflow}/edit")
    expect(page.locator('[data-node="count"]')).to_be_attached()
    settle(page)
    SCENES[scene](page)
    settle(page)


@pytest.mark.parametrize("scene", SCENES)
def test_no_text_of_the_editor_is_english(
    scene: str,
    windows: dict[str, BrowserContext],
    live_studio: LiveStudio,
    drawn: dict[str, Any],
    said: frozenset[str],
) -> None:
    shown = {}
    for language in ("en", "de"):
        with watched_page(windows[language], live_studio.url) as watched:
            open_scene(watched.page, live_studio, drawn["id"], scene)
            shown[language] = set(watched.page.evaluate(_TEXTS))
            if language == "de":
                assert watched.page.evaluate(_CUT) == []

    left = sorted(
        text
        for text in shown["en"] & shown["de"] - known()
        if re.search("[A-Za-z]{3}", NAMES.sub("", text)) and not is_said(text, said)
    )
    assert not left, "\n".join(["mark these texts, or say here where they come from:", *left])


def is_said(text: str, said: frozenset[str]) -> bool:
    bare = text.rstrip(".").casefold()
    return bare in said or (len(bare) > 20 and any(bare in each for each in said))


def test_what_the_server_finds_after_an_edit_is_told_in_german(
    windows: dict[str, BrowserContext], live_studio: LiveStudio
) -> None:
    drawn = make(live_studio, "POST", "/api/v1/workflows", document=document("german-edit"))
    with watched_page(windows["de"], live_studio.url) as watched:
        page = watched.page
        open_scene(page, live_studio, drawn["id"], "rename")
        with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
            page.keyboard.type("Neu")
            page.keyboard.press("Enter")
        told = {problem["message"] for problem in saved.value.json()["problems"]}
        problems(page)
        shown = page.locator(".bottom-panel").inner_text()

    english = {problem["message"] for problem in drawn["problems"]}
    assert len(told) == len(english) > 2
    assert not told & english
    assert not [message for message in english if message in shown]


def test_a_text_that_cannot_be_imported_is_refused_in_german(
    windows: dict[str, BrowserContext], live_studio: LiveStudio, drawn: dict[str, Any]
) -> None:
    with watched_page(windows["de"], live_studio.url) as watched:
        open_scene(watched.page, live_studio, drawn["id"], "import")
        watched.page.locator("dialog textarea").fill('{"format" 1}')

        refusal = watched.page.locator("dialog .notice--error")
        expect(refusal).to_contain_text("Das ist kein JSON: ein Doppelpunkt fehlt. Zeile 1")


@pytest.mark.parametrize(
    "scene", ["edge on the canvas", "keys", "run", "palette of commands", "problems"]
)
def test_german_fits_on_a_telephone(
    scene: str,
    windows: dict[str, BrowserContext],
    live_studio: LiveStudio,
    drawn: dict[str, Any],
) -> None:
    with watched_page(windows["narrow"], live_studio.url) as watched:
        open_scene(watched.page, live_studio, drawn["id"], scene)

        assert not sideways(watched.page)
        assert watched.page.evaluate(_CUT) == []


def test_the_bar_takes_two_rows_on_a_telephone(
    browser: Browser, storage: Any, live_studio: LiveStudio, drawn: dict[str, Any]
) -> None:
    context = new_context(
        browser, storage_state=storage, locale="de-DE", viewport=SMALL, has_touch=True
    )
    with watched_page(context, live_studio.url) as watched:
        page = watched.open(f"/workflows/{drawn['id']}/edit")
        expect(page.locator('[data-node="count"]')).to_be_attached()
        boxes = (
            page.locator(".topbar")
            .locator("a, button")
            .evaluate_all(
                "all => all.filter((one) => one.checkVisibility())"
                ".map((one) => one.getBoundingClientRect().toJSON())"
            )
        )
        assert len({box["top"] for box in boxes}) == 2, boxes
        assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    context.close()
