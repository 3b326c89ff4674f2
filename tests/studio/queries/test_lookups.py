"""Rows read in plain SQL hold what the models hold."""

import pytest
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.actions.workflows import create_workflow
from studio.models import Version
from studio.models.fields import new_public_id
from studio.queries import lookups
from tests.studio import build

pytestmark = pytest.mark.django_db


def test_a_published_workflow_brings_its_version(alice: User) -> None:
    version = build.published(build.chain("trial.count"), alice)

    found = lookups.startable(alice, version.workflow.public_id)

    assert found is not None
    assert found.workflow_id == version.workflow_id
    brought = found.published
    assert brought is not None
    assert brought.get_deferred_fields() >= {"document", "note"}
    stored = Version.objects.get(pk=version.pk)
    for field in ("pk", "public_id", "workflow_id", "hash", "document"):
        assert getattr(brought, field) == getattr(stored, field)


def test_an_unpublished_workflow_brings_none(alice: User) -> None:
    workflow = create_workflow(user=alice, document=build.chain("trial.count"))

    assert lookups.startable(alice, workflow.public_id) == lookups.Startable(workflow.pk, None)


def test_a_mark_says_where_a_run_stands(alice: User) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))

    assert lookups.mark(alice, run.public_id) == lookups.Mark(run.pk, "queued", None)


def test_an_unknown_id_leads_nowhere(root: User) -> None:
    assert lookups.startable(root, new_public_id()) is None
    assert lookups.mark(root, new_public_id()) is None
