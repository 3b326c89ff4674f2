"""Saving from a browser, which has doubles only: other numbers stay what they were."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studio.models import Workflow
from tests.studio.api import documents
from tests.studio.api.calls import Api

EXACT = """{"rate": 1.0, "deep": [{"half": 2.0}, 0.5], "order": 9007199254740993,
 "name": "1.0", "on": true, "long": 1129346123456789013, "huge": 12345678901234567890123}"""
"""As a program wrote it. What a browser makes of that is below, letter for letter."""
AS_BROWSERS_WRITE = """{"rate":1,"deep":[{"half":2},0.5],"order":9007199254740992,
"name":"1.0","on":true,"long":1129346123456789000,"huge":1.2345678901234568e+22}"""


@pytest.fixture
def browser(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def path(api: Api) -> str:
    document = {**documents.native(), "state": {"defaults": json.loads(EXACT)}}
    return f"/api/v1/workflows/{api.post('/api/v1/workflows', {'document': document}).body['id']}"


def sent(defaults: str) -> dict[str, Any]:
    return {"document": {**documents.native(), "state": {"defaults": json.loads(defaults)}}}


def save(browser: Client, path: str, document: dict[str, Any], rev: int = 1) -> int:
    answer = browser.put(
        f"{path}/draft", document, "application/json", headers={"If-Match": f'"{rev}"'}
    )
    assert answer.status_code == 200, answer.content
    saved: int = answer.json()["rev"]
    return saved


def stored(api: Api, path: str) -> str:
    """The numbers of the draft, letter for letter: in Python, 1 and 1.0 are equal."""
    return json.dumps(api.get(path).body["draft"]["state"]["defaults"])


def test_numbers_that_a_browser_cannot_hold_stay_what_they_were(
    browser: Client, api: Api, path: str
) -> None:
    changed = sent(AS_BROWSERS_WRITE)
    changed["document"]["layout"] = {"a": [8, 0]}

    assert save(browser, path, changed) == 2

    assert stored(api, path) == json.dumps(json.loads(EXACT))
    assert api.get(path).body["draft"]["layout"] == {"a": [8, 0]}


def test_a_draft_that_differs_only_by_them_is_the_same(
    browser: Client, api: Api, path: str
) -> None:
    draft = api.get(path).body["draft"]
    draft["state"] = {"defaults": json.loads(AS_BROWSERS_WRITE)}

    assert save(browser, path, {"document": draft}) == 1


def test_a_number_that_somebody_changed_is_changed(browser: Client, api: Api, path: str) -> None:
    save(browser, path, sent('{"rate":2,"deep":[2],"order":7,"long":true,"on":1}'))

    assert json.loads(stored(api, path)) == {
        "rate": 2,
        "deep": [2],
        "order": 7,
        "long": True,
        "on": 1,
    }
    assert '"on": 1' in stored(api, path)


def test_a_long_number_is_known_again_at_another_place(
    browser: Client, api: Api, path: str
) -> None:
    save(browser, path, sent('{"renamed":1129346123456789000,"copies":[1129346123456789000]}'))

    assert json.loads(stored(api, path)) == {
        "renamed": 1129346123456789013,
        "copies": [1129346123456789013],
    }


def test_a_program_says_what_it_means(api: Api, path: str) -> None:
    api.put(f"{path}/draft", sent(AS_BROWSERS_WRITE), If_Match='"1"')

    assert stored(api, path) == json.dumps(json.loads(AS_BROWSERS_WRITE))


def test_a_number_beyond_all_doubles_is_no_obstacle(browser: Client, api: Api, path: str) -> None:
    beyond = sent('{"long": 1%s}' % ("0" * 400))
    api.put(f"{path}/draft", beyond, If_Match='"1"')

    # A browser reads it as infinite, and writes that as null.
    assert save(browser, path, sent('{"long":null}'), rev=2) == 3
    assert Workflow.objects.count() == 1
