"""A run goes by the version that it was started with, whatever is published meanwhile."""

import time

import pytest
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.actions.workflows import create_workflow, publish, save_draft
from studio.execution.service import Service
from studio.models import Run, RunEvent
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_is_pinned_to_its_version(engine: Service, alice: User) -> None:
    workflow = create_workflow(user=alice, document=build.chain("trial.wait", 2))
    first = publish(user=alice, workflow=workflow)
    run = start_run(user=alice, version=first)
    deadline = time.monotonic() + 20
    while not tools.called:
        assert time.monotonic() < deadline
        time.sleep(0.01)

    longer = build.chain("trial.count", 4)
    workflow = save_draft(user=alice, workflow=workflow, rev=workflow.draft_rev, document=longer)
    second = publish(user=alice, workflow=workflow)
    tools.gate.set()
    assert engine.wait_ended_blocking(run.public_id, 20)
    run.refresh_from_db()

    assert (second.number, run.version.number, run.status) == (2, 1, "completed")
    rows = RunEvent.objects.filter(run=run, kind="attempt.succeeded").order_by("seq")
    assert list(rows.values_list("node", flat=True)) == ["s1", "s2"]
    assert Run.objects.get(pk=run.pk).version.hash == first.hash != second.hash


def test_moving_a_step_changes_no_hash(alice: User) -> None:
    document = build.chain("trial.count", 2)
    workflow = create_workflow(user=alice, document=document)
    first = publish(user=alice, workflow=workflow)
    assert publish(user=alice, workflow=workflow).pk == first.pk, "it is published already"

    moved = {**document, "layout": {"s1": [40, 40]}}
    workflow = save_draft(user=alice, workflow=workflow, rev=workflow.draft_rev, document=moved)
    assert publish(user=alice, workflow=workflow).hash == first.hash
