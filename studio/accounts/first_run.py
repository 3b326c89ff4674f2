"""The first user: made at the first start, without a password, signed in by a one-time link."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

ADMIN = "admin"


def ensure_admin() -> User:
    """The administrator to sign in as: the first active one, made as `admin` if nobody exists.

    Raises LookupError when users exist and none of them is an active administrator.
    """
    users = get_user_model()._default_manager
    if not users.exists():
        _create(ADMIN)
    admin = users.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if admin is None:
        raise LookupError(
            "Nobody here may administrate: run `python3 manage.py createsuperuser` to add one."
        )
    return admin


def _create(name: str) -> None:
    # Two processes may start at once: the second finds the name taken and goes on.
    try:
        with transaction.atomic():
            get_user_model()._default_manager.create_superuser(name)
    except IntegrityError:
        if not get_user_model()._default_manager.filter(username=name).exists():
            raise
