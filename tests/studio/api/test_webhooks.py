"""Webhooks by the API: shapes, verbs, the secret shown once, what came in."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studio.models import Run, Webhook
from tests.studio import build
from tests.studio.api.calls import Answer, Api
from tests.studio.triggers.hooks import Sender


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def workflow(alice: User) -> str:
    version = build.published(build.chain("trial.count", 1), alice)
    return str(version.workflow.public_id)


def made(api: Api, workflow: str, **more: Any) -> Answer:
    body = {"name": "Orders", "workflow": workflow, "mapping": {"order": "body.id"}, **more}
    return api.post("/api/v1/webhooks", body)


def test_a_webhook_is_made_read_changed_and_deleted(api: Api, workflow: str) -> None:
    answer = made(api, workflow, headers=["X-Shop"], tags=["shop"])
    item = answer.body
    secret = item.pop("secret")
    path = f"/api/v1/webhooks/{item['id']}"

    assert answer.status == 201
    assert secret.startswith("whs_")
    assert len(secret) > 40
    assert item["path"] == f"/hooks/{item['id']}"
    assert (item["scheme"], item["enabled"], item["headers"]) == ("treadle", True, ["x-shop"])
    assert item["mapping"] == {"order": "body.id"}
    assert api.get(path).body == item
    assert api.get("/api/v1/webhooks").body == {"items": [item], "next": None}
    assert api.get(f"/api/v1/webhooks?workflow={workflow}").body["items"] == [item]
    changed = api.patch(path, {"enabled": False, "mapping": {}, "headers": []}).body
    assert (changed["enabled"], changed["mapping"], changed["headers"]) == (False, {}, [])
    assert [api.delete(path).status for _ in range(2)] == [204, 404]


def test_a_webhook_can_send_a_signal_instead(api: Api, workflow: str) -> None:
    signal = {"name": "payment", "key": "body.order"}
    item = made(api, workflow, mapping={}, action="signal", signal=signal).body
    path = f"/api/v1/webhooks/{item['id']}"

    assert (item["action"], item["signal"]) == ("signal", signal)
    tried = api.post(f"{path}/run", {"body": {}})
    assert (tried.status, tried.code) == (409, "E_STATE")
    assert api.patch(path, {"signal": {"name": ""}}).status == 400
    changed = api.patch(path, {"action": "start"}).body
    assert (changed["action"], changed["signal"]) == ("start", {})


def test_the_secret_is_shown_once_and_can_be_replaced(api: Api, workflow: str) -> None:
    item = made(api, workflow, secret="what-the-sender-insists-on").body
    path = f"/api/v1/webhooks/{item['id']}"
    assert item["secret"] == "what-the-sender-insists-on"

    rotated = api.post(f"{path}/rotate", {}).body
    sender = Sender(Webhook.objects.get(), item["secret"])

    assert rotated["secret"] not in (item["secret"], None)
    assert rotated["old_secret_until"] is not None
    assert sender.send({"id": 1}).status == 202
    at_once = api.post(f"{path}/rotate", {"at_once": True}).body
    assert at_once["old_secret_until"] is None
    assert sender.send({"id": 2}).status == 401
    everything = str([api.get(path).body, api.get("/api/v1/webhooks").body])
    for secret in (item["secret"], rotated["secret"], at_once["secret"]):
        assert secret not in everything
    assert "s1." not in everything


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"mapping": {"a": "body."}}, "E_MAPPING", "/mapping/a"),
        ({"mapping": []}, "E_INVALID", "/mapping"),
        ({"headers": ["cookie"]}, "E_INVALID", "/headers"),
        ({"scheme": "plain"}, "E_INVALID", "/scheme"),
        ({"owner": "bob"}, "E_INVALID", "/owner"),
        ({"secret": ""}, "E_INVALID", "/secret"),
        ({"old_until": None}, "E_INVALID", "/old_until"),
        ({"mapping": {"__proto__": "body"}}, "E_JSON_KEY", None),
    ],
)
def test_wrong_bodies_name_their_member(
    api: Api, workflow: str, body: dict[str, Any], code: str, pointer: str | None
) -> None:
    answer = made(api, workflow, **body)

    assert (answer.status, answer.code) == (400, code)
    if pointer:
        assert answer.body["error"]["details"][0]["pointer"] == pointer
    assert not Webhook.objects.exists()


def test_deliveries_are_listed_the_last_first(api: Api, workflow: str) -> None:
    item = made(api, workflow).body
    sender = Sender(Webhook.objects.get(), item["secret"])
    started = sender.send({"id": 7}, delivery="d-1").body["run_id"]
    sender.send({"di": 7})
    sender.send({"id": 7}, secret="whs_wrong")
    path = f"/api/v1/webhooks/{item['id']}"

    page = api.get(f"{path}/deliveries?limit=2").body
    rest = api.get(f"{path}/deliveries?cursor={page['next']}").body["items"]
    found = [*page["items"], *rest]

    assert [row["status"] for row in found] == ["refused", "refused", "accepted"]
    assert found[0]["reason"].startswith("The signature is wrong")
    assert "no key 'id'" in found[1]["reason"]
    assert found[2]["run"] == {"id": started, "status": "queued"}
    assert (found[2]["delivery_id"], found[2]["size"]) == ("d-1", 9)
    assert api.get(path).body["last_at"] == found[2]["at"]
    run = api.get(f"/api/v1/runs/{started}").body
    assert (run["source"], run["owner"]) == ("webhook", "alice")
    assert run["trigger"] == {"kind": "webhook", "id": item["id"], "name": "Orders"}


def test_a_webhook_is_tried_without_a_signature(api: Api, workflow: str) -> None:
    path = f"/api/v1/webhooks/{made(api, workflow).body['id']}"

    started = api.post(f"{path}/run", {"body": {"id": 3}}, Idempotency_Key="k")
    again = api.post(f"{path}/run", {"body": {"id": 3}}, Idempotency_Key="k")
    wrong = api.post(f"{path}/run", {"body": {}})

    assert (started.status, again.status) == (201, 200)
    assert started.body["source"] == "webhook"
    state = api.get(f"/api/v1/runs/{started.body['id']}/state").body["state"]
    assert state == {"order": 3}
    assert (wrong.status, wrong.code) == (422, "E_MAPPING")
    assert Run.objects.count() == 1
    reason = api.get(f"{path}/deliveries").body["items"][0]["reason"]
    assert reason == "Sent by alice without a signature."


def test_a_longer_list_asks_no_more_queries(api: Api, workflow: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get("/api/v1/webhooks").status == 200
        # Who asks is looked up again now and then: only what is listed counts.
        return sum("studio_webhook" in query["sql"] for query in captured)

    made(api, workflow)
    queries()
    few = queries()
    for _ in range(4):
        made(api, workflow)

    assert queries() == few
