"""An id is no permission: what belongs to somebody else is not found, wherever it is asked for."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, get_resolver

from studio.accounts import tokens
from studio.actions.runs import start_run
from studio.actions.schedules import ScheduleFields, create_schedule
from studio.actions.secrets import create_secret
from studio.actions.signals import send_signal_to_runs
from studio.actions.webhooks import WebhookFields, create_webhook
from studio.models import ApiToken, Run, Schedule, Secret, Signal, Version, Webhook, Workflow
from tests.studio import build
from tests.studio.api.calls import Api
from tests.studio.security.test_anonymous import addresses

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BODY = {
    "api-draft": {"document": {"format": "treadle/1", "nodes": {}, "edges": []}},
}


@pytest.fixture
def theirs(bob: User) -> Run:
    """A run of bob's, of a workflow of bob's, with a schedule, a webhook, a signal, a secret."""
    version = build.published(build.chain("trial.count"), bob)
    create_schedule(
        user=bob, workflow=version.workflow, wanted=ScheduleFields("daily", "0 0 * * *")
    )
    create_webhook(user=bob, workflow=version.workflow, wanted=WebhookFields("orders"))
    send_signal_to_runs(user=bob, name="paid")
    create_secret(user=bob, name="openai", value="some value")
    tokens.create(user=bob, name="laptop")
    return start_run(user=bob, version=version, state={})


def api_paths() -> list[str]:
    return sorted(
        path
        for name, path in addresses(get_resolver("studio.urls"))
        if name.startswith("api-") and "019a0000" in path
    )


def id_for(path: str, run: Run) -> str:
    if path.startswith("api/v1/workflows"):
        return str(run.workflow.public_id)
    if path.startswith("api/v1/versions"):
        return str(run.version.public_id)
    if path.startswith("api/v1/schedules"):
        return str(run.workflow.schedules.get().public_id)
    if path.startswith("api/v1/signals"):
        return str(Signal.objects.get().public_id)
    if path.startswith("api/v1/webhooks"):
        return str(run.workflow.webhooks.get().public_id)
    if path.startswith("api/v1/secrets"):
        return str(Secret.objects.get().public_id)
    if path.startswith("api/v1/tokens"):
        return str(ApiToken.objects.get(user=run.owner).public_id)
    return str(run.public_id)


@pytest.mark.parametrize("path", api_paths())
@pytest.mark.parametrize("method", METHODS)
def test_sec_idor(alice: User, theirs: Run, method: str, path: str) -> None:
    """Every API address with an id: somebody else's answers exactly as one that never was."""
    api = Api(alice)
    foreign = path.replace("019a0000-0000-7000-8000-000000000000", id_for(path, theirs))
    before = fingerprint()

    absent = api.call(method, f"/{path}", body_for(path), If_Match='"1"')
    answer = api.call(method, f"/{foreign}", body_for(path), If_Match='"1"')

    assert (answer.status, answer.code) == (absent.status, absent.code)
    assert answer.status in (404, 405)
    assert fingerprint() == before


def body_for(path: str) -> object:
    return BODY["api-draft"] if path.endswith("/draft") else {}


def fingerprint() -> list[object]:
    return [
        list(Workflow.objects.order_by("pk").values_list()),
        list(Version.objects.order_by("pk").values_list()),
        list(Run.objects.order_by("pk").values_list()),
        list(Schedule.objects.order_by("pk").values_list()),
        list(Webhook.objects.order_by("pk").values_list()),
        list(Secret.objects.order_by("pk").values_list()),
        list(ApiToken.objects.order_by("pk").values_list("pk", "revoked_at")),
    ]


def test_lists_hold_only_what_is_visible(alice: User, theirs: Run, root: User) -> None:
    for name in ("workflows", "runs", "schedules", "webhooks"):
        assert Api(alice).get(f"/api/v1/{name}").body["items"] == []
        assert len(Api(root).get(f"/api/v1/{name}").body["items"]) == 1


def test_secrets_and_tokens_are_listed_for_their_own(
    alice: User, bob: User, theirs: Run, root: User
) -> None:
    for user, names in ((alice, []), (root, []), (bob, ["openai"])):
        listed = Api(user).get("/api/v1/secrets").body["items"]
        assert [item["name"] for item in listed] == names
        assert {item["name"] for item in Api(user).get("/api/v1/tokens").body["items"]} <= {
            "test",
            *(["laptop"] if user == bob else []),
        }


def test_the_demos_addresses_are_scoped_as_well(alice: User, theirs: Run) -> None:
    api = Api(alice)

    assert api.get(f"/graph/state/{theirs.public_id}").status == 404
    for path in ("/graph/run", "/graph/run_async"):
        assert api.post(path, {"graph_id": str(theirs.workflow.public_id)}).status == 404
    for body in (
        {"version": str(theirs.version.public_id)},
        {"workflow": str(theirs.workflow.public_id), "draft": True},
    ):
        assert api.post("/api/v1/runs", body).status == 404


def test_shared_workflows_are_seen_but_not_their_runs(alice: User, theirs: Run) -> None:
    Workflow.objects.update(owner=None)
    api = Api(alice)

    assert len(api.get("/api/v1/workflows").body["items"]) == 1
    assert api.get(f"/api/v1/runs/{theirs.public_id}").status == 404
    assert api.get("/api/v1/workflows").body["items"][0]["last_run"] is None


def test_patterns_with_ids_were_found() -> None:
    def patterns(entries: list[object]) -> Iterator[URLPattern]:
        for entry in entries:
            if isinstance(entry, URLPattern):
                yield entry
            else:
                yield from patterns(entry.url_patterns)  # type: ignore[attr-defined]

    assert len(api_paths()) > 12
    assert len(list(patterns(get_resolver("studio.urls").url_patterns))) > 60
