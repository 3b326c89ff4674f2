"""Middleware for people only: sessions, their users, CSRF tokens and messages.

A program that calls the demo's contract with a bearer token has none of these, and going through
them would cost it more than its answer. Without a token a request goes all the way, whatever its
address.
"""

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.middleware import csrf

from studio.accounts.authentication import bearer_of

PREFIX = "/graph/"
"""Below it, every view asks the token alone once there is one."""


def is_for_a_program(request: HttpRequest) -> bool:
    """Whether the answer depends on a bearer token, and on nothing that a browser sends."""
    if not request.path_info.startswith(PREFIX):
        return False
    return bearer_of(request.META.get("HTTP_AUTHORIZATION", "")) is not None


class _ForPeople:
    """Stands before a middleware class and passes programs by."""

    def __call__(self, request: HttpRequest) -> Any:
        if is_for_a_program(request):
            return self.get_response(request)  # type: ignore[attr-defined]
        return super().__call__(request)  # type: ignore[misc]


class SessionMiddleware(_ForPeople, sessions.SessionMiddleware):
    """`request.session`."""


class CsrfViewMiddleware(_ForPeople, csrf.CsrfViewMiddleware):
    """The CSRF token, asked for by every view that is not exempt."""


class AuthenticationMiddleware(_ForPeople, auth.AuthenticationMiddleware):
    """`request.user`."""


class MessageMiddleware(_ForPeople, messages.MessageMiddleware):
    """One-time messages."""
