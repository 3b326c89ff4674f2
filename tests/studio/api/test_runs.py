"""Runs in the native API: start, list, read, events, cancel."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.execution.service import Service
from studio.models import Run
from tests.studio import build, tools
from tests.studio.api import documents
from tests.studio.api.calls import Answer, Api

ITEM = {
    "id",
    "workflow",
    "version",
    "status",
    "source",
    "tags",
    "priority",
    "kept",
    "owner",
    "created_at",
    "started_at",
    "finished_at",
    "duration_ms",
    "error",
}


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def workflow(api: Api) -> str:
    """The id of a published workflow that counts by one."""
    created = api.post("/api/v1/workflows", {"document": documents.native()}).body["id"]
    api.post(f"/api/v1/workflows/{created}/publish")
    return str(created)


def start(api: Api, **body: Any) -> Answer:
    return api.post("/api/v1/runs?wait=20", body)


def test_a_published_workflow_is_run(api: Api, workflow: str) -> None:
    answer = start(api, workflow=workflow, state={"n": 1}, tags=["one"])

    assert answer.status == 201
    assert set(answer.body) == ITEM
    assert (answer.body["status"], answer.body["tags"]) == ("completed", ["one"])
    assert answer.body["version"]["number"] == 1
    assert answer.body["duration_ms"] >= 0


def test_without_wait_it_answers_at_once(api: Api) -> None:
    version = build.published(build.chain("trial.wait", 1), User.objects.get(username="alice"))

    answer = api.post("/api/v1/runs", {"version": str(version.public_id)})

    assert answer.status == 201
    assert answer.body["status"] in ("queued", "running")
    tools.gate.set()


def test_a_draft_is_run_only_when_asked_for(api: Api) -> None:
    created = api.post("/api/v1/workflows", {"document": documents.native()}).body["id"]

    refused = start(api, workflow=created)
    answer = start(api, workflow=created, draft=True)

    assert (refused.status, refused.code) == (409, "E_NOT_PUBLISHED")
    assert answer.status == 201
    assert (answer.body["version"]["number"], answer.body["source"]) == (None, "editor")


def test_a_repeated_start_is_the_same_run(api: Api, workflow: str) -> None:
    body = {"workflow": workflow, "state": {"n": 1}}

    first = api.post("/api/v1/runs?wait=20", body, Idempotency_Key="k1")
    again = api.post("/api/v1/runs", body, Idempotency_Key="k1")
    other = api.post("/api/v1/runs", {**body, "state": {}}, Idempotency_Key="k1")

    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"]
    assert (other.status, other.code) == (422, "E_IDEMPOTENCY")
    assert Run.objects.count() == 1


@pytest.mark.parametrize("key", ["", "a" * 201, "bad\tkey"])
def test_a_key_that_cannot_be_kept_is_refused(api: Api, workflow: str, key: str) -> None:
    answer = api.post("/api/v1/runs", {"workflow": workflow}, Idempotency_Key=key)

    assert answer.status == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"workflow": "nonsense"},
        {"workflow": "019a0000-0000-7000-8000-000000000000", "state": []},
        {"workflow": "019a0000-0000-7000-8000-000000000000", "tags": "a"},
        {"workflow": "019a0000-0000-7000-8000-000000000000", "limits": {"max_steps": -1}},
        {"workflow": "019a0000-0000-7000-8000-000000000000", "status": "completed"},
    ],
)
def test_malformed_bodies_are_refused(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/api/v1/runs", body).status in (400, 404)
    assert Run.objects.count() == 0


def test_what_does_not_exist_is_not_run(api: Api) -> None:
    for what in ("workflow", "version"):
        assert start(api, **{what: "019a0000-0000-7000-8000-000000000000"}).status == 404


def test_runs_are_listed_newest_first_and_narrowed(api: Api, workflow: str) -> None:
    ids = [start(api, workflow=workflow, tags=[f"t{n}"]).body["id"] for n in range(3)]

    page = api.get("/api/v1/runs?limit=2").body
    rest = api.get(f"/api/v1/runs?limit=2&cursor={page['next']}").body

    assert [run["id"] for run in page["items"] + rest["items"]] == ids[::-1]
    for query, found in (
        ("tag=t1", [ids[1]]),
        ("status=failed", []),
        (f"workflow={workflow}&status=completed&source=api", ids[::-1]),
        (f"search={ids[0]}", [ids[0]]),
        ("search=count", ids[::-1]),
    ):
        listed = api.get(f"/api/v1/runs?{query}").body["items"]
        assert [run["id"] for run in listed] == found, query


@pytest.mark.parametrize("count", [1, 10])
def test_a_list_of_runs_takes_one_query(
    api: Api, workflow: str, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        start(api, workflow=workflow)
    api.get("/api/v1/runs")

    with django_assert_num_queries(1):
        api.get("/api/v1/runs")


def test_a_run_is_read_with_its_nodes_and_edges(api: Api) -> None:
    user = User.objects.get(username="alice")
    version = build.published(build.loop("trial.count", 3), user)
    run_id = start(api, version=str(version.public_id), state={"n": 0}).body["id"]

    body = api.get(f"/api/v1/runs/{run_id}").body

    assert set(body) == ITEM | {
        *("current_nodes", "nodes", "edges", "head", "part", "trigger", "parent", "children")
    }
    assert body["nodes"]["a"]["status"] == "ok"
    assert body["nodes"]["a"]["count"] == 3
    assert body["edges"]["again"]["taken"] == 2
    assert body["current_nodes"] == []
    assert body["head"] > 0


def test_its_state_is_read_now_and_at_any_event(api: Api) -> None:
    user = User.objects.get(username="alice")
    version = build.published(build.loop("trial.count", 3), user)
    run_id = start(api, version=str(version.public_id), state={"n": 0}).body["id"]

    now = api.get(f"/api/v1/runs/{run_id}/state").body
    first = api.get(f"/api/v1/runs/{run_id}/state?seq=1").body
    beyond = api.get(f"/api/v1/runs/{run_id}/state?seq=99999").body

    assert (now["state"]["n"], first["state"]["n"], beyond["state"]["n"]) == (3, 0, 3)
    assert (first["seq"], beyond["seq"], now["status"]) == (1, now["seq"], "completed")


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/api/v1/runs/{run}/state?seq=0", "/seq"),
        ("/api/v1/runs/{run}/state?seq=-1", "/seq"),
        ("/api/v1/runs/{run}/events?kind=attempt.suceeded", "/kind"),
        ("/api/v1/runs?status=complete", "/status"),
    ],
)
def test_what_no_answer_can_fit_is_refused(
    api: Api, workflow: str, path: str, pointer: str
) -> None:
    """An event of number 0, or a misspelt word: an empty answer would look like the truth."""
    run_id = start(api, workflow=workflow).body["id"]

    answer = api.get(path.format(run=run_id))

    assert answer.status == 400
    assert answer.body["error"]["details"][0]["pointer"] == pointer


def test_a_start_state_that_is_refused_says_where(api: Api) -> None:
    properties = {"n": {"type": "integer"}, "a/b": {"type": "object"}}
    document = documents.native() | {"state": {"schema": {"properties": properties}}}
    created = api.post("/api/v1/workflows", {"document": document}).body["id"]
    api.post(f"/api/v1/workflows/{created}/publish")

    native = start(api, workflow=created, state={"n": "x", "a/b": 3})
    demos = api.post("/graph/run", {"graph_id": created, "initial_state": {"n": "x"}})
    limits = start(api, workflow=created, limits={"max_steps": "x"})

    assert (native.status, native.code) == (400, "E_VALUE")
    told = {detail["pointer"] for detail in native.body["error"]["details"]}
    assert told == {"/state/n", "/state/a~1b"}
    assert [d["pointer"] for d in demos.body["error"]["details"]] == ["/initial_state/n"]
    assert [d["pointer"] for d in limits.body["error"]["details"]] == ["/limits/max_steps"]


def test_events_are_read_from_any_point(api: Api, workflow: str) -> None:
    run_id = start(api, workflow=workflow).body["id"]

    everything = api.get(f"/api/v1/runs/{run_id}/events").body
    page = api.get(f"/api/v1/runs/{run_id}/events?after=1&limit=1").body
    ends = api.get(f"/api/v1/runs/{run_id}/events?kind=run.completed").body
    node = api.get(f"/api/v1/runs/{run_id}/events?node=a").body

    seqs = [event["seq"] for event in everything["items"]]
    assert seqs == list(range(1, everything["head"] + 1))
    assert set(everything["items"][0]) == {"seq", "ts", "k", "node", "act", "att", "data"}
    assert [event["seq"] for event in page["items"]] == [2]
    assert [event["k"] for event in ends["items"]] == ["run.completed"]
    assert {event["node"] for event in node["items"]} == {"a"}


def test_its_document_is_what_was_run(api: Api, workflow: str) -> None:
    run_id = start(api, workflow=workflow).body["id"]

    document = api.get(f"/api/v1/runs/{run_id}/document").body

    assert document["nodes"]["a"]["tool"] == "trial.count"


def test_a_run_is_cancelled(api: Api) -> None:
    user = User.objects.get(username="alice")
    version = build.published(build.chain("trial.wait", 2), user)
    run_id = api.post("/api/v1/runs", {"version": str(version.public_id)}).body["id"]
    while "wait" not in tools.called:
        time.sleep(0.01)

    answer = api.post(f"/api/v1/runs/{run_id}/cancel", {"reason": "enough"})
    tools.gate.set()

    assert (answer.status, answer.body["status"]) == (202, "cancelling")
    deadline = time.monotonic() + 20
    while api.get(f"/api/v1/runs/{run_id}").body["status"] != "cancelled":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert api.post(f"/api/v1/runs/{run_id}/cancel").body["status"] == "cancelled"
