"""Guessing passwords gets slow: each name, tried from one address, has to wait after failures.

A try is counted before its password is looked at, so tries at the same moment cannot pass together.
Names that nobody has are counted like the others.
"""

import logging
import unicodedata
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from studio.models import FailedSignIn

FREE_TRIES = 5
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
MEMORY = timedelta(days=1)
"""Failures are forgotten once nobody tried for so long."""

log = logging.getLogger(__name__)


class BackoffBackend:
    """Stands before the backends that look at passwords; `request.locked_for` tells the wait.

    It knows no users, so sessions and permissions pass it by.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, **credentials: Any
    ) -> None:
        if request is None or username is None:
            return
        wait = count_try(key_of(username, request))
        if wait:
            request.locked_for = wait  # type: ignore[attr-defined]
            raise PermissionDenied("too many failed tries")


def pause_after(failures: int) -> timedelta:
    """How long the next try has to wait: nothing, then a minute, then twice as long each time."""
    doublings = failures - FREE_TRIES
    if doublings < 0:
        return timedelta(0)
    return min(FIRST_PAUSE * (1 << min(doublings, 10)), LONGEST_PAUSE)


def key_of(username: str, request: HttpRequest) -> str:
    """One name at one address. Spellings that look alike are one name."""
    name = unicodedata.normalize("NFKC", username).casefold()
    address = request.META.get("REMOTE_ADDR", "")
    return sha256(f"{name}\0{address}".encode("utf-8", "replace")).hexdigest()


def count_try(key: str) -> timedelta:
    """Count one try and return nothing to wait for; or count nothing and return the wait."""
    now = timezone.now()
    FailedSignIn.objects.filter(last_at__lt=now - MEMORY).delete()
    with transaction.atomic():
        row, is_new = FailedSignIn.objects.select_for_update().get_or_create(
            key=key, defaults={"failures": 1, "last_at": now}
        )
        if is_new:
            return timedelta(0)
        wait = row.last_at + pause_after(row.failures) - now
        if wait > timedelta(0):
            return wait
        row.failures += 1
        row.last_at = now
        row.save(update_fields=["failures", "last_at"])
    if row.failures >= FREE_TRIES:
        log.warning("%d tries to sign in with one name from one address", row.failures)
    return timedelta(0)


@receiver(user_logged_in)
def forget(request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Whoever got in has nothing to wait for."""
    if request is not None:
        FailedSignIn.objects.filter(key=key_of(user.get_username(), request)).delete()
