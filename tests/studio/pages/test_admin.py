"""The Django admin: lists without N+1, rows of runs that cannot be changed, one sign-in door."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studio.accounts import tokens
from studio.models import (
    ApiToken,
    AuditEntry,
    Blob,
    Delivery,
    Firing,
    PartOf,
    Run,
    RunEvent,
    Schedule,
    Snapshot,
    Version,
    Wait,
    Webhook,
    Workflow,
)
from studio.seals import sealing
from tests.studio import build
from tests.studio.pages.conftest import Visit

RUN_TABLES = (Blob, Run, RunEvent, Snapshot, Version, Wait)
TRIGGERS = (Delivery, Firing, Schedule, Webhook)
LISTED = (ApiToken, AuditEntry, *RUN_TABLES, *TRIGGERS, PartOf, Workflow)
READ_ONLY = (AuditEntry, *RUN_TABLES, *TRIGGERS, ApiToken)
Fill = Callable[[], None]


@pytest.fixture
def fill(root: User) -> Fill:
    """One more row of everything, with owners and links of its own."""

    def one_more() -> None:
        number = User.objects.count()
        user = User.objects.create_user(f"user{number}")
        version = build.published(build.chain("trial.count"), user)
        run = Run.objects.create(
            workflow=version.workflow, version=version, owner=user, error='{"a": "<b>"}'
        )
        RunEvent.objects.create(run=run, seq=1, kind="log", at=timezone.now(), data="{}")
        Snapshot.objects.create(run=run, seq=1, data="{}")
        Wait.objects.create(run=run, activation=1, kind="timer")
        schedule = Schedule.objects.create(workflow=version.workflow, owner=user, name="daily")
        moment = timezone.now()
        Firing.objects.create(schedule=schedule, due_at=moment, at=moment, run=run)
        secret = sealing.seal(f"canary{number}")
        hook = Webhook.objects.create(
            workflow=version.workflow, owner=user, name="orders", secret=secret
        )
        Delivery.objects.create(webhook=hook, at=moment, run=run)
        Blob.objects.create(sha256=f"{number:064}", size=2, data="{}")
        tokens.create(user=user, name="laptop")
        PartOf.objects.create(workflow=version.workflow, whole=version.workflow)

    return one_more


def list_url(model: type[Model]) -> str:
    return reverse(f"admin:studio_{model.__name__.lower()}_changelist")


def row_url(row: Model) -> str:
    return reverse(f"admin:studio_{type(row).__name__.lower()}_change", args=[row.pk])


@pytest.mark.parametrize("model", LISTED)
def test_more_rows_ask_no_more_queries(
    model: type[Model], root: User, fill: Fill, visit: Visit
) -> None:
    client = visit(root)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(list_url(model)).status_code == 200
        return len(captured)

    fill()
    few = queries()
    for _ in range(4):
        fill()

    assert queries() == few
    assert few <= 12


@pytest.mark.parametrize("model", LISTED)
def test_lists_can_be_searched(model: type[Model], root: User, fill: Fill, visit: Visit) -> None:
    fill()

    assert visit(root).get(list_url(model), {"q": "zebra"}).status_code == 200


@pytest.mark.parametrize("model", LISTED)
def test_a_row_can_be_read(model: type[Model], root: User, fill: Fill, visit: Visit) -> None:
    fill()
    row = model._default_manager.all()[0]

    found = visit(root).get(row_url(row))

    assert found.status_code == 200
    assert '{"a": "<b>"}' not in found.content.decode()


@pytest.mark.parametrize("model", READ_ONLY)
def test_sec_admin(model: type[Model], root: User, fill: Fill, visit: Visit) -> None:
    """Run tables, versions, audit and tokens: no adding, changing or deleting, even by POST."""
    fill()
    row = model._default_manager.all()[0]
    client = visit(root)
    delete = row_url(row).replace("/change/", "/delete/")
    add = list_url(model) + "add/"

    assert client.post(row_url(row), {"status": "completed"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert client.get(add).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    client.post(list_url(model), bulk)
    assert model._default_manager.filter(pk=row.pk).exists()


def test_an_administrator_revokes_tokens_and_it_is_recorded(
    root: User, alice: User, visit: Visit
) -> None:
    row, secret = tokens.create(user=alice, name="lost laptop")
    assert tokens.authenticate(secret) == alice

    visit(root).post(list_url(ApiToken), {"action": "revoke", "_selected_action": [str(row.pk)]})

    assert tokens.authenticate(secret) is None
    assert AuditEntry.objects.get(verb="token.revoke").user == root


def test_no_page_of_the_admin_shows_a_tokens_digest(root: User, fill: Fill, visit: Visit) -> None:
    fill()
    token = ApiToken.objects.get()
    client = visit(root)

    for url in (list_url(ApiToken), row_url(token)):
        assert token.sha256 not in client.get(url).content.decode()


def test_no_page_of_the_admin_shows_a_webhooks_secret(root: User, fill: Fill, visit: Visit) -> None:
    fill()
    hook = Webhook.objects.get()
    client = visit(root)

    for url in (list_url(Webhook), row_url(hook)):
        text = client.get(url).content.decode()
        assert hook.secret not in text
        assert "canary" not in text


def test_a_workflows_document_is_shown_and_not_edited_there(
    root: User, fill: Fill, visit: Visit
) -> None:
    fill()
    workflow = Workflow.objects.get()
    before = workflow.draft

    visit(root).post(
        row_url(workflow),
        {"name": "Renamed", "key": workflow.key, "tags": "[]", "draft": "{}", "draft_rev": "99"},
    )

    workflow.refresh_from_db()
    assert (workflow.name, workflow.draft, workflow.draft_rev) == ("Renamed", before, 1)


@pytest.mark.django_db
def test_the_admin_has_no_sign_in_page_of_its_own() -> None:
    response = Client().get("/admin/", follow=True)

    assert response.redirect_chain[-1][0].startswith("/login?next=/admin/login/")


def test_who_is_no_staff_is_refused(alice: User, visit: Visit) -> None:
    assert visit(alice).get(list_url(Run)).status_code == 302


def test_every_table_is_in_the_admin() -> None:
    assert set(LISTED) <= set(admin.site._registry)
