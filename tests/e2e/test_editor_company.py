"""Two people at one workflow: each is told of the other, and who only looks changes nothing."""

import subprocess
import sys
from typing import Any

from playwright.sync_api import Browser, Request, expect

from tests.e2e.browsing import axe_findings, new_context, watched_page
from tests.e2e.conftest import OpenContext, make
from tests.e2e.test_editor_keeps_work import Pen, edit_path, new_workflow, titles
from tests.live import ROOT, LiveStudio

TWO_SECONDS = 2_000


def share(studio: LiveStudio, workflow: str) -> None:
    """Everybody may see it; only administrators may change it."""
    code = (
        "import sys, django; django.setup()\n"
        "from studio.models import Workflow\n"
        "Workflow.objects.filter(public_id=sys.argv[1]).update(owner=None)"
    )
    subprocess.run(
        [sys.executable, "-c", code, workflow], cwd=ROOT, env=studio.environment, check=True
    )


def person(browser: Browser, studio: LiveStudio, name: str) -> Any:
    """A browser in which this new user is signed in."""
    studio.command("treadle", "token", "--user", name, "--create", "--json")
    context = new_context(browser)
    page = context.new_page()
    page.goto(studio.url + studio.sign_in_path(name))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    page.close()
    return context


def test_who_only_looks_is_seen_and_writes_nothing(
    browser: Browser, signed_in: OpenContext, live_studio: LiveStudio, axe: str
) -> None:
    workflow = new_workflow(live_studio, "Busy looked at")
    share(live_studio, workflow)
    looker = person(browser, live_studio, "lotte")
    writes: list[str] = []

    def note(request: Request) -> None:
        # Asking what an expression means stores nothing.
        if request.method not in ("GET", "HEAD") and "/expressions/check" not in request.url:
            writes.append(f"{request.method} {request.url}")

    looker.on("request", note)
    with (
        watched_page(signed_in(), live_studio.url) as first,
        watched_page(looker, live_studio.url) as second,
    ):
        pen = Pen(first.open(edit_path(workflow)))
        expect(pen.face("count")).to_be_visible()
        eyes = Pen(second.open(edit_path(workflow)))
        expect(eyes.note).to_contain_text("Read only")
        here = pen.page.get_by_role("list", name="Also here")
        expect(here).to_contain_text("lotte is looking on", timeout=TWO_SECONDS)
        there = eyes.page.get_by_role("list", name="Also here")
        expect(there).to_contain_text("admin has this workflow open", timeout=TWO_SECONDS)
        for page in (pen.page, eyes.page):
            assert not axe_findings(page, axe)

        eyes.face("count").click()
        for key in ("Delete", "n", "d", "Control+d"):
            eyes.page.keyboard.press(key)
        pen.title("again", "Of the admin")
        expect(eyes.face("again")).to_contain_text("Of the admin")
        expect(eyes.face("count")).to_be_visible()
        assert writes == []
        assert titles(live_studio, workflow) == {"again": "Of the admin"}
        assert make(live_studio, "GET", f"/api/v1/workflows/{workflow}")["rev"] == 2

        eyes.page.get_by_role("button", name="Duplicate to edit").click()
        eyes.page.wait_for_url(lambda url: workflow not in url)
        expect(here).to_have_count(0, timeout=TWO_SECONDS)
        mine = Pen(eyes.page)
        mine.title("count", "My own")
        mine.until_saved()
    looker.close()


def test_who_may_not_change_it_any_more_keeps_the_work(
    browser: Browser, live_studio: LiveStudio, axe: str
) -> None:
    context = person(browser, live_studio, "olga")
    with watched_page(context, live_studio.url) as watched:
        watched.expected = ["status of 403"]
        page = watched.open("/workflows/new")
        page.get_by_role("button", name="Blank").first.click()
        page.wait_for_url("**/edit")
        workflow = page.url.split("/")[-2]
        page.get_by_role("group", name="Canvas.").focus()
        page.keyboard.press("n")
        page.keyboard.type("End")
        page.keyboard.press("Enter")
        pen = Pen(page)
        pen.until_saved()
        share(live_studio, workflow)
        pen.title("end", "Not to be lost")
        expect(pen.banners).to_contain_text("You may not change this workflow any more")
        expect(pen.note).to_contain_text("Kept on this computer")
        assert not axe_findings(page, axe)
        pen.banners.get_by_role("button", name="Duplicate with my changes").click()
        page.wait_for_url(lambda url: workflow not in url)
        expect(pen.face("end")).to_contain_text("Not to be lost")
        expect(pen.banners).not_to_contain_text("Restored")
    context.close()
