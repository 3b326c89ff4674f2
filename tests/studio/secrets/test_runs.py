"""Runs use secrets with the rights of whoever started them."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from engine import SecretName, ToolContext, default_registry
from studio.actions.errors import ActionError
from studio.actions.moves import move_run
from studio.actions.runs import start_run
from studio.actions.secrets import create_secret, replace_secret
from studio.actions.workflows import publish, save_draft
from studio.execution import run_secrets
from studio.execution.service import Service
from studio.models import Run, RunEvent, Secret, Version
from studio.seals import sealing
from tests.studio import build

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("knowing_nothing"),
]

seen: list[str] = []


@default_registry.tool("secrets.take", effect="idempotent")
def take(ctx: ToolContext) -> None:
    seen.append(ctx.secret("canary"))


@default_registry.tool("secrets.take_async", effect="pure")
async def take_async(ctx: ToolContext) -> None:
    seen.append(ctx.secret("canary"))


@default_registry.tool("secrets.take_named", effect="idempotent")
def take_named(ctx: ToolContext, key: SecretName = "") -> None:
    seen.append(ctx.secret(key))


@default_registry.tool("secrets.book", effect="transactional")
def book(ctx: ToolContext) -> None:
    Group.objects.create(name=f"made by {ctx.node}")
    seen.append(ctx.secret("canary"))


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def ended(engine: Service, user: User | None, tool: str = "secrets.take", **node: Any) -> Run:
    document = build.chain(tool, 1)
    document["nodes"]["s1"].update(node)
    return rested(engine, start_run(user=user, version=version_of(document)))


def version_of(document: dict[str, Any]) -> Version:
    return build.published(document, None)


def rested(engine: Service, run: Run) -> Run:
    assert engine.wait_ended_blocking(run.public_id, 20)
    return Run.objects.get(pk=run.pk)


@pytest.mark.parametrize("tool", ["secrets.take", "secrets.take_async"])
def test_a_run_gets_the_secret_of_its_runner(tool: str, engine: Service, alice: User) -> None:
    secret = create_secret(user=alice, name="canary", value="of alice")

    run = ended(engine, alice, tool)

    assert (run.status, seen) == ("completed", ["of alice"])
    run_secrets._noting.submit(lambda: None).result(10)
    secret.refresh_from_db()
    assert secret.used_at is not None


def test_a_transactional_tool_gets_it_at_once(engine: Service, alice: User) -> None:
    """It holds the right to write while it asks: noting the use must not wait for it."""
    create_secret(user=alice, name="canary", value="of alice")
    began = time.monotonic()

    run = ended(engine, alice, "secrets.book")

    assert run.status == "completed", run.error
    assert time.monotonic() - began < 5
    assert seen == ["of alice"]


def test_one_s_own_counts_before_a_shared_one(
    engine: Service, alice: User, bob: User, root: User
) -> None:
    create_secret(user=root, name="canary", value="of everybody", scope="everybody")
    create_secret(user=alice, name="canary", value="of alice")

    for user in (alice, bob, root, None):
        ended(engine, user)

    assert seen == ["of alice", *["of everybody"] * 3]


def test_a_group_shares(engine: Service, alice: User, bob: User, root: User) -> None:
    alice.groups.add(Group.objects.create(name="crew"))
    create_secret(user=root, name="canary", value="of the crew", scope="group", group="crew")

    assert ended(engine, alice).status == "completed"
    assert ended(engine, bob).error_code == "E_SECRET"
    assert ended(engine, None).error_code == "E_SECRET"
    assert seen == ["of the crew"]


@pytest.mark.parametrize("tool", ["secrets.take", "secrets.take_async"])
def test_sec_privilege_by_graph_edit_at_use(
    tool: str, engine: Service, alice: User, bob: User, root: User
) -> None:
    """Whoever wrote the graph, only the runner's own rights count; an administrator's do too."""
    create_secret(user=alice, name="canary", value="of alice")

    for user in (bob, root, None):
        run = ended(engine, user, tool)
        assert (run.status, run.error_code) == ("failed", "E_SECRET")
        assert "has no secret of this name" in run.error
        assert RunEvent.objects.filter(run=run, kind="attempt.failed").count() == 1

    assert seen == []


def test_sec_privilege_by_graph_edit_at_start(alice: User, bob: User) -> None:
    """A name that stands in the graph is checked before anything runs."""
    create_secret(user=alice, name="openai", value="of alice")
    document = build.chain("secrets.take_named", 1)
    document["nodes"]["s1"]["inputs"] = {"key": "'openai'"}
    version = version_of(document)

    with pytest.raises(ActionError, match="no secret 'openai'") as refused:
        start_run(user=bob, version=version)

    assert (refused.value.code, refused.value.status) == ("E_SECRET", 403)
    assert refused.value.details[0]["pointer"] == "/nodes/s1"
    assert not Run.objects.exists()
    assert start_run(user=alice, version=version).pk


def test_sec_privilege_by_moving_a_run(engine: Service, alice: User, bob: User, root: User) -> None:
    """The author of a workflow cannot have somebody else's run go on by a graph that asks more."""
    create_secret(user=root, name="canary", value="of root")
    harmless = build.published(build.chain("trial.break", 1), bob)
    run = rested(engine, start_run(user=root, version=harmless))
    workflow = harmless.workflow
    save_draft(user=bob, workflow=workflow, document=build.chain("secrets.take", 1), rev=1)
    greedy = publish(user=bob, workflow=workflow)

    with pytest.raises(ActionError, match="Only who started a run") as refused:
        move_run(user=bob, run=run, version=greedy)
    assert refused.value.status == 403
    assert Run.objects.get(pk=run.pk).version == harmless
    assert move_run(user=root, run=run, version=greedy).version == greedy


def test_a_run_moves_to_no_graph_that_names_what_its_runner_lacks(
    engine: Service, alice: User, root: User
) -> None:
    create_secret(user=root, name="openai", value="of root")
    version = build.published(build.chain("trial.break", 1), alice)
    run = rested(engine, start_run(user=alice, version=version))
    document = build.chain("secrets.take_named", 1)
    document["nodes"]["s1"]["inputs"] = {"key": "'openai'"}
    save_draft(user=alice, workflow=version.workflow, document=document, rev=1)
    asking = publish(user=alice, workflow=version.workflow)

    for user in (alice, root):
        with pytest.raises(ActionError, match="no secret 'openai'"):
            move_run(user=user, run=run, version=asking)


def test_a_name_from_the_state_is_checked_at_use(engine: Service, alice: User) -> None:
    document = build.chain("secrets.take_named", 1)
    document["nodes"]["s1"]["inputs"] = {"key": "which"}
    version = version_of(document)

    run = rested(engine, start_run(user=alice, version=version, state={"which": "no-such"}))

    assert run.error_code == "E_SECRET"


def test_a_child_run_has_the_rights_of_its_parents_runner(
    engine: Service, alice: User, bob: User
) -> None:
    create_secret(user=alice, name="canary", value="of alice")
    version_of(build.chain("secrets.take", 1, key="takes"))
    parent = version_of(
        {
            "format": "treadle/1",
            "key": "parent",
            "entry": ["call"],
            "nodes": {"call": {"type": "subgraph", "workflow": "takes"}},
            "edges": [],
        }
    )

    assert rested(engine, start_run(user=alice, version=parent)).status == "completed"
    assert seen == ["of alice"]
    refused = rested(engine, start_run(user=bob, version=parent))
    assert refused.status == "failed"
    assert "has no secret of this name" in refused.error
    assert seen == ["of alice"]


def test_a_new_value_is_used_from_now_on(engine: Service, alice: User) -> None:
    secret = create_secret(user=alice, name="canary", value="the first")
    ended(engine, alice)
    replace_secret(user=alice, secret=secret, value="the second")
    ended(engine, alice)

    assert seen == ["the first", "the second"]


def test_a_missing_key_is_told_without_a_retry(engine: Service, alice: User, own_keys: Any) -> None:
    secret = create_secret(user=alice, name="canary", value="of alice")
    sealing.add_key()
    sealing.drop_key(sealing.key_of(Secret.objects.get(pk=secret.pk).sealed))

    run = ended(engine, alice)

    assert run.error_code == "E_SECRET"
    assert "neither in TREADLE_SEAL_KEYS nor" in run.error


def test_an_account_that_was_switched_off_uses_nothing(engine: Service, alice: User) -> None:
    create_secret(user=alice, name="canary", value="of alice")
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert "switched off" in ended(engine, alice).error
    assert seen == []
