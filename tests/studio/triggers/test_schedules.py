"""Schedules: what they start and when not, and what is written about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions import firing, schedules, trigger_fields, workflows
from studio.actions.errors import ActionError
from studio.actions.firing import fire_due
from studio.actions.schedules import ScheduleFields
from studio.actions.trigger_fields import now
from studio.journal import codec
from studio.models import AuditEntry, Firing, Run, RunEvent, Schedule, Version
from studio.triggers.schedule_plan import CATCH_UP_MOST, MAX_FAILURES
from tests.studio import build
from tests.studio.triggers.conftest import Make, came

pytestmark = pytest.mark.django_db


def statuses(schedule: Schedule) -> list[str]:
    return list(schedule.firings.order_by("due_at").values_list("status", flat=True))


def end_all() -> None:
    Run.objects.update(status="completed", finished_at=datetime.now(UTC))


def test_a_new_schedule_waits_for_its_next_time(make: Make) -> None:
    schedule = make(cron="30 9 * * *", time_zone="Asia/Tokyo")

    assert schedule.due_at is not None
    assert schedule.due_at == schedule.next_at
    assert schedule.due_at > now()
    assert (schedule.due_at.hour, schedule.due_at.minute) == (0, 30)


def test_a_time_that_came_starts_one_run_of_its_owner(make: Make, alice: User) -> None:
    schedule = make(state={"n": 4}, tags=("nightly",))
    came(schedule)

    fire_due()
    fire_due()

    run = Run.objects.get()
    created = RunEvent.objects.get(run=run, seq=1)
    assert (run.source, run.owner, run.tags) == ("schedule", alice, ["nightly"])
    assert codec.decode(created.data)["state"] == {"n": 4}
    assert run.dedupe_key == f"schedule:{schedule.public_id}:{schedule.due_at:%Y-%m-%dT%H:%M:%SZ}"
    assert statuses(schedule) == [Firing.STARTED]
    assert AuditEntry.objects.get(verb="run.start").data == {"source": "schedule"}
    before = schedule.due_at
    schedule.refresh_from_db()
    assert schedule.due_at == before + timedelta(minutes=1)  # type: ignore[operator]
    assert schedule.last_at is not None


def test_before_its_time_nothing_is_fired_and_the_thread_sleeps_until_then(make: Make) -> None:
    make(cron="0 0 1 1 *")
    soon = now() + timedelta(seconds=60)
    Schedule.objects.update(next_at=soon)

    wish = fire_due()

    assert not Run.objects.exists()
    assert wish == pytest.approx(60, abs=5)


def test_a_published_version_is_chosen_when_a_run_starts(
    make: Make, alice: User, version: Version
) -> None:
    newest, pinned = make(), make(version=version)
    document = codec.decode(version.workflow.draft)
    document["nodes"]["s1"]["tool"] = "trial.touch"
    workflows.save_draft(user=alice, workflow=version.workflow, rev=1, document=document)
    second = workflows.publish(user=alice, workflow=version.workflow)
    came(newest)
    came(pinned)

    fire_due()

    assert newest.firings.get().run.version == second  # type: ignore[union-attr]
    assert pinned.firings.get().run.version == version  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("catch_up", "runs", "expected"),
    [
        ("skip", 1, ["skipped", "started"]),
        ("one", 1, ["skipped", "started"]),
        ("all", 4, ["started"] * 4),
    ],
)
def test_catching_up_after_a_downtime(
    make: Make, catch_up: str, runs: int, expected: list[str]
) -> None:
    schedule = make(catch_up=catch_up)
    came(schedule, minutes_ago=3)

    fire_due()

    # Another minute may begin while this runs.
    assert runs <= Run.objects.count() <= runs + 1
    assert statuses(schedule)[: len(expected)] == expected
    skipped = schedule.firings.filter(status=Firing.SKIPPED).first()
    if skipped:
        assert skipped.reason.startswith("Nothing was running at this time, and those until ")


def test_skip_starts_nothing_for_what_was_missed_long_ago(make: Make) -> None:
    schedule = make(cron="0 * * * *", catch_up="skip")
    due = now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    if now().minute < 2:
        due -= timedelta(hours=1)
        schedules.change_schedule(
            user=schedule.owner, schedule=schedule, changes={"cron": "30 * * * *"}
        )
        due += timedelta(minutes=30)
    Schedule.objects.filter(pk=schedule.pk).update(due_at=due, next_at=due)

    fire_due()

    assert not Run.objects.exists()
    assert statuses(schedule) == [Firing.SKIPPED]
    schedule.refresh_from_db()
    assert schedule.next_at is not None
    assert schedule.next_at > now()


def test_making_up_for_all_is_bounded(make: Make) -> None:
    schedule = make(catch_up="all")
    came(schedule, minutes_ago=CATCH_UP_MOST + 50)

    fire_due()

    assert CATCH_UP_MOST <= Run.objects.count() <= CATCH_UP_MOST + 1
    assert statuses(schedule)[:2] == ["skipped", "started"]


def test_overlapping_runs_are_allowed_unless_said_otherwise(make: Make) -> None:
    schedule = make(catch_up="all")
    came(schedule, minutes_ago=1)

    fire_due()

    assert Run.objects.filter(status="queued").count() >= 2


@pytest.mark.parametrize("status", ["queued", "running", "waiting", "paused", "cancelling"])
def test_skip_starts_nothing_beside_an_active_run(make: Make, status: str) -> None:
    schedule = make(overlap="skip")
    came(schedule)
    fire_due()
    Run.objects.update(status=status, dedupe_key=None)
    came(schedule)
    Firing.objects.update(due_at=schedule.due_at - timedelta(minutes=1))  # type: ignore[operator]

    fire_due()

    assert Run.objects.count() == 1
    assert statuses(schedule)[:2] == ["started", "skipped"]
    end_all()
    came(schedule)
    Firing.objects.filter(status="skipped").delete()
    fire_due()
    assert Run.objects.count() == 2


def test_queue_starts_one_after_the_other(make: Make) -> None:
    schedule = make(overlap="queue", catch_up="all")
    came(schedule, minutes_ago=2)

    fire_due()
    assert Run.objects.count() == 1
    queued = schedule.firings.filter(status=Firing.QUEUED).count()
    assert queued >= 2
    for done in range(1, queued + 1):
        fire_due()
        assert Run.objects.count() == done
        end_all()
        fire_due()

    assert set(statuses(schedule)) == {Firing.STARTED}
    dues = list(schedule.firings.order_by("run_id").values_list("due_at", flat=True))
    assert dues == sorted(dues)


def test_a_queue_does_not_grow_for_ever(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "MOST_QUEUED", 2)
    schedule = make(overlap="queue", catch_up="all")
    came(schedule, minutes_ago=6)

    fire_due()

    assert statuses(schedule)[:5] == ["started", "queued", "queued", "skipped", "skipped"]
    assert "others wait already" in schedule.firings.order_by("due_at")[4].reason


def test_switching_off_drops_what_is_queued(make: Make, alice: User) -> None:
    schedule = make(overlap="queue", catch_up="all")
    came(schedule, minutes_ago=2)
    fire_due()

    schedules.change_schedule(user=alice, schedule=schedule, changes={"enabled": False})
    end_all()
    fire_due()

    assert Run.objects.count() == 1
    assert Firing.QUEUED not in statuses(schedule)
    schedule.refresh_from_db()
    assert schedule.next_at is None


def break_workflow(schedule: Schedule) -> None:
    workflows.delete_workflow(user=schedule.owner, workflow=schedule.workflow)


def break_owner(schedule: Schedule) -> None:
    User.objects.filter(pk=schedule.owner_id).update(is_active=False)


def break_state(schedule: Schedule) -> None:
    document = codec.decode(schedule.workflow.draft)
    document["state"] = {"schema": {"type": "object", "required": ["must"]}}
    workflows.save_draft(user=schedule.owner, workflow=schedule.workflow, rev=1, document=document)
    workflows.publish(user=schedule.owner, workflow=schedule.workflow)


def unpublish(schedule: Schedule) -> None:
    schedule.workflow.published = None
    schedule.workflow.save()


def hand_over(schedule: Schedule) -> None:
    schedule.workflow.owner = User.objects.create_user("somebody")
    schedule.workflow.save()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (break_workflow, "deleted"),
        (break_owner, "may not sign in"),
        (break_state, "start state is refused"),
        (unpublish, "no published version"),
        (hand_over, "no longer visible"),
    ],
)
def test_a_refused_start_is_shown_rests_and_ends(make: Make, spoil: Any, reason: str) -> None:
    schedule = make()
    spoil(schedule)
    rests = []
    for failures in range(1, MAX_FAILURES + 1):
        came(schedule)
        Firing.objects.all().delete()
        fire_due()
        schedule.refresh_from_db()
        assert reason in schedule.problem
        assert (schedule.failures, statuses(schedule)) == (failures, ["refused"])
        if schedule.next_at:
            rests.append((schedule.next_at - now()).total_seconds() / 60)

    assert not Run.objects.exists()
    assert [round(rest - 0.5) for rest in rests] == pytest.approx([1, 2, 4, 8], abs=1)
    assert not schedule.enabled
    entry = AuditEntry.objects.get(verb="schedule.disable")
    assert (entry.user, entry.object) == (None, str(schedule.public_id))
    assert reason in entry.data["reason"]
    assert fire_due() is None


def test_switching_on_again_forgets_the_problem(make: Make, alice: User) -> None:
    schedule = make()
    Schedule.objects.update(enabled=False, failures=5, problem="It failed.", next_at=None)

    schedule = schedules.change_schedule(user=alice, schedule=schedule, changes={"enabled": True})

    assert (schedule.failures, schedule.problem) == (0, "")
    assert schedule.next_at is not None


def test_one_broken_schedule_is_not_in_the_way_of_others(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = make(), make()
    came(broken, minutes_ago=1)
    came(sound)
    Schedule.objects.filter(pk=broken.pk).update(state="{not json")

    fire_due()

    assert not broken.firings.exists()
    assert sound.firings.filter(status=Firing.STARTED).exists()


def test_a_clock_that_was_set_back_fires_nothing_twice(make: Make) -> None:
    schedule = make()
    came(schedule)
    due = schedule.due_at
    fire_due()
    Schedule.objects.update(due_at=due, next_at=due)

    fire_due()

    assert Run.objects.count() == schedule.firings.count() <= 2


def test_old_firings_are_forgotten(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "KEPT", 3)
    schedule = make(catch_up="all")
    came(schedule, minutes_ago=6)
    fire_due()
    end_all()
    came(schedule)
    Firing.objects.filter(due_at=schedule.due_at).delete()

    fire_due()

    assert schedule.firings.count() == 3
    assert schedule.firings.order_by("-due_at")[0].due_at == schedule.due_at


def test_running_now_is_idempotent_and_does_not_move_the_clock(make: Make, alice: User) -> None:
    schedule = make(state={"n": 1})

    run = schedules.run_now(user=alice, schedule=schedule, idempotency_key="k")
    again = schedules.run_now(user=alice, schedule=schedule, idempotency_key="k")

    assert (run.pk, run.source, again.is_repeat) == (again.pk, "schedule", True)
    assert schedule.firings.get().reason == "Started by alice."
    before = schedule.next_at
    schedule.refresh_from_db()
    assert schedule.last_at == schedule.firings.get().at
    assert schedule.next_at == before


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"cron": "0 0 */31 * 1#5"}, "E_CRON"),
        ({"cron": "* * * * * *"}, "E_CRON"),
        ({"time_zone": "Mars/Base"}, "E_TIME_ZONE"),
        ({"name": " "}, "E_INVALID"),
        ({"jitter_s": 3601}, "E_INVALID"),
        ({"catch_up": "some"}, "E_INVALID"),
        ({"overlap": "some"}, "E_INVALID"),
        ({"tags": ("x" * 41,)}, "E_INVALID"),
        ({"state": {"n": float("nan")}}, "E_VALUE"),
        ({"state": {"n": "x" * 9_000_000}}, "E_STATE_SIZE"),
    ],
)
def test_what_could_never_start_a_run_is_refused(
    make: Make, wanted: dict[str, Any], code: str
) -> None:
    with pytest.raises(ActionError) as caught:
        make(**wanted)

    assert caught.value.code == code
    assert not Schedule.objects.exists()


def test_a_version_of_another_workflow_is_refused(make: Make, alice: User) -> None:
    other = build.published(build.chain("trial.count", 2, key="other"), alice)

    with pytest.raises(ActionError, match="no version of that workflow"):
        make(version=other)


def test_an_unpublished_workflow_needs_publishing_first(alice: User) -> None:
    workflow = workflows.create_workflow(user=alice, document=build.chain("trial.count"))

    with pytest.raises(ActionError, match="no published version"):
        schedules.create_schedule(
            user=alice, workflow=workflow, wanted=ScheduleFields("x", "* * * * *")
        )


def test_each_change_leaves_one_row_and_none_when_nothing_changed(make: Make, alice: User) -> None:
    schedule = make()
    for name in ("Other", "Other"):
        schedules.change_schedule(user=alice, schedule=schedule, changes={"name": name})
    schedules.delete_schedule(user=alice, schedule=schedule)

    entries = AuditEntry.objects.filter(verb__startswith="schedule.").order_by("pk")
    assert [(entry.verb, entry.user) for entry in entries] == [
        ("schedule.create", alice),
        ("schedule.change", alice),
        ("schedule.delete", alice),
    ]
    assert entries[1].data == {"fields": ["name"]}


def test_one_user_has_not_endless_many(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trigger_fields, "MOST_OF_ONE", 2)
    make()
    make()

    with pytest.raises(ActionError, match="at most 2 schedules"):
        make()


def test_what_was_deleted_a_moment_ago_is_not_found(make: Make, alice: User) -> None:
    schedule = make()
    Schedule.objects.all().delete()
    verbs: list[Any] = [
        lambda: schedules.change_schedule(user=alice, schedule=schedule, changes={"name": "x"}),
        lambda: schedules.run_now(user=alice, schedule=schedule),
        lambda: schedules.delete_schedule(user=alice, schedule=schedule),
    ]

    for verb in verbs:
        with pytest.raises(ActionError) as caught:
            verb()
        assert (caught.value.code, caught.value.status) == ("E_NOT_FOUND", 404)


def test_a_changed_clock_is_looked_at_anew(make: Make, alice: User) -> None:
    schedule = make(cron="0 0 1 1 *")
    far = schedule.next_at

    schedule = schedules.change_schedule(
        user=alice, schedule=schedule, changes={"cron": "* * * * *", "jitter_s": 30}
    )

    assert schedule.due_at is not None
    assert schedule.next_at is not None
    assert schedule.next_at < far  # type: ignore[operator]
    assert timedelta(0) <= schedule.next_at - schedule.due_at <= timedelta(seconds=30)
