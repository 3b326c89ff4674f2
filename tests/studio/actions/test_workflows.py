"""What people do to workflows."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions import workflows
from studio.actions.errors import ActionError, InvalidDocument, NotAllowed, RevisionConflict
from studio.actions.exporting import export_workflow
from studio.actions.importing import import_workflow
from studio.journal import codec
from studio.models import AuditEntry, Version, Workflow
from tests.studio import build

pytestmark = pytest.mark.django_db

DEMO: dict[str, Any] = {
    "nodes": [{"name": "a", "tool": "trial.count"}, {"name": "b", "tool": "trial.count"}],
    "edges": [
        {"from_node": "a", "to_node": "b", "condition_key": "n", "operator": "gt", "value": 0}
    ],
    "start_node": "a",
}


def made(user: User, **changes: Any) -> Workflow:
    return workflows.create_workflow(user=user, document={**build.chain("trial.count"), **changes})


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_workflow_begins_blank(alice: User) -> None:
    workflow = workflows.create_workflow(user=alice, name="My first")

    draft = codec.decode(workflow.draft)
    assert (workflow.key, workflow.name, workflow.draft_rev) == ("my-first", "My first", 1)
    assert (draft["nodes"], draft["edges"], draft["key"]) == ({}, [], "my-first")
    assert verbs() == ["workflow.create"]


def test_keys_of_one_owner_are_different(alice: User, bob: User) -> None:
    keys = [made(user, name="Same", key="same").key for user in (alice, alice, alice, bob)]

    assert keys == ["same", "same-2", "same-3", "same"]


def test_the_demo_format_becomes_a_native_draft(alice: User) -> None:
    workflow = workflows.create_workflow(user=alice, document=DEMO, name="Demo")

    draft = codec.decode(workflow.draft)
    assert draft["format"] == "treadle/1"
    assert set(draft["nodes"]) == {"a", "b"}
    assert workflows.publish(user=alice, workflow=workflow).number == 1


def test_a_broken_demo_document_is_refused_whole(alice: User) -> None:
    with pytest.raises(InvalidDocument) as refused:
        workflows.create_workflow(user=alice, document={**DEMO, "start_node": "nowhere"})

    assert refused.value.details
    assert not Workflow.objects.exists()


@pytest.mark.parametrize(
    "document",
    [
        {"format": "treadle/2"},
        {"nodes": []},
        {"edges": {}},
        {"meta": {"__proto__": 1}},
        {"meta": {"n": float("nan")}},
    ],
)
def test_what_is_no_draft_is_refused(alice: User, document: dict[str, Any]) -> None:
    with pytest.raises(ActionError) as refused:
        made(alice, **document)

    assert refused.value.status == 400


def test_nesting_has_an_end(alice: User) -> None:
    nested: Any = 1
    for _ in range(100):
        nested = [nested]

    with pytest.raises(ActionError, match="nested deeper"):
        made(alice, meta={"deep": nested})


def test_saving_raises_the_revision(alice: User) -> None:
    workflow = made(alice)
    document = {**codec.decode(workflow.draft), "name": "Renamed"}

    saved = workflows.save_draft(user=alice, workflow=workflow, rev=1, document=document)

    assert (saved.draft_rev, saved.name) == (2, "Renamed")
    assert saved.draft_saved_by == alice
    assert verbs() == ["workflow.create", "workflow.save"]


def test_saving_twice_is_saving_once(alice: User) -> None:
    workflow = made(alice)
    document = {**codec.decode(workflow.draft), "name": "Renamed"}

    for _ in range(2):
        saved = workflows.save_draft(user=alice, workflow=workflow, rev=1, document=document)

    assert saved.draft_rev == 2


def test_saving_over_somebody_else_is_a_conflict_that_carries_the_head(
    alice: User, root: User
) -> None:
    workflow = made(alice)
    theirs = {**codec.decode(workflow.draft), "name": "Theirs"}
    mine = {**codec.decode(workflow.draft), "name": "Mine"}
    workflows.save_draft(user=root, workflow=workflow, rev=1, document=theirs)

    with pytest.raises(RevisionConflict) as conflict:
        workflows.save_draft(user=alice, workflow=workflow, rev=1, document=mine)

    assert (conflict.value.base_rev, conflict.value.head_rev) == (1, 2)
    assert conflict.value.head_document["name"] == "Theirs"
    assert conflict.value.by == "root"
    workflow.refresh_from_db()
    assert workflow.name == "Theirs"


def test_others_may_not_save_and_are_told_what_to_do(alice: User, bob: User) -> None:
    workflow = made(alice)

    with pytest.raises(NotAllowed, match="duplicate it"):
        workflows.save_draft(
            user=bob, workflow=workflow, rev=1, document=build.chain("trial.count")
        )


def test_publishing_numbers_versions(alice: User) -> None:
    workflow = made(alice)

    first = workflows.publish(user=alice, workflow=workflow, note="first")
    again = workflows.publish(user=alice, workflow=workflow)
    document = {**build.chain("trial.count", 4), "key": workflow.key}
    workflows.save_draft(user=alice, workflow=workflow, rev=1, document=document)
    second = workflows.publish(user=alice, workflow=workflow, rev=2)

    assert again == first
    assert [first.number, second.number] == [1, 2]
    workflow.refresh_from_db()
    assert workflow.published == second


def test_a_draft_is_live_until_publishing_would_change_something(alice: User) -> None:
    workflow = made(alice)
    assert not workflows.is_live(alice, workflow)

    workflows.publish(user=alice, workflow=workflow)
    workflow.refresh_from_db()
    assert workflows.is_live(alice, workflow)

    workflow.name = "Called otherwise"
    assert not workflows.is_live(alice, workflow)

    document = {**build.chain("trial.count", 4), "key": workflow.key}
    saved = workflows.save_draft(user=alice, workflow=workflow, rev=1, document=document)
    assert not workflows.is_live(alice, saved)


def test_a_draft_is_not_live_when_a_workflow_that_it_runs_has_a_newer_version(alice: User) -> None:
    child = build.published(build.chain("trial.count"), alice).workflow
    caller = made(alice, nodes={"s1": {"type": "subgraph", "workflow": child.key}}, edges=[])
    workflows.publish(user=alice, workflow=caller)
    caller.refresh_from_db()
    assert workflows.is_live(alice, caller)

    document = {**build.chain("trial.count", 4), "key": child.key}
    workflows.save_draft(user=alice, workflow=child, rev=1, document=document)
    workflows.publish(user=alice, workflow=child)

    assert not workflows.is_live(alice, caller)


def test_publishing_another_revision_than_the_one_seen_is_a_conflict(alice: User) -> None:
    workflow = made(alice)

    with pytest.raises(RevisionConflict):
        workflows.publish(user=alice, workflow=workflow, rev=7)


def test_a_draft_with_errors_is_saved_but_not_published(alice: User) -> None:
    workflow = made(alice, edges=[{"id": "e", "from": "s1", "to": "nowhere"}])

    with pytest.raises(InvalidDocument) as refused:
        workflows.publish(user=alice, workflow=workflow)

    assert refused.value.status == 422
    assert any("nowhere" in detail["message"] for detail in refused.value.details)
    assert not Version.objects.exists()


def test_an_unknown_tool_is_an_error(alice: User) -> None:
    workflow = workflows.create_workflow(user=alice, document=build.chain("trial.absent"))

    with pytest.raises(InvalidDocument, match=r"trial\.absent"):
        workflows.publish(user=alice, workflow=workflow)


def test_equal_drafts_run_as_one_version(alice: User) -> None:
    workflow = made(alice)

    first = workflows.draft_version(user=alice, workflow=workflow)
    second = workflows.draft_version(user=alice, workflow=workflow)

    assert first == second
    assert first.number is None


def test_a_published_draft_runs_as_its_published_version(alice: User) -> None:
    workflow = made(alice)
    version = workflows.publish(user=alice, workflow=workflow)

    assert workflows.draft_version(user=alice, workflow=workflow) == version


def test_a_shared_workflow_is_changed_by_administrators_only(bob: User, root: User) -> None:
    shared = workflows.create_workflow(user=None, document=build.chain("trial.count"))

    with pytest.raises(NotAllowed):
        workflows.publish(user=bob, workflow=shared)
    assert workflows.publish(user=root, workflow=shared).number == 1


def test_a_copy_belongs_to_whoever_made_it(alice: User, bob: User) -> None:
    original = made(alice, name="Original")
    workflows.patch_workflow(user=alice, workflow=original, tags=["x"])
    original.refresh_from_db()

    copy = workflows.duplicate_workflow(user=bob, workflow=original)

    assert (copy.owner, copy.name, copy.published) == (bob, "Original (copy)", None)
    assert copy.tags == ["x"]
    assert codec.decode(copy.draft)["nodes"] == codec.decode(original.draft)["nodes"]


def test_deleting_takes_it_out_of_sight(alice: User) -> None:
    workflow = made(alice)

    workflows.delete_workflow(user=alice, workflow=workflow)

    workflow.refresh_from_db()
    assert workflow.deleted_at is not None


def test_patching_changes_what_lists_show(alice: User) -> None:
    workflow = made(alice)

    patched = workflows.patch_workflow(
        user=alice, workflow=workflow, name="New", description="What it does", tags=["b", "a", "b"]
    )

    assert (patched.name, patched.description, patched.tags) == ("New", "What it does", ["b", "a"])
    with pytest.raises(ActionError, match="name"):
        workflows.patch_workflow(user=alice, workflow=workflow, name="  ")


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_what_is_exported_can_be_imported(alice: User, bob: User, format_: str) -> None:
    document = {**build.loop("trial.count", 5), "key": "travels", "description": "on: 'yes', no"}
    workflow = workflows.create_workflow(user=alice, document=document)

    text = export_workflow(workflow=workflow, format=format_)
    copy = import_workflow(user=bob, text=text, format=format_)

    assert codec.decode(copy.draft) == codec.decode(workflow.draft)
    assert (copy.owner, copy.published) == (bob, None)


@pytest.mark.parametrize(
    ("text", "format_", "said"),
    [
        ("{", "json", "not JSON"),
        ("[1]", "json", "JSON object"),
        ("[" * 200_000, "json", "nested too deeply"),
        ("[" * 200_000, "yaml", "nested deeper"),
        ("a: &x [1]\nb: *x", "yaml", "aliases"),
        ("a: 1\na: 2", "yaml", "there twice"),
        ("!!python/object/apply:os.system [id]", "yaml", "constructor"),
        ("x", "toml", "Unknown format"),
    ],
)
def test_hostile_imports_are_refused(alice: User, text: str, format_: str, said: str) -> None:
    with pytest.raises(ActionError, match=said):
        import_workflow(user=alice, text=text, format=format_)
