"""Signing in and out: by link, by password, and what is left behind."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.utils import timezone

from studio.accounts import first_run, sign_in_links
from studio.models import SignInLink

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", password=PASSWORD)


def session_of(client: Client) -> str:
    return client.cookies["treadle_session"].value


def test_sec_sign_in_link_works_once(ann: User) -> None:
    """Looking at a link, as previews do, does not use it up; using it does."""
    path = sign_in_links.create(ann)
    for _ in range(3):
        assert Client().get(path).status_code == 200
        assert Client().head(path).status_code == 200
    first, second = Client(), Client()

    assert first.post(path).status_code == 302
    assert second.post(path).status_code == 404
    assert second.get(path).status_code == 404
    assert first.get("/api/v1/workflows").status_code == 200
    assert second.get("/api/v1/workflows").status_code == 401


def test_a_link_dies_after_a_quarter_of_an_hour(ann: User) -> None:
    path = sign_in_links.create(ann)
    SignInLink.objects.update(expires_at=timezone.now())

    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code == 404
    assert timedelta(minutes=15) == sign_in_links.LIFETIME


def test_a_link_of_a_user_who_was_switched_off_is_dead(ann: User) -> None:
    path = sign_in_links.create(ann)
    User.objects.update(is_active=False)

    assert Client().post(path).status_code == 404


def test_a_link_needs_the_csrf_token_of_its_page(ann: User) -> None:
    path = sign_in_links.create(ann)

    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert sign_in_links.is_open(path.rsplit("/", 1)[-1])


def test_the_database_holds_no_link(ann: User) -> None:
    secret = sign_in_links.create(ann).rsplit("/", 1)[-1]

    assert secret not in str(SignInLink.objects.values())


@pytest.mark.parametrize("secret", ["x", "a" * 500, "%00", "..%2f", "%F0%9F%98%80"])
def test_links_that_never_were_are_not_found(db: None, secret: str) -> None:
    assert Client().get(f"/sign-in/{secret}").status_code == 404
    assert Client().post(f"/sign-in/{secret}").status_code == 404


def test_sec_session_fixation(ann: User) -> None:
    """Signing in gives a new session; signing out kills it, whoever still holds the cookie."""
    client = Client()
    client.get("/login")
    client.post("/login", {"username": "ann", "password": PASSWORD})
    old = session_of(client)
    cookie = client.cookies["treadle_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

    client.post("/logout")

    thief = Client()
    thief.cookies["treadle_session"] = old
    assert thief.get("/api/v1/workflows").status_code == 401
    assert client.get("/api/v1/workflows").status_code == 401


def test_signing_out_takes_a_post(ann: User) -> None:
    client = Client()
    client.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/logout").status_code == 405
    assert client.get("/api/v1/workflows").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_signing_in_leads_nowhere_else(ann: User, target: str) -> None:
    response = Client().post("/login", {"username": "ann", "password": PASSWORD, "next": target})

    assert response.status_code == 302
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith("//")


@pytest.fixture
def throttled(settings: Any) -> Iterator[None]:
    with override_settings(AXES_ENABLED=True):
        yield


def test_sec_brute_force(ann: User, throttled: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many tries only a few are compared with the password."""
    evaluated = []
    check = User.check_password
    monkeypatch.setattr(
        User, "check_password", lambda self, raw: evaluated.append(raw) or check(self, raw)
    )
    answers = [
        Client().post("/login", {"username": "ann", "password": f"guess {number}"})
        for number in range(50)
    ]

    assert len(evaluated) <= 10
    assert answers[-1].status_code == 429
    locked = Client().post("/login", {"username": "ann", "password": PASSWORD})
    assert locked.status_code == 429
    assert locked["Retry-After"]


def test_sec_user_enumeration(ann: User, throttled: None) -> None:
    """A wrong password and an unknown name get the same page."""
    pages = {
        name: Client().post("/login", {"username": name, "password": "wrong"})
        for name in ("ann", "nobody")
    }

    def without_what_differs(name: str) -> str:
        text = pages[name].content.decode().replace(f'value="{name}"', "")
        return "\n".join(line for line in text.split("\n") if "csrf" not in line)

    assert pages["ann"].status_code == pages["nobody"].status_code
    assert without_what_differs("ann") == without_what_differs("nobody")


def test_sec_default_password(db: None) -> None:
    """The first user has no password that could be guessed, and is made once."""
    admin = first_run.ensure_admin()

    assert admin.get_username() == "admin"
    assert admin.is_superuser
    assert not admin.has_usable_password()
    assert first_run.ensure_admin() == admin
    assert User.objects.count() == 1


def test_no_admin_is_made_where_users_exist(ann: User) -> None:
    with pytest.raises(LookupError, match="createsuperuser"):
        first_run.ensure_admin()

    assert User.objects.count() == 1
