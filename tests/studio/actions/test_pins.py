"""Pinned outputs of a draft: kept with it, and nowhere else."""

import pytest
from django.contrib.auth.models import User

from studio.actions import workflows
from studio.actions.errors import InvalidDocument
from studio.actions.pins import MAX_BYTES
from studio.journal import codec
from studio.models import Version, Workflow
from tests.studio import build

pytestmark = pytest.mark.django_db


def pinned(value: object) -> dict[str, object]:
    notes = {"n1": {"at": [0, 0], "text": "kept"}}
    return {**build.chain("trial.count"), "meta": {"notes": notes, "pins": {"s1": value}}}


@pytest.fixture
def workflow(alice: User) -> Workflow:
    return workflows.create_workflow(user=alice, document=pinned({"n": 7}))


def test_they_stay_with_the_draft_and_not_with_a_version(alice: User, workflow: Workflow) -> None:
    version = workflows.publish(user=alice, workflow=workflow)

    assert codec.decode(workflow.draft)["meta"]["pins"] == {"s1": {"n": 7}}
    assert "pins" not in codec.decode(version.document)["meta"]
    assert codec.decode(version.document)["meta"]["notes"]


def test_another_pin_makes_no_new_version_to_run(alice: User, workflow: Workflow) -> None:
    first = workflows.draft_version(user=alice, workflow=workflow)
    changed = {**codec.decode(workflow.draft), "meta": pinned([1])["meta"]}
    workflows.save_draft(user=alice, workflow=workflow, rev=1, document=changed)

    again = workflows.draft_version(user=alice, workflow=workflow)

    assert again == first
    assert Version.objects.count() == 1


def test_a_meta_of_pins_alone_is_gone(alice: User) -> None:
    document = {**build.chain("trial.count"), "meta": {"pins": {"s1": 1}}}
    workflow = workflows.create_workflow(user=alice, document=document)

    version = workflows.publish(user=alice, workflow=workflow)

    assert "meta" not in codec.decode(version.document)


def test_a_large_one_is_refused_where_it_is(alice: User) -> None:
    most = "é" * ((MAX_BYTES - 2) // 2)
    workflows.create_workflow(user=alice, document=pinned(most))

    with pytest.raises(InvalidDocument, match="pin a smaller value") as caught:
        workflows.create_workflow(user=alice, document=pinned(most + "e"))

    assert (caught.value.status, caught.value.details[0]["pointer"]) == (413, "/meta/pins/s1")


@pytest.mark.parametrize("meta", [None, [], "x", {"pins": None}, {"pins": [1]}])
def test_odd_ones_do_no_harm(alice: User, meta: object) -> None:
    workflow = workflows.create_workflow(user=alice, document={"nodes": {}, "meta": meta})

    assert codec.decode(workflow.draft)["meta"] == meta
