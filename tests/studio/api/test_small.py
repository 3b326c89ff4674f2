"""Tools, expressions, tokens, health and the description of the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from studio.models import ApiToken
from tests.studio.api.calls import Api


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


def test_tools_are_listed_and_read(api: Api) -> None:
    listed = api.get("/api/v1/tools").body["items"]

    names = [tool["name"] for tool in listed]
    assert "trial.count" in names
    one = api.get("/api/v1/tools/trial.count").body
    assert one == listed[names.index("trial.count")]
    assert one["effect"] == "pure"
    assert api.get("/api/v1/tools/no.such_tool").status == 404


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ({"source": "1 + 2", "state": {}}, 3),
        ({"source": "score < limit", "state": {"score": 1, "limit": 2}}, True),
        ({"source": "state.score", "state": {"score": 1}}, 1),
        ({"source": "result.ok", "names": {"result": {"ok": "yes"}}}, "yes"),
    ],
)
def test_expressions_are_evaluated(api: Api, body: dict[str, Any], value: Any) -> None:
    answer = api.post("/api/v1/expressions/check", body)

    assert (answer.status, answer.body) == (200, {"ok": True, "value": value})


@pytest.mark.parametrize("source", ["1 +", "absent", "true and false", "", "1 / 0", "'" * 9])
def test_a_mistake_in_an_expression_has_its_position(api: Api, source: str) -> None:
    answer = api.post("/api/v1/expressions/check", {"source": source, "state": {}})

    assert answer.status == 200
    assert answer.body["ok"] is False
    assert set(answer.body["error"]) >= {"position", "message", "hint"}


@pytest.mark.parametrize(("source", "ok"), [("score < 3", True), ("score <", False)])
def test_without_a_state_an_expression_is_only_read(api: Api, source: str, ok: bool) -> None:
    answer = api.post("/api/v1/expressions/check", {"source": source})

    assert (answer.status, answer.body["ok"]) == (200, ok)


def test_a_token_is_shown_once_and_can_be_revoked(api: Api) -> None:
    made = api.post("/api/v1/tokens", {"name": "laptop"})

    assert made.status == 201
    secret = made.body.pop("token")
    assert secret.startswith(made.body["prefix"])
    listed = api.get("/api/v1/tokens").body["items"]
    assert made.body in listed
    assert secret not in str(listed)
    other = Api(None)
    other.headers["Authorization"] = f"Bearer {secret}"
    assert other.get("/api/v1/tokens").status == 200
    assert api.delete(f"/api/v1/tokens/{made.body['id']}").status == 204
    assert other.get("/api/v1/tokens").status == 401
    assert api.delete(f"/api/v1/tokens/{made.body['id']}").status == 404


def test_a_token_may_expire(api: Api) -> None:
    soon = timezone.now() + timedelta(hours=1)

    made = api.post("/api/v1/tokens", {"name": "short", "expires_at": soon.isoformat()})
    past = api.post("/api/v1/tokens", {"name": "late", "expires_at": "2020-01-01T00:00:00Z"})

    assert made.body["expires_at"].endswith("Z")
    assert past.status == 400
    ApiToken.objects.filter(name="short").update(expires_at=timezone.now())
    other = Api(None)
    other.headers["Authorization"] = f"Bearer {made.body['token']}"
    assert other.get("/api/v1/tokens").status == 401


def test_others_tokens_are_out_of_reach(api: Api, bob: User) -> None:
    theirs = Api(bob).post("/api/v1/tokens", {"name": "bob's"}).body["id"]

    assert api.delete(f"/api/v1/tokens/{theirs}").status == 404
    assert ApiToken.objects.get(public_id=theirs).revoked_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/api/v1/health/live", "/api/v1/health/ready"])
def test_health_is_open_and_says_no_more(path: str) -> None:
    answer = Api(None).get(path)

    assert (answer.status, answer.body) == (200, {"status": "ok"})


def test_the_schema_describes_every_operation(api: Api) -> None:
    schema = api.get("/api/schema")

    assert schema.status == 200
    paths = schema.body["paths"] if isinstance(schema.body, dict) else {}
    assert schema.body["openapi"].startswith("3.1")
    assert {"/graph/create", "/graph/run", "/api/v1/runs", "/api/v1/workflows"} <= set(paths)
    operations = [
        op for path in paths.values() for name, op in path.items() if name != "parameters"
    ]
    assert all(operation["responses"] for operation in operations)
    assert all(operation.get("description") for operation in operations)


def test_errors_carry_the_request_id(api: Api) -> None:
    answer = api.get("/api/v1/runs/019a0000-0000-7000-8000-000000000000")

    assert answer.status == 404
    assert answer.body["error"]["request_id"] == answer.headers["X-Request-ID"]
    assert answer.body["detail"] == answer.body["error"]["message"]
    assert set(answer.body["error"]) == {"code", "message", "details", "request_id"}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/nowhere", 404), ("/graph/nowhere", 404), ("/api/v1/runs/nonsense", 404)],
)
def test_addresses_that_do_not_exist_answer_in_json(api: Api, path: str, status: int) -> None:
    answer = api.get(path)

    assert (answer.status, answer.code) == (status, "E_NOT_FOUND")


def test_methods_that_do_not_exist_are_405(api: Api) -> None:
    assert (api.put("/api/v1/runs", {}).status, api.put("/api/v1/runs", {}).code) == (
        405,
        "E_METHOD",
    )
