"""The shuffle test, by the API and from a terminal."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from studio.actions import shuffling
from studio.models import Run
from tests.studio import build, tools
from tests.studio.api.calls import Answer, Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


def shuffled(api: Api, of: dict[str, Any], **body: Any) -> Answer:
    made = api.post("/api/v1/workflows", {"document": of})
    return api.post(f"/api/v1/workflows/{made.body['id']}/shuffle", body)


def test_a_workflow_of_pure_tools_is_proved(api: Api) -> None:
    answer = shuffled(api, build.loop("trial.count", 3), schedules=7)

    assert answer.status == 200, answer.body
    assert answer.body == {
        "ok": True,
        "summary": "7 schedules, all completed in the same way",
        "asked": 7,
        "schedules": 7,
        "status": "completed",
        "error": None,
        "differences": [],
    }
    assert not Run.objects.exists()


def test_what_is_not_pure_must_be_pinned(api: Api) -> None:
    tools.reset()
    document = build.chain("trial.touch", 2)

    refused = shuffled(api, document, pinned={"s1": {"n": 1}})
    assert (refused.status, refused.code) == (422, "E_NOT_PINNED")
    assert [d["pointer"] for d in refused.body["error"]["details"]] == ["/pinned/s2"]

    pinned = shuffled(api, document, pinned={"s1": {"n": 1}, "s2": {"n": 2}})
    assert pinned.body["ok"]
    assert tools.called == []


@pytest.mark.parametrize(("tool", "status"), [("trial.count", 200), ("trial.touch", 422)])
def test_a_map_is_as_pure_as_its_body(api: Api, tool: str, status: int) -> None:
    document = build.chain("trial.count")
    node = {"type": "map", "over": "[1, 2]", "as": "n", "body": {"tool": tool}}
    document["nodes"] = {"m": node}
    document["entry"], document["edges"] = ["m"], []

    answer = shuffled(api, document, schedules=3)

    assert answer.status == status, answer.body
    assert status != 200 or answer.body["ok"]


def test_another_document_may_be_tried(api: Api) -> None:
    answer = shuffled(api, build.chain("trial.touch"), document=build.chain("trial.count"))

    assert answer.body["ok"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"schedules": 201}, 400),
        ({"schedules": 0}, 400),
        ({"seed": -1}, 400),
        ({"pinned": {"nowhere": 1}}, 400),
        ({"pinned": []}, 400),
        ({"document": {"nodes": {}, "edges": []}}, 422),
    ],
)
def test_what_cannot_be_tried_is_refused(api: Api, body: dict[str, Any], status: int) -> None:
    assert shuffled(api, build.chain("trial.count"), **body).status == status


def test_somebody_elses_workflow_is_not_there(api: Api, bob: User) -> None:
    theirs = build.published(build.chain("trial.count"), bob).workflow

    assert api.post(f"/api/v1/workflows/{theirs.public_id}/shuffle", {}).status == 404


def test_two_at_a_time(api: Api) -> None:
    with shuffling._room, shuffling._room:
        assert shuffled(api, build.chain("trial.count")).status == 429
    assert shuffled(api, build.chain("trial.count")).status == 200


def test_the_command_prints_the_report(root: User, capsys: pytest.CaptureFixture[str]) -> None:
    build.published(build.chain("trial.count", key="mine"), root)

    call_command("treadle", "shuffle", "mine", "--input", '{"n": 3}', "--schedules", "4", "--json")

    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], report["schedules"]) == (True, 4)


def test_the_exit_code_tells_that_time_was_up(
    root: User, capsys: pytest.CaptureFixture[str]
) -> None:
    build.published(build.chain("trial.count", key="mine"), root)

    with pytest.raises(SystemExit) as ended:
        call_command("treadle", "shuffle", "mine", "--timeout", "0")

    assert ended.value.code == 1
    assert "time was up after 0 of 50" in capsys.readouterr().out


def test_workflows_that_are_run_run_along_with_pins_of_their_own(api: Api, alice: User) -> None:
    tools.reset()
    inner = build.chain("trial.touch", 1, key="inner")
    build.published(inner, alice)
    document = build.chain("trial.count", 1, key="outer")
    document["nodes"]["s1"] = {"type": "subgraph", "workflow": "inner"}

    refused = shuffled(api, document)
    assert (refused.status, refused.code) == (422, "E_NOT_PINNED")
    assert [d["pointer"] for d in refused.body["error"]["details"]] == ["/pinned/s1~1s1"]
    again = api.post("/api/v1/workflows", {"document": {**document, "key": "second"}})
    path = f"/api/v1/workflows/{again.body['id']}/shuffle"
    pinned = api.post(path, {"pinned": {"s1/s1": {"n": 3}}, "schedules": 5})

    assert (pinned.status, pinned.body["ok"], pinned.body["status"]) == (200, True, "completed")

    unknown = api.post(path, {"pinned": {"s1/s2": {"n": 3}}, "schedules": 5})
    assert (unknown.status, unknown.code) == (400, "E_PINNED")
    assert unknown.body["error"]["details"] == [
        {
            "pointer": "/pinned/s1~1s2",
            "code": "E_PINNED",
            "message": "the workflow that 's1' runs has no node 's2'",
            "hint": "its nodes: s1",
        }
    ]
    assert tools.called == []
    assert not Run.objects.exists()
