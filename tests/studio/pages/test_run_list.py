"""The lists of runs."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.models import Run, Version
from tests.studio import build
from tests.studio.pages.conftest import Visit

URL = "/runs/"


@pytest.fixture
def version(alice: User) -> Version:
    return build.published({**build.chain("trial.count"), "name": "Invoices"}, alice)


def made(version: Version, owner: User, **more: Any) -> Run:
    return Run.objects.create(workflow=version.workflow, version=version, owner=owner, **more)


def ids(client: Client, url: str = URL, **query: str) -> list[str]:
    response = client.get(url, query)
    assert response.status_code == 200
    return [str(row.id) for row in response.context["rows"]]


def test_no_runs_say_how_to_start_one(alice: User, visit: Visit) -> None:
    found = visit(alice).get(URL).content.decode()

    assert "No runs yet" in found
    assert "POST /api/v1/runs" in found


def test_the_newest_is_first_and_others_runs_are_left_out(
    alice: User, bob: User, version: Version, visit: Visit
) -> None:
    first, second = made(version, alice), made(version, alice)
    made(build.published(build.chain("trial.count"), bob), bob)

    assert ids(visit(alice)) == [str(second.public_id), str(first.public_id)]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"status": "failed"}, ["failed"]),
        ({"status": "active"}, ["waiting"]),
        ({"source": "review"}, ["reviewed"]),
        ({"search": "E_TOOL"}, ["failed"]),
        ({"search": "backfill"}, ["failed"]),
        ({"search": "invoi"}, ["waiting", "failed", "reviewed"]),
        ({"search": "zebra"}, []),
        ({"status": "nonsense", "source": ""}, ["waiting", "failed", "reviewed"]),
        ({"workflow": "nonsense"}, []),
    ],
)
def test_filters_narrow_the_list(
    query: dict[str, str], kept: list[str], alice: User, version: Version, visit: Visit
) -> None:
    runs = {
        "reviewed": made(version, alice, source="review", status="completed"),
        "failed": made(version, alice, status="failed", error_code="E_TOOL", tags=["backfill"]),
        "waiting": made(version, alice, status="waiting"),
    }

    assert ids(visit(alice), **query) == [str(runs[name].public_id) for name in kept]


@pytest.mark.parametrize("part", ["whole", "end"])
def test_a_run_is_found_by_its_id(part: str, alice: User, version: Version, visit: Visit) -> None:
    made(version, alice)
    wanted = made(version, alice)
    id_ = str(wanted.public_id)

    assert ids(visit(alice), search=id_ if part == "whole" else id_[-8:]) == [id_]


def test_the_list_of_a_workflow_has_its_runs_only(
    alice: User, version: Version, visit: Visit
) -> None:
    made(build.published(build.chain("trial.count"), alice), alice)
    wanted = made(version, alice)
    url = reverse("workflow-runs", args=[version.workflow.public_id])

    assert ids(visit(alice), url) == [str(wanted.public_id)]


def test_pages_lead_on_and_back_and_new_runs_shift_nothing(
    alice: User, version: Version, visit: Visit
) -> None:
    runs = [str(made(version, alice).public_id) for _ in range(120)][::-1]
    client = visit(alice)

    first = client.get(URL)
    older = first.context["pager"].older
    made(version, alice)
    second = client.get(URL + older)
    third = client.get(URL + second.context["pager"].older)
    back = client.get(URL + second.context["pager"].newer)

    assert ids(client, URL + older) == runs[50:100]
    assert [str(row.id) for row in third.context["rows"]] == runs[100:]
    assert third.context["pager"].older == ""
    assert [str(row.id) for row in back.context["rows"]] == runs[:50]


def test_filters_stay_when_leafing(alice: User, version: Version, visit: Visit) -> None:
    for _ in range(51):
        made(version, alice, status="failed")

    older = visit(alice).get(URL, {"status": "failed"}).context["pager"].older

    assert "status=failed" in older
    assert "before=" in older


def test_a_failure_is_told_in_the_row(alice: User, version: Version, visit: Visit) -> None:
    made(
        version,
        alice,
        status="failed",
        error='{"code":"E_TOOL","message":"the disk is full","node":"write"}',
    )

    found = visit(alice).get(URL).content.decode()

    assert '<b title="write">write</b> the disk is full' in found


def test_more_runs_ask_no_more_queries(alice: User, version: Version, visit: Visit) -> None:
    client = visit(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(URL)
        return len(captured)

    made(version, alice)
    few = queries()
    for _ in range(20):
        made(version, alice, tags=["x"])

    assert queries() == few <= 7


def test_runs_of_runs_are_hidden_until_asked_for(
    version: Version, alice: User, bob: User, visit: Visit
) -> None:
    above = made(version, alice)
    link = {"parent_node": "s1", "parent_activation": 1, "parent_attempt": 1}
    below = made(version, alice, source="child", parent=above, **link)
    client = visit(alice)
    of_above = {"parent": str(above.public_id)}

    assert ids(client) == [str(above.public_id)]
    assert ids(client, source="child") == ids(client, **of_above) == [str(below.public_id)]
    assert ids(client, source="all") == [str(below.public_id), str(above.public_id)]
    assert f'href="/runs/{above.public_id}"' in client.get(URL, of_above).content.decode()
    assert ids(visit(bob), **of_above) == []
