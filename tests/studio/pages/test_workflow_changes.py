"""The menu of a workflow: duplicate, delete, versions, restore, export."""

import json

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from studio.actions.workflows import publish, save_draft
from studio.journal import codec
from studio.models import Version, Workflow
from tests.studio import build
from tests.studio.pages.conftest import Visit


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


def changed(version: Version, user: User, length: int) -> Workflow:
    workflow = Workflow.objects.get(pk=version.workflow_id)
    document = {**build.chain("trial.count", length=length), "key": workflow.key}
    return save_draft(user=user, workflow=workflow, rev=workflow.draft_rev, document=document)


def test_a_shared_workflow_can_be_duplicated(alice: User, visit: Visit) -> None:
    shared = build.published(build.chain("trial.count"), None).workflow

    response = visit(alice).post(reverse("workflow-duplicate", args=[shared.public_id]))

    copy = Workflow.objects.get(owner=alice)
    assert response["Location"] == reverse("workflow-edit", args=[copy.public_id])


def test_deleting_asks_first(alice: User, version: Version, visit: Visit) -> None:
    url = reverse("workflow-delete", args=[version.workflow.public_id])
    client = visit(alice)

    assert "Delete “chain”?" in client.get(url).content.decode()
    assert Workflow.objects.get(pk=version.workflow_id).deleted_at is None

    client.post(url)

    assert Workflow.objects.get(pk=version.workflow_id).deleted_at is not None


def test_a_shared_workflow_is_not_everybodys_to_delete(alice: User, visit: Visit) -> None:
    shared = build.published(build.chain("trial.count"), None).workflow
    url = reverse("workflow-delete", args=[shared.public_id])

    assert visit(alice).get(url).status_code == 403
    assert visit(alice).post(url).status_code == 403
    assert Workflow.objects.get(pk=shared.pk).deleted_at is None


def test_versions_are_listed_newest_first(alice: User, version: Version, visit: Visit) -> None:
    publish(user=alice, workflow=changed(version, alice, 4), note="One step more")

    found = visit(alice).get(reverse("workflow-versions", args=[version.workflow.public_id]))

    assert [row.number for row in found.context["versions"]] == [2, 1]
    assert [row.current for row in found.context["versions"]] == [True, False]
    assert "One step more" in found.content.decode()


def test_an_unpublished_workflow_says_so(alice: User, visit: Visit) -> None:
    visit(alice).post("/workflows/new")
    workflow = Workflow.objects.get(owner=alice)

    found = visit(alice).get(reverse("workflow-versions", args=[workflow.public_id]))

    assert "Nothing is published yet" in found.content.decode()


def test_more_versions_ask_no_more_queries(alice: User, version: Version, visit: Visit) -> None:
    client, url = visit(alice), reverse("workflow-versions", args=[version.workflow.public_id])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    few = queries()
    for length in (4, 5, 6):
        publish(user=alice, workflow=changed(version, alice, length))

    assert queries() == few <= 7


def test_restoring_puts_the_version_into_the_draft(
    alice: User, version: Version, visit: Visit
) -> None:
    workflow = changed(version, alice, 5)

    response = visit(alice).post(reverse("workflow-restore", args=[workflow.public_id, 1]))

    assert response["Location"] == reverse("workflow-edit", args=[workflow.public_id])
    workflow.refresh_from_db()
    assert len(codec.decode(workflow.draft)["nodes"]) == 3


def test_a_version_nobody_knows_is_not_found(alice: User, version: Version, visit: Visit) -> None:
    url = reverse("workflow-restore", args=[version.workflow.public_id, 99])

    assert visit(alice).post(url).status_code == 404


@pytest.mark.parametrize(
    ("query", "type_", "name"),
    [
        ("", "application/json", "chain.json"),
        ("?format=yaml", "application/yaml", "chain.yaml"),
        ("?version=1", "application/json", "chain-v1.json"),
    ],
)
def test_exports_are_downloads(
    query: str, type_: str, name: str, alice: User, version: Version, visit: Visit
) -> None:
    url = reverse("workflow-export", args=[version.workflow.public_id]) + query

    response = visit(alice).get(url)

    assert response["Content-Type"] == f"{type_}; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_an_export_can_be_imported_again(alice: User, version: Version, visit: Visit) -> None:
    client = visit(alice)
    text = client.get(
        reverse("workflow-export", args=[version.workflow.public_id])
    ).content.decode()

    client.post("/workflows/import", {"text": text})

    copy = Workflow.objects.exclude(pk=version.workflow_id).get()
    assert codec.decode(copy.draft)["nodes"] == json.loads(text)["nodes"]


@pytest.mark.parametrize("query", ["?format=exe", "?version=99"])
def test_an_unknown_format_or_version_is_not_found(
    query: str, alice: User, version: Version, visit: Visit
) -> None:
    url = reverse("workflow-export", args=[version.workflow.public_id]) + query

    assert visit(alice).get(url).status_code == 404


def test_the_editor_page_boots_the_island_and_reads_without_it(
    alice: User, version: Version, visit: Visit
) -> None:
    response = visit(alice).get(reverse("workflow-edit", args=[version.workflow.public_id]))

    boot = response.context["boot"]
    assert boot["page"] == "editor"
    assert boot["workflow"]["id"] == str(version.workflow.public_id)
    assert boot["workflow"]["draft"]["nodes"].keys() == {"s1", "s2", "s3"}
    assert {tool["name"] for tool in boot["tools"]} >= {"trial.count", "load_code"}
    found = response.content.decode()
    assert 'data-island="editor"' in found
    noscript = found.split("<noscript>")[1].split("</noscript>")[0]
    assert "then <b>s2</b>" in noscript
