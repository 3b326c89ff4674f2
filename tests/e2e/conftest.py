"""One browser and one filled studio for all browser tests."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.e2e.browsing import ARGUMENTS, Watched, axe_source, new_context, watched_page
from tests.live import ROOT, LiveStudio
from tests.services import CHROMIUM

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


# Not longer than the package: Playwright's loop would be in the way of asynchronous tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def storage(browser: Browser, live_studio: LiveStudio) -> Any:
    """The cookies of the administrator, signed in by a one-time link."""
    context = new_context(browser)
    page = context.new_page()
    page.goto(live_studio.url + live_studio.sign_in_path())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/workflows/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="package")
def axe() -> str:
    return axe_source()


CODE = """import os


def pick(item, seen=[]):
    if not item in seen:
        return 1
    else:
        return 2
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """Ids of what the studio of the browser tests holds."""

    workflow: str
    example: str
    completed: str
    failed: str
    review: str
    broken_review: str
    question: str
    schedule: str
    refused: str
    webhook: str


@pytest.fixture(scope="package")
def filled(live_studio: LiveStudio) -> Filled:
    """A workflow of one's own, runs of several outcomes, two reviews."""
    workflow = make(live_studio, "POST", "/api/v1/workflows", document=count_words("Busy one"))
    patch = {"tags": ["nightly"], "description": "Counts words, and fails without a text."}
    make(live_studio, "PATCH", f"/api/v1/workflows/{workflow['id']}", **patch)
    make(live_studio, "POST", f"/api/v1/workflows/{workflow['id']}/publish", note="First one")
    run = {"workflow": workflow["id"]}
    listed = make(live_studio, "GET", "/api/v1/workflows?search=code-review")["items"]
    return Filled(
        workflow["id"],
        next(item["id"] for item in listed if item["key"] == "code-review"),
        make(live_studio, "POST", "/api/v1/runs?wait=20", **run, state={"text": "a b a"})["id"],
        make(live_studio, "POST", "/api/v1/runs?wait=20", **run, state={"text": 3})["id"],
        review(live_studio, CODE),
        review(live_studio, "def f(:\n"),
        question(live_studio),
        schedule(live_studio, workflow["id"], "Every morning"),
        refused_schedule(live_studio),
        webhook(live_studio, workflow["id"]),
    )


def count_words(name: str) -> dict[str, Any]:
    node = {"type": "tool", "tool": "text.count", "inputs": {"text": "text"}}
    return {
        "format": "treadle/1",
        "key": name.lower().replace(" ", "-"),
        "name": name,
        "entry": ["count"],
        "nodes": {"count": node, "again": node, "done": {"type": "end"}},
        "edges": [
            {"id": "e1", "from": "count", "to": "again", "when": "size(text) > 1"},
            {"id": "e2", "from": "count", "to": "done", "else": True},
        ],
        "layout": {"count": [0, 0], "again": [280, 0], "done": [280, 120]},
    }


def make(studio: LiveStudio, method: str, path: str, **body: Any) -> Any:
    status, answer = studio.call(method, path, body or None)
    assert status < 300, (path, status, answer)
    return answer


def review(studio: LiveStudio, code: str, threshold: float = 7) -> str:
    """A review that has ended."""
    body = {"code": code, "quality_threshold": threshold}
    started: str = make(studio, "POST", "/api/v1/reviews", **body)["id"]
    for _ in range(300):
        if make(studio, "GET", f"/api/v1/reviews/{started}")["run"]["finished_at"]:
            return started
        time.sleep(0.1)
    raise AssertionError("the review has not ended")


def question(studio: LiveStudio) -> str:
    """What a waiting run asks."""
    document = count_words("Busy asking")
    document["nodes"]["count"] = {
        "type": "human",
        "title": "Is the text ready?",
        "description": "It goes out to all customers at once.",
        "assignees": {"group": "maintainers"},
        "due": "48h",
        "form": {
            "type": "object",
            "required": ["verdict"],
            "properties": {
                "verdict": {"title": "Verdict", "enum": ["publish", "stop"]},
                "text": {"title": "Text", "type": "string", "maxLength": 500},
                "urgent": {"title": "Urgent", "type": "boolean"},
            },
        },
    }
    version = make(studio, "POST", "/api/v1/workflows", document=document)
    make(studio, "POST", f"/api/v1/workflows/{version['id']}/publish", note="")
    make(studio, "POST", "/api/v1/runs?wait=1", workflow=version["id"])
    asked: str = make(studio, "GET", "/api/v1/waits")["items"][0]["id"]
    return asked


def schedule(studio: LiveStudio, workflow: str, name: str) -> str:
    """A schedule that has started two runs."""
    body = {"cron": "30 9 * * *", "time_zone": "Europe/Berlin", "state": {"text": "a b"}}
    made = make(studio, "POST", "/api/v1/schedules", name=name, workflow=workflow, **body)
    for _ in range(2):
        make(studio, "POST", f"/api/v1/schedules/{made['id']}/run")
    identity: str = made["id"]
    return identity


def refused_schedule(studio: LiveStudio) -> str:
    """One whose start was refused: its workflow was deleted."""
    workflow = make(studio, "POST", "/api/v1/workflows", document=count_words("Busy no more"))
    make(studio, "POST", f"/api/v1/workflows/{workflow['id']}/publish", note="")
    made = schedule(studio, workflow["id"], "Of a workflow that is gone")
    make(studio, "DELETE", f"/api/v1/workflows/{workflow['id']}")
    come_due(studio, made)
    for _ in range(300):
        if make(studio, "GET", f"/api/v1/schedules/{made}")["problem"]:
            return made
        time.sleep(0.1)
    raise AssertionError("the schedule was not acted on")


def come_due(studio: LiveStudio, schedule_id: str) -> None:
    """Turn the clock of a schedule forward: its next time is now."""
    code = (
        "import sys, django; django.setup()\n"
        "from studio.actions.trigger_fields import now\n"
        "from studio.models import Schedule\n"
        "due = now().replace(second=0, microsecond=0)\n"
        "Schedule.objects.filter(public_id=sys.argv[1]).update(due_at=due, next_at=due)"
    )
    subprocess.run(
        [sys.executable, "-c", code, schedule_id], cwd=ROOT, env=studio.environment, check=True
    )


def webhook(studio: LiveStudio, workflow: str) -> str:
    """A webhook with a delivery that was taken and one that was refused."""
    fields = {"name": "Orders", "mapping": {"text": "body.text"}, "headers": ["x-shop"]}
    made = make(studio, "POST", "/api/v1/webhooks", workflow=workflow, **fields)
    make(studio, "POST", f"/api/v1/webhooks/{made['id']}/run", body={"text": "a b"})
    status, _ = studio.call("POST", made["path"], {"text": "a b"})
    assert status == 401
    identity: str = made["id"]
    return identity


OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def signed_in(browser: Browser, storage: Any) -> Iterator[OpenContext]:
    """Contexts in which the administrator is signed in; more options as Playwright names them."""
    opened: list[BrowserContext] = []

    def open_one(**more: Any) -> BrowserContext:
        opened.append(new_context(browser, storage_state=storage, **more))
        return opened[-1]

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def visitor(signed_in: OpenContext, live_studio: LiveStudio) -> Iterator[Watched]:
    """A page of a signed-in person at 1440 px, checked at the end."""
    with watched_page(signed_in(), live_studio.url) as watched:
        yield watched


@pytest.fixture
def stranger(browser: Browser, live_studio: LiveStudio) -> Iterator[Watched]:
    """A page of somebody who is not signed in, checked at the end."""
    context = new_context(browser)
    with watched_page(context, live_studio.url) as watched:
        yield watched
    context.close()
