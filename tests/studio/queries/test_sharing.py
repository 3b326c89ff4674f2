"""Workflows shared in a role: who may what with them, by object and in bulk."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.utils.translation import override

from studio.actions import sharing
from studio.actions.errors import ActionError, InvalidDocument, NotAllowed
from studio.actions.runs import start_run
from studio.actions.workflows import (
    create_workflow,
    delete_workflow,
    draft_version,
    publish,
    save_draft,
)
from studio.journal import codec
from studio.models import AuditEntry, Grant, Run, Version, Workflow
from studio.queries import lookups, visible
from studio.rights import Role, Verb
from studio.sentences import told
from tests.studio import build
from tests.studio.api.calls import Api
from tests.studio.pages.conftest import Visit, visit  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(bob: User) -> Version:
    return build.published(build.chain("trial.count", key="bobs"), bob)


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("by_group", [False, True])
def test_querysets_objects_and_plain_sql_agree(
    role: str | None, by_group: bool, alice: User, bob: User, root: User, version: Version
) -> None:
    everybodys = build.published(build.chain("trial.count", key="shared"))
    crew = Group.objects.create(name="crew")
    alice.groups.add(crew)
    bob.groups.add(crew)
    for starter in (alice, bob, root):
        start_run(user=starter, version=everybodys)
    start_run(user=bob, version=version)
    if role:
        given = {"group": "crew"} if by_group else {"person": "alice"}
        sharing.share(user=bob, workflow=version.workflow, role=role, **given)  # type: ignore[arg-type]

    for user in (alice, bob, root):
        every = list(Workflow.objects.all())
        each = visible.can_each(user, every)
        for workflow in every:
            assert each[workflow.pk] == visible.can(user, workflow)
        for verb in visible.ON_WORKFLOW[visible.Standing.OWNER]:
            found = set(visible.workflows(user, verb).values_list("pk", flat=True))
            assert found == {one.pk for one in every if visible.may(user, verb, one)}, verb
        for verb in (Verb.SEE, Verb.STEER):
            seen = set(visible.runs(user, verb).values_list("pk", flat=True))
            assert seen == {one.pk for one in Run.objects.all() if visible.may(user, verb, one)}
        startable = {one.pk for one in every if lookups.startable(user, one.public_id)}
        assert startable == set(visible.workflows(user).values_list("pk", flat=True))
        marked = {one.pk for one in Run.objects.all() if lookups.mark(user, one.public_id)}
        assert marked == set(visible.runs(user).values_list("pk", flat=True))


def test_what_is_given_is_taken_back_and_recorded(alice: User, bob: User, version: Version) -> None:
    workflow = version.workflow
    made = sharing.share(user=bob, workflow=workflow, role="operator", person="alice")
    again = sharing.share(user=bob, workflow=workflow, role="operator", person="alice")
    run = start_run(user=alice, version=version)
    assert (made.is_new, again.is_new, again.grant) == (True, False, made.grant)
    sharing.unshare(user=bob, grant=made.grant)

    assert Grant.objects.count() == 0
    told = AuditEntry.objects.filter(verb__in=["workflow.share", "workflow.unshare"])
    assert [entry.data for entry in told] == [{"role": "operator", "person": "alice"}] * 2
    # Her run stays hers; starting another one is over.
    assert visible.can(alice, run) == {Verb.SEE, Verb.STEER}
    with pytest.raises(NotAllowed, match="ask bob to share it with you as operator"):
        start_run(user=alice, version=version)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"person": "nobody"}, "no account 'nobody'"),
        ({"person": "bob"}, "owns this workflow"),
        ({"group": "crew"}, "no group 'crew', or you are not in it"),
        ({}, "with whom"),
        ({"person": "alice", "role": "king"}, "one of viewer, editor, operator"),
    ],
)
def test_nobody_is_shared_with_by_mistake(
    wish: dict[str, str], said: str, alice: User, bob: User, version: Version
) -> None:
    Group.objects.create(name="crew")
    with pytest.raises(ActionError, match=said):
        sharing.share(user=bob, workflow=version.workflow, **{"role": "viewer", **wish})  # type: ignore[arg-type]


def naming(key: str, version: Version) -> dict[str, object]:
    """The draft of a workflow whose second step runs the one of this key."""
    document: dict[str, object] = codec.decode(version.workflow.draft)
    nodes = dict(document["nodes"])  # type: ignore[call-overload]
    return {**document, "nodes": {**nodes, "s2": {"type": "subgraph", "workflow": key}}}


def private_of(bob: User, key: str = "private") -> Workflow:
    private = create_workflow(user=bob, document=build.chain("trial.count", key=key))
    publish(user=bob, workflow=private)
    return private


def test_sec_roles_subgraphs_are_no_way_in(alice: User, bob: User, version: Version) -> None:
    """Who edits and runs somebody's workflow cannot have it start one that he may not run."""
    private = private_of(bob)
    for role in ("editor", "operator"):
        sharing.share(user=bob, workflow=version.workflow, role=role, person="alice")
    document = naming("private", version)
    head = save_draft(user=alice, workflow=version.workflow, rev=1, document=document)

    for verb in (publish, draft_version):
        with pytest.raises(InvalidDocument, match="there is no workflow 'private'"):
            verb(user=alice, workflow=head)
    shuffle = f"/api/v1/workflows/{head.public_id}/shuffle"
    body = {"schedules": 1, "document": document}
    assert Api(alice).post(shuffle, body).code == "E_NOT_PINNED"
    assert Api(bob).post(shuffle, body).status == 200
    sharing.share(user=bob, workflow=private, role="operator", person="alice")
    assert publish(user=alice, workflow=head).number == 2


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_who_sees_a_workflow_that_he_could_not_run_is_told_so(
    role: str, alice: User, bob: User, version: Version
) -> None:
    """What he does not see stays unknown; what he sees and may not is refused with a way out."""
    private = private_of(bob)
    sharing.share(user=bob, workflow=version.workflow, role="editor", person="alice")
    sharing.share(user=bob, workflow=private, role=role, person="alice")
    head = save_draft(
        user=alice, workflow=version.workflow, rev=1, document=naming("private", version)
    )

    with pytest.raises(InvalidDocument) as refused:
        publish(user=alice, workflow=head)

    (problem,) = refused.value.details
    assert (problem["code"], problem["pointer"]) == (
        "forbidden_workflow",
        "/nodes/s2/workflow",
    )
    assert problem["message"] == (
        "you may read the workflow 'private', but neither run it nor have a step run it"
    )
    assert problem["hint"] == "ask bob to share it with you as operator"
    with override("de"):
        assert (told(problem["message"]), told(problem["hint"])) == (
            "Sie dürfen den Workflow „private“ lesen, ihn aber weder ausführen noch von einem"
            " Schritt ausführen lassen",
            "bob um eine Freigabe als operator bitten",
        )
    sharing.share(user=bob, workflow=private, role="operator", person="alice")
    assert publish(user=alice, workflow=head).number == 2


def test_sec_roles_a_ceiling_opens_no_way_in(alice: User, bob: User, version: Version) -> None:
    """Under a ceiling that lets nobody run one names no more than without it."""
    private = private_of(bob)
    sharing.share(user=bob, workflow=version.workflow, role="editor", person="alice")
    sharing.share(user=bob, workflow=private, role="viewer", person="alice")
    head = save_draft(
        user=alice, workflow=version.workflow, rev=1, document=naming("private", version)
    )
    alice.groups.add(Group.objects.get_or_create(name="treadle-editor")[0])
    capped = User.objects.get(pk=alice.pk)

    with pytest.raises(InvalidDocument, match="neither run it nor have a step run it"):
        publish(user=capped, workflow=head)
    sharing.share(user=bob, workflow=private, role="operator", person="alice")
    assert publish(user=capped, workflow=head).number == 2


def test_sec_roles_an_example_of_the_same_key_is_no_way_in(
    alice: User, bob: User, version: Version
) -> None:
    """A run finds what its owner calls so, however public the workflow is that an editor means."""
    build.published(build.chain("trial.count", key="private"))
    private = private_of(bob)
    sharing.share(user=bob, workflow=version.workflow, role="editor", person="alice")
    head = save_draft(
        user=alice, workflow=version.workflow, rev=1, document=naming("private", version)
    )

    with pytest.raises(InvalidDocument, match="there is no workflow 'private'"):
        publish(user=alice, workflow=head)
    delete_workflow(user=bob, workflow=private)
    assert publish(user=alice, workflow=head).number == 2


def test_an_owner_shares_on_a_page(
    visit: Visit,  # noqa: F811
    alice: User,
    bob: User,
    version: Version,
) -> None:
    page = f"/workflows/{version.workflow.public_id}/sharing"
    owner, guest = visit(bob), visit(alice)

    assert guest.get(page).status_code == 404
    assert owner.post(page, {"user": "nobody", "role": "viewer"}).status_code == 422
    assert owner.post(page, {"user": "alice", "role": "both"}).status_code == 302
    shown = owner.get(page).content.decode()
    assert shown.count("Take back the role") == 2
    refused = guest.get(page)
    assert refused.status_code == 403
    assert "is not yours to share: ask bob." in refused.content.decode()

    grant = Grant.objects.get(role="editor")
    assert owner.post(f"{page}/{grant.public_id}/take-back").status_code == 302
    assert [row.role for row in Grant.objects.all()] == ["operator"]


def test_pages_offer_what_may_be_done(
    visit: Visit,  # noqa: F811
    alice: User,
    bob: User,
    version: Version,
) -> None:
    sharing.share(user=bob, workflow=version.workflow, role="viewer", person="alice")
    run = start_run(user=bob, version=version)
    guest, at = visit(alice), f"/workflows/{version.workflow.public_id}"

    editor = guest.get(f"{at}/edit").context["boot"]
    assert editor["can"] == {"edit": False, "run": False, "share": False, "delete": False}
    assert "as operator" in editor["cannot"]["run"]
    page = guest.get(f"/runs/{run.public_id}")
    assert page.context["boot"]["can"] == {"steer": False, "run": False}
    assert b"/cancel" not in page.content
    assert guest.post(f"/runs/{run.public_id}/cancel").status_code == 302
    run.refresh_from_db()
    assert run.status == "queued"
    assert "not run it" in guest.get(f"{at}/run").content.decode()
    assert guest.post(f"{at}/delete").status_code == 403
    assert visit(bob).get(f"{at}/edit").context["boot"]["cannot"] == {}


def test_the_command_line_shares_and_sets_ceilings(
    alice: User, bob: User, root: User, version: Version, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> str:
        call_command("treadle", *arguments)
        return capsys.readouterr().out

    assert said("share", "bobs", "--with", "alice", "--role", "editor") == "editor    alice\n"
    assert said("share", "bobs", "--with", "alice", "--role", "editor", "--remove") == ""
    assert said("role", "bob", "viewer") == "bob: viewer\n"
    with pytest.raises(NotAllowed, match="Your account may not change workflows"):
        publish(user=User.objects.get(username="bob"), workflow=version.workflow)
    assert said("role", "bob", "member") == "bob: member\n"
    assert "administrator" in said("role", "root")
