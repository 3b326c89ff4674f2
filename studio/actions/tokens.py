"""What people do to tokens: make one, with a ceiling if they like, and end one."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from engine.said import say
from studio.accounts import tokens
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.models import ApiToken, Workflow
from studio.rights import Scope, Verb

MOST_WORKFLOWS = 100
"""One token names at most as many."""


@transaction.atomic
def create_token(
    *,
    user: User,
    name: str,
    expires_at: datetime | None = None,
    scopes: Iterable[str] | None = None,
    workflows: Iterable[Workflow] | None = None,
    by: str | None = None,
) -> tuple[ApiToken, str]:
    """A token of this user and its text, which nobody can read again later.

    `scopes`: what it may at most, reading included; None: what its user may. `workflows`: those
    that it is for alone, which the caller found through `queries.visible`. `by`: who made it, where
    that was not the user.
    """
    require(user, Verb.ACCOUNT)
    if expires_at is not None and expires_at <= timezone.now():
        raise ActionError("E_INVALID", say("expires_at: this moment has passed already."))
    only = None if workflows is None else list(workflows)
    if only is not None and not 1 <= len(only) <= MOST_WORKFLOWS:
        raise ActionError(
            "E_INVALID",
            say("workflows: name 1 to {most}, or leave them out for all.", most=MOST_WORKFLOWS),
        )
    row, secret = tokens.create(
        user=user, name=name, expires_at=expires_at, scopes=_checked(scopes), workflows=only
    )
    ceiling = {
        "scopes": row.scopes,
        "workflows": None if only is None else [str(each.public_id) for each in only],
    }
    noted = {key: value for key, value in ceiling.items() if value is not None}
    audit.record(user, "token.create", row.public_id, **noted, **_maker(by, row))
    return row, secret


@transaction.atomic
def revoke_token(*, user: User, token: ApiToken) -> None:
    """End a token at once, and the sockets that it opened."""
    require(user, Verb.ACCOUNT)
    tokens.revoke(token)
    audit.record(user, "token.revoke", token.public_id, prefix=token.prefix)


def _checked(scopes: Iterable[str] | None) -> list[str] | None:
    if scopes is None:
        return None
    asked = set(scopes)
    known = [each.value for each in Scope]
    if not asked or asked - set(known):
        raise ActionError(
            "E_INVALID", say("scopes: write one or more of {known}.", known=", ".join(known))
        )
    return [each for each in known if each in asked]


def _maker(by: str | None, row: ApiToken) -> dict[str, str]:
    return {"by": by} if by else {"prefix": row.prefix}
