"""The list of workflows."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio.actions.workflows import create_workflow, patch_workflow, save_draft
from studio.models import Run, Version, Workflow
from tests.studio import build
from tests.studio.pages.conftest import Visit


def named(name: str, owner: User | None, **more: object) -> Workflow:
    document = {**build.chain("trial.count"), "name": name, **more}
    return create_workflow(user=owner, name=name, document=document)


def page(client: object, **query: str) -> str:
    response = client.get(reverse("workflows"), query)  # type: ignore[attr-defined]
    assert response.status_code == 200
    return str(response.content.decode())


def ended(version: Version, owner: User, status: str = "completed", seconds: float = 2) -> Run:
    now = timezone.now()
    return Run.objects.create(
        workflow=version.workflow,
        version=version,
        owner=owner,
        status=status,
        started_at=now - timedelta(seconds=seconds),
        finished_at=now,
        error='{"code":"E_TOOL","message":"no","node":"ocr"}' if status == "failed" else "",
    )


def test_who_has_nothing_yet_is_shown_templates(alice: User, visit: Visit) -> None:
    named("Shipped example", None)

    found = page(visit(alice))

    assert "Start with a template" in found
    assert "Use this" in found
    assert "Start blank" in found


def test_who_has_a_workflow_is_not(alice: User, visit: Visit) -> None:
    named("Mine", alice)

    assert "Start with a template" not in page(visit(alice))


def test_own_and_shared_workflows_are_listed_and_no_others(
    alice: User, bob: User, visit: Visit
) -> None:
    named("Of Alice", alice)
    named("Of everybody", None)
    named("Of Bob", bob)

    found = page(visit(alice))

    assert "Of Alice" in found
    assert "Of everybody" in found
    assert "Of Bob" not in found


def test_deleted_and_hidden_ones_are_not_listed(alice: User, visit: Visit) -> None:
    create_workflow(user=alice, name="Made by a program", hidden=True)
    gone = named("Gone", alice)
    Workflow.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())

    found = page(visit(alice))

    assert "Made by a program" not in found
    assert "Gone" not in found


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"search": "invoice"}, ["Invoice intake"]),
        ({"search": "every NIGHT"}, ["Nightly"]),
        ({"tag": "finance"}, ["Invoice intake"]),
        ({"tag": "früh"}, ["Nightly"]),
        ({"owner": "me"}, ["Invoice intake", "Nightly"]),
        ({"owner": "shared"}, ["Published thing", "Shared thing"]),
        ({"state": "published"}, ["Published thing"]),
        ({"state": "draft", "owner": "me"}, ["Invoice intake", "Nightly"]),
        ({"search": "zebra"}, []),
        ({"search": "\x00"}, ["Invoice intake", "Nightly", "Published thing", "Shared thing"]),
    ],
)
def test_filters_narrow_the_list(
    query: dict[str, str], kept: list[str], alice: User, visit: Visit
) -> None:
    invoice = named("Invoice intake", alice)
    patch_workflow(user=alice, workflow=invoice, tags=["finance"])
    nightly = named("Nightly", alice, description="Runs every night")
    patch_workflow(user=alice, workflow=nightly, tags=["früh"])
    named("Shared thing", None)
    published = build.published({**build.chain("trial.count"), "name": "Published thing"}, None)

    found = page(visit(alice), **query)

    names = ["Invoice intake", "Nightly", published.workflow.name, "Shared thing"]
    assert [name for name in names if f">{name}</a>" in found] == kept


def test_no_match_says_so_and_leads_back(alice: User, visit: Visit) -> None:
    named("Mine", alice)

    found = page(visit(alice), search="zebra")

    assert "No workflow matches" in found
    assert "“zebra”" in found


def test_a_draft_saved_after_publishing_is_marked(alice: User, visit: Visit) -> None:
    version = build.published(build.chain("trial.count"), alice)
    assert "newer draft" not in page(visit(alice))
    workflow = Workflow.objects.get(pk=version.workflow_id)

    save_draft(
        user=alice,
        workflow=workflow,
        rev=workflow.draft_rev,
        document=build.chain("trial.count", length=4),
    )

    assert "newer draft" in page(visit(alice))
    assert "newer draft" in page(visit(alice), state="changed")


def test_the_last_runs_are_drawn_and_told(alice: User, visit: Visit) -> None:
    version = build.published(build.chain("trial.count"), alice)
    for _ in range(11):
        ended(version, alice)
    ended(version, alice, "failed")

    found = page(visit(alice))

    assert "Last 10 runs: 9 completed, 1 failed" in found
    assert "at ocr" in found
    assert "2.0 s" in found


def test_the_figures_count_a_day_and_what_is_active(alice: User, bob: User, visit: Visit) -> None:
    version = build.published(build.chain("trial.count"), alice)
    ended(version, alice)
    ended(version, alice, "failed")
    ended(build.published(build.chain("trial.count"), bob), bob)
    Run.objects.create(workflow=version.workflow, version=version, owner=alice, status="waiting")

    response = visit(alice).get(reverse("workflows"))

    assert response.context["figures"] == {"runs": 3, "failed": 1, "active": 1}


def test_only_who_may_change_a_workflow_can_delete_it(alice: User, visit: Visit) -> None:
    mine, shared = named("Mine", alice), named("Shared", None)

    found = page(visit(alice))

    assert reverse("workflow-delete", args=[mine.public_id]) in found
    assert reverse("workflow-delete", args=[shared.public_id]) not in found


def test_more_workflows_and_runs_ask_no_more_queries(alice: User, visit: Visit) -> None:
    client = visit(alice)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page(client)
        return len(captured)

    first = build.published(build.chain("trial.count"), alice)
    ended(first, alice)
    few = queries()
    for _ in range(8):
        version = build.published(build.chain("trial.count"), alice)
        for _ in range(12):
            ended(version, alice)

    assert queries() == few
    assert few <= 12


def test_a_long_list_has_pages(alice: User, visit: Visit) -> None:
    for number in range(51):
        named(f"Number {number:02}", alice)
    client = visit(alice)

    assert "?page=2" in page(client)
    assert "Number 00" not in page(client)
    assert "Number 00" in page(client, page="2")
    assert page(client, page="nonsense")
