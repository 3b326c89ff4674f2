"""Nobody who is not signed in reaches anything but the few open addresses."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

# What anybody may ask for. Everything else answers 401, 403, 404, or leads to the sign-in page.
OPEN = {
    "login",
    "healthz",
    "readyz",
    "api-health-live",
    "api-health-ready",
    "sign-in",
    "admin:login",
}
# Changes nothing but a cookie of who asks.
OPEN_POSTS = {"theme"}

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
SAMPLES = {
    "uuid": "019a0000-0000-7000-8000-000000000000",
    "int": "1",
    "str": "x",
    "slug": "x",
    "path": "x",
}


def addresses(
    resolver: URLResolver, prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str]]:
    """(name, path) of every address of the URL conf, parameters filled in."""
    for entry in resolver.url_patterns:
        path = prefix + filled(str(entry.pattern))
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, path, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", path


def filled(pattern: str) -> str:
    """A path that matches a pattern of `path` or `re_path`."""
    pattern = re.sub(r"<(\w+):\w+>", lambda match: SAMPLES[match[1]], pattern)
    pattern = re.sub(r"<\w+>", "x", pattern)
    pattern = re.sub(r"\(\?P<\w+>[^()]*\)", "x", pattern)
    return (
        pattern.removeprefix("^")
        .replace("/?$", "")
        .replace("(?P", "")
        .rstrip("$")
        .replace("\\", "")
    )


EVERYTHING = sorted(set(addresses(get_resolver("studio.urls"))))


def test_every_address_was_found() -> None:
    names = {name for name, _ in EVERYTHING}

    assert len(EVERYTHING) > 60
    assert names >= OPEN
    assert {"graph-run", "api-runs", "run", "admin:index", "docs", "schema"} <= names


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "path"), EVERYTHING, ids=[name for name, _ in EVERYTHING])
def test_sec_anonymous(name: str, path: str) -> None:
    """Every address and method, without and with CSRF: refused, or the sign-in page."""
    if name in OPEN:
        return
    for client in (Client(), Client(enforce_csrf_checks=True)):
        for method in METHODS:
            response = client.generic(method, f"/{path}", b"{}", "application/json")
            if method == "POST" and name in OPEN_POSTS:
                assert response.status_code in (302, 403, 400)
                continue
            assert is_refused(response.status_code, response.get("Location", "")), (
                method,
                path,
                response.status_code,
                response.content[:200],
            )


def is_refused(status: int, location: str) -> bool:
    if status in (301, 302):
        return location.startswith(("/login", "/admin/login")) or location.endswith("/")
    return status in (401, 403, 404, 405)
