"""How long ago somebody proved who he is: what matters most asks for it again after a while."""

import time
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

FRESH_S = 15 * 60.0
KEY = "proved_at"


@receiver(user_logged_in)
def note(request: HttpRequest | None, **_: Any) -> None:
    """The session's user has just shown a password or a one-time link."""
    if request is not None and hasattr(request, "session"):
        request.session[KEY] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    """Whether that was within the last quarter of an hour."""
    proved_at = request.session.get(KEY)
    # A clock that was set back makes it stale, not fresh for longer.
    return isinstance(proved_at, float) and 0 <= time.time() - proved_at < FRESH_S


def renew(request: HttpRequest, user: User) -> None:
    """The user has proved it again: the session goes on under a new key."""
    request.session.cycle_key()
    note(request, user=user)
