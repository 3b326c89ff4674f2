"""POST /graph/run and /graph/run_async, GET /graph/state: field for field as the demo's."""

import threading
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections

from studio.actions.waits import send_signal
from studio.execution.service import Service
from studio.models import Run, Wait
from tests.studio import tools
from tests.studio.api import documents
from tests.studio.api.calls import Api


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


def graph(api: Api, **changes: Any) -> str:
    created: str = api.post("/graph/create", documents.demo(**changes)).body["graph_id"]
    return created


def state_when_ended(api: Api, run_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        body: dict[str, Any] = api.get(f"/graph/state/{run_id}").body
        if body["status"] not in ("PENDING", "RUNNING"):
            return body
        time.sleep(0.02)
    raise AssertionError(f"run {run_id} did not end: {body}")


@pytest.mark.parametrize("path", ["/graph/run", "/graph/run/"])
def test_it_answers_when_the_run_has_ended(api: Api, path: str) -> None:
    body = {"graph_id": graph(api), "initial_state": {"n": 1, "kept": "yes"}}

    answer = api.post(path, body)

    assert answer.status == 200
    assert answer.body["status"] == "COMPLETED"
    assert answer.body["final_state"] == {"n": 4, "kept": "yes"}
    assert answer.body["log"] == [
        {"node": "a", "state_snapshot": {"n": 2, "kept": "yes"}},
        {"node": "a", "state_snapshot": {"n": 3, "kept": "yes"}},
        {"node": "b", "state_snapshot": {"n": 4, "kept": "yes"}},
    ]
    assert Run.objects.get(public_id=answer.body["run_id"]).source == "demo"


@pytest.mark.parametrize("state", [{}, None])
def test_the_initial_state_may_be_left_out(api: Api, state: dict[str, Any] | None) -> None:
    body = {"graph_id": graph(api)} | ({} if state is None else {"initial_state": state})

    assert api.post("/graph/run", body).body["final_state"] == {"n": 4}


def test_the_state_is_read_back_field_for_field(api: Api) -> None:
    graph_id = graph(api)
    run_id = api.post("/graph/run", {"graph_id": graph_id}).body["run_id"]

    answer = api.get(f"/graph/state/{run_id}")

    assert answer.status == 200
    assert list(answer.body) == [
        "run_id",
        "graph_id",
        "status",
        "current_node",
        "state",
        "log",
        "error",
    ]
    assert answer.body["graph_id"] == graph_id
    assert (answer.body["status"], answer.body["state"]) == ("COMPLETED", {"n": 4})
    assert len(answer.body["log"]) == 4
    assert answer.body["error"] is None
    assert api.get(f"/graph/state/{run_id}").body == answer.body


def test_run_async_answers_at_once(api: Api) -> None:
    graph_id = graph(api, nodes=[{"name": "a", "tool": "trial.wait"}], edges=[])

    answer = api.post("/graph/run_async", {"graph_id": graph_id})

    assert answer.status == 200
    assert answer.body["status"] in ("PENDING", "RUNNING")
    assert list(answer.body) == ["run_id", "status"]
    tools.gate.set()
    assert state_when_ended(api, answer.body["run_id"])["state"] == {"waited": True}


def test_a_run_that_outlasts_its_wait_goes_on(api: Api) -> None:
    graph_id = graph(api, nodes=[{"name": "a", "tool": "trial.wait"}], edges=[])

    answer = api.post("/graph/run?wait=0.2", {"graph_id": graph_id})

    assert answer.status == 202
    assert answer.body["status"] == "RUNNING"
    tools.gate.set()
    assert state_when_ended(api, answer.body["run_id"])["status"] == "COMPLETED"


def test_a_tool_that_fails_ends_the_run_with_the_reason(api: Api) -> None:
    graph_id = graph(api, tool="trial.break")

    answer = api.post("/graph/run", {"graph_id": graph_id})

    assert (answer.status, answer.body["status"]) == (200, "FAILED")
    assert "broken on purpose" in answer.body["error"]
    assert "broken on purpose" in api.get(f"/graph/state/{answer.body['run_id']}").body["error"]


def test_a_condition_on_incomparable_values_names_the_edge(api: Api) -> None:
    answer = api.post("/graph/run", {"graph_id": graph(api), "initial_state": {"n": 0}})
    assert answer.body["status"] == "COMPLETED"

    edges = [
        {"from_node": "a", "to_node": "b", "condition_key": "n", "operator": "lt", "value": "x"}
    ]
    answer = api.post("/graph/run", {"graph_id": graph(api, edges=edges)})

    assert answer.body["status"] == "FAILED"
    assert answer.body["error"]


def test_no_edge_that_matches_ends_the_run(api: Api) -> None:
    edges = [{"from_node": "a", "to_node": "b", "condition_key": "absent", "value": 1}]

    answer = api.post("/graph/run", {"graph_id": graph(api, edges=edges)})

    assert (answer.body["status"], answer.body["final_state"]) == ("COMPLETED", {"n": 1})


def test_a_loop_without_end_stops_with_the_reason(api: Api) -> None:
    edges = [
        {"from_node": "a", "to_node": "a", "condition_key": "n", "operator": "ne", "value": -1},
        {"from_node": "a", "to_node": "b"},
    ]

    answer = api.post("/graph/run", {"graph_id": graph(api, edges=edges)})

    assert answer.status == 200
    assert answer.body["status"] in ("PAUSED", "FAILED")
    assert answer.body["error"]


def test_a_cycle_without_a_way_out_is_a_clear_error(api: Api) -> None:
    edges = [{"from_node": "a", "to_node": "b"}, {"from_node": "b", "to_node": "a"}]

    answer = api.post("/graph/run", {"graph_id": graph(api, edges=edges)})

    assert answer.status == 400
    assert answer.body["error"]["details"][0]["message"]


def test_a_tool_that_is_not_registered_is_a_clear_error(api: Api) -> None:
    graph_id = graph(api, tool="no.such_tool")

    answer = api.post("/graph/run", {"graph_id": graph_id})

    assert answer.status == 400
    assert "no.such_tool" in answer.body["detail"]
    assert answer.body["error"]["details"][0]["pointer"]


@pytest.mark.parametrize(
    "graph_id", ["nonsense", "", "019a0000-0000-7000-8000-000000000000", "../../etc/passwd"]
)
def test_an_unknown_graph_is_not_found(api: Api, graph_id: str) -> None:
    for path in ("/graph/run", "/graph/run_async"):
        answer = api.post(path, {"graph_id": graph_id})

        assert answer.status == (422 if graph_id == "" else 404)
        if graph_id:
            assert answer.body["detail"] == "Graph not found"


@pytest.mark.parametrize("run_id", ["nonsense", "019a0000-0000-7000-8000-000000000000"])
def test_an_unknown_run_is_not_found(api: Api, run_id: str) -> None:
    for path in (f"/graph/state/{run_id}", f"/graph/state/{run_id}/"):
        answer = api.get(path)

        assert (answer.status, answer.body["detail"]) == (404, "Run not found")


@pytest.mark.parametrize(
    "body",
    [{}, {"graph_id": 7}, {"graph_id": "x", "initial_state": []}, {"graph_id": "x", "more": 1}],
)
def test_malformed_bodies_are_422(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/graph/run", body).status == 422


def test_a_run_that_waits_is_waited_for(api: Api, alice: User) -> None:
    """What it waits for may come, from another request for instance."""
    ask = {"type": "wait", "signal": "paid", "outputs": {"sum": "payload"}}
    document = {"format": "treadle/1", "key": "w", "entry": ["w"], "nodes": {"w": ask}, "edges": []}
    graph_id = api.post("/graph/create", document).body["graph_id"]

    def pay() -> None:
        deadline = time.monotonic() + 10
        while not Wait.objects.filter(closed_at=None).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        send_signal(user=alice, run=Run.objects.get(), name="paid", payload=30)
        connections.close_all()

    payer = threading.Thread(target=pay)
    payer.start()
    answer = api.post("/graph/run?wait=10", {"graph_id": graph_id})
    payer.join()

    assert (answer.status, answer.body["status"]) == (200, "COMPLETED")
    assert answer.body["final_state"] == {"sum": 30}
    began = time.monotonic()
    late = api.post("/graph/run?wait=0.5", {"graph_id": graph_id})
    assert (late.status, late.body["status"]) == (202, "WAITING")
    assert 0.5 <= time.monotonic() - began < 5


@pytest.mark.parametrize("wait", ["-1", "x", "nan", "1e9", "301"])
def test_a_wait_that_is_no_time_is_refused(api: Api, wait: str) -> None:
    assert api.post(f"/graph/run?wait={wait}", {"graph_id": graph(api)}).status == 422


def test_the_same_key_starts_one_run(api: Api) -> None:
    body = {"graph_id": graph(api)}

    first = api.post("/graph/run", body, Idempotency_Key="once")
    second = api.post("/graph/run", body, Idempotency_Key="once")

    assert first.body == second.body
    assert Run.objects.count() == 1
