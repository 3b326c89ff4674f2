"""POST /graph/create, as a client of the demo calls it."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.models import Workflow
from tests.studio.api import documents
from tests.studio.api.calls import Api


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


@pytest.mark.parametrize("path", ["/graph/create", "/graph/create/"])
def test_it_answers_with_the_id_of_the_graph(api: Api, path: str) -> None:
    answer = api.post(path, documents.demo())

    assert answer.status == 200
    assert list(answer.body) == ["graph_id"]
    assert Workflow.objects.get().public_id.hex == answer.body["graph_id"].replace("-", "")


def test_it_takes_native_documents(api: Api) -> None:
    assert api.post("/graph/create", documents.native()).status == 200


def test_the_graph_is_not_in_lists(api: Api) -> None:
    api.post("/graph/create", documents.demo())

    assert api.get("/api/v1/workflows").body["items"] == []


def test_the_start_node_must_be_one_of_the_nodes(api: Api) -> None:
    answer = api.post("/graph/create", documents.demo(start_node="z"))

    assert answer.status == 400
    assert answer.body["detail"] == "start_node must be one of the nodes"
    assert answer.code == "E_START_NODE"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"nodes": "none"}, "/nodes"),
        ({"nodes": [{"name": "a"}]}, "/nodes/0/tool"),
        ({"nodes": [{"name": 1, "tool": "x"}]}, "/nodes/0/name"),
        ({"edges": [{"from_node": "a"}]}, "/edges/0/to_node"),
        (
            {"edges": [{"from_node": "a", "to_node": "b", "operator": "like"}]},
            "/edges/0/operator",
        ),
        ({"start_node": None}, "/start_node"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_malformed_bodies_are_422_with_the_place(
    api: Api, changes: dict[str, Any], pointer: str
) -> None:
    answer = api.post("/graph/create", documents.demo(**changes))

    assert answer.status == 422
    assert pointer in [detail["pointer"] for detail in answer.body["error"]["details"]]
    assert answer.body["detail"]
    assert Workflow.objects.count() == 0


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"null", b"12"])
def test_bodies_that_are_no_object_are_422(api: Api, body: bytes) -> None:
    assert api.post("/graph/create", body).status == 422


def test_an_edge_to_nowhere_is_refused_with_its_place(api: Api) -> None:
    edges = [{"from_node": "a", "to_node": "nowhere"}]

    answer = api.post("/graph/create", documents.demo(edges=edges))

    assert answer.status == 422
    assert "nowhere" in answer.body["detail"]


def test_the_shipped_code_review_is_a_graph(api: Api) -> None:
    from studio.actions.examples import install_examples

    install_examples()

    for path in ("/graph/create_sample/code_review", "/graph/create_sample/code_review/"):
        answer = api.post(path)
        assert answer.status == 200
        assert Workflow.objects.get(public_id=answer.body["graph_id"]).owner is None
