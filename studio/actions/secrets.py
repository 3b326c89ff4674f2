"""What people do to secrets: make, set anew, delete. Nobody reads one."""

import re

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.utils import timezone

from engine.said import Said, grouped, quoted, say
from engine.values.redaction import MIN_LENGTH
from studio.actions import audit
from studio.actions.errors import ActionError, NotAllowed
from studio.actions.permission import require
from studio.models import Secret
from studio.queries import visible
from studio.rights import Verb
from studio.seals import sealing

MAX_LENGTH = 65_536
OWN, GROUP, EVERYBODY = "own", "group", "everybody"
SCOPES = (OWN, GROUP, EVERYBODY)
NAME_RULE = say("a letter, then letters, digits, _ . or -, at most 64 characters")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


def create_secret(
    *, user: User, name: str, value: str, scope: str = OWN, group: str | None = None
) -> Secret:
    """A new secret of the user's own, or, from an administrator, a shared one."""
    require(user, Verb.ACCOUNT)
    if not _NAME.fullmatch(name):
        raise _invalid("/name", say("A secret's name is {rule}.", rule=NAME_RULE))
    check_value(value)
    if scope != OWN and not user.is_superuser:
        raise NotAllowed(say("Only administrators make shared secrets."))
    secret = Secret(name=name, set_at=timezone.now(), set_by=user)
    secret.owner = user if scope == OWN else None
    secret.group = _group_named(group) if scope == GROUP else None
    secret.sealed = _sealed(value)
    try:
        with transaction.atomic():
            secret.save(force_insert=True)
            audit.record(user, "secret.create", secret.public_id, name=name, scope=scope)
    except IntegrityError:
        raise ActionError(
            "E_EXISTS",
            say("There is a secret {name} already: set its value, or delete it.", name=name),
            409,
        ) from None
    return secret


def replace_secret(*, user: User, secret: Secret, value: str) -> Secret:
    """Set the value anew; what runs asks for it from now on gets the new one."""
    _check_right(user, secret)
    check_value(value)
    secret.sealed, secret.set_at, secret.set_by = _sealed(value), timezone.now(), user
    with transaction.atomic():
        secret.save(update_fields=["sealed", "set_at", "set_by"])
        audit.record(user, "secret.replace", secret.public_id, name=secret.name)
    return secret


def delete_secret(*, user: User, secret: Secret) -> None:
    """Forget a secret. Steps that ask for it fail from now on."""
    _check_right(user, secret)
    with transaction.atomic():
        audit.record(user, "secret.delete", secret.public_id, name=secret.name)
        secret.delete()


def _check_right(user: User, secret: Secret) -> None:
    require(user, Verb.ACCOUNT)
    if not visible.can_change_secret(user, secret):
        raise NotAllowed(say("Only administrators change shared secrets."))


def check_value(value: str) -> None:
    """Raises ActionError for a value that is too short or too long."""
    if len(value.strip()) < MIN_LENGTH:
        raise _invalid(
            "/value",
            say(
                "A secret has at least {least} characters: a shorter one could not be kept out of"
                " logs.",
                least=MIN_LENGTH,
            ),
        )
    if len(value) > MAX_LENGTH:
        raise _invalid(
            "/value", say("A secret has at most {most} characters.", most=grouped(MAX_LENGTH))
        )


def _sealed(value: str) -> str:
    try:
        return sealing.seal(value)
    except sealing.SealingError as error:
        raise ActionError(
            "E_SEALING", say("The secret cannot be sealed: {problem}", problem=str(error)), 503
        ) from None


def _group_named(name: str | None) -> Group:
    found = Group.objects.filter(name=name or "").first()
    if found is None:
        raise _invalid("/group", say("There is no group {name}.", name=quoted(name or "")))
    return found


def _invalid(pointer: str, message: Said) -> ActionError:
    detail = {"pointer": pointer, "code": "invalid", "message": message, "hint": ""}
    return ActionError("E_INVALID", message, 400, [detail])
