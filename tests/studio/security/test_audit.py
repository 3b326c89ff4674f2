"""What is changed through the API leaves one row, with who and from where."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.models import AuditEntry
from tests.studio.api import documents
from tests.studio.api.calls import Api


def rows() -> list[tuple[str, str | None, str | None]]:
    entries = AuditEntry.objects.order_by("pk").select_related("user")
    return [(entry.verb, entry.user and entry.user.username, entry.ip) for entry in entries]


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


def test_sec_audit(api: Api) -> None:
    """Each change one row; reading and what is refused leave none."""
    made = api.post("/api/v1/workflows", {"document": documents.native()}).body
    path = f"/api/v1/workflows/{made['id']}"
    api.get(path)
    api.put(f"{path}/draft", {"document": documents.native("trial.touch")}, If_Match='"1"')
    api.put(f"{path}/draft", {"document": documents.native("trial.wait")}, If_Match='"1"')
    api.post(f"{path}/publish")
    api.post("/api/v1/runs", {"workflow": made["id"]})
    token = api.post("/api/v1/tokens", {"name": "x"}).body
    api.delete(f"/api/v1/tokens/{token['id']}")
    api.delete(f"/api/v1/tokens/{token['id']}")
    api.delete(path)

    verbs = [verb for verb, _who, _where in rows()]
    assert verbs == [
        "workflow.create",
        "workflow.save",
        "workflow.publish",
        "run.start",
        "token.create",
        "token.revoke",
        "workflow.delete",
    ]
    assert {(who, where) for _verb, who, where in rows()} == {("alice", "127.0.0.1")}


def test_the_trail_holds_no_secret(api: Api) -> None:
    token: dict[str, Any] = api.post("/api/v1/tokens", {"name": "x"}).body

    assert token["token"] not in str(list(AuditEntry.objects.values()))
