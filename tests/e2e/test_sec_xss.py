"""Hostile text in every field is shown as text by a real browser: nothing of it runs.

Two hundred payloads stand in every text that a page shows. Each page is looked at three times over:
nothing ran, the policy had nothing to report, and no element came out of a text.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.browsing import Watched, new_context, watched_page
from tests.e2e.conftest import make, review
from tests.e2e.payloads import PAYLOADS, together
from tests.live import LiveStudio

# What no page of ours ever holds, and what an injected text would leave behind.
SUSPECTS = """
(root) => [...root.querySelectorAll("*")].filter((element) =>
  ["iframe", "object", "embed", "base", "marquee", "math"].includes(element.localName)
  || [...element.attributes].some(({name, value}) =>
    name.startsWith("on") || /^[\\s\\x00-\\x1f]*(javascript|vbscript|data:text)/i.test(value)
      && ["href", "src", "action", "formaction", "xlink:href", "data"].includes(name))
  || element.localName === "script" && element.type !== "application/json"
    && element.textContent.includes("__xss")
).map((element) => element.outerHTML.slice(0, 200))
"""
EVENTS = """
for (const element of document.querySelectorAll("*")) {
  for (const name of ["mouseover", "focus", "toggle", "animationend", "error", "load"]) {
    element.dispatchEvent(new Event(name));
  }
}
"""
SEARCHES = """
async (addresses) => {
  const suspects = LOOK, found = [];
  for (const address of addresses) {
    const answer = await fetch(address);
    const text = await answer.text();
    const page = new DOMParser().parseFromString(text, "text/html");
    if (answer.status !== 200 || suspects(page).length > 0) found.push(address);
  }
  return found;
}
""".replace("LOOK", SUSPECTS.strip())


OTHER_LISTS = ("/runs/", "/tools/")


def test_there_are_two_hundred_payloads() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 200


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStudio]:
    started = LiveStudio(tmp_path_factory.mktemp("xss") / "data", TREADLE_TOOLS="tests.e2e.tools")
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def context(browser: Browser, studio: LiveStudio) -> Iterator[BrowserContext]:
    """A signed-in browser."""
    opened = new_context(browser)
    page = opened.new_page()
    page.goto(studio.url + studio.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    page.close()
    yield opened
    opened.close()


@pytest.fixture
def visitor(context: BrowserContext, studio: LiveStudio) -> Iterator[Watched]:
    with watched_page(context, studio.url) as watched:
        yield watched


def chain(nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    names = list(nodes)
    edges = [{"id": f"e{i}", "from": a, "to": b} for i, (a, b) in enumerate(pairwise(names))]
    return {"format": "treadle/1", "entry": names[:1], "nodes": nodes, "edges": edges, **more}


@pytest.fixture(scope="module")
def hostile(studio: LiveStudio) -> dict[str, str]:
    """Everything that a person or a program can write, written by an attacker."""
    for index, group in enumerate(together(4)):
        name, step = " ".join(group)[:200], {"type": "tool", "tool": "watch.say"}
        small = chain({"a": step}, key=f"small-{index}", name=name, description=name)
        made = make(studio, "POST", "/api/v1/workflows", document=small)["id"]
        make(studio, "PATCH", f"/api/v1/workflows/{made}", tags=[text[:40] for text in group])
        make(studio, "POST", "/api/v1/tokens", name=" ".join(group)[:100])
    workflow = make(studio, "POST", "/api/v1/workflows", document=big())["id"]
    for group in together(10):
        note = " ".join(group)[:500]
        make(studio, "PATCH", f"/api/v1/workflows/{workflow}", description=note)
        make(studio, "POST", f"/api/v1/workflows/{workflow}/publish", note=note)
    make(studio, "PATCH", f"/api/v1/workflows/{workflow}", description=" ".join(PAYLOADS))
    run = {"workflow": workflow, "tags": [text[:40] for text in PAYLOADS[:20]]}
    state = {"lines": list(PAYLOADS), "text": "", **{text: text for text in PAYLOADS}}
    failing = chain({"a": {"type": "tool", "tool": "watch.refuse"}}, key="f", name="Failing")
    refused = make(studio, "POST", "/api/v1/workflows", document=failing)["id"]
    code = "\n".join(f"x{i} = {text!r}  # {text!r}" for i, text in enumerate(PAYLOADS))
    path = "/api/v1/runs?wait=30"
    failed = [
        make(studio, "POST", path, workflow=refused, draft=True, state={"text": " ".join(group)})
        for group in together(50)
    ]
    return {
        "workflow": workflow,
        "run": make(studio, "POST", path, **run, state=state)["id"],
        "review": review(studio, code),
        **{f"failed{index}": run["id"] for index, run in enumerate(failed)},
    }


def big() -> dict[str, Any]:
    """A workflow of one step a payload, the first of which logs them all."""
    nodes: dict[str, Any] = {"say": {"type": "tool", "tool": "watch.say", "title": PAYLOADS[0]}}
    for index, text in enumerate(PAYLOADS[1:]):
        nodes[f"n{index}"] = {
            "type": "tool",
            "tool": "text.count",
            "title": text,
            "description": text,
            "inputs": {"text": "text"},
        }
    return chain(nodes, key="big", name=" ".join(PAYLOADS[:4])[:200])


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/workflows/", 200),
        ("/workflows/?page=2", 180),
        ("/workflows/{workflow}/edit", 30),
        ("/workflows/{workflow}/run", 150),
        ("/workflows/{workflow}/versions/", 10),
        ("/workflows/{workflow}/runs/", 20),
        ("/workflows/{workflow}/delete", 4),
        ("/runs/", 200),
        ("/runs/{run}", 200),
        ("/runs/{run}?tab=state", 200),
        ("/runs/{failed0}", 40),
        ("/runs/{failed1}", 40),
        ("/runs/{failed2}", 40),
        ("/runs/{failed3}", 40),
        ("/review/", 0),
        ("/review/{review}", 0),
        ("/settings/tokens", 0),
    ],
)
def test_sec_xss(path: str, shown: int, hostile: dict[str, str], visitor: Watched) -> None:
    page = visitor.open(path.format(**hostile))
    page.wait_for_timeout(400)
    if path.endswith("tab=state"):
        for more in page.get_by_role("button", name=re.compile(r"^Show \d+ of \d+ more$")).all():
            more.click()
    page.evaluate(EVENTS)
    page.wait_for_timeout(100)

    assert page.evaluate("window.__xss") is None
    assert page.evaluate(f"({SUSPECTS})(document)") == []
    assert shown_on(page) >= shown


def shown_on(page: Page) -> int:
    """How many payloads stand on the page as they were written."""
    text = " ".join(page.evaluate("document.documentElement.textContent").split())
    return sum(" ".join(payload.split()) in text for payload in PAYLOADS)


def test_sec_xss_in_what_is_searched_for(hostile: dict[str, str], visitor: Watched) -> None:
    page = visitor.open("/workflows/")
    searches = [("/workflows/", list(PAYLOADS))]
    searches += [(path, [" ".join(group)[:200] for group in together(4)]) for path in OTHER_LISTS]
    addresses = [f"{path}?search={quote(text)}" for path, texts in searches for text in texts]

    assert page.evaluate(SEARCHES, addresses) == []


@pytest.mark.parametrize("payload", PAYLOADS[:: len(PAYLOADS) // 5])
def test_sec_xss_typed_by_a_person(payload: str, visitor: Watched) -> None:
    page = visitor.open("/workflows/")
    page.get_by_label("Search workflows").fill(payload)
    page.keyboard.press("Enter")
    page.wait_for_url("**/workflows/?search=*")

    typed = page.get_by_label("Search workflows").input_value()
    assert " ".join(typed.split()) == " ".join(payload.split())
    assert page.evaluate("window.__xss") is None
    assert page.evaluate(f"({SUSPECTS})(document)") == []


def test_the_suspects_are_found(browser: Browser) -> None:
    """The test of the test: markup that came out of a text is noticed, and what it ran."""
    page = browser.new_page()
    harmless = {"", "plain"}
    parse = f"(text) => ({SUSPECTS})(new DOMParser().parseFromString(text, 'text/html'))"
    found = {text for text in (*PAYLOADS, *harmless) if page.evaluate(parse, text)}
    page.set_content("".join(PAYLOADS))
    page.wait_for_function("window.__xss === 1")
    page.close()

    assert len(found) > 100
    assert not found & harmless
