"""Partial runs by the API: from a node, to a node, on another run's state."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.workflows import create_workflow
from studio.execution.service import Service
from studio.models import RunEvent, Workflow
from tests.studio import build, tools
from tests.studio.api.calls import Answer, Api


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def version(alice: User) -> str:
    """Three steps that each add one to `n`, seen from outside."""
    return str(build.published(build.chain("trial.touch", 3), alice).public_id)


def start(api: Api, **body: Any) -> Answer:
    return api.post("/api/v1/runs?wait=20", body)


def state_of(api: Api, answer: Answer) -> Any:
    assert answer.body["status"] == "completed", answer.body
    return api.get(f"/api/v1/runs/{answer.body['id']}/state").body["state"]


@pytest.mark.parametrize(
    ("body", "n", "called"),
    [
        ({"to": "s2"}, 2, ["0", "1"]),
        ({"from": "s2"}, 2, ["0", "1"]),
        ({"from": {"node": "s3"}}, 1, ["0"]),
        ({"from": "s2", "to": "s2"}, 1, ["0"]),
    ],
)
def test_a_part_is_run(
    api: Api, version: str, body: dict[str, Any], n: int, called: list[str]
) -> None:
    answer = start(api, version=version, state={"n": 0}, **body)

    assert answer.status == 201
    assert state_of(api, answer) == {"n": n}
    assert tools.called == called


def test_a_run_tells_its_part(api: Api, version: str) -> None:
    part = start(api, version=version, **{"from": "s2", "to": "s3"}).body["id"]
    whole = start(api, version=version).body["id"]

    assert api.get(f"/api/v1/runs/{part}").body["part"] == {"from": "s2", "to": "s3"}
    assert api.get(f"/api/v1/runs/{whole}").body["part"] is None


def test_a_node_is_run_again_on_what_another_run_came_to_it_with(api: Api, version: str) -> None:
    base = start(api, version=version, state={"n": 10}).body["id"]

    again = start(api, version=version, to="s2", **{"from": {"node": "s2", "run": base}})
    changed = start(api, version=version, state={"n": 50}, **{"from": {"node": "s3", "run": base}})

    assert state_of(api, again) == {"n": 12}
    assert state_of(api, changed) == {"n": 51}


def test_pinned_outputs_stand_in_for_the_tools(api: Api, version: str) -> None:
    answer = start(api, version=version, to="s2", pinned={"s1": {"n": 7}})

    assert state_of(api, answer) == {"n": 8}
    assert tools.called == ["7"]


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"from": "x"}, 400, "E_PART", "/from"),
        ({"to": "x"}, 400, "E_PART", "/to"),
        ({"from": "s3", "to": "s1"}, 400, "E_PART", "/to"),
        ({"from": 5}, 400, "E_INVALID", "/from"),
        ({"from": {"run": str(uuid.uuid4())}}, 400, "E_INVALID", "/from/node"),
        ({"from": {"node": "s1", "run": "x"}}, 400, "E_INVALID", "/from/run"),
        ({"from": {"node": "s1", "runs": "x"}}, 400, "E_INVALID", "/from/runs"),
        ({"from": {"node": "s1", "run": str(uuid.uuid4())}}, 404, "E_NOT_FOUND", None),
        ({"pinned": {"x": 1}}, 400, "E_PINNED", "/pinned/x"),
        ({"pinned": {"s1/a~b": 1}}, 400, "E_PINNED", "/pinned/s1~1a~0b"),
    ],
)
def test_what_is_no_part_is_refused(
    api: Api, version: str, body: dict[str, Any], status: int, code: str, pointer: str | None
) -> None:
    answer = start(api, version=version, **body)

    assert (answer.status, answer.code) == (status, code)
    if pointer is not None:
        assert [each["pointer"] for each in answer.body["error"]["details"]] == [pointer]


def test_a_run_that_never_came_there_or_is_not_mine_is_no_base(
    api: Api, version: str, bob: User
) -> None:
    base = start(api, version=version, to="s1").body["id"]
    never = start(api, version=version, **{"from": {"node": "s3", "run": base}})
    assert (never.status, never.code) == (400, "E_PART")
    assert "never came to 's3'" in never.body["error"]["message"]

    other = str(build.published(build.chain("trial.touch", 1), bob).public_id)
    theirs = start(Api(bob), version=other).body["id"]
    refused = start(api, version=version, **{"from": {"node": "s1", "run": theirs}})
    assert refused.status == 404


def test_the_same_key_with_another_part_is_refused(api: Api, version: str) -> None:
    first = api.post("/api/v1/runs", {"version": version, "to": "s1"}, Idempotency_Key="k")
    same = api.post("/api/v1/runs", {"version": version, "to": "s1"}, Idempotency_Key="k")
    other = api.post("/api/v1/runs", {"version": version, "to": "s2"}, Idempotency_Key="k")

    assert (first.status, same.status, other.status) == (201, 200, 422)
    assert first.body["id"] == same.body["id"]


# Unfinished drafts -------------------------------------------------------------------------------


def draft(alice: User, **changes: Any) -> Workflow:
    document = {**build.chain("trial.count", 2), **changes}
    return create_workflow(user=alice, document=document)


def test_problems_elsewhere_do_not_block_a_part_of_a_draft(api: Api, alice: User) -> None:
    document = build.chain("trial.count", 2)
    nodes = {
        **document["nodes"],
        "loose": {"type": "tool", "tool": "trial.count"},
        "bad": {"type": "tool", "tool": "absent"},
    }
    workflow = draft(alice, nodes=nodes)
    asked = {"workflow": str(workflow.public_id), "draft": True}

    assert start(api, **asked).code == "E_INVALID_DOCUMENT"
    assert state_of(api, start(api, **asked, to="s2")) == {"n": 2}
    assert state_of(api, start(api, **asked, **{"from": "loose"})) == {"n": 1}
    refused = start(api, **asked, **{"from": "bad"})
    assert refused.code == "E_INVALID_DOCUMENT"
    assert [each["code"] for each in refused.body["error"]["details"]] == ["unknown_tool"]


def test_a_draft_that_cannot_be_read_elsewhere_runs_where_it_can(api: Api, alice: User) -> None:
    document = build.chain("trial.count", 2)
    nodes = {**document["nodes"], "half": {"type": "set", "set": {"x": "1 +"}}}
    edges = [*document["edges"], {"id": "z", "from": "s2", "to": "half", "when": "n >"}]
    workflow = draft(alice, nodes=nodes, edges=edges)
    asked = {"workflow": str(workflow.public_id), "draft": True}

    assert start(api, **asked).code == "E_INVALID_DOCUMENT"
    answer = start(api, **asked, to="s2")

    assert state_of(api, answer) == {"n": 2}
    document = api.get(f"/api/v1/runs/{answer.body['id']}/document").body
    assert set(document["nodes"]) == {"s1", "s2", "half"}
    assert start(api, **asked, to="half").code == "E_INVALID_DOCUMENT"
    assert start(api, **asked, to="nowhere").code == "E_PART"


def test_running_again_keeps_the_part(api: Api, alice: User, version: str) -> None:
    answer = start(api, version=version, to="s2", pinned={"s1": {"n": 3}}, **{"from": "s1"})
    api.client.force_login(alice)

    api.client.post(f"/runs/{answer.body['id']}/again")

    created = RunEvent.objects.filter(kind="run.created").order_by("-id").first()
    assert created is not None
    assert '"start":"s1"' in created.data.replace(" ", "")
    assert '"until":"s2"' in created.data.replace(" ", "")
    assert '"pinned"' in created.data
