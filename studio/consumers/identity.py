"""Who opened a socket: a session of a browser or a bearer token, asked again while it is open."""

from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.http import HttpRequest, parse_cookie

from studio.accounts import tokens
from studio.accounts.authentication import bearer_of
from studio.consumers.origin import header
from studio.http.body import Scope


@dataclass(frozen=True, slots=True)
class Credential:
    """What a client showed: the key of a session, or the text of a token."""

    session_key: str | None = None
    token: str | None = None

    def user(self) -> User | None:
        """The active user behind it now, asked from the database; None when it is worth nothing."""
        if self.token is not None:
            return tokens.authenticate(self.token)
        return _user_of_session(self.session_key or "")


def shown_in(scope: Scope) -> Credential | None:
    """The credential of a handshake: the header comes before the cookie; None for neither."""
    token = bearer_of(header(scope, b"authorization") or "")
    if token is not None:
        return Credential(token=token)
    cookies = parse_cookie(header(scope, b"cookie") or "")
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    return Credential(session_key=key) if key else None


def _user_of_session(key: str) -> User | None:
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    # Checks the session's hash against the password, as each page does.
    user: Any = get_user(cast(HttpRequest, SimpleNamespace(session=store)))
    return user if user.is_authenticated and user.is_active else None
