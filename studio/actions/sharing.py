"""What owners do about others: share a workflow in a role, and take that back."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, User
from django.db import transaction

from engine.said import Said, quoted, say
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.models import Grant, Workflow
from studio.queries import visible
from studio.rights import Role, Verb

MOST = 200
"""Grants of one workflow; more people than that are a group."""


@dataclass(frozen=True, slots=True)
class Shared:
    grant: Grant
    is_new: bool


@transaction.atomic
def share(
    *,
    user: User | None,
    workflow: Workflow,
    role: str,
    person: str | None = None,
    group: str | None = None,
) -> Shared:
    """Give one person, or everybody in a group, a role. What is given already stays as it is."""
    require(user, Verb.SHARE, workflow)
    if role not in list(Role):
        raise _refused("role", say("Write one of {known}.", known=", ".join(Role)))
    if bool(person) == bool(group):
        raise _refused("user", say("Say with whom: the name of one person, or of one group."))
    # Two who share at the same moment must not both find that there is room.
    Workflow.objects.select_for_update().get(pk=workflow.pk)
    subject: dict[str, User | Group] = (
        {"user": _person(workflow, str(person))} if person else {"group": _group(user, str(group))}
    )
    known = Grant.objects.filter(workflow=workflow, role=role, **subject).first()
    if known is not None:
        return Shared(known, False)
    if Grant.objects.filter(workflow=workflow).count() >= MOST:
        raise ActionError(
            "E_LIMIT",
            say("One workflow is shared {most} times at most: share it with a group.", most=MOST),
            409,
        )
    made = Grant.objects.create(workflow=workflow, role=role, created_by=user, **subject)
    audit.record(user, "workflow.share", workflow.public_id, **told(made))
    return Shared(made, True)


def share_alike(workflow: Workflow, other: Workflow) -> None:
    """Share a new workflow with everybody with whom another one is shared, in the same roles."""
    Grant.objects.bulk_create(
        Grant(
            workflow=workflow,
            user_id=given.user_id,
            group_id=given.group_id,
            role=given.role,
            created_by_id=given.created_by_id,
        )
        for given in Grant.objects.filter(workflow=other)
    )


@transaction.atomic
def unshare(*, user: User | None, grant: Grant) -> None:
    """Take a role back. What they started stays theirs; what they watch closes."""
    require(user, Verb.SHARE, grant.workflow)
    audit.record(user, "workflow.unshare", grant.workflow.public_id, **told(grant))
    grant.delete()


def told(grant: Grant) -> dict[str, str]:
    """A grant as the audit trail has it."""
    if grant.user is not None:
        return {"role": grant.role, "person": grant.user.get_username()}
    assert grant.group is not None
    return {"role": grant.role, "group": grant.group.name}


def _person(workflow: Workflow, name: str) -> User:
    found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise _refused(
            "user",
            say(
                "There is no account {name}: write a name as it signs in.", name=quoted(name[:150])
            ),
        )
    if found.pk == workflow.owner_id:
        raise _refused(
            "user",
            say("{name} owns this workflow and may do everything with it.", name=quoted(name)),
        )
    return found


def _group(user: User | None, name: str) -> Group:
    rows = Group.objects.all() if user is None else visible.groups(user)
    found = rows.filter(name=name).first()
    if found is None:
        raise _refused(
            "group", say("There is no group {name}, or you are not in it.", name=quoted(name[:150]))
        )
    return found


def _refused(member: str, message: Said) -> ActionError:
    detail = {"pointer": f"/{member}", "code": "E_INVALID", "message": message, "hint": ""}
    return ActionError("E_INVALID", message, 400, [detail])
