"""The page of one run, as HTML that reads without JavaScript."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from engine import default_registry
from studio.actions import control
from studio.actions.runs import start_run
from studio.actions.workflows import delete_workflow
from studio.execution.service import service
from studio.models import Run, Version
from studio.queries import runs as queries
from tests.studio import build
from tests.studio.pages.conftest import Finish, Visit


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


def url_of(run: Run) -> str:
    return reverse("run", args=[run.public_id])


def test_a_tool_that_changed_under_the_run_is_named(
    alice: User, visit: Visit, finish: Finish
) -> None:
    document = build.chain("trial.mended", 1)
    run = finish(build.published(document, alice), alice)
    assert run.status == "failed"
    known = default_registry.get("trial.mended")
    before = known.source_hash[:16]
    assert (
        "changed while the run was under way" not in visit(alice).get(url_of(run)).content.decode()
    )

    def mended(state: dict[str, object]) -> None:
        state["mended"] = "by another function"

    mended.__qualname__, mended.__module__ = "mended", known.function.__module__
    try:
        now = default_registry.register("trial.mended", mended, effect="pure").source_hash[:16]
        control.retry_run(user=alice, run=run)
        assert service().wait_ended_blocking(run.public_id, 20)
        run.refresh_from_db()
        found = visit(alice).get(url_of(run)).content.decode()
    finally:
        default_registry.register("trial.mended", known.function, effect=known.effect)

    assert run.status == "completed", run.error
    assert "The code of a tool changed while the run was under way" in found
    assert f"<code>{before}</code>" in found
    assert f"<code>{now}</code>" in found
    events = [e for e in queries.events(run) if e["data"].get("code") == "tool_drift"]
    assert [(e["data"]["tool"], e["data"]["was"]) for e in events] == [("trial.mended", before)]


def test_a_run_in_the_queue_says_so_and_can_be_stopped(
    alice: User, version: Version, visit: Visit
) -> None:
    run = start_run(user=alice, version=version)

    found = visit(alice).get(url_of(run)).content.decode()

    assert 'data-status="queued"' in found
    assert "Run created" in found
    assert reverse("run-cancel", args=[run.public_id]) in found


def test_a_completed_run_shows_steps_log_and_state(
    alice: User, version: Version, visit: Visit, finish: Finish
) -> None:
    run = finish(version, alice, state={"n": 40})

    response = visit(alice).get(url_of(run))

    assert [(step.title, step.status, step.count) for step in response.context["steps"]] == [
        ("s1", "completed", 1),
        ("s2", "completed", 1),
        ("s3", "completed", 1),
    ]
    found = response.content.decode()
    assert "Run completed" in found
    assert "&quot;n&quot;: 43" in found
    assert reverse("run-cancel", args=[run.public_id]) not in found


def test_a_failed_run_tells_where_and_why(alice: User, visit: Visit, finish: Finish) -> None:
    run = finish(build.published(build.chain("trial.break"), alice), alice)

    found = visit(alice).get(url_of(run)).content.decode()

    assert "Step “s1” failed" in found
    assert "broken on purpose" in found
    assert "not reached" in found


def test_the_island_boots_with_run_document_and_events(
    alice: User, version: Version, visit: Visit, finish: Finish
) -> None:
    run = finish(version, alice)

    found = visit(alice).get(url_of(run)).content.decode()

    script = re.search(r'<script id="boot" type="application/json">(.*?)</script>', found)
    assert script is not None
    boot = json.loads(script[1])
    assert boot["page"] == "run"
    assert boot["run"]["id"] == str(run.public_id)
    assert boot["document"]["nodes"].keys() == {"s1", "s2", "s3"}
    assert [event["seq"] for event in boot["events"]] == list(range(1, boot["run"]["head"] + 1))
    assert boot["urls"]["ws"] == "/ws/run/{id}"


def test_a_long_log_shows_its_first_lines_and_says_so(
    alice: User, visit: Visit, finish: Finish
) -> None:
    run = finish(build.published(build.loop("trial.count", 150), alice), alice, state={"n": 0})

    response = visit(alice).get(url_of(run))

    assert len(response.context["lines"]) == 200
    assert "the first 200 of" in response.content.decode()


def test_reading_a_run_asks_few_queries(
    alice: User, version: Version, visit: Visit, finish: Finish
) -> None:
    run = finish(version, alice)
    client = visit(alice)

    with CaptureQueriesContext(connection) as captured:
        client.get(url_of(run))

    # One of them asks how long the journal is: a long one is not read whole.
    assert len(captured) <= 10


def test_stop_asks_for_the_end(alice: User, version: Version, visit: Visit) -> None:
    run = start_run(user=alice, version=version)

    response = visit(alice).post(reverse("run-cancel", args=[run.public_id]))

    assert response["Location"] == url_of(run)
    run.refresh_from_db()
    assert run.status == "cancelling"


def test_run_again_starts_the_same_version_with_the_same_state(
    alice: User, version: Version, visit: Visit
) -> None:
    run = start_run(user=alice, version=version, state={"n": 7}, tags=["backfill"])

    response = visit(alice).post(reverse("run-again", args=[run.public_id]))

    again = Run.objects.exclude(pk=run.pk).get()
    assert response["Location"] == url_of(again)
    assert (again.version, again.tags, again.source) == (version, ["backfill"], "page")
    assert queries.events(again)[0]["data"]["state"] == {"n": 7}


def test_runs_of_a_deleted_workflow_stay_readable_without_links_to_it(
    alice: User, version: Version, visit: Visit
) -> None:
    run = start_run(user=alice, version=version)
    delete_workflow(user=alice, workflow=version.workflow)

    response = visit(alice).get(url_of(run))

    assert response.status_code == 200
    edit = reverse("workflow-edit", args=[version.workflow.public_id])
    assert f'href="{edit}"' not in response.content.decode()


def test_a_run_is_paused_and_resumed_on_its_page(
    alice: User, version: Version, visit: Visit
) -> None:
    run = start_run(user=alice, version=version)
    browser = visit(alice)
    assert reverse("run-pause", args=[run.public_id]) in browser.get(url_of(run)).content.decode()

    response = browser.post(reverse("run-pause", args=[run.public_id]))
    run.refresh_from_db()
    assert (response["Location"], run.status) == (url_of(run), "paused")
    page = browser.get(url_of(run)).content.decode()
    assert 'value="resume"' in page
    assert "The run is paused" in page
    assert 'name="max_steps"' not in page

    browser.post(reverse("run-go-on", args=[run.public_id]), {"verb": "resume"})
    run.refresh_from_db()
    assert run.status == "queued"


def test_the_page_raises_the_steps_that_stopped_a_run(
    alice: User, version: Version, visit: Visit, finish: Finish
) -> None:
    run = finish(version, alice, limits={"max_steps": 1})
    browser = visit(alice)
    go_on = reverse("run-go-on", args=[run.public_id])
    page = browser.get(url_of(run)).content.decode()
    assert 'name="max_steps" type="number" min="2" value="2"' in page

    odd = browser.post(go_on, {"verb": "resume", "max_steps": "many"}, follow=True)
    assert "Write the number of steps in digits" in odd.content.decode()
    short = browser.post(go_on, {"verb": "resume", "max_steps": "1"}, follow=True)
    assert "has used its 1 steps" in short.content.decode()
    browser.post(go_on, {"verb": "resume", "max_steps": "50"})

    resumed = queries.events(run, kinds=["run.resumed"])
    assert [event["data"]["limits"] for event in resumed] == [{"max_steps": 50}]


def test_a_failed_run_offers_a_retry(alice: User, visit: Visit, finish: Finish) -> None:
    run = finish(build.published(build.chain("trial.break", 1), alice), alice)
    browser = visit(alice)
    assert 'value="retry"' in browser.get(url_of(run)).content.decode()

    browser.post(reverse("run-go-on", args=[run.public_id]), {"verb": "retry"})

    assert queries.events(run, kinds=["run.resumed"])


def test_a_completed_run_offers_neither(alice: User, version: Version, visit: Visit) -> None:
    run = start_run(user=alice, version=version)
    Run.objects.filter(pk=run.pk).update(status="completed")

    page = visit(alice).get(url_of(run)).content.decode()

    assert reverse("run-pause", args=[run.public_id]) not in page
    assert reverse("run-go-on", args=[run.public_id]) not in page
