"""Calls of unknown outcome, by the API: list, read, decide."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engine import Event, EventKind
from studio.actions.runs import start_run
from studio.actions.sharing import share
from studio.journal.append import append_as_other
from studio.journal.integrity import flaws_of_run
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, Wait
from studio.waits import wait_rows
from tests.studio import build
from tests.studio.api.calls import Api

pytestmark = pytest.mark.django_db(transaction=True)


def cut(user: User, *nodes: str, late: bool = False) -> Run:
    """A run that was cut while it called a tool at each of these nodes, as its journal tells."""
    document = build.chain("trial.charge", 1, key="shop")
    document["entry"] = list(nodes)
    document["nodes"] = {
        name: {"type": "tool", "tool": "trial.charge", "inputs": {"cents": "cents * 2"}}
        for name in nodes
    }
    run = start_run(user=user, version=build.published(document, user), state={"cents": 5})
    claimed = Event(EventKind.RUN_CLAIMED, {"owner": "till-3/b/n/4711/9/aa", "fence": 1})
    started = [
        Event(EventKind.ATTEMPT_STARTED, {}, name, act, 1) for act, name in enumerate(nodes, 1)
    ]
    error = {"code": "E_OUTCOME_UNKNOWN", "message": "somebody has to say", "node": nodes[0]}
    lost = [
        Event(EventKind.ATTEMPT_LOST, {"error": {**error, "edge": None, "details": {}}}, name, n, 1)
        for n, name in enumerate(nodes, 1)
    ]
    paused = Event(
        EventKind.RUN_PAUSED,
        {
            "code": error["code"],
            "reason": error["message"],
            "error": {**error, "edge": None, "details": {}},
        },
    )
    events = [claimed, *started, *lost, paused]
    if late:
        data = {"ok": True, "fence": 1, "ops": [["set", "paid", 10]], "ms": 3.5}
        events.append(Event(EventKind.ATTEMPT_LATE_RESULT, data, nodes[0], 1, 1))
    append_as_other(DjangoConnection(), run.pk, events)
    wait_rows.write(DjangoConnection(), run.pk, events)
    Run.objects.filter(pk=run.pk).update(status="paused", error_code="E_OUTCOME_UNKNOWN")
    run.refresh_from_db()
    return run


def test_all_that_is_known_of_a_call_is_told(alice: User) -> None:
    run, api = cut(alice, "pay", late=True), Api(alice)

    (brief,) = api.get("/api/v1/outcomes").body["items"]
    item = api.get(f"/api/v1/outcomes/{brief['id']}").body

    assert brief == {key: item[key] for key in brief}
    assert (item["id"], item["run"]) == (f"{run.public_id}.1.1", str(run.public_id))
    assert (item["node"], item["attempt"], item["item"], item["tool"]) == (
        "pay",
        1,
        None,
        "trial.charge",
    )
    assert item["inputs"] == [{"name": "cents", "source": "cents * 2", "ok": True, "value": 10}]
    assert item["worker"] == {"host": "till-3", "pid": 4711}
    assert item["idempotency_key"] == f"{run.public_id}:1"
    assert item["started_at"] <= item["lost_at"]
    assert item["returns"]["type"] == "object"
    assert (item["late"], item["late_result"]["update"]) == (True, {"paid": 10})
    assert item["decided"] is None
    assert api.get(f"/api/v1/runs/{run.public_id}/outcomes").body["items"] == [item]


def test_a_decision_is_taken_once_and_told(alice: User) -> None:
    run, api = cut(alice, "pay"), Api(alice)
    path = f"/api/v1/outcomes/{run.public_id}.1.1/decide"

    refused = api.post(path, {"choice": "done", "output": {"paid": "no"}})
    assert (refused.status, refused.code) == (422, "E_OUTPUT")
    assert [d["pointer"] for d in refused.body["error"]["details"]] == ["/output/paid"]
    for body in ({}, {"choice": "perhaps"}, {"choice": "done"}, {"choice": "skip", "output": None}):
        assert api.post(path, body).status == 400
    said = {"choice": "done", "output": {"paid": 10}, "note": "the bank has it"}
    taken = api.post(path, said)
    assert (taken.status, taken.body["run_status"]) == (200, "queued")
    decided = taken.body["decided"]
    assert (decided["choice"], decided["by"], decided["note"]) == (
        "done",
        "alice",
        "the bank has it",
    )
    again = api.post(path, said)
    assert (again.status, again.body["decided"]) == (200, decided)
    other = api.post(path, {"choice": "retry"})
    assert (other.status, other.code) == (409, "E_DECIDED")

    assert api.get("/api/v1/outcomes").body["items"] == []
    (item,) = api.get(f"/api/v1/runs/{run.public_id}/outcomes").body["items"]
    assert (item["decided"], item["closed_at"] is not None) == (decided, True)


def test_resume_and_retry_are_refused_with_a_list_until_all_is_decided(alice: User) -> None:
    run, api = cut(alice, "x", "y"), Api(alice)
    for status, verb in (("paused", "resume"), ("failed", "retry")):
        Run.objects.filter(pk=run.pk).update(status=status)
        refused = api.post(f"/api/v1/runs/{run.public_id}/{verb}")
        assert (refused.status, refused.code) == (409, "E_UNDECIDED")
        details = refused.body["error"]["details"]
        assert [d["pointer"] for d in details] == ["/nodes/x", "/nodes/y"]
        assert details[1]["hint"] == f"POST /api/v1/outcomes/{run.public_id}.2.1/decide"
    Run.objects.filter(pk=run.pk).update(status="paused")

    first = api.post(f"/api/v1/outcomes/{run.public_id}.1.1/decide", {"choice": "skip"})
    assert first.body["run_status"] == "paused"
    assert len(api.post(f"/api/v1/runs/{run.public_id}/resume").body["error"]["details"]) == 1
    last = api.post(f"/api/v1/outcomes/{run.public_id}.2.1/decide", {"choice": "retry"})
    assert last.body["run_status"] == "queued"


def test_the_late_result_is_adopted(alice: User) -> None:
    run, api = cut(alice, "pay", late=True), Api(alice)

    taken = api.post(f"/api/v1/outcomes/{run.public_id}.1.1/decide", {"choice": "adopt"})

    assert (taken.status, taken.body["decided"]["choice"]) == (200, "adopt")
    none = cut(alice, "pay")
    refused = api.post(f"/api/v1/outcomes/{none.public_id}.1.1/decide", {"choice": "adopt"})
    assert (refused.status, refused.code) == (409, "E_NO_LATE_RESULT")


def test_calls_of_others_are_not_found_and_only_operators_decide(alice: User, bob: User) -> None:
    run, api = cut(alice, "pay"), Api(bob)
    path = f"/api/v1/outcomes/{run.public_id}.1.1"
    assert api.get("/api/v1/outcomes").body["items"] == []
    assert api.get(path).status == 404
    assert api.post(f"{path}/decide", {"choice": "skip"}).status == 404
    for wrong in ("nonsense", f"{run.public_id}.1", f"{run.public_id}.1.2", f"{run.public_id}.x.1"):
        assert Api(alice).get(f"/api/v1/outcomes/{wrong}").status == 404

    share(user=alice, workflow=run.workflow, role="viewer", person="bob")
    assert api.get(path).status == 200
    assert (api.post(f"{path}/decide", {"choice": "skip"}).code) == "E_NOT_ALLOWED"
    share(user=alice, workflow=run.workflow, role="operator", person="bob")
    assert api.post(f"{path}/decide", {"choice": "skip"}).body["decided"]["by"] == "bob"


def test_the_list_costs_the_same_however_long_it_is(alice: User) -> None:
    api = Api(alice)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get("/api/v1/outcomes").status == 200
        return len(queries)

    cut(alice, "x")
    asked()  # notes when the token was used
    one = asked()
    cut(alice, "x", "y", late=True)
    assert asked() == one
    page: Any = api.get("/api/v1/outcomes?limit=2").body
    assert [item["node"] for item in page["items"]] == ["y", "x"]
    rest = api.get(f"/api/v1/outcomes?limit=2&cursor={page['next']}").body
    assert [item["late"] for item in (*page["items"], *rest["items"])] == [False, True, False]


def test_the_integrity_check_compares_the_list_with_the_journals(alice: User) -> None:
    run = cut(alice, "x", "y")
    assert "outcome" not in {flaw.code for flaw in flaws_of_run(run)}

    Wait.objects.filter(run=run, ref="2.1").delete()

    (flaw,) = [flaw for flaw in flaws_of_run(run) if flaw.code == "outcome"]
    assert flaw.message == ("calls listed as undecided: ['1.1'], by its journal: ['1.1', '2.1']")


def test_a_run_that_is_over_asks_nobody(alice: User) -> None:
    run, api = cut(alice, "pay"), Api(alice)
    Run.objects.filter(pk=run.pk).update(status="cancelled")

    assert api.get("/api/v1/outcomes").body["items"] == []
    refused = api.post(f"/api/v1/outcomes/{run.public_id}.1.1/decide", {"choice": "skip"})
    assert (refused.status, refused.code) == (409, "E_STATE")
    assert Wait.objects.filter(run=run).count() == 1
