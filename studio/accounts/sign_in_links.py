"""Links that sign a person in once: printed at the first start, made for people without password.

Looking at a link shows a button; only pressing it uses the link up, so that previews of mail and
chat programs do not.
"""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from studio.accounts.secret import digest, new_secret
from studio.models import SignInLink

LIFETIME = timedelta(minutes=15)


def create(user: User) -> str:
    """Make a link and return its path. Links that can no longer be used are swept out."""
    now = timezone.now()
    secret = new_secret()
    with transaction.atomic():
        SignInLink.objects.filter(Q(expires_at__lte=now) | Q(used_at__isnull=False)).delete()
        SignInLink.objects.create(user=user, sha256=digest(secret), expires_at=now + LIFETIME)
    return reverse("sign-in", args=[secret])


def is_open(secret: str) -> bool:
    """Whether the link can still be used."""
    return _open(secret).exists()


def consume(secret: str) -> User | None:
    """Use the link up. Returns its user to exactly one caller, None to every other."""
    with transaction.atomic():
        if not _open(secret).update(used_at=timezone.now()):
            return None
        return SignInLink.objects.select_related("user").get(sha256=digest(secret)).user


def _open(secret: str) -> QuerySet[SignInLink]:
    return SignInLink.objects.filter(
        sha256=digest(secret),
        used_at__isnull=True,
        expires_at__gt=timezone.now(),
        user__is_active=True,
    )
