"""What matters most in the admin asks for the password again after a quarter of an hour."""

import time

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from studio.accounts import tokens
from studio.accounts.fresh import FRESH_S, KEY
from studio.actions.secrets import create_secret
from studio.models import ApiToken, AuditEntry, Secret

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def admin() -> User:
    return User.objects.create_superuser("boss", password=PASSWORD)


@pytest.fixture
def stale(admin: User) -> Client:
    """A browser in which the administrator signed in sixteen minutes ago."""
    client = Client()
    client.force_login(admin)
    age(client, FRESH_S + 60)
    return client


def age(client: Client, seconds: float) -> None:
    session = client.session
    session[KEY] = time.time() - seconds
    session.save()


@pytest.fixture
def rows(admin: User, alice: User) -> dict[str, int]:
    tokens.create(user=alice, name="laptop")
    secret = create_secret(user=alice, name="openai", value="some value")
    group = Group.objects.create(name="crew")
    return {
        "auth/user": alice.pk,
        "auth/group": group.pk,
        "studio/apitoken": ApiToken.objects.get().pk,
        "studio/secret": secret.pk,
    }


TABLES = ("auth/user", "auth/group", "studio/apitoken", "studio/secret")


def everything() -> list[object]:
    return [
        list(model.objects.order_by("pk").values()) for model in (User, Group, ApiToken, Secret)
    ]


@pytest.mark.parametrize("table", TABLES)
def test_sec_admin_asks_again(table: str, stale: Client, rows: dict[str, int]) -> None:
    """Every way to change one of these rows, GET and POST: nothing changes, the password is due."""
    number = rows[table]
    paths = [f"/admin/{table}/{number}/change/", f"/admin/{table}/{number}/delete/"]
    if table == "auth/user":
        paths += ["/admin/auth/user/add/", f"/admin/auth/user/{number}/password/"]
    before = everything()

    for path in paths:
        for answer in (stale.get(path), stale.post(path, {"post": "yes", "username": "x"})):
            assert (answer.status_code, answer["Location"]) == (
                302,
                f"/confirm?next={path.replace('/', '%2F')}",
            )
    action = {"action": "delete_selected", "_selected_action": str(number), "post": "yes"}
    assert stale.post(f"/admin/{table}/", action)["Location"].startswith("/confirm")
    assert everything() == before
    assert stale.get(f"/admin/{table}/").status_code == 200


def test_the_password_makes_it_fresh_again(
    stale: Client, admin: User, rows: dict[str, int]
) -> None:
    path = f"/admin/auth/user/{rows['auth/user']}/change/"
    old_key = stale.session.session_key

    assert "You are about to change" in stale.get(f"/confirm?next={path}").content.decode()
    wrong = stale.post("/confirm", {"next": path, "password": "wrong"})
    assert wrong.status_code == 422
    assert stale.get(path).status_code == 302
    right = stale.post("/confirm", {"next": path, "password": PASSWORD})

    assert right["Location"] == path
    assert stale.get(path).status_code == 200
    assert stale.session.session_key != old_key
    age(stale, FRESH_S - 5)
    assert stale.get(path).status_code == 200
    age(stale, FRESH_S + 5)
    assert stale.get(path).status_code == 302


@pytest.mark.parametrize("left", [None, "soon", -3_600.0])
def test_a_session_that_does_not_say_when_is_stale(
    left: object, stale: Client, rows: dict[str, int]
) -> None:
    session = stale.session
    if left is None:
        del session[KEY]
    else:
        session[KEY] = time.time() - left if isinstance(left, float) else left
    session.save()

    assert stale.get(f"/admin/auth/user/{rows['auth/user']}/change/").status_code == 302


def test_guessing_it_gets_slow(stale: Client) -> None:
    answers = [stale.post("/confirm", {"password": f"guess {n}"}).status_code for n in range(8)]

    assert answers[:5] == [422] * 5
    assert set(answers[5:]) == {429}
    assert stale.post("/confirm", {"password": PASSWORD}).status_code == 429


def test_somebody_else_s_password_does_not_do(stale: Client) -> None:
    User.objects.create_superuser("other", password="another one here")

    assert stale.post("/confirm", {"password": "another one here"}).status_code == 422


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "javascript:alert(1)", ""])
def test_it_leads_nowhere_else(target: str, stale: Client) -> None:
    answer = stale.post("/confirm", {"next": target, "password": PASSWORD})

    assert answer["Location"] == "/"


def test_who_has_no_password_needs_a_new_link(root: User) -> None:
    client = Client()
    client.force_login(root)
    age(client, FRESH_S + 60)

    assert "treadle sign-in" in client.get("/confirm").content.decode()
    new = {"form": "password", "new_password1": PASSWORD, "new_password2": PASSWORD}
    refused = client.post("/settings/profile", new)
    assert refused.status_code == 422
    assert "sign in with a new link" in refused.content.decode()
    assert not User.objects.get(pk=root.pk).has_usable_password()

    age(client, 10)
    assert client.post("/settings/profile", new).status_code == 302


def change(client: Client, table: str, number: int, **fields: str) -> None:
    assert client.post(f"/admin/{table}/{number}/change/", fields).status_code == 302


def test_changes_of_people_leave_audit_rows(
    stale: Client, admin: User, rows: dict[str, int]
) -> None:
    age(stale, 10)
    AuditEntry.objects.all().delete()
    crew, alice = rows["auth/group"], rows["auth/user"]
    change(stale, "auth/group", crew, name="team")
    dates = {"date_joined_0": "2026-11-27", "date_joined_1": "10:00:00"}
    change(stale, "auth/user", alice, username="alicia", is_superuser="on", **dates)
    stale.post(f"/admin/auth/user/{alice}/password/", {
        "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD})  # fmt: skip
    stale.post("/admin/auth/group/add/", {"name": "guests"})
    delete = {"action": "delete_selected", "_selected_action": str(crew), "post": "yes"}
    stale.post("/admin/auth/group/", delete)

    told = list(AuditEntry.objects.order_by("id").values_list("verb", "object", "user_id"))
    assert told == [
        ("group.change", "team", admin.pk),
        ("user.change", "alicia", admin.pk),
        ("user.change", "alicia", admin.pk),
        ("group.create", "guests", admin.pk),
        ("group.delete", "team", admin.pk),
    ]
    assert PASSWORD not in repr(list(AuditEntry.objects.values()))
    assert "Superuser status" in repr(
        AuditEntry.objects.filter(verb="user.change").values_list("data")
    )
