"""What a user may see: the one place that decides it.

Every view, consumer and export starts from one of these querysets, so an id of somebody else's
object leads nowhere: it is not found. The few questions asked in plain SQL, because a program asks
them a thousand times a second, put the same rule into their WHERE: each condition stands beside its
queryset, and a test compares the two.
"""

from dataclasses import dataclass
from typing import TypeAlias

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Q, QuerySet

from studio.models import Run, Schedule, Secret, Signal, Version, Wait, Webhook, Workflow
from studio.queries.secrets import usable_by

Viewer: TypeAlias = AbstractBaseUser | AnonymousUser | User | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause, to be put in parentheses, and its parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


_NOTHING = Condition("1 = 0")
_EVERYTHING = Condition("1 = 1")


def workflows(user: Viewer) -> QuerySet[Workflow]:
    """Own workflows and shared ones; deleted ones are gone for everybody."""
    living = Workflow.objects.filter(deleted_at=None)
    if not _is_person(user):
        return living.none()
    if _sees_everything(user):
        return living
    return living.filter(Q(owner_id=user.pk) | Q(owner=None))  # type: ignore[union-attr]


def workflow_condition(user: Viewer) -> Condition:
    """`workflows` for a row of `studio_workflow` that the query calls `workflow`."""
    if not _is_person(user):
        return _NOTHING
    if _sees_everything(user):
        return Condition("workflow.deleted_at IS NULL")
    return Condition(
        "workflow.deleted_at IS NULL AND (workflow.owner_id = %s OR workflow.owner_id IS NULL)",
        (user.pk,),  # type: ignore[union-attr]
    )


def versions(user: Viewer) -> QuerySet[Version]:
    """Versions of the workflows this user sees."""
    return Version.objects.filter(workflow__in=workflows(user))


def runs(user: Viewer) -> QuerySet[Run]:
    """Own runs, and runs of own workflows by whomever; they outlive a deleted workflow."""
    if not _is_person(user):
        return Run.objects.none()
    if _sees_everything(user):
        return Run.objects.all()
    return Run.objects.filter(
        Q(owner_id=user.pk) | Q(workflow__owner_id=user.pk)  # type: ignore[union-attr]
    )


def run_condition(user: Viewer) -> Condition:
    """`runs` for a `run` of `studio_run` joined with its `workflow`."""
    if not _is_person(user):
        return _NOTHING
    if _sees_everything(user):
        return _EVERYTHING
    return Condition(
        "run.owner_id = %s OR workflow.owner_id = %s",
        (user.pk, user.pk),  # type: ignore[union-attr]
    )


def waits(user: Viewer) -> QuerySet[Wait]:
    """What the runs that this user sees wait for."""
    return Wait.objects.filter(run__in=runs(user))


def secrets(user: Viewer) -> QuerySet[Secret]:
    """The secrets that runs of this user may use; administrators see that others exist."""
    if not _is_person(user):
        return Secret.objects.none()
    return Secret.objects.all() if _sees_everything(user) else usable_by(user.pk)  # type: ignore[union-attr]


def usable_secrets(user: Viewer) -> QuerySet[Secret]:
    """Those that runs of this user may use; administrators may use no more than others."""
    if not _is_person(user):
        return Secret.objects.none()
    return usable_by(user.pk)  # type: ignore[union-attr]


def can_change_secret(user: Viewer, secret: Secret) -> bool:
    """Owners set and delete their own secrets, administrators every one."""
    if not _is_person(user):
        return False
    return _sees_everything(user) or secret.owner_id == user.pk  # type: ignore[union-attr]


def schedules(user: Viewer) -> QuerySet[Schedule]:
    """Own schedules, and schedules of own workflows by whomever. Who sees one may change it."""
    if not _is_person(user):
        return Schedule.objects.none()
    if _sees_everything(user):
        return Schedule.objects.all()
    return Schedule.objects.filter(
        Q(owner_id=user.pk) | Q(workflow__owner_id=user.pk)  # type: ignore[union-attr]
    )


def webhooks(user: Viewer) -> QuerySet[Webhook]:
    """Own webhooks, and webhooks of own workflows by whomever. Who sees one may change it."""
    if not _is_person(user):
        return Webhook.objects.none()
    if _sees_everything(user):
        return Webhook.objects.all()
    return Webhook.objects.filter(
        Q(owner_id=user.pk) | Q(workflow__owner_id=user.pk)  # type: ignore[union-attr]
    )


def signals(user: Viewer) -> QuerySet[Signal]:
    """Signals that were sent by this user, or by his runs."""
    if not _is_person(user):
        return Signal.objects.none()
    if _sees_everything(user):
        return Signal.objects.all()
    return Signal.objects.filter(owner_id=user.pk)  # type: ignore[union-attr]


def runs_that_hear(user: User) -> QuerySet[Run]:
    """The runs that a signal of this user may reach: his own, and those of his workflows.

    An administrator sees the runs of others, but does not take part in what they send each other.
    """
    return Run.objects.filter(Q(owner_id=user.pk) | Q(workflow__owner_id=user.pk))


def any_key_or(key: str | None) -> Q:
    """Waits that take a signal of this key (as `key_text`): those for it, and those for any."""
    return Q(key=None) if key is None else Q(key=None) | Q(key=key)


def can_edit(user: Viewer, workflow: Workflow) -> bool:
    """Owners edit their own, administrators everything; others duplicate a shared workflow."""
    if not _is_person(user):
        return False
    return _sees_everything(user) or workflow.owner_id == user.pk  # type: ignore[union-attr]


def _is_person(user: Viewer) -> bool:
    return user is not None and user.is_authenticated and bool(getattr(user, "is_active", False))


def _sees_everything(user: Viewer) -> bool:
    return bool(getattr(user, "is_superuser", False))
