"""Child runs in the native API: their parent, a run's children, and the list that hides them."""

import pytest
from django.contrib.auth.models import User

from studio.execution.service import Service
from tests.studio import build
from tests.studio.api.calls import Api


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def run_id(api: Api, alice: User) -> str:
    """A run that started another one, and both have ended."""
    build.published(build.chain("trial.count", 1, key="child"), alice)
    document = build.chain("trial.count", 2, key="outer")
    document["nodes"]["s2"] = {"type": "subgraph", "workflow": "child", "out": {"m": "state.n"}}
    version = build.published(document, alice)
    body = {"version": str(version.public_id)}
    started = api.post("/api/v1/runs?wait=20", body).body
    assert started["status"] == "completed"
    return str(started["id"])


def test_a_run_names_its_children_and_they_name_it(api: Api, run_id: str) -> None:
    above = api.get(f"/api/v1/runs/{run_id}").body
    (below,) = above["children"]["items"]

    assert (above["parent"], above["children"]["total"]) == (None, 1)
    assert (below["workflow"]["name"], below["node"], below["status"]) == (
        "child",
        "s2",
        "completed",
    )
    assert (below["act"], below["att"], below["item"]) == (2, 1, None)
    body = api.get(f"/api/v1/runs/{below['id']}").body
    assert body["source"] == "child"
    assert body["parent"] == {
        "run": run_id,
        "status": "completed",
        "workflow": above["workflow"],
        "node": "s2",
        "act": 2,
        "att": 1,
        "item": None,
    }


def test_the_list_leaves_children_out_unless_asked(api: Api, run_id: str) -> None:
    def listed(query: str = "") -> list[str]:
        return [run["source"] for run in api.get(f"/api/v1/runs{query}").body["items"]]

    assert listed() == ["api"]
    assert listed("?children=true") == ["child", "api"]
    assert listed("?source=child") == ["child"]
    assert listed(f"?parent={run_id}") == ["child"]


def test_a_child_is_not_shown_to_others(api: Api, run_id: str, bob: User) -> None:
    (below,) = api.get(f"/api/v1/runs/{run_id}").body["children"]["items"]
    other = Api(bob)

    assert other.get(f"/api/v1/runs/{below['id']}").status == 404
    assert other.get(f"/api/v1/runs?parent={run_id}").body["items"] == []


def test_a_draft_that_names_no_workflow_says_so(api: Api, alice: User) -> None:
    document = build.chain("trial.count", 1, key="outer")
    document["nodes"]["s1"] = {"type": "subgraph", "workflow": "gone"}

    found = api.post("/api/v1/validate", {"document": document}).body["problems"]

    assert [(p["code"], p["pointer"]) for p in found] == [
        ("unknown_workflow", "/nodes/s1/workflow")
    ]
