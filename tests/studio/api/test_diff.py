"""`GET /api/v1/workflows/{id}/diff`."""

import pytest
from django.contrib.auth.models import User

from studio.actions.workflows import create_workflow, publish, save_draft
from studio.models import Workflow
from tests.studio import build
from tests.studio.api.calls import Api


@pytest.fixture
def workflow(alice: User) -> Workflow:
    made = create_workflow(user=alice, document=build.chain("trial.count", 2))
    publish(user=alice, workflow=made)
    longer = build.chain("trial.count", 3)
    return save_draft(user=alice, workflow=made, rev=made.draft_rev, document=longer)


def test_a_version_and_the_draft(alice: User, workflow: Workflow) -> None:
    answer = Api(alice).get(f"/api/v1/workflows/{workflow.public_id}/diff?from=1&to=draft")

    assert answer.status == 200
    assert answer.body == {
        "from": "1",
        "to": "draft",
        "summary": "1 step added; 1 way added.",
        "equal": False,
        "nodes": {
            "added": [{"id": "s3", "node": {"type": "tool", "tool": "trial.count"}}],
            "removed": [],
            "changed": [],
        },
        "edges": {
            "added": [{"id": "e2", "edge": {"from": "s2", "to": "s3"}}],
            "removed": [],
            "changed": [],
        },
        "reordered": [],
        "order": False,
        "settings": [],
    }


def test_the_same_twice_is_equal(alice: User, workflow: Workflow) -> None:
    answer = Api(alice).get(f"/api/v1/workflows/{workflow.public_id}/diff?from=1&to=1")

    assert (answer.status, answer.body["equal"]) == (200, True)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?from=1&to=9", 404, "E_NOT_FOUND"),
        ("?from=zebra&to=1", 404, "E_NOT_FOUND"),
        ("?from=1", 400, "E_INVALID"),
        ("", 400, "E_INVALID"),
        ("?from=1&to=1&since=2", 400, "E_INVALID"),
        (f"?from={'1' * 50}&to=1", 400, "E_INVALID"),
    ],
)
def test_what_is_refused(
    alice: User, workflow: Workflow, query: str, status: int, code: str
) -> None:
    answer = Api(alice).get(f"/api/v1/workflows/{workflow.public_id}/diff{query}")

    assert (answer.status, answer.code) == (status, code)


def test_somebody_elses_is_not_there(bob: User, workflow: Workflow) -> None:
    answer = Api(bob).get(f"/api/v1/workflows/{workflow.public_id}/diff?from=1&to=draft")

    assert answer.status == 404
