"""Pause, resume and retry in the native API."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.execution import dispatch
from studio.execution.service import Service
from studio.models import AuditEntry
from tests.studio import build, tools
from tests.studio.api.calls import Answer, Api


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


def version_id(document: dict[str, Any]) -> str:
    return str(build.published(document, User.objects.get(username="alice")).public_id)


def start(api: Api, document: dict[str, Any], **body: Any) -> Answer:
    return api.post("/api/v1/runs?wait=20", {"version": version_id(document), **body})


def until(api: Api, run_id: str, status: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while True:
        run: dict[str, Any] = api.get(f"/api/v1/runs/{run_id}").body
        if run["status"] == status:
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.02)


def test_a_run_out_of_steps_goes_on_with_more(api: Api) -> None:
    run = start(api, build.chain("trial.count", 4), limits={"max_steps": 2}).body
    assert (run["status"], run["error"]["code"]) == ("paused", "E_STEP_BUDGET")

    refused = api.post(f"/api/v1/runs/{run['id']}/resume")
    assert (refused.status, refused.code) == (409, "E_STATE")
    assert "max_steps" in refused.body["error"]["message"]
    answer = api.post(f"/api/v1/runs/{run['id']}/resume", {"limits": {"max_steps": 2000}})

    assert answer.status == 202
    finished = until(api, run["id"], "completed")
    assert finished["error"] is None
    assert api.get(f"/api/v1/runs/{run['id']}/state").body["state"] == {"n": 4}


def test_a_pause_is_kept_with_its_reason(api: Api) -> None:
    version = build.published(build.chain("trial.wait", 2), User.objects.get(username="alice"))
    run_id = api.post("/api/v1/runs", {"version": str(version.public_id)}).body["id"]

    for _ in "12":
        answer = api.post(f"/api/v1/runs/{run_id}/pause", {"reason": "lunch"})
        assert (answer.status, answer.body["status"]) == (202, "paused")
    tools.gate.set()

    assert answer.body["error"]["message"] == "lunch"
    assert AuditEntry.objects.filter(verb="run.pause", object=run_id).count() == 1


def test_a_failed_run_is_retried(api: Api) -> None:
    run_id = start(api, build.chain("trial.mended", 1)).body["id"]
    assert api.post(f"/api/v1/runs/{run_id}/resume").code == "E_STATE"
    failed_at = api.get(f"/api/v1/runs/{run_id}").body["finished_at"]

    tools.gate.set()
    answer = api.post(f"/api/v1/runs/{run_id}/retry")

    assert (answer.status, answer.body["error"]) == (202, None)
    # The engine may be through with it before the answer is made: then that tells its new end.
    assert answer.body["finished_at"] is None or answer.body["finished_at"] > failed_at
    assert until(api, run_id, "completed")["error"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"limits": {"max_steps": -1}}, "E_LIMITS"),
        ({"limits": {"steps": 1}}, "E_LIMITS"),
        ({"limits": 5}, "E_INVALID"),
        ({"limit": {}}, "E_INVALID"),
    ],
)
def test_odd_bodies_are_refused(api: Api, body: Any, code: str) -> None:
    run_id = start(api, build.chain("trial.break", 1)).body["id"]

    answer = api.post(f"/api/v1/runs/{run_id}/retry", body)

    assert (answer.status, answer.code) == (400, code)


def test_a_run_is_forked(api: Api) -> None:
    run = start(api, build.chain("trial.count", 3), state={"n": 0}).body

    answer = api.post(
        f"/api/v1/runs/{run['id']}/fork",
        {"seq": 1, "state_patch": {"n": 10}, "version": run["version"]["id"]},
    )

    assert (answer.status, answer.body["source"]) == (201, "fork")
    until(api, answer.body["id"], "completed")
    assert api.get(f"/api/v1/runs/{answer.body['id']}/state").body["state"] == {"n": 13}
    assert api.post(f"/api/v1/runs/{run['id']}/fork", {"seq": 999}).code == "E_SEQ"
    assert api.post(f"/api/v1/runs/{run['id']}/fork", {"seq": "1"}).code == "E_INVALID"
    assert api.post(f"/api/v1/runs/{run['id']}/fork").code == "E_INVALID"


def test_a_run_explains_itself(api: Api) -> None:
    run = start(api, build.loop("trial.count", 3), state={"n": 0}).body

    answer = api.get(f"/api/v1/runs/{run['id']}/explain?edge=again")

    assert answer.status == 200
    assert answer.body["status"] == "completed"
    assert [reason["what"] for reason in answer.body["reasons"]] == ["over"]
    edge = answer.body["edge"]
    assert (edge["taken"], edge["when"], edge["values"]) == (False, "n < 3", {"n": 3})
    refused = api.get(f"/api/v1/runs/{run['id']}/explain?edge=absent")
    assert (refused.status, refused.code) == (400, "E_EDGE")


def test_a_run_without_a_driver_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    run = api.post("/api/v1/runs", {"version": version_id(build.chain("trial.count"))}).body

    reasons = api.get(f"/api/v1/runs/{run['id']}/explain").body["reasons"]

    assert [reason["what"] for reason in reasons] == ["queue", "ready"]
