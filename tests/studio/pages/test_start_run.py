"""Starting a run from a page."""

import json

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from studio.actions.workflows import create_workflow
from studio.models import Run, Version, Workflow
from studio.queries import runs as queries
from tests.studio import build
from tests.studio.pages.conftest import Visit


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


def url_of(workflow: Workflow) -> str:
    return reverse("workflow-run", args=[workflow.public_id])


def test_the_state_given_starts_the_run(alice: User, version: Version, visit: Visit) -> None:
    response = visit(alice).post(
        url_of(version.workflow), {"which": "published", "state": '{"n": 40}'}
    )

    run = Run.objects.get()
    assert response["Location"] == reverse("run", args=[run.public_id])
    assert (run.version_id, run.source, run.owner) == (version.pk, "page", alice)
    assert queries.events(run)[0]["data"]["state"] == {"n": 40}


def test_the_draft_can_be_run(alice: User, version: Version, visit: Visit) -> None:
    visit(alice).post(url_of(version.workflow), {"which": "draft", "state": ""})

    assert Run.objects.get().version.workflow_id == version.workflow_id


def test_the_last_state_is_filled_in_again(alice: User, version: Version, visit: Visit) -> None:
    client = visit(alice)
    client.post(url_of(version.workflow), {"which": "published", "state": '{"n": 40}'})

    form = client.get(url_of(version.workflow)).context["form"]

    assert json.loads(form.initial["state"]) == {"n": 40}


def test_the_first_time_required_keys_are_filled_in(alice: User, visit: Visit) -> None:
    document = build.chain("trial.count")
    document["state"] = {
        "schema": {
            "type": "object",
            "required": ["code", "level", "given"],
            "properties": {"code": {"type": "string"}, "level": {"type": "integer"}, "given": {}},
        },
        "defaults": {"given": 1},
    }
    workflow = create_workflow(user=alice, document=document)

    response = visit(alice).get(url_of(workflow))

    assert json.loads(response.context["form"].initial["state"]) == {"code": "", "level": 0}
    assert [row.name for row in response.context["keys"]] == ["code", "level", "given"]
    assert [row.default for row in response.context["keys"]] == ["", "", "1"]


@pytest.mark.parametrize("state", ["{", "[]", "3", "[" * 100_000, '{"__proto__": 1}'])
def test_a_state_that_is_no_object_is_refused_and_kept(
    state: str, alice: User, version: Version, visit: Visit
) -> None:
    response = visit(alice).post(url_of(version.workflow), {"which": "published", "state": state})

    assert response.status_code == 422
    assert response.context["form"]["state"].value() == state
    assert not Run.objects.exists()


def test_a_draft_with_errors_says_what_is_wrong(alice: User, visit: Visit) -> None:
    document = build.chain("trial.nobody_knows")
    workflow = create_workflow(user=alice, document=document)

    response = visit(alice).post(url_of(workflow), {"which": "draft", "state": "{}"})

    assert response.status_code == 422
    assert "trial.nobody_knows" in response.content.decode()
    assert not Run.objects.exists()


def test_a_shared_workflow_can_be_run_by_everybody(bob: User, visit: Visit) -> None:
    shared = build.published(build.chain("trial.count"), None).workflow

    visit(bob).post(url_of(shared), {"which": "published", "state": "{}"})

    assert Run.objects.get().owner == bob
