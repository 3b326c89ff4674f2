"""The run page: followed live across a killed server, travelled in time, stopped."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import Watched, new_context, watched_page
from tests.live import LiveStudio

LOOPS = 10


@pytest.fixture(scope="module")
def slow_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStudio]:
    studio = LiveStudio(tmp_path_factory.mktemp("slow") / "data", TREADLE_TOOLS="tests.e2e.tools")
    studio.start()
    yield studio
    studio.stop()


@pytest.fixture
def slow_page(browser: Browser, slow_studio: LiveStudio) -> Iterator[Watched]:
    """A page of the administrator, checked at the end."""
    context = new_context(browser)
    with watched_page(context, slow_studio.url) as watched:
        page = watched.open(slow_studio.sign_in_path())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/workflows/")
        yield watched
    context.close()


@contextmanager
def run_page(browser: Browser, studio: LiveStudio) -> Iterator[tuple[str, Page]]:
    """A run of ten slow steps and its page, opened while it goes on.

    Not a watched page: a browser reports refused connections as errors, and here they are meant.
    """
    context = new_context(browser)
    page = context.new_page()
    page.goto(studio.url + studio.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    run = start_run(studio, ten_slow_steps())
    page.goto(f"{studio.url}/runs/{run}")
    yield run, page
    context.close()


def one_step(tool: str) -> dict[str, Any]:
    return {
        "format": "treadle/1",
        "key": "one",
        "name": f"One step of {tool}",
        "entry": ["step"],
        "nodes": {"step": {"type": "tool", "tool": tool}},
        "edges": [],
        "limits": {"max_state_bytes": 8_000_000},
    }


def run_of(studio: LiveStudio, tool: str, **state: Any) -> str:
    """A run of one step that has ended."""
    _, workflow = studio.call("POST", "/api/v1/workflows", {"document": one_step(tool)})
    body = {"workflow": workflow["id"], "draft": True, "state": state}
    status, run = studio.call("POST", "/api/v1/runs?wait=20", body)
    assert (status, run.get("status")) == (201, "completed"), run
    run_id: str = run["id"]
    return run_id


def ten_slow_steps() -> dict[str, Any]:
    return {
        "format": "treadle/1",
        "key": "ten",
        "name": "Ten slow steps",
        "entry": ["slow"],
        "nodes": {"slow": {"type": "tool", "tool": "watch.slow"}, "done": {"type": "end"}},
        "edges": [
            {"id": "again", "from": "slow", "to": "slow", "when": f"n < {LOOPS}"},
            {"id": "out", "from": "slow", "to": "done", "else": True},
        ],
    }


def start_run(studio: LiveStudio, document: dict[str, Any], **state: Any) -> str:
    _, workflow = studio.call("POST", "/api/v1/workflows", {"document": document})
    body = {"workflow": workflow["id"], "draft": True, "state": state}
    status, run = studio.call("POST", "/api/v1/runs", body)
    assert status == 201, run
    run_id: str = run["id"]
    return run_id


def events(studio: LiveStudio, run: str) -> list[Any]:
    return list(studio.call("GET", f"/api/v1/runs/{run}/events?limit=500")[1]["items"])


def test_a_killed_server_costs_the_watcher_nothing(
    browser: Browser, slow_studio: LiveStudio
) -> None:
    with run_page(browser, slow_studio) as (run, page):
        expect(page.get_by_text("count is 3")).to_be_visible(timeout=15_000)
        slow_studio.kill()
        slow_studio.start()

        expect(page.get_by_text("completed").first).to_be_visible(timeout=30_000)

        journal = events(slow_studio, run)
        assert [event["seq"] for event in journal] == list(range(1, len(journal) + 1))
        done = [e for e in journal if e["k"] == "attempt.succeeded" and e["node"] == "slow"]
        assert len(done) == LOOPS
        expect(page.get_by_text(re.compile(rf"of {len(journal)} lines"))).to_be_visible()


def test_time_travel_is_in_the_address(browser: Browser, slow_studio: LiveStudio) -> None:
    with run_page(browser, slow_studio) as (run, page):
        expect(page.get_by_text("completed").first).to_be_visible(timeout=30_000)
        page.get_by_role("slider").first.focus()
        for _ in range(5):
            page.keyboard.press("[")

        expect(page).to_have_url(re.compile(r"seq=\d+"))
        seq = int(re.findall(r"seq=(\d+)", page.url)[0])
        page.get_by_role("tab", name="State").click()
        _, there = slow_studio.call("GET", f"/api/v1/runs/{run}/state?seq={seq}")
        assert 0 < there["state"]["n"] <= LOOPS
        shown = page.get_by_role("tabpanel").filter(
            has_text=re.compile(rf"n\W+{there['state']['n']}")
        )
        expect(shown.first).to_be_visible()


def test_a_run_is_stopped_and_run_again(
    slow_page: Watched, slow_studio: LiveStudio, tmp_path: Path
) -> None:
    """It would go on for ever; run again, it ends."""
    gate = tmp_path / "gate"
    run = start_run(slow_studio, one_step("watch.gate"), path=str(gate))
    page = slow_page.open(f"/runs/{run}")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop the run").click()
    expect(page.get_by_text("cancelled").first).to_be_visible(timeout=15_000)

    gate.touch()
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(re.compile(rf"/runs/(?!{run})"))
    expect(page.get_by_text("completed").first).to_be_visible(timeout=30_000)


def test_the_log_is_scrolled_and_downloaded_whole(
    slow_studio: LiveStudio, slow_page: Watched
) -> None:
    lines = [f"line {number}" for number in range(3_000)]
    page = slow_page.open(f"/runs/{run_of(slow_studio, 'watch.say', lines=lines)}")
    expect(page.locator(".rp-log .rp-count")).to_have_text(re.compile("^3,0.*lines$"))
    view = page.get_by_role("listbox", name=re.compile("Log lines"))
    # Whoever came while it ran follows its end.
    view.focus()
    page.keyboard.press("Home")
    expect(view.get_by_role("option", name=re.compile("line 0$"))).to_be_visible()

    page.keyboard.press("End")
    expect(view.get_by_role("option", name=re.compile("line 2999$"))).to_be_visible()
    assert view.get_by_role("option").count() < 200, "only what is in sight is drawn"

    page.get_by_label("Download the log").click()
    with page.expect_download() as waited:
        page.get_by_role("button", name="Text, every line").click()
    text = waited.value.path().read_text()
    assert [line for line in lines if f" {line}\n" not in text] == []


def test_a_large_output_is_cut_and_can_be_opened_whole(
    slow_studio: LiveStudio, slow_page: Watched
) -> None:
    run = run_of(slow_studio, "watch.large", size=5_000_000)
    page = slow_page.open(f"/runs/{run}?node=step&tab=output")
    panel = page.get_by_role("tabpanel")
    panel.get_by_role("button", name=re.compile("0123456789")).click()

    expect(panel.get_by_text("64 KiB of 4.8 MiB are shown")).to_be_visible()
    assert len(panel.locator("pre").text_content() or "") == 64 * 1024
    raw = panel.get_by_role("link", name="Open raw").get_attribute("href")
    whole = page.request.get(f"{slow_studio.url}{raw}").json()
    assert whole["state"]["text"] == "0123456789" * 500_000


def test_an_expression_that_failed_stands_over_its_mark(
    slow_studio: LiveStudio, slow_page: Watched
) -> None:
    document = one_step("text.count")
    document["nodes"]["step"]["inputs"] = {"text": "1 + nothing"}
    _, workflow = slow_studio.call("POST", "/api/v1/workflows", {"document": document})
    body = {"workflow": workflow["id"], "draft": True, "state": {"text": "a"}}
    _, run = slow_studio.call("POST", "/api/v1/runs?wait=20", body)

    page = slow_page.open(f"/runs/{run['id']}?node=step&tab=why")

    for place in (page.get_by_role("alert"), page.locator(".rp-error")):
        shown = place.locator("pre").first
        expect(shown).to_have_text("1 + nothing\n    ^", use_inner_text=True)
        expect(place.locator("p", has_text="cannot be evaluated")).not_to_contain_text("^")


@pytest.mark.parametrize(
    ("language", "said", "status"),
    [
        ("en", "no edge of node “Score the paper” matched", "failed"),
        ("de", "keine Kante des Schritts „Score the paper“ passte", "fehlgeschlagen"),
    ],
)
def test_a_failure_names_its_step_by_its_title_in_the_readers_language(
    browser: Browser, slow_studio: LiveStudio, tmp_path: Path, language: str, said: str, status: str
) -> None:
    document = one_step("watch.gate")
    document["nodes"] = {
        "step": {**document["nodes"]["step"], "title": "Score the paper"},
        "after": {"type": "end"},
    }
    document["edges"] = [{"id": "e1", "from": "step", "to": "after", "when": "false"}]
    gate = tmp_path / language
    context = new_context(browser, locale=language)
    with watched_page(context, slow_studio.url) as watched:
        page = watched.open(slow_studio.sign_in_path())
        page.locator("main button[type=submit]").click()
        page.wait_for_url("**/workflows/")
        run = start_run(slow_studio, document, path=str(gate))
        page = watched.open(f"/runs/{run}")
        expect(page.locator("[data-status=running]").first).to_be_visible()

        gate.touch()  # what follows comes by the socket

        expect(page.get_by_role("alert")).to_contain_text(said)
        watched.open(f"/runs/{run}?node=step&tab=why")
        for shown in (page.get_by_role("alert"), page.locator(".rp-error")):
            expect(shown).to_contain_text(said)
        expect(page.locator(".rp-log")).to_contain_text(said)
        expect(page.locator("[data-what=failed] .chip")).to_have_text(status)
        expect(page.locator("main")).not_to_contain_text("'step'")
    context.close()
