"""Signing in and out: by link, by password, and what is left behind."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import process_time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.models import F
from django.test import Client, override_settings
from django.utils import timezone

from studio.accounts import first_run, sign_in_links
from studio.models import FailedSignIn, SignInLink

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


def attempt(name: str, password: str, address: str = "192.0.2.1") -> Any:
    given = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post("/login", given)


def later(time: timedelta) -> None:
    """Move the clock on: everything that was counted is so much longer ago."""
    FailedSignIn.objects.update(last_at=F("last_at") - time)


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was compared with that of a user, in order."""
    seen: list[str] = []
    check = User.check_password
    monkeypatch.setattr(
        User, "check_password", lambda self, raw: seen.append(raw) or check(self, raw)
    )
    return seen


def test_sec_brute_force(ann: User, evaluated: list[str]) -> None:
    """Of a thousand tries only a few are compared with the password."""
    answers = [attempt("ann", f"guess {number}").status_code for number in range(1_000)]

    assert len(evaluated) <= 10
    assert answers == [200] * 5 + [429] * 995
    assert attempt("ann", PASSWORD).status_code == 429


def test_sec_brute_force_waits_twice_as_long_each_time(ann: User, evaluated: list[str]) -> None:
    for _ in range(5):
        assert attempt("ann", "guess").status_code == 200

    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        locked = attempt("ann", "guess")
        assert locked.status_code == 429
        assert minutes * 60 - 5 <= int(locked["Retry-After"]) <= minutes * 60
        later(timedelta(minutes=minutes, seconds=-5))
        assert attempt("ann", "guess").status_code == 429
        later(timedelta(seconds=5))
        assert attempt("ann", "guess").status_code == 200

    assert len(evaluated) == 13


def test_who_waited_gets_in_and_is_forgiven(ann: User) -> None:
    for _ in range(5):
        attempt("ann", "guess")
    later(timedelta(minutes=1))

    assert attempt("ann", PASSWORD).status_code == 302
    assert not FailedSignIn.objects.exists()


def test_failures_are_forgotten_after_a_day(ann: User) -> None:
    for _ in range(5):
        attempt("ann", "guess")
    attempt("nobody", "guess")
    later(timedelta(days=1, seconds=1))

    assert attempt("ann", "guess").status_code == 200
    assert list(FailedSignIn.objects.values_list("failures", flat=True)) == [1]


@pytest.mark.parametrize(
    ("name", "address", "status"),
    [
        ("ann", "192.0.2.1", 429),
        ("ANN", "192.0.2.1", 429),
        ("\uff41nn", "192.0.2.1", 429),
        ("ann", "192.0.2.2", 302),
        ("bea", "192.0.2.1", 302),
    ],
)
def test_one_name_from_one_address_waits(ann: User, name: str, address: str, status: int) -> None:
    """Nobody locks out anybody else, nor the same person elsewhere."""
    User.objects.create_user("bea", password=PASSWORD)
    for _ in range(5):
        attempt("ann", "guess")

    assert attempt(name, PASSWORD, address).status_code == status


def test_sec_brute_force_of_the_admin(ann: User, evaluated: list[str]) -> None:
    """Who is signed in gets to the admin's own form: tries there count with those at ours."""
    User.objects.create_superuser("root", password=PASSWORD)
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    given = {"username": "root", "password": "guess", "next": "/admin/"}
    for _ in range(20):
        assert client.post("/admin/login/", given).status_code == 200
    client.post("/admin/login/", {**given, "password": PASSWORD})

    assert len(evaluated) == 5
    assert attempt("root", PASSWORD).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_sec_brute_force_at_the_same_moment(evaluated: list[str]) -> None:
    """Tries that arrive together are counted one after the other."""
    User.objects.create_user("ann", password=PASSWORD)

    def one(number: int) -> int:
        try:
            return int(attempt("ann", f"guess {number}").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(one, range(40)))

    assert answers == [200] * 5 + [429] * 35
    assert len(evaluated) == 5


@pytest.mark.parametrize("name", ["", "\x00", "a" * 150, "a" * 5_000, "\U0001f600", "' or 1=1 --"])
def test_names_that_nobody_can_have(db: None, name: str) -> None:
    for _ in range(7):
        assert attempt(name, "guess").status_code in (200, 429)


def sign_in_page(name: str) -> tuple[int, str]:
    """What anybody sees of a failed try, without what differs at every try."""
    page = attempt(name, "wrong")
    text = page.content.decode().replace(f'value="{name}"', "")
    return page.status_code, "\n".join(line for line in text.split("\n") if "csrf" not in line)


def test_sec_user_enumeration(ann: User) -> None:
    """A wrong password and an unknown name get the same page, before a lock and after."""
    seen = [(sign_in_page("ann"), sign_in_page("nobody")) for _ in range(7)]

    assert all(known == unknown for known, unknown in seen)
    assert [known[0] for known, _ in seen] == [200] * 5 + [429] * 2
    assert "Wait 1 minute, then try again." in seen[-1][0][1]


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
def test_sec_user_enumeration_by_time(db: None) -> None:
    """An unknown name, and one without a password, take as long as a wrong password.

    Measured as the processor's time, which other processes do not stretch.
    """
    User.objects.create_user("ann", password=PASSWORD)
    User.objects.create_user("linked")
    times: dict[str, list[float]] = {"ann": [], "linked": [], "nobody": []}
    for number in range(5):
        for name, taken in times.items():
            started = process_time()
            attempt(name, "wrong", f"192.0.2.{number}")
            taken.append(process_time() - started)

    usual = min(times["ann"])
    for name, taken in times.items():
        assert 0.6 * usual < min(taken) < 1.6 * usual, (name, times)


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
