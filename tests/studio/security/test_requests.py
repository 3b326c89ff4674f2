"""Forged, foreign and mistyped requests."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from studio.models import ApiToken, Workflow
from tests.studio.api import documents
from tests.studio.api.calls import Api


@pytest.fixture
def browser(alice: User) -> Client:
    """Alice, signed in, in a browser that checks CSRF as the product does."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def token_of(client: Client) -> str:
    from django.middleware.csrf import _get_new_csrf_string

    secret = _get_new_csrf_string()
    client.cookies["csrftoken"] = secret
    return secret


@pytest.mark.parametrize("path", ["/api/v1/workflows", "/graph/create", "/api/v1/tokens"])
@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"]
)
def test_sec_csrf(browser: Client, path: str, kind: str) -> None:
    """A session alone changes nothing, in whatever type another site's page sends its body."""
    body = json.dumps({"name": "forged", **documents.demo()})

    response = browser.post(path, body, content_type=kind)

    assert response.status_code == 403
    assert Workflow.objects.count() == 0
    assert ApiToken.objects.count() == 0


def test_a_session_with_its_token_may_write(browser: Client) -> None:
    response = browser.post(
        "/api/v1/workflows",
        b"{}",
        content_type="application/json",
        headers={"X-CSRFToken": token_of(browser)},
    )

    assert response.status_code == 201


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://testserver:81"])
def test_a_session_with_its_token_from_another_origin_may_not(browser: Client, origin: str) -> None:
    response = browser.post(
        "/api/v1/workflows",
        b"{}",
        content_type="application/json",
        headers={"X-CSRFToken": token_of(browser), "Origin": origin},
    )

    assert response.status_code == 403


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/json",
    ],
)
@pytest.mark.parametrize(
    "path", ["/graph/create", "/graph/run", "/api/v1/runs", "/api/v1/validate"]
)
def test_sec_media_types(alice: User, path: str, kind: str) -> None:
    """Bodies are read by their declared type, and only JSON is one."""
    body = json.dumps(documents.demo()).encode()

    answer = Api(alice).post(path, body, Content_Type=kind)

    assert (answer.status, answer.code) == (415, "E_MEDIA_TYPE")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example"]
)
def test_sec_dns_rebinding(alice: User, host: str) -> None:
    """A request for a host that is not ours is refused, signed in or not."""
    assert Api(alice).get("/api/v1/workflows", Host=host).status == 400
    assert Client().get("/login", headers={"Host": host}).status_code == 400


def test_sec_token_theft(alice: User) -> None:
    """The database holds no token, and no header but a whole, living one opens anything."""
    api = Api(alice)
    row = ApiToken.objects.get()

    assert api.token not in json.dumps(list(ApiToken.objects.values()), default=str)
    for header in (
        f"Bearer {api.token}x",
        f"Bearer {api.token[:-1]}",
        f"Bearer {row.sha256}",
        f"Bearer {row.prefix}",
        "Bearer ",
        "Bearer " + "trd_" + "x" * 5000,
        "Bearer trd_\ud800".encode("utf-8", "replace").decode(),
        "Bearer trd_\x00",
    ):
        api.headers["Authorization"] = header
        answer = api.get("/api/v1/workflows")
        assert answer.status == 401, header
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_not_taken_from_the_address(alice: User) -> None:
    api = Api(alice)
    token = api.token
    api.headers.clear()

    for query in (f"token={token}", f"access_token={token}"):
        assert api.get(f"/api/v1/workflows?{query}").status == 401


def test_a_token_of_a_user_who_was_switched_off_is_dead(alice: User) -> None:
    api = Api(alice)
    assert api.get("/api/v1/workflows").status == 200

    alice.is_active = False
    alice.save()

    assert api.get("/api/v1/workflows").status == 401


def test_a_token_is_looked_up_in_memory(alice: User, django_assert_num_queries: Any) -> None:
    api = Api(alice)
    api.get("/api/v1/tools")

    with django_assert_num_queries(0):
        assert api.get("/api/v1/tools").status == 200


def test_other_sites_get_no_permission_to_read(alice: User) -> None:
    answer = Api(alice).get("/api/v1/workflows", Origin="http://evil.example")

    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@override_settings(DEBUG=False)
def test_sec_headers(alice: User, browser: Client) -> None:
    """Pages and answers carry the headers that make a browser distrust them."""
    page = Client().get("/login")
    policy = page["Content-Security-Policy"]

    for part in (
        "default-src 'none'",
        "script-src 'self';",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in page["Permissions-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    data = Api(alice).get("/api/v1/workflows")
    assert data.headers["Content-Security-Policy"].startswith("default-src 'none'; frame")
