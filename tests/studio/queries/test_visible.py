"""Who sees what. Everything else starts from these querysets."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from studio.actions.runs import start_run
from studio.actions.workflows import create_workflow, delete_workflow
from studio.models import Run, Version, Workflow
from studio.queries import lookups, runs, visible, workflows
from tests.studio import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(root: User) -> Version:
    return build.published(build.chain("trial.count", key="shared"))


@pytest.fixture
def own(alice: User) -> Version:
    return build.published(build.chain("trial.count", key="own"), alice)


def keys(user: object) -> set[str]:
    return set(visible.workflows(user).values_list("key", flat=True))  # type: ignore[arg-type]


def test_people_see_their_own_and_shared_workflows(
    alice: User, bob: User, root: User, own: Version, shared: Version
) -> None:
    assert keys(alice) == {"own", "shared"}
    assert keys(bob) == {"shared"}
    assert keys(root) == {"own", "shared"}


@pytest.mark.parametrize("nobody", [None, AnonymousUser(), User(username="x", is_active=False)])
def test_nobody_sees_nothing(nobody: object, own: Version, shared: Version, alice: User) -> None:
    start_run(user=alice, version=own)

    assert keys(nobody) == set()
    assert not visible.versions(nobody).exists()  # type: ignore[arg-type]
    assert not visible.runs(nobody).exists()  # type: ignore[arg-type]


def test_versions_follow_their_workflow(
    alice: User, bob: User, own: Version, shared: Version
) -> None:
    assert set(visible.versions(alice)) == {own, shared}
    assert set(visible.versions(bob)) == {shared}


def test_runs_are_seen_by_their_starter_and_the_owner_of_the_workflow(
    alice: User, bob: User, root: User, own: Version, shared: Version
) -> None:
    of_alice = start_run(user=alice, version=shared)
    of_bob = start_run(user=bob, version=shared)
    on_own = start_run(user=root, version=own)

    assert set(visible.runs(alice)) == {of_alice, on_own}
    assert set(visible.runs(bob)) == {of_bob}
    assert set(visible.runs(root)) == {of_alice, of_bob, on_own}


def test_a_deleted_workflow_is_gone_and_its_runs_stay(alice: User, own: Version) -> None:
    run = start_run(user=alice, version=own)

    delete_workflow(user=alice, workflow=own.workflow)

    assert keys(alice) == set()
    assert runs.get_run(alice, run.public_id) == run


@pytest.mark.parametrize("wrong", ["nonsense", "0192f0c1-2b3c-7def-8123-456789abcdef"])
def test_what_is_not_there_and_what_is_not_yours_look_alike(
    alice: User, bob: User, own: Version, wrong: str
) -> None:
    run = start_run(user=alice, version=own)

    for user, run_id, workflow_id, version_id in (
        (bob, run.public_id, own.workflow.public_id, own.public_id),
        (alice, wrong, wrong, wrong),
    ):
        with pytest.raises(Run.DoesNotExist):
            runs.get_run(user, run_id)
        with pytest.raises(Workflow.DoesNotExist):
            workflows.get_workflow(user, workflow_id)
        with pytest.raises(Version.DoesNotExist):
            workflows.get_version(user, version_id)


def test_hidden_workflows_are_found_but_not_listed(alice: User) -> None:
    hidden = create_workflow(user=alice, document=build.chain("trial.count"), hidden=True)

    assert not workflows.listed(alice).exists()
    assert workflows.get_workflow(alice, hidden.public_id) == hidden


@pytest.mark.parametrize("name", ["alice", "bob", "root", "gone", None])
def test_plain_sql_sees_what_the_querysets_see(
    name: str | None, alice: User, bob: User, root: User, own: Version, shared: Version
) -> None:
    User.objects.create_user("gone", is_active=False)
    of_bob = build.published(build.chain("trial.count", key="bobs"), bob)
    deleted = build.published(build.chain("trial.count", key="deleted"), alice)
    for starter in (alice, bob, root, None):
        for version in (own, shared, of_bob, deleted):
            # Also where he could not start one today: perhaps it was shared with him once.
            run = start_run(user=None, version=version)
            Run.objects.filter(pk=run.pk).update(owner=starter)
    delete_workflow(user=alice, workflow=deleted.workflow)
    user = User.objects.get(username=name) if name else AnonymousUser()

    startable = {one.pk for one in Workflow.objects.all() if lookups.startable(user, one.public_id)}
    marked = {one.pk for one in Run.objects.all() if lookups.mark(user, one.public_id)}

    assert startable == set(visible.workflows(user).values_list("pk", flat=True))
    assert marked == set(visible.runs(user).values_list("pk", flat=True))
