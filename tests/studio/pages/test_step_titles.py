"""Steps are called by their titles wherever a person reads of them."""

import html
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Run, Version
from studio.queries import step_titles
from studio.queries.step_titles import StepTitles
from tests.studio import build
from tests.studio.pages.conftest import Visit


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_titles, "_kept", type(step_titles._kept)())


def titled(owner: User, **titles: str) -> Version:
    document = build.chain("trial.count")
    for node, title in titles.items():
        document["nodes"][node]["title"] = title
    return build.published(document, owner)


def failed(version: Version, owner: User, **more: Any) -> Run:
    error = json.dumps({"code": "E_TOOL", "message": "no paper", "node": "s1"})
    named: dict[str, Any] = {"workflow": version.workflow, "version": version, "owner": owner}
    return Run.objects.create(**named, status="failed", error=error, error_code="E_TOOL", **more)


def test_the_list_of_runs_says_which_step_failed_by_its_title(alice: User, visit: Visit) -> None:
    failed(titled(alice, s1="Print the labels"), alice)
    failed(titled(alice), alice)

    page = visit(alice).get(reverse("runs")).content.decode()

    assert '<b title="s1">Print the labels</b> no paper' in page
    assert '<b title="s1">s1</b> no paper' in page


def test_the_list_of_workflows_says_where_the_last_run_failed_by_its_title(
    alice: User, visit: Visit
) -> None:
    failed(titled(alice, s1="Print the labels"), alice)

    page = visit(alice).get(reverse("workflows")).content.decode()

    assert "at Print the labels" in page


def test_the_engines_own_words_about_a_step_name_it_by_its_title(alice: User, visit: Visit) -> None:
    run = failed(titled(alice, s1="Print the labels"), alice)
    said = "'s1' was cut 3 times; it may be what kills its worker"
    run.error = json.dumps({"code": "E_LOST", "message": said, "node": "s1"})
    run.save()
    other = failed(run.version, alice)
    other.error = json.dumps({"code": "E_TOOL", "message": "KeyError: 's1'", "node": "s1"})
    other.save()

    page = html.unescape(visit(alice).get(reverse("runs")).content.decode())

    assert "“Print the labels” was cut 3 times" in page
    assert "KeyError: 's1'" in page  # what a tool says stays as it is


def test_a_title_is_text_whatever_it_holds(alice: User, visit: Visit) -> None:
    failed(titled(alice, s1="<i>now</i>"), alice)

    page = visit(alice).get(reverse("runs")).content.decode()

    assert "<i>now</i>" not in page
    assert "&lt;i&gt;now&lt;/i&gt;" in page


def test_titles_of_many_versions_cost_two_queries_and_one_when_all_were_read(alice: User) -> None:
    runs = [failed(titled(alice, s1=f"Step of {n}"), alice) for n in range(5)]

    with CaptureQueriesContext(
        connection,
    ) as first:
        found = StepTitles(runs)
    with CaptureQueriesContext(connection) as second:
        again = StepTitles(runs)

    wanted = [f"Step of {n}" for n in range(5)]
    assert [found.of(run, "s1") for run in runs] == wanted
    assert [again.of(run, "s1") for run in runs] == wanted
    assert (len(first), len(second)) == (2, 1)


def test_a_list_without_failures_asks_for_no_title(alice: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        titles = StepTitles([])

    assert len(asked) == 0
    assert titles.of(failed(titled(alice), alice), "s1") == "s1"


def test_old_graphs_are_forgotten(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_titles, "MOST_GRAPHS", 2)
    runs = [failed(titled(alice, s1=f"Step of {n}"), alice) for n in range(3)]

    assert [StepTitles([run]).of(run, "s1") for run in runs] == [
        "Step of 0",
        "Step of 1",
        "Step of 2",
    ]
    assert len(step_titles._kept) == 2


def test_the_page_of_a_run_names_steps_of_runs_above_and_below(alice: User, visit: Visit) -> None:
    above = failed(titled(alice, s2="Order paper"), alice)
    below = failed(titled(alice), alice, parent=above, parent_node="s2", parent_activation=2)

    page = visit(alice).get(reverse("run", args=[below.public_id])).content.decode()

    assert "(Order paper)" in page


def test_news_of_the_list_name_the_step_too(alice: User, visit: Visit) -> None:
    run = failed(titled(alice, s1="Print the labels"), alice)
    failed(titled(alice), alice, parent=run, source="child")

    page = visit(alice).get(reverse("workflow-runs", args=[run.workflow.public_id]))
    news = visit(alice).get(html.unescape(live_query(page.content.decode()))).json()["items"]

    assert [each["id"] for each in news] == [str(run.public_id)]
    assert news[0]["status"] == "failed"
    told = {"code": "E_TOOL", "message": "no paper", "node": "s1", "step": "Print the labels"}
    assert news[0]["error"] == told


def test_news_are_of_runs_that_one_may_see(alice: User, bob: User, visit: Visit) -> None:
    failed(titled(alice), alice)

    assert visit(bob).get(reverse("runs-news")).json() == {"items": []}
    assert Client().get(reverse("runs-news")).status_code == 302


def live_query(page: str) -> str:
    """Where the list asks for news."""
    found = re.search(r'data-live-runs="([^"]+)"', page)
    assert found
    return found[1]
