"""How a request of the API says who sends it: a bearer token, or a session with CSRF token."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from studio.accounts import tokens

REFUSED = "The token is unknown, expired or revoked. Make a new one under Settings, API tokens."


def bearer_of(header: str) -> str | None:
    """The secret of an `Authorization: Bearer …` header; None for any other scheme."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`. There is no cookie, so there is nothing to forge."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        secret = bearer_of(request.META.get("HTTP_AUTHORIZATION", ""))
        if secret is None:
            return None
        user = tokens.authenticate(secret)
        if user is None:
            raise AuthenticationFailed(REFUSED)
        return user, "token"

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """A signed-in browser. Every request that may change something needs the CSRF token."""
