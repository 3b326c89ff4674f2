"""A person's profile and API tokens."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.accounts import tokens
from studio.models import ApiToken, AuditEntry
from tests.studio.pages.conftest import Visit

TOKENS = "/settings/tokens"
PROFILE = "/settings/profile"
SECRET = re.compile(r"trd_[A-Za-z0-9_-]{43}")


def test_a_new_token_is_shown_once_and_works(alice: User, visit: Visit) -> None:
    client = visit(alice)

    first = client.post(TOKENS, {"name": "nightly", "days": "30"})

    shown = SECRET.search(first.content.decode())
    assert shown is not None
    assert tokens.authenticate(shown[0]) == alice
    assert "no-store" in first["Cache-Control"]
    second = client.get(TOKENS).content.decode()
    assert not SECRET.search(second)
    assert "nightly" in second
    assert AuditEntry.objects.filter(verb="token.create").count() == 1


@pytest.mark.parametrize(("days", "expires"), [("30", 30), ("365", 365), ("", None)])
def test_a_token_lives_as_long_as_asked(
    days: str, expires: int | None, alice: User, visit: Visit
) -> None:
    visit(alice).post(TOKENS, {"name": "x", "days": days})

    at = ApiToken.objects.get().expires_at
    if expires is None:
        assert at is None
    else:
        assert at is not None
        assert abs(at - timezone.now() - timedelta(days=expires)) < timedelta(minutes=1)


def test_sending_the_form_again_makes_no_second_token(alice: User, visit: Visit) -> None:
    client = visit(alice)
    client.post(TOKENS, {"name": "nightly", "days": "30"})

    response = client.post(TOKENS, {"name": "nightly", "days": "30"})

    assert response.status_code == 422
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("data", [{"name": ""}, {"name": "x", "days": "1e9"}, {"name": "x" * 101}])
def test_a_bad_form_makes_no_token(data: dict[str, str], alice: User, visit: Visit) -> None:
    assert visit(alice).post(TOKENS, data).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_can_be_revoked_by_its_owner_only(alice: User, bob: User, visit: Visit) -> None:
    row, secret = tokens.create(user=alice, name="laptop")
    url = reverse("settings-token-revoke", args=[row.public_id])

    assert visit(bob).post(url).status_code == 404
    assert tokens.authenticate(secret) == alice

    assert visit(alice).post(url)["Location"] == TOKENS
    assert tokens.authenticate(secret) is None
    assert "laptop" not in visit(alice).get(TOKENS).content.decode()
    assert AuditEntry.objects.filter(verb="token.revoke").count() == 1


def test_tokens_of_others_are_not_listed(alice: User, bob: User, visit: Visit) -> None:
    tokens.create(user=bob, name="of bob")

    assert "of bob" not in visit(alice).get(TOKENS).content.decode()


def test_an_expired_token_is_marked(alice: User, visit: Visit) -> None:
    tokens.create(user=alice, name="old", expires_at=timezone.now() - timedelta(days=1))

    assert "expired" in visit(alice).get(TOKENS).content.decode()


def test_the_profile_is_saved(alice: User, visit: Visit) -> None:
    data = {"form": "profile", "first_name": "Ana", "last_name": "W", "email": "a@example.org"}

    response = visit(alice).post(PROFILE, data)

    assert response["Location"] == PROFILE
    alice.refresh_from_db()
    assert (alice.first_name, alice.email) == ("Ana", "a@example.org")


def test_a_refused_profile_does_not_change_who_is_shown(alice: User, visit: Visit) -> None:
    data = {"form": "profile", "first_name": "Mallory", "email": "no address"}

    response = visit(alice).post(PROFILE, data)

    assert response.status_code == 422
    assert "<b>Mallory" not in response.content.decode()
    alice.refresh_from_db()
    assert alice.first_name == ""


def test_nobody_makes_himself_an_administrator(alice: User, visit: Visit) -> None:
    data = {"form": "profile", "first_name": "A", "is_superuser": "on", "username": "root"}

    visit(alice).post(PROFILE, data)

    alice.refresh_from_db()
    assert (alice.is_superuser, alice.username) == (False, "alice")


def test_who_came_by_a_link_sets_a_password_and_stays_signed_in(alice: User, visit: Visit) -> None:
    alice.set_unusable_password()
    alice.save()
    client = visit(alice)
    assert "Set a password" in client.get(PROFILE).content.decode()
    secret = "correct horse 42"

    client.post(PROFILE, {"form": "password", "new_password1": secret, "new_password2": secret})

    assert client.get(PROFILE).status_code == 200
    assert Client().login(username="alice", password=secret)


def test_changing_a_password_needs_the_old_one(alice: User, visit: Visit) -> None:
    alice.set_password("correct horse 42")
    alice.save()
    new = {"form": "password", "new_password1": "battery 77 x", "new_password2": "battery 77 x"}

    assert visit(alice).post(PROFILE, {**new, "old_password": "guess"}).status_code == 422
    alice.refresh_from_db()
    assert alice.check_password("correct horse 42")

    assert (
        visit(alice).post(PROFILE, {**new, "old_password": "correct horse 42"}).status_code == 302
    )
    alice.refresh_from_db()
    assert alice.check_password("battery 77 x")


def test_a_weak_password_is_refused_with_the_reason(alice: User, visit: Visit) -> None:
    alice.set_unusable_password()
    alice.save()

    response = visit(alice).post(
        PROFILE, {"form": "password", "new_password1": "12345678", "new_password2": "12345678"}
    )

    assert response.status_code == 422
    assert "too common" in response.content.decode()
