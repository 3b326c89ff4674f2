"""The shipped workflows: installed, published, kept up to date, never written over."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import Graph, ToolRegistry, run
from engine.library import register_all
from studio.actions import examples, workflows
from studio.actions.errors import ActionError
from studio.journal import codec
from studio.models import Version, Workflow
from tests.studio import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What would be shipped; tests change it."""
    documents = [("one", build.chain("trial.count", 2, key="x"))]
    monkeypatch.setattr(examples, "_shipped", lambda: documents)
    return documents


def test_every_example_is_shared_and_published() -> None:
    installed = examples.install_examples()

    assert {"code-review", "code-review-demo"} <= {workflow.key for workflow in installed}
    for workflow in installed:
        assert workflow.owner is None
        assert workflow.published is not None, workflow.key
        assert workflow.published.number == 1


def test_installing_again_changes_nothing() -> None:
    examples.install_examples()
    before = list(Workflow.objects.order_by("id").values_list("key", "draft_rev", "published_id"))

    examples.install_examples()

    assert (
        list(Workflow.objects.order_by("id").values_list("key", "draft_rev", "published_id"))
        == before
    )


def test_a_new_edition_is_published_as_the_next_version(shipped: list[Any]) -> None:
    examples.install_examples()
    shipped[0] = ("one", build.chain("trial.count", 3, key="x"))

    [workflow] = examples.install_examples()

    assert workflow.published is not None
    assert workflow.published.number == 2
    assert set(codec.decode(workflow.published.document)["nodes"]) == {"s1", "s2", "s3"}


def test_what_an_administrator_changed_is_kept(shipped: list[Any], root: User) -> None:
    [workflow] = examples.install_examples()
    own = {**build.chain("trial.count", 5, key="one"), "name": "Ours"}
    workflows.save_draft(user=root, workflow=workflow, rev=workflow.draft_rev, document=own)
    shipped[0] = ("one", build.chain("trial.count", 3, key="x"))

    [kept] = examples.install_examples()

    assert codec.decode(kept.draft) == own
    assert Version.objects.count() == 1


def test_a_run_of_the_demo_gets_to_the_end_on_what_is_offered_and_may_be_changed() -> None:
    workflow = next(one for one in examples.install_examples() if one.key == "code-review-demo")
    document = codec.decode(workflow.draft)
    registry = ToolRegistry()
    register_all(registry)

    result = run(Graph.from_dict(document), {}, registry=registry)

    assert (result.status, result.error) == ("completed", None)
    assert result.state["issues"], "there is nothing to see in a review that finds nothing"
    asked = document["state"]["schema"]["properties"]
    assert set(asked) == set(document["state"]["defaults"]) == {"code", "quality_threshold"}


def test_the_code_review_is_at_hand() -> None:
    with pytest.raises(ActionError, match="treadle examples"):
        examples.code_review_version()

    examples.install_examples()

    assert examples.code_review_version().workflow.key == "code-review"
