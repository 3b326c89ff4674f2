"""Bearer tokens of programs: made, shown once, looked up from memory, revoked.

The lookup is cached for a moment per process; a revocation or a change of the user or
his groups in this process is seen at once, one made in another process after TTL_S at most.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone

from studio.accounts.secret import digest, new_secret
from studio.models import ApiToken, Workflow
from studio.queries import ceilings

PREFIX = "trd_"
TTL_S = 1.0
CACHE_SIZE = 1000
# The column says roughly when a token was last used; one write per token in this time is enough.
LAST_USED_STEP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Holder:
    """A token that was found good: whose it is and how long that may be believed."""

    token_id: int
    user: User
    expires_at: datetime | None
    believed_until: float


class _Cache:
    """Holders by digest, least recently used first. Calls come from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: OrderedDict[str, Holder] = OrderedDict()

    def get(self, key: str) -> Holder | None:
        with self._lock:
            holder = self._holders.get(key)
            if holder is None or holder.believed_until < time.monotonic():
                return None
            self._holders.move_to_end(key)
            return holder

    def put(self, key: str, holder: Holder) -> None:
        with self._lock:
            self._holders[key] = holder
            while len(self._holders) > CACHE_SIZE:
                self._holders.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._holders.clear()


_cache = _Cache()


def create(
    *,
    user: User,
    name: str,
    expires_at: datetime | None = None,
    scopes: list[str] | None = None,
    workflows: Sequence[Workflow] | None = None,
) -> tuple[ApiToken, str]:
    """Make a token. Returns its row and its text, which nobody can read again later."""
    secret = new_secret(PREFIX)
    row = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[: len(PREFIX) + 6],
        sha256=digest(secret),
        expires_at=expires_at,
        scopes=scopes,
        of_workflows=workflows is not None,
    )
    if workflows is not None:
        row.workflows.set(workflows)
    return row, secret


def authenticate(secret: str) -> User | None:
    """The active user of a token that is neither revoked nor expired; None for any other text.

    What the token may hangs on this user object (`queries.ceilings`).
    """
    holder = lookup(secret)
    return None if holder is None else _twin(holder.user)


def remembered(secret: str) -> User | None:
    """The same from memory alone. None: ask `authenticate`, which knows better."""
    if not secret.startswith(PREFIX) or len(secret) > 200:
        return None
    holder = _cache.get(digest(secret))
    if holder is None or (holder.expires_at and holder.expires_at <= timezone.now()):
        return None
    return _twin(holder.user)


def _twin(user: User) -> User:
    """An object of its own, so that what a request hangs on its user stays with that request."""
    twin = type(user).__new__(type(user))
    twin.__dict__.update(user.__dict__)
    return twin


def lookup(secret: str) -> Holder | None:
    """The token's id, user and expiry, from memory where it was seen a moment ago."""
    if not secret.startswith(PREFIX) or len(secret) > 200:
        return None
    key = digest(secret)
    holder = _cache.get(key) or _load(key)
    if holder is None or (holder.expires_at and holder.expires_at <= timezone.now()):
        return None
    return holder


def revoke(token: ApiToken) -> None:
    """End a token. The row stays for the record."""
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])


def _load(key: str) -> Holder | None:
    now = timezone.now()
    row = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .filter(sha256=key, revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if row is None:
        return None
    _note_use(row, now)
    only = row.workflows.values_list("pk", flat=True) if row.of_workflows else ()
    ceilings.put(row.user, row, only)
    holder = Holder(row.pk, row.user, row.expires_at, time.monotonic() + TTL_S)
    _cache.put(key, holder)
    return holder


def _note_use(row: ApiToken, now: datetime) -> None:
    if row.last_used_at is None or now - row.last_used_at >= LAST_USED_STEP:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)


def forget(**_: Any) -> None:
    """Drop what this process remembers: a token or a user has changed."""
    _cache.clear()


for _model in (ApiToken, Group, get_user_model()):
    for _signal in (post_save, post_delete):
        _signal.connect(forget, sender=_model, dispatch_uid=f"tokens.{_model.__name__}")
for _between in (ApiToken.workflows.through, User.groups.through):
    m2m_changed.connect(forget, sender=_between, dispatch_uid=f"tokens.{_between.__name__}")
