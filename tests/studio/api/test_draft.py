"""Saving a draft: what was read is what is changed, or nothing is."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.models import Workflow
from tests.large_graph import large_document
from tests.studio import build
from tests.studio.api import documents
from tests.studio.api.calls import Api


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def path(api: Api) -> str:
    created = api.post("/api/v1/workflows", {"document": documents.native()}).body
    return f"/api/v1/workflows/{created['id']}"


def changed(tool: str = "trial.touch") -> dict[str, Any]:
    return {"document": documents.native(tool)}


def test_it_is_saved_at_the_revision_that_was_read(api: Api, path: str) -> None:
    answer = api.put(f"{path}/draft", changed(), If_Match='"1"')

    assert answer.status == 200
    assert set(answer.body) == {"rev", "saved_at", "saved_by", "problems"}
    assert (answer.body["rev"], answer.headers["ETag"]) == (2, '"2"')
    assert api.get(path).body["draft"]["nodes"]["a"]["tool"] == "trial.touch"


def test_a_stale_revision_gets_the_newer_document(api: Api, path: str) -> None:
    api.put(f"{path}/draft", changed("trial.touch"), If_Match='"1"')

    answer = api.put(f"{path}/draft", changed("trial.wait"), If_Match='"1"')

    assert (answer.status, answer.code) == (409, "E_CONFLICT")
    assert answer.body["head"]["rev"] == 2
    assert answer.body["head"]["saved_by"] == "alice"
    assert answer.body["head"]["document"]["nodes"]["a"]["tool"] == "trial.touch"
    assert api.get(path).body["rev"] == 2


def test_without_a_revision_nothing_is_saved(api: Api, path: str) -> None:
    assert api.put(f"{path}/draft", changed()).status == 428


@pytest.mark.parametrize("etag", ["1", '"x"', "*", '"-1"', '""'])
def test_a_revision_that_is_none_is_refused(api: Api, path: str, etag: str) -> None:
    assert api.put(f"{path}/draft", changed(), If_Match=etag).status == 400


def test_an_unfinished_draft_is_saved_with_its_problems(api: Api, path: str) -> None:
    document = {"format": "treadle/1", "nodes": {"a": {}}, "edges": [{}]}

    answer = api.put(f"{path}/draft", {"document": document}, If_Match='"1"')

    assert answer.status == 200
    assert answer.body["problems"]


@pytest.mark.parametrize(
    "document",
    [{}, {"format": "treadle/1"}, {"format": "x", "nodes": {}, "edges": []}, {"nodes": []}],
)
def test_what_is_not_even_a_draft_is_refused(api: Api, path: str, document: dict[str, Any]) -> None:
    assert api.put(f"{path}/draft", {"document": document}, If_Match='"1"').status == 400


def test_poisoned_keys_are_refused(api: Api, path: str) -> None:
    body = b'{"document":{"format":"treadle/1","nodes":{"__proto__":{}},"edges":[]}}'

    answer = api.put(f"{path}/draft", body, If_Match='"1"')

    assert (answer.status, answer.code) == (400, "E_JSON_KEY")


def test_a_shared_workflow_is_not_everybodys_to_change(api: Api, path: str, bob: User) -> None:
    Workflow.objects.update(owner=None)

    answer = Api(bob).put(f"{path}/draft", changed(), If_Match='"1"')

    assert answer.status == 403
    assert "duplicate" in answer.body["error"]["message"]


def test_publishing_numbers_the_versions(api: Api, path: str) -> None:
    first = api.post(f"{path}/publish", {"rev": 1, "note": "one"})
    api.put(f"{path}/draft", changed(), If_Match='"1"')
    second = api.post(f"{path}/publish")

    assert (first.status, first.body["number"], second.body["number"]) == (201, 1, 2)
    listed = api.get(f"{path}/versions").body["items"]
    assert [version["number"] for version in listed] == [2, 1]
    version = api.get(f"/api/v1/versions/{first.body['id']}").body
    assert (version["note"], version["document"]["nodes"]["a"]["tool"]) == ("one", "trial.count")


def test_what_has_errors_is_not_published(api: Api, path: str) -> None:
    api.put(f"{path}/draft", changed("no.such_tool"), If_Match='"1"')

    answer = api.post(f"{path}/publish")

    assert answer.status == 422
    assert answer.body["error"]["details"][0]["pointer"]
    assert api.get(path).body["published"] is None


def test_publishing_another_revision_than_the_head_is_a_conflict(api: Api, path: str) -> None:
    api.put(f"{path}/draft", changed(), If_Match='"1"')

    answer = api.post(f"{path}/publish", {"rev": 1})

    assert answer.status == 409
    assert answer.body["head"]["rev"] == 2


@pytest.fixture
def long_path(api: Api) -> str:
    created = api.post("/api/v1/workflows", {"document": build.chain("trial.count", 10)}).body
    return f"/api/v1/workflows/{created['id']}"


def test_a_page_that_was_loaded_by_half_empties_no_draft(api: Api, long_path: str) -> None:
    half = {"document": build.chain("trial.count", 1)}

    answer = api.put(f"{long_path}/draft", half, If_Match='"1"')

    assert (answer.status, answer.code) == (422, "E_DRAFT_SHRINKS")
    assert "9 of the 10 nodes" in answer.body["error"]["message"]
    assert (api.get(long_path).body["rev"], len(api.get(long_path).body["draft"]["nodes"])) == (
        1,
        10,
    )


def test_a_draft_may_be_emptied_if_that_is_meant(api: Api, long_path: str) -> None:
    empty = {"document": build.chain("trial.count", 0), "shrink": True}

    assert api.put(f"{long_path}/draft", empty, If_Match='"1"').status == 200


def test_four_fifths_may_go_without_asking(api: Api, long_path: str) -> None:
    shorter = {"document": build.chain("trial.count", 2)}

    assert api.put(f"{long_path}/draft", shorter, If_Match='"1"').status == 200


def test_of_two_nodes_both_may_go(api: Api) -> None:
    two = api.post("/api/v1/workflows", {"document": build.chain("trial.count", 2)}).body
    empty = {"document": build.chain("trial.count", 0)}

    answer = api.put(f"/api/v1/workflows/{two['id']}/draft", empty, If_Match='"1"')

    assert answer.status == 200


def test_a_graph_of_five_thousand_steps_is_created_saved_and_validated(api: Api) -> None:
    document = large_document(5_000)
    created = api.post("/api/v1/workflows", {"document": document})
    path = f"/api/v1/workflows/{created.body['id']}"

    document["nodes"]["n1"]["title"] = "First"
    saved = api.put(f"{path}/draft", {"document": document}, If_Match='"1"')
    checked = api.post("/api/v1/validate", {"document": document})

    assert (created.status, saved.status, checked.status) == (201, 200, 200)
    assert len(api.get(path).body["draft"]["nodes"]) == 5_000
