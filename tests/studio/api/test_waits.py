"""What runs wait for, by the API: the list of questions, answers, signals."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.execution.service import Service
from tests.studio import build
from tests.studio.api.calls import Api

ASK = {
    "type": "human",
    "title": "Ship it?",
    "description": "The build is green.",
    "assignees": {"users": ["bob"]},
    "due": "48h",
    "form": {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]},
}


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


def waiting(api: Api, alice: User, node: dict[str, Any]) -> str:
    """The id of a run that rests at this node."""
    document = build.chain("trial.count", 2, key="asks")
    document["nodes"]["s1"] = node
    version = build.published(document, alice)
    started = api.post("/api/v1/runs?wait=1", {"version": str(version.public_id)})
    assert started.body["status"] == "waiting"
    return str(started.body["id"])


def ended(api: Api, run: str) -> Any:
    deadline = time.monotonic() + 20
    while True:
        body = api.get(f"/api/v1/runs/{run}/state").body
        if body["status"] == "completed":
            return body["state"]
        assert time.monotonic() < deadline, body
        time.sleep(0.02)


def test_a_question_is_listed_answered_and_gone(api: Api, alice: User) -> None:
    run = waiting(api, alice, ASK)

    (item,) = api.get("/api/v1/waits").body["items"]
    assert (item["run"], item["node"], item["title"]) == (run, "s1", "Ship it?")
    assert item["item"] is None
    assert (item["form"], item["assignees"]) == (ASK["form"], ASK["assignees"])
    assert item["due_at"] > item["opened_at"]
    assert api.get("/api/v1/waits?mine=true").body["items"] == []

    refused = api.post(f"/api/v1/waits/{item['id']}/answer", {"answer": {"ok": "yes"}})
    assert (refused.status, refused.code) == (400, "E_FORM")
    assert [d["pointer"] for d in refused.body["error"]["details"]] == ["/ok"]
    answered = api.post(f"/api/v1/waits/{item['id']}/answer", {"answer": {"ok": True}})
    assert (answered.status, answered.body["id"]) == (200, run)
    again = api.post(f"/api/v1/waits/{item['id']}/answer", {"answer": {"ok": False}})
    assert (again.status, again.code) == (409, "E_CLOSED")

    assert ended(api, run) == {"ok": True, "n": 1}
    assert api.get("/api/v1/waits").body["items"] == []


def test_questions_of_others_are_not_found(api: Api, alice: User, bob: User) -> None:
    run = waiting(api, alice, ASK)
    stranger = Api(bob)

    assert stranger.get("/api/v1/waits").body["items"] == []
    refused = stranger.post(f"/api/v1/waits/{run}.1/answer", {"answer": {"ok": True}})
    assert refused.status == 404
    assert stranger.post(f"/api/v1/runs/{run}/signals", {"name": "x"}).status == 404
    assert Api(None).get("/api/v1/waits").status in {401, 403}


@pytest.mark.parametrize("wait", ["x", "7", "1.1", "0192a4a2-7c00-7000-8000-000000000000.1"])
def test_an_odd_id_is_not_found(api: Api, wait: str) -> None:
    assert api.post(f"/api/v1/waits/{wait}/answer", {"answer": {}}).status == 404


def test_a_signal_brings_a_run_on(api: Api, alice: User) -> None:
    run = waiting(api, alice, {"type": "wait", "signal": "paid", "key": "'o1'"})

    assert api.post(f"/api/v1/runs/{run}/signals", {"name": "paid", "key": "o2"}).status == 202
    sent = {"name": "paid", "key": "o1", "payload": {"sum": 3}}
    assert api.post(f"/api/v1/runs/{run}/signals", sent).status == 202

    assert ended(api, run) == {"sum": 3, "n": 1}
    late = api.post(f"/api/v1/runs/{run}/signals", sent)
    assert (late.status, late.code) == (409, "E_CLOSED")


# Signals to whichever run waits ------------------------------------------------------------------


def test_a_signal_finds_the_run_that_waits_for_it(api: Api, alice: User) -> None:
    run = waiting(api, alice, {"type": "wait", "signal": "paid", "outputs": {"sum": "payload"}})

    sent = api.post("/api/v1/signals", {"name": "paid", "payload": 30})

    assert (sent.status, sent.body["became"], sent.body["run"]) == (202, "taken", run)
    assert ended(api, run)["sum"] == 30
    assert api.get("/api/v1/signals").body == {"items": [], "next": None}


def test_a_kept_signal_is_listed_and_taken_back(api: Api) -> None:
    sent = api.post("/api/v1/signals", {"name": "paid", "key": {"order": 7}, "payload": [1]})
    assert (sent.status, sent.body["became"], sent.body["run"]) == (202, "kept", None)

    (item,) = api.get("/api/v1/signals").body["items"]
    assert (item["id"], item["name"], item["key"]) == (sent.body["id"], "paid", {"order": 7})
    assert (item["payload"], item["by"], item["from_run"]) == ([1], "alice", None)
    assert api.call("DELETE", f"/api/v1/signals/{item['id']}").status == 204
    assert api.get("/api/v1/signals").body["items"] == []
    gone = api.post("/api/v1/signals", {"name": "paid", "mode": "transient"})
    assert gone.body == {"id": None, "became": "dropped", "run": None}


@pytest.mark.parametrize(
    "body",
    [{}, {"name": ""}, {"name": "x" * 201}, {"name": "x", "mode": "loud"}, {"name": "x", "to": 1}],
)
def test_a_signal_that_is_none_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/api/v1/signals", body).status in (400, 422)
    assert api.get("/api/v1/signals").body["items"] == []
