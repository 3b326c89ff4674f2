"""What is around every page: colours, navigation, messages, sign-in, errors."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from studio.http import errors
from studio.models import Run
from tests.studio import build
from tests.studio.pages.conftest import Visit


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chosen_theme_is_kept_in_a_cookie_and_shown(
    theme: str, alice: User, visit: Visit
) -> None:
    client = visit(alice)

    response = client.post("/theme", {"theme": theme, "next": "/runs/?status=failed"})

    assert response["Location"] == "/runs/?status=failed"
    assert f'<html lang="en" data-theme="{theme}">' in client.get("/runs/").content.decode()


def test_the_systems_theme_needs_no_cookie(alice: User, visit: Visit) -> None:
    client = visit(alice)
    client.post("/theme", {"theme": "dark"})

    client.post("/theme", {"theme": ""})

    assert '<html lang="en">' in client.get("/runs/").content.decode()


@pytest.mark.parametrize("theme", ['"><script>alert(1)</script>', "neon"])
def test_a_forged_theme_is_ignored(theme: str, alice: User, visit: Visit) -> None:
    client = visit(alice)
    client.cookies["treadle-theme"] = theme.replace(";", "")

    assert '<html lang="en">' in client.get("/runs/").content.decode()


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
@pytest.mark.django_db
def test_the_way_back_stays_here(next_: str) -> None:
    assert Client().post("/theme", {"theme": "dark", "next": next_})["Location"] == "/"


def test_the_navigation_marks_the_section_and_counts_active_runs(alice: User, visit: Visit) -> None:
    version = build.published(build.chain("trial.count"), alice)
    for status in ("running", "waiting", "completed"):
        Run.objects.create(workflow=version.workflow, version=version, owner=alice, status=status)

    found = visit(alice).get("/runs/").content.decode()

    assert 'href="/runs/" aria-current="page"' in found
    assert 'nav__count">2<' in found


def test_sections_are_marked_on_their_inner_pages(alice: User, visit: Visit) -> None:
    found = visit(alice).get("/workflows/new").content.decode()

    assert 'href="/workflows/" aria-current="true"' in found


@pytest.mark.django_db
def test_the_sign_in_page_has_no_navigation_and_one_neutral_answer() -> None:
    page = Client().get("/login").content.decode()
    assert '<nav aria-label="Main">' not in page

    wrong = Client().post("/login", {"username": "nobody", "password": "x"})

    assert wrong.content.decode().count('role="alert"') == 1
    assert "do not match" in wrong.content.decode()


def test_signing_in_leads_where_one_wanted_to_go(alice: User) -> None:
    alice.set_password("correct horse 42")
    alice.save()
    data = {"username": "alice", "password": "correct horse 42", "next": "/runs/"}

    assert Client().post("/login", data)["Location"] == "/runs/"


@pytest.mark.django_db
def test_a_used_up_link_says_how_to_get_a_new_one() -> None:
    response = Client().get(reverse("sign-in", args=["nothing"]))

    assert response.status_code == 404
    assert "The link is used up" in response.content.decode()


def test_a_missing_page_shows_the_request_id(alice: User, visit: Visit) -> None:
    response = visit(alice).get("/nowhere")

    assert response.status_code == 404
    assert response["X-Request-ID"] in response.content.decode()


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.not_found, 404),
        (errors.server_error, 500),
    ],
)
def test_every_error_has_a_page(view: errors.ErrorView, status: int) -> None:
    request = RequestFactory().get("/somewhere")
    request.request_id = "abc12345"  # type: ignore[attr-defined]
    request.session = {}  # type: ignore[assignment]

    response = view(request)

    assert response.status_code == status
    assert f'<p class="login__code">{status}</p>' in response.content.decode()
    assert "abc12345" in response.content.decode()
