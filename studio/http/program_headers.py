"""What the middleware does for a program's request, for a way that does not go through it.

Whether Django would answer at this host at all, and the headers it would answer with. A test
compares both with what the middleware does.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from studio.http import csp
from studio.http.body import Scope
from studio.http.request_id import HEADER
from studio.http.security_headers import CSP, PERMISSIONS

Headers = list[tuple[bytes, bytes]]


def is_expected_host(host: str) -> bool:
    """Whether `Host` names this studio; False too where Django has to look closer."""
    return _is_allowed(host, tuple(settings.ALLOWED_HOSTS))


def is_secure(scope: Scope, forwarded: str) -> bool:
    """Whether the client came by HTTPS. `forwarded`: the X-Forwarded-Proto header, or nothing."""
    trusted = settings.SECURE_PROXY_SSL_HEADER
    if trusted and forwarded:
        return forwarded.split(",", 1)[0].strip() == trusted[1]
    return scope.get("scheme") == "https"


def answer_headers(content: bytes, request_id: str, *, secure: bool) -> Headers:
    """Of a JSON answer of the API."""
    hsts_s = settings.SECURE_HSTS_SECONDS if secure else 0
    return [
        (b"content-length", str(len(content)).encode()),
        (HEADER.encode(), request_id.encode()),
        *_standing(hsts_s),
    ]


@lru_cache(maxsize=256)
def _is_allowed(host: str, allowed: Iterable[str]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


@lru_cache(maxsize=8)
def _standing(hsts_s: int) -> tuple[tuple[bytes, bytes], ...]:
    headers = {
        "Content-Type": "application/json",
        CSP: csp.DATA,
        "Cache-Control": "no-store",
        "Permissions-Policy": PERMISSIONS,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }
    if hsts_s:
        headers["Strict-Transport-Security"] = f"max-age={hsts_s}"
    return tuple((name.encode(), value.encode()) for name, value in headers.items())
