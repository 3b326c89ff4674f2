"""Programs pass the middleware that only people need; people never do."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studio.accounts import tokens
from studio.actions.runs import start_run
from tests.studio import build

FOR_PEOPLE = ("session", "_messages")


@pytest.fixture
def path(alice: User) -> str:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    return f"/graph/state/{run.public_id}"


@pytest.fixture
def bearer(alice: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.create(user=alice, name='test')[1]}"}


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_program_has_no_session(client: Client, path: str, bearer: dict[str, str]) -> None:
    response = client.get(path, headers=bearer)

    assert response.status_code == 200
    assert not any(hasattr(response.wsgi_request, name) for name in FOR_PEOPLE)


def test_a_person_at_the_same_address_has_one(browser: Client, path: str) -> None:
    response = browser.get(path)

    assert response.status_code == 200
    assert all(hasattr(response.wsgi_request, name) for name in FOR_PEOPLE)


def test_a_token_elsewhere_changes_nothing(client: Client, bearer: dict[str, str]) -> None:
    response = client.get("/api/v1/workflows", headers=bearer)

    assert response.status_code == 200
    assert all(hasattr(response.wsgi_request, name) for name in FOR_PEOPLE)


@pytest.mark.parametrize("header", ["Bearer", "Bearer trd_wrong", "bearer  "])
def test_a_session_does_not_stand_in_for_a_wrong_token(
    browser: Client, path: str, header: str
) -> None:
    response = browser.get(path, headers={"Authorization": header})

    assert response.status_code == 401


@pytest.mark.parametrize("header", ["Basic YTpi", "", "trd_wrong"])
def test_another_scheme_is_no_way_past_the_csrf_check(browser: Client, header: str) -> None:
    response = browser.post(
        "/graph/run", b"{}", content_type="application/json", headers={"Authorization": header}
    )

    assert response.status_code == 403


def test_both_get_the_same_headers(
    browser: Client, client: Client, path: str, bearer: dict[str, str]
) -> None:
    person, program = browser.get(path), client.get(path, headers=bearer)

    assert person.content == program.content
    assert _without_names(person) == _without_names(program)


def test_what_is_not_there_looks_like_before(client: Client, bearer: dict[str, str]) -> None:
    response = client.get("/graph/nothing", headers=bearer)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "E_NOT_FOUND"


def _without_names(response: object) -> dict[str, str]:
    """Its headers but for the request's id, and `Vary`, since only a person has a cookie."""
    names = dict(response.items())  # type: ignore[attr-defined]
    return {name: value for name, value in names.items() if name not in ("X-Request-ID", "Vary")}
