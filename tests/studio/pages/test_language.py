"""Which language an answer has: chosen, asked for, or English for programs."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from studio.sentences import SOURCE
from tests.studio.pages.conftest import Visit
from tests.words import catalogues

GERMAN = {"accept-language": "de-CH,de;q=0.9,en;q=0.5"}


def test_every_language_but_english_has_its_catalogues() -> None:
    assert [SOURCE, *catalogues.languages()] == [code for code, _ in settings.LANGUAGES]


def test_a_page_is_in_the_language_that_the_browser_asks_for(alice: User, visit: Visit) -> None:
    response = visit(alice).get("/runs/", headers=GERMAN)

    assert '<html lang="de">' in response.content.decode()
    assert response["Content-Language"] == "de"
    assert "Accept-Language" in response["Vary"]


def test_a_language_that_is_not_there_is_english(alice: User, visit: Visit) -> None:
    response = visit(alice).get("/runs/", headers={"accept-language": "tlh"})

    assert '<html lang="en">' in response.content.decode()
    assert "static/words/" not in response.content.decode()


def test_a_chosen_language_is_kept_and_goes_before_the_browsers(alice: User, visit: Visit) -> None:
    client = visit(alice)

    response = client.post("/language", {"language": "en", "next": "/runs/?status=failed"})

    assert response["Location"] == "/runs/?status=failed"
    assert '<html lang="en">' in client.get("/runs/", headers=GERMAN).content.decode()
    client.post("/language", {"language": ""})
    assert '<html lang="de">' in client.get("/runs/", headers=GERMAN).content.decode()


@pytest.mark.parametrize("code", ['de"><script>', "xx", "../de"])
def test_a_forged_language_is_ignored(code: str, alice: User, visit: Visit) -> None:
    client = visit(alice)
    client.post("/language", {"language": code})
    assert client.cookies["treadle-language"].value == ""

    client.cookies["treadle-language"] = code

    assert '<html lang="en">' in client.get("/runs/").content.decode()


def test_the_browsers_texts_come_before_what_asks_for_them(alice: User, visit: Visit) -> None:
    page = visit(alice).get("/runs/", headers=GERMAN).content.decode()

    assert 0 < page.index("words/de.js") < page.index("dist/pages.js")


@pytest.mark.django_db
def test_strangers_are_met_in_their_language() -> None:
    assert '<html lang="de">' in Client().get("/login", headers=GERMAN).content.decode()
    assert '<html lang="de">' in Client().get("/nowhere", headers=GERMAN).content.decode()


PROGRAMS = [
    "/api/v1/workflows",
    "/api/v1/workflows?limit=many",
    "/api/v1/runs?status=none",
    "/api/v1/runs/00000000-0000-7000-8000-000000000000",
    "/api/v1/tools",
    "/api/v1/nowhere",
    "/api/schema",
    "/graph/state/nothing",
    "/healthz",
]


@pytest.mark.parametrize("address", PROGRAMS)
def test_programs_get_the_same_bytes_in_every_language(
    address: str, alice: User, visit: Visit
) -> None:
    client = visit(alice)
    same = {"x-request-id": "0123456789abcdef"}
    english = client.get(address, headers=same)

    client.cookies["treadle-language"] = "de"
    german = client.get(address, headers={**GERMAN, **same})

    assert german.content == english.content
    assert german.headers.get("Vary") == english.headers.get("Vary")


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/v1/workflows", {"name": ""}),
        ("/api/v1/workflows", {"name": 7, "graph": "no"}),
        ("/api/v1/runs", {"workflow": "nothing"}),
        ("/api/v1/lint", {"graph": {"nodes": {"a": {"tool": "none"}}, "edges": []}}),
        ("/graph/create", {"nodes": 3}),
    ],
)
def test_what_programs_are_refused_is_in_english(
    address: str, body: object, alice: User, visit: Visit
) -> None:
    client = visit(alice)
    same = {"x-request-id": "0123456789abcdef"}
    english = client.post(address, body, "application/json", headers=same)

    client.cookies["treadle-language"] = "de"
    german = client.post(address, body, "application/json", headers={**GERMAN, **same})

    assert english.status_code >= 400
    assert (german.status_code, german.content) == (english.status_code, english.content)
