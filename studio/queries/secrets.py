"""Which secret a run means by a name, and whether the run may use it.

A run has the rights of the user who started it: his own secrets, those shared with everybody, and
those shared with a group of his. Of two with one name his own counts.
"""

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet

from engine.failing import STARTER_IS_OFF
from studio.models import Run, Secret


def usable_by(user_id: int | None) -> QuerySet[Secret]:
    """What runs of this user may use; runs of nobody only what everybody may."""
    everybodys = Q(owner=None, group=None)
    if user_id is None:
        return Secret.objects.filter(everybodys)
    groups = Q(owner=None, group__in=User(pk=user_id).groups.all())
    return Secret.objects.filter(Q(owner_id=user_id) | everybodys | groups)


def find(user_id: int | None, name: str) -> Secret | None:
    """The secret that this name means in a run of this user, if he may use one."""
    rows = usable_by(user_id).filter(name=name)
    return rows.order_by(F("owner").asc(nulls_last=True)).first()


def runner_of(run_id: int) -> int | None:
    """The user whose rights a run has. Raises LookupError for one that was switched off."""
    return runner(Run.objects.values_list("owner_id", flat=True).get(pk=run_id))


def runner(owner_id: int | None) -> int | None:
    """The same for the user who started it."""
    if owner_id is not None and not User.objects.filter(pk=owner_id, is_active=True).exists():
        raise LookupError(STARTER_IS_OFF)
    return owner_id
