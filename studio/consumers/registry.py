"""The open sockets of this process: how many a user has, and which end when a session does."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from studio.accounts.secret import digest
from studio.consumers import codes
from studio.consumers.identity import Credential
from studio.models import ApiToken, Grant

SOCKETS_PER_USER = 20


@dataclass(eq=False, slots=True)
class Member:
    """One open socket. `close` is called on its event loop."""

    user_id: int
    credential: Credential
    loop: asyncio.AbstractEventLoop
    close: Callable[[int], None]
    look_again: asyncio.Event
    """Rung when what its user may see has perhaps changed."""


_lock = threading.Lock()
_members: set[Member] = set()
_by_user: Counter[int] = Counter()


def join(member: Member) -> bool:
    """Count a socket. False when its user has too many open already."""
    with _lock:
        if _by_user[member.user_id] >= SOCKETS_PER_USER:
            return False
        _by_user[member.user_id] += 1
        _members.add(member)
        return True


def leave(member: Member) -> None:
    with _lock:
        if member in _members:
            _members.discard(member)
            _by_user[member.user_id] -= 1
            if not _by_user[member.user_id]:
                del _by_user[member.user_id]


def count() -> int:
    return len(_members)


def close_session(session_key: str) -> None:
    """Close what a session opened. From any thread."""
    _close(lambda credential: credential.session_key == session_key)


def _close(matches: Callable[[Credential], bool]) -> None:
    with _lock:
        found = [member for member in _members if matches(member.credential)]
    for member in found:
        if not member.loop.is_closed():
            member.loop.call_soon_threadsafe(member.close, codes.NOT_SIGNED_IN)


def look_again() -> None:
    """Let every socket of this process ask at once whether it may stay. From any thread."""
    with _lock:
        found = list(_members)
    for member in found:
        if not member.loop.is_closed():
            member.loop.call_soon_threadsafe(member.look_again.set)


def _on_grant(**_: Any) -> None:
    # Not before it is written: the sockets would find what was there before.
    transaction.on_commit(look_again)


def _on_logout(request: Any = None, **_: Any) -> None:
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key:
        close_session(key)


def _on_token(instance: ApiToken, **_: Any) -> None:
    if instance.revoked_at is not None:
        _close(lambda shown: shown.token is not None and digest(shown.token) == instance.sha256)


user_logged_out.connect(_on_logout, dispatch_uid="sockets.logout")
post_save.connect(_on_token, sender=ApiToken, dispatch_uid="sockets.token")
post_delete.connect(_on_grant, sender=Grant, dispatch_uid="sockets.grant")
m2m_changed.connect(_on_grant, sender=User.groups.through, dispatch_uid="sockets.groups")
