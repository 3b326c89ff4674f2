"""The ceiling over what somebody may: that of his account, and that of the token that he shows.

It hangs on the user of the request, so that whatever asks with that user stays below it.
"""

from collections.abc import Iterable
from typing import Any

from studio.models import ApiToken
from studio.rights import GROUPS, NO_CEILING, Ceiling, Scope

_HERE = "_treadle_ceiling"


def of(user: Any) -> Ceiling:
    """The ceiling of this user, looked up once for each user object."""
    if user is None:
        return NO_CEILING
    found: Ceiling | None = user.__dict__.get(_HERE)
    if found is None:
        found = Ceiling(account=_account(user))
        user.__dict__[_HERE] = found
    return found


def of_token_alone(user: Any) -> Ceiling:
    """What the token allows: enough for reading, which no account is without."""
    found: Ceiling = getattr(user, "__dict__", {}).get(_HERE, NO_CEILING)
    return found


def put(user: Any, token: ApiToken, workflows: Iterable[int]) -> None:
    """Let this user object act below the token's ceiling."""
    user.__dict__[_HERE] = Ceiling(
        account=_account(user),
        scopes=None if token.scopes is None else frozenset(map(Scope, token.scopes)),
        workflows=frozenset(workflows) if token.of_workflows else None,
    )


def _account(user: Any) -> frozenset[Any] | None:
    """The roles of his groups; None, for everything, where he is in none of them.

    Administrators have no ceiling: they could take it off themselves.
    """
    if user.pk is None or user.is_superuser:
        return None
    names = user.groups.filter(name__in=GROUPS).values_list("name", flat=True)
    return frozenset(GROUPS[name] for name in names) or None
