"""Schedules by the API: shapes, verbs, times, and what came of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studio.actions.firing import fire_due
from studio.models import AuditEntry, Run, Schedule
from tests.studio import build
from tests.studio.api.calls import Answer, Api
from tests.studio.triggers.conftest import came

NEVER = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
def api(alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def workflow(alice: User) -> str:
    version = build.published(build.chain("trial.count", 1), alice)
    return str(version.workflow.public_id)


def made(api: Api, workflow: str, **more: Any) -> Answer:
    body = {"name": "Nightly", "workflow": workflow, "cron": "30 2 * * *", **more}
    return api.post("/api/v1/schedules", body)


def test_a_schedule_is_made_read_changed_and_deleted(api: Api, workflow: str) -> None:
    answer = made(
        api,
        workflow,
        time_zone="Europe/Berlin",
        state={"n": 1},
        tags=["a"],
        catch_up="all",
        overlap="queue",
        jitter_s=30,
    )
    item = answer.body
    path = f"/api/v1/schedules/{item['id']}"

    assert answer.status == 201
    assert {key: item[key] for key in ("name", "cron", "time_zone", "state", "tags")} == {
        "name": "Nightly",
        "cron": "30 2 * * *",
        "time_zone": "Europe/Berlin",
        "state": {"n": 1},
        "tags": ["a"],
    }
    assert (item["catch_up"], item["overlap"], item["jitter_s"]) == ("all", "queue", 30)
    assert (item["enabled"], item["version"], item["owner"]) == (True, None, "alice")
    assert len(item["next"]) == 5
    assert sorted(item["next"]) == item["next"]
    assert api.get(path).body == item
    assert api.get("/api/v1/schedules").body == {"items": [item], "next": None}
    assert api.get(f"/api/v1/schedules?workflow={workflow}").body["items"] == [item]
    assert api.get(f"/api/v1/schedules?workflow={NEVER}").body["items"] == []

    changed = api.patch(path, {"enabled": False, "name": "Off"}).body
    assert (changed["name"], changed["enabled"], changed["next"]) == ("Off", False, [])
    assert changed["state"] == {"n": 1}
    assert api.patch(path, {"enabled": True, "tags": []}).body["tags"] == []
    assert [api.delete(path).status for _ in range(2)] == [204, 404]


def test_a_version_can_be_pinned_and_let_go(api: Api, workflow: str, bob: User) -> None:
    version = api.get(f"/api/v1/workflows/{workflow}").body["published"]["id"]
    foreign = build.published(build.chain("trial.count", 1), bob)

    item = made(api, workflow, version=version).body
    path = f"/api/v1/schedules/{item['id']}"

    assert item["version"] == {"id": version, "number": 1}
    assert api.patch(path, {"version": None}).body["version"] is None
    assert api.patch(path, {"version": str(foreign.public_id)}).status == 404


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"cron": "every day"}, "E_CRON", "/cron"),
        ({"time_zone": "Mars/Base"}, "E_TIME_ZONE", "/time_zone"),
        ({"catch_up": "some"}, "E_INVALID", "/catch_up"),
        ({"overlap": 3}, "E_INVALID", "/overlap"),
        ({"jitter_s": "5"}, "E_INVALID", "/jitter_s"),
        ({"state": []}, "E_INVALID", "/state"),
        ({"owner": "bob"}, "E_INVALID", "/owner"),
        ({"next_at": "2026-01-01T00:00:00Z"}, "E_INVALID", "/next_at"),
        ({"failures": 0}, "E_INVALID", "/failures"),
    ],
)
def test_wrong_bodies_name_their_member(
    api: Api, workflow: str, body: dict[str, Any], code: str, pointer: str
) -> None:
    for answer in (
        made(api, workflow, **body),
        api.patch(f"/api/v1/schedules/{made(api, workflow).body['id']}", body),
    ):
        assert (answer.status, answer.code) == (400, code)
        assert answer.body["error"]["details"][0]["pointer"] == pointer
    assert Schedule.objects.count() == 1


def test_the_preview_saves_nothing(api: Api) -> None:
    body = {"cron": "0 12 * * *", "time_zone": "Asia/Tokyo"}

    found = api.post("/api/v1/schedules/preview", body).body["next"]

    assert len(found) == 5
    assert {at[11:] for at in found} == {"03:00:00.000Z"}
    assert found[0] > datetime.now(UTC).isoformat()
    assert api.post("/api/v1/schedules/preview", {**body, "count": 2}).body["next"] == found[:2]
    assert api.post("/api/v1/schedules/preview", {"cron": "0 12"}).code == "E_CRON"
    assert not Schedule.objects.exists()


def test_run_now_starts_a_run_that_links_back(api: Api, workflow: str) -> None:
    item = made(api, workflow, state={"n": 2}).body
    path = f"/api/v1/schedules/{item['id']}/run"

    started = api.post(path, Idempotency_Key="k")
    again = api.post(path, Idempotency_Key="k")

    assert (started.status, again.status) == (201, 200)
    assert started.body["id"] == again.body["id"]
    assert started.body["source"] == "schedule"
    run = api.get(f"/api/v1/runs/{started.body['id']}").body
    assert run["trigger"] == {"kind": "schedule", "id": item["id"], "name": "Nightly"}
    assert len(api.get("/api/v1/runs?source=schedule").body["items"]) == 1


def test_a_run_that_somebody_started_has_no_trigger(api: Api, workflow: str) -> None:
    run = api.post("/api/v1/runs", {"workflow": workflow}).body["id"]

    assert api.get(f"/api/v1/runs/{run}").body["trigger"] is None


def test_firings_are_listed_the_last_first(api: Api, workflow: str) -> None:
    item = made(api, workflow, cron="* * * * *", catch_up="all").body
    schedule = Schedule.objects.get()
    came(schedule, minutes_ago=4)
    fire_due()
    path = f"/api/v1/schedules/{item['id']}/firings"

    page = api.get(f"{path}?limit=3").body
    rest = api.get(f"{path}?limit=50&cursor={page['next']}").body
    dues = [firing["due_at"] for firing in [*page["items"], *rest["items"]]]

    assert sorted(dues, reverse=True) == dues
    assert len(dues) == schedule.firings.count() >= 5
    assert page["items"][0]["status"] == "started"
    assert page["items"][0]["run"]["status"] == "queued"
    assert api.get(f"/api/v1/schedules/{item['id']}").body["last_at"] is not None


def test_why_a_start_was_refused_is_shown(api: Api, workflow: str) -> None:
    item = made(api, workflow, cron="* * * * *").body
    came(Schedule.objects.get())
    api.delete(f"/api/v1/workflows/{workflow}")
    fire_due()

    found = api.get(f"/api/v1/schedules/{item['id']}").body

    assert (found["failures"], found["enabled"]) == (1, True)
    assert "deleted" in found["problem"]
    assert not Run.objects.exists()


def test_each_verb_leaves_one_row(api: Api, workflow: str) -> None:
    AuditEntry.objects.all().delete()
    path = f"/api/v1/schedules/{made(api, workflow).body['id']}"
    api.patch(path, {"name": "Other"})
    api.patch(path, {"name": "Other"})
    api.post(f"{path}/run")
    api.get(f"{path}/firings")
    api.delete(path)

    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "schedule.create",
        "schedule.change",
        "run.start",
        "schedule.delete",
    ]


def test_who_sees_a_schedule(api: Api, workflow: str, bob: User, root: User) -> None:
    path = f"/api/v1/schedules/{made(api, workflow).body['id']}"

    assert Api(bob).get(path).status == 404
    assert Api(root).get(path).status == 200


def test_a_schedule_on_a_shared_workflow_is_its_makers_alone(
    api: Api, bob: User, alice: User
) -> None:
    shared = build.published(build.chain("trial.count", 1))

    item = made(api, str(shared.workflow.public_id)).body

    assert Api(bob).get(f"/api/v1/schedules/{item['id']}").status == 404
    assert Api(alice).get(f"/api/v1/schedules/{item['id']}").status == 200


def test_a_longer_list_asks_no_more_queries(api: Api, workflow: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get("/api/v1/schedules").status == 200
        # Who asks is looked up again now and then: only what is listed counts.
        return sum("studio_schedule" in query["sql"] for query in captured)

    made(api, workflow)
    queries()
    few = queries()
    for _ in range(4):
        made(api, workflow)

    assert queries() == few
