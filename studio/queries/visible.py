"""What a user may see and do: the one place that looks it up; `studio.rights` has the tables.

Every view, consumer and export starts from one of these querysets, so an id of somebody else's
object leads nowhere: it is not found. What is seen and may not be done is told by `refusal`. The
few questions asked in plain SQL, because a program asks them a thousand times a second, put the
same rule into their WHERE: each condition stands beside its queryset, and a test compares the two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studio import rights
from studio.models import Grant, Run, Schedule, Secret, Signal, Version, Wait, Webhook, Workflow
from studio.queries import ceilings
from studio.queries.secrets import usable_by
from studio.rights import NO_CEILING, ON_RUN, ON_TRIGGER, ON_WORKFLOW, Standing, Verb

Viewer: TypeAlias = AbstractBaseUser | AnonymousUser | User | None
Target: TypeAlias = Workflow | Run | Schedule | Webhook
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause, to be put in parentheses, and its parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


_NOTHING = Condition("1 = 0")
_GRANTED = (
    "workflow.id IN (SELECT given.workflow_id FROM studio_grant given WHERE given.user_id = %s"
    " OR given.group_id IN (SELECT group_id FROM auth_user_groups WHERE user_id = %s))"
)


def workflows(user: Viewer, verb: Verb = Verb.SEE) -> QuerySet[Workflow]:
    """Those with which this user may do that: own, shared, granted ones. Deleted ones are gone."""
    living = Workflow.objects.filter(deleted_at=None)
    if not _may_at_all(user, verb):
        return living.none()
    living = _within(user, living, "pk")
    if _sees_everything(user):
        return living
    rule = Q(owner_id=_key(user)) | Q(pk__in=_granted(user, ON_WORKFLOW, verb))
    if verb in ON_WORKFLOW[Standing.EVERYBODY]:
        rule |= Q(owner=None)
    return living.filter(rule)


def workflow_condition(user: Viewer) -> Condition:
    """`workflows` for a row of `studio_workflow` that the query calls `workflow`."""
    if not _is_person(user):
        return _NOTHING
    living = _and_within(user, Condition("workflow.deleted_at IS NULL"), "workflow.id")
    if _sees_everything(user):
        return living
    key = _key(user)
    return Condition(
        f"{living.sql} AND (workflow.owner_id = %s OR workflow.owner_id IS NULL OR {_GRANTED})",
        (*living.parameters, key, key, key),
    )


def versions(user: Viewer) -> QuerySet[Version]:
    """Versions of the workflows this user sees."""
    return Version.objects.filter(workflow__in=workflows(user))


def runs(user: Viewer, verb: Verb = Verb.SEE) -> QuerySet[Run]:
    """Own runs, and runs of own and granted workflows by whomever; they outlive the workflow.

    Forgotten ones are gone, while their rows are still being deleted.
    """
    if not _may_at_all(user, verb):
        return Run.objects.none()
    rows = _within(user, Run.objects.filter(forgotten_at=None), "workflow")
    if _sees_everything(user):
        return rows
    return rows.filter(
        Q(owner_id=_key(user))
        | Q(workflow__owner_id=_key(user))
        | Q(workflow__in=_granted(user, ON_RUN, verb))
    )


def run_condition(user: Viewer) -> Condition:
    """`runs` for a `run` of `studio_run` joined with its `workflow`."""
    if not _is_person(user):
        return _NOTHING
    within = _and_within(user, Condition("run.forgotten_at IS NULL"), "run.workflow_id")
    if _sees_everything(user):
        return within
    key = _key(user)
    return Condition(
        f"{within.sql} AND (run.owner_id = %s OR workflow.owner_id = %s OR {_GRANTED})",
        (*within.parameters, key, key, key, key),
    )


def waits(user: Viewer, verb: Verb = Verb.SEE) -> QuerySet[Wait]:
    """What the runs wait for with which this user may do that."""
    return Wait.objects.filter(run__in=runs(user, verb))


def secrets(user: Viewer) -> QuerySet[Secret]:
    """The secrets that runs of this user may use; administrators see that others exist."""
    if not _is_person(user):
        return Secret.objects.none()
    return Secret.objects.all() if _sees_everything(user) else usable_by(_key(user))


def usable_secrets(user: Viewer) -> QuerySet[Secret]:
    """Those that runs of this user may use; administrators may use no more than others."""
    if not _is_person(user):
        return Secret.objects.none()
    return usable_by(_key(user))


def can_change_secret(user: Viewer, secret: Secret) -> bool:
    """Owners set and delete their own secrets, administrators every one."""
    if not _is_person(user):
        return False
    return _sees_everything(user) or secret.owner_id == _key(user)


def schedules(user: Viewer) -> QuerySet[Schedule]:
    """Own schedules, and those of own and granted workflows by whomever."""
    if not _is_person(user):
        return Schedule.objects.none()
    rows = _within(user, Schedule.objects.all(), "workflow")
    return rows if _sees_everything(user) else rows.filter(_trigger_rule(user))


def webhooks(user: Viewer) -> QuerySet[Webhook]:
    """Own webhooks, and those of own and granted workflows by whomever."""
    if not _is_person(user):
        return Webhook.objects.none()
    rows = _within(user, Webhook.objects.all(), "workflow")
    return rows if _sees_everything(user) else rows.filter(_trigger_rule(user))


def signals(user: Viewer) -> QuerySet[Signal]:
    """Signals that were sent by this user, or by his runs; they belong to no workflow."""
    if not _is_person(user) or ceilings.of_token_alone(user).workflows is not None:
        return Signal.objects.none()
    if _sees_everything(user):
        return Signal.objects.all()
    return Signal.objects.filter(owner_id=_key(user))


def runs_that_hear(user: User) -> QuerySet[Run]:
    """The runs that a signal of this user may reach: his own, and those of his workflows.

    An administrator sees the runs of others, and who was granted a workflow may steer its runs, but
    neither takes part in what they send each other.
    """
    return Run.objects.filter(Q(owner_id=user.pk) | Q(workflow__owner_id=user.pk))


def any_key_or(key: str | None) -> Q:
    """Waits that take a signal of this key (as `key_text`): those for it, and those for any."""
    return Q(key=None) if key is None else Q(key=None) | Q(key=key)


def groups(user: Viewer) -> QuerySet[Group]:
    """Those with which this user may share: his own; administrators every one. No ceilings."""
    if not _is_person(user):
        return Group.objects.none()
    rows = Group.objects.exclude(name__in=rights.GROUPS)
    return rows if _sees_everything(user) else rows.filter(user=_key(user))


def can(user: Viewer, target: Target) -> frozenset[Verb]:
    """What this user may do with a workflow, a run or a trigger."""
    return _can(user, target, None)


def can_edit(user: Viewer, workflow: Workflow) -> bool:
    """Whether this user changes the draft; others duplicate the workflow, or ask for the role."""
    return may(user, Verb.EDIT, workflow)


def can_each(user: Viewer, page: Iterable[Workflow]) -> dict[int, frozenset[Verb]]:
    """`can` for a page of workflows, by their keys, in two queries at most."""
    if not _is_person(user):
        return {each.pk: frozenset() for each in page}
    page, ceiling = list(page), ceilings.of(user)
    foreign = [each.pk for each in page if not _own_standings(user, each)]
    granted: dict[int, set[Standing]] = {}
    if foreign:
        rows = _grants(user).filter(workflow__in=foreign).values_list("workflow", "role")
        for workflow_id, role in rows:
            granted.setdefault(workflow_id, set()).add(Standing(role))
    return {
        each.pk: rights.allowed(
            ON_WORKFLOW,
            _own_standings(user, each) | _everybodys(each) | granted.get(each.pk, set()),
            ceiling,
        )
        if ceiling.reaches(each.pk)
        else frozenset()
        for each in page
    }


def may(user: Viewer, verb: Verb, target: Target) -> bool:
    """Whether this user may do that with what he found through the querysets above."""
    return verb in _can(user, target, verb)


def may_name(user: Viewer, workflow: Workflow) -> bool:
    """Whether a step that this user writes may run it: whether he could run it, had he no ceiling.

    A ceiling takes from him to start runs, not to make what his workflows start.
    """
    if not _is_person(user) or not ceilings.of_token_alone(user).reaches(workflow.pk):
        return False
    at_hand = _standings_at_hand(user, workflow)
    return Verb.RUN in rights.allowed(ON_WORKFLOW, at_hand, NO_CEILING) or Verb.RUN in (
        rights.allowed(ON_WORKFLOW, _granted_standings(user, workflow.pk), NO_CEILING)
    )


def may_at_a_glance(user: Viewer, verb: Verb, target: Target) -> bool:
    """`may` as far as the row itself says yes, so that no table is asked. False: ask `may`."""
    if not _is_person(user):
        return False
    ceiling = ceilings.of_token_alone(user)
    workflow_id = target.pk if isinstance(target, Workflow) else target.workflow_id
    return ceiling.reaches(workflow_id) and verb in rights.allowed(
        _table(target), _standings_at_hand(user, target), ceiling
    )


def refusal(user: Viewer, verb: Verb, target: Target | None = None) -> str | None:
    """Why this user may not do that, and what to do instead; None where he may.

    Without a target it is about what belongs to nothing, such as making a workflow. No user is
    Treadle itself, or the operator at a command line.
    """
    if user is None:
        return None
    said = ceilings.of(user).refusal(verb)
    if said is not None or target is None or may(user, verb, target):
        return said
    return _words(verb, target)


def refusals(user: Viewer, verbs: Iterable[Verb], target: Target) -> dict[str, str]:
    """The verbs that this user may not use on the target, each with the reason."""
    said = {verb.value: refusal(user, verb, target) for verb in verbs}
    return {verb: reason for verb, reason in said.items() if reason is not None}


def _words(verb: Verb, target: Target) -> str:
    workflow = target if isinstance(target, Workflow) else target.workflow
    name, owner = f"{workflow.name!r:.200}", workflow.owner
    whom = _("an administrator") if owner is None else owner.get_username()
    role = _ROLE_FOR.get(verb)
    if role:
        ask = _("ask {whom} to share it with you as {role}").format(whom=whom, role=role)
    else:
        ask = _("ask {whom}").format(whom=whom)
    return _(_SAID[verb]).format(name=name, ask=ask)


_ROLE_FOR = {
    Verb.EDIT: rights.Role.EDITOR,
    Verb.RUN: rights.Role.OPERATOR,
    Verb.STEER: rights.Role.OPERATOR,
}
_SAID: Mapping[Verb, str] = {
    Verb.SEE: gettext_noop("There is no such thing, or it is not yours."),
    Verb.EDIT: gettext_noop(
        "{name} is not yours to change: duplicate it and change the copy, or {ask}."
    ),
    Verb.DELETE: gettext_noop(
        "{name} is not yours to delete: only its owner and administrators do."
    ),
    Verb.SHARE: gettext_noop("{name} is not yours to share: {ask}."),
    Verb.RUN: gettext_noop("You may read {name} and not run it: {ask}."),
    Verb.STEER: gettext_noop("You may watch runs of {name} and not steer them: {ask}."),
    Verb.TRIGGER: gettext_noop("What starts runs of {name} is not yours to change: {ask}."),
}


def _table(target: Target) -> dict[Standing, frozenset[Verb]]:
    if isinstance(target, Workflow):
        return ON_WORKFLOW
    return ON_RUN if isinstance(target, Run) else ON_TRIGGER


def _can(user: Viewer, target: Target, wanted: Verb | None) -> frozenset[Verb]:
    """What is allowed; for one verb, grants are looked up only where it turns on them."""
    if not _is_person(user):
        return frozenset()
    ceiling, table = ceilings.of(user), _table(target)
    workflow_id = target.pk if isinstance(target, Workflow) else target.workflow_id
    if not ceiling.reaches(workflow_id):
        return frozenset()
    at_hand = _standings_at_hand(user, target)
    found = rights.allowed(table, at_hand, ceiling)
    if at_hand & _DECIDED or wanted in found:
        return found
    return rights.allowed(table, at_hand | _granted_standings(user, workflow_id), ceiling)


_DECIDED = {Standing.ADMIN, Standing.OWNER, Standing.STARTER}
"""They allow everything that there is to do with a thing of their kind."""


def _standings_at_hand(user: Viewer, target: Target) -> set[Standing]:
    """How a person stands to it, as far as the row itself says."""
    if isinstance(target, Workflow):
        return _own_standings(user, target) | _everybodys(target)
    if _sees_everything(user):
        return {Standing.ADMIN}
    key = _key(user)
    if target.owner_id == key:
        return {Standing.STARTER}
    return {Standing.OWNER} if target.workflow.owner_id == key else set()


def _own_standings(user: Viewer, workflow: Workflow) -> set[Standing]:
    if _sees_everything(user):
        return {Standing.ADMIN}
    mine = workflow.owner_id == _key(user)
    return {Standing.OWNER} if mine else set()


def _everybodys(workflow: Workflow) -> set[Standing]:
    return {Standing.EVERYBODY} if workflow.owner_id is None else set()


def _granted_standings(user: Viewer, workflow_id: int) -> set[Standing]:
    roles = _grants(user).filter(workflow=workflow_id).values_list("role", flat=True)
    return {Standing(role) for role in roles}


def _grants(user: Viewer) -> QuerySet[Grant]:
    """What was granted to this person, or to a group of his."""
    groups_of = User.groups.through.objects.filter(user=_key(user)).values("group")
    return Grant.objects.filter(Q(user=_key(user)) | Q(group__in=groups_of))


def _granted(
    user: Viewer, table: dict[Standing, frozenset[Verb]], verb: Verb
) -> QuerySet[Grant, int]:
    """The keys of the workflows that were granted to this person in a role that allows it."""
    roles = rights.roles_for(table, verb)
    return _grants(user).filter(role__in=roles).order_by().values_list("workflow", flat=True)


def _trigger_rule(user: Viewer) -> Q:
    return (
        Q(owner_id=_key(user))
        | Q(workflow__owner_id=_key(user))
        | Q(workflow__in=_granted(user, ON_TRIGGER, Verb.SEE))
    )


def _within(user: Viewer, rows: QuerySet[M], field: str) -> QuerySet[M]:
    """Only what belongs to the workflows that the user's token is for."""
    only = ceilings.of_token_alone(user).workflows
    return rows if only is None else rows.filter(**{f"{field}__in": only})


def _and_within(user: Viewer, condition: Condition, column: str) -> Condition:
    only = ceilings.of_token_alone(user).workflows
    if only is None:
        return condition
    if not only:
        return _NOTHING
    marks = ", ".join(["%s"] * len(only))
    return Condition(
        f"{condition.sql} AND {column} IN ({marks})", (*condition.parameters, *sorted(only))
    )


def _may_at_all(user: Viewer, verb: Verb) -> bool:
    # Every ceiling lets people read, so that reading costs no look at the account's groups.
    return _is_person(user) and (verb is Verb.SEE or ceilings.of(user).allows(verb))


def _key(user: Viewer) -> Any:
    """The key of somebody who is a person."""
    return getattr(user, "pk", None)


def _is_person(user: Viewer) -> bool:
    return user is not None and user.is_authenticated and bool(getattr(user, "is_active", False))


def _sees_everything(user: Viewer) -> bool:
    return bool(getattr(user, "is_superuser", False))
