"""Which runs are forgotten, and that nothing of them is left."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils.timezone import now

from studio.actions import forgetting, retention
from studio.actions.control import retry_run
from studio.actions.errors import ActionError, NotAllowed
from studio.actions.forgetting import Forgetting
from studio.actions.forks import fork_run
from studio.actions.runs import start_run
from studio.journal import blobs, integrity
from studio.models import (
    AuditEntry,
    Blob,
    BlobUse,
    Firing,
    Run,
    RunEvent,
    Schedule,
    Signal,
    Snapshot,
    Version,
    Wait,
)
from studio.queries import visible
from studio.setup.retention import Retention
from tests.studio import build

LARGE = "x" * (blobs.LIMIT_BYTES + 1)


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count", 1), alice)


def ended(version: Version, days_ago: float = 0, **columns: Any) -> Run:
    """A run of alice's that completed so long ago. Its journal only begins."""
    state = columns.pop("state", None)
    run = start_run(user=version.workflow.owner, version=version, state=state or {})
    end = now() - timedelta(days=days_ago, hours=2)
    values = {"status": "completed", "finished_at": end, "created_at": end, **columns}
    Run.objects.filter(pk=run.pk).update(**values)
    return Run.objects.get(pk=run.pk)


def keep(version: Version, **rule: int) -> None:
    workflow = version.workflow
    retention.set_retention(user=workflow.owner, workflow=workflow, rule=Retention(**rule))


def forget() -> Forgetting:
    work = Forgetting()
    while work.step():
        pass
    return work


def left() -> set[int]:
    return set(Run.objects.values_list("pk", flat=True))


def test_without_a_rule_every_run_is_kept(version: Version) -> None:
    runs = [ended(version, 1000) for _ in range(3)]

    forget()

    assert left() == {run.pk for run in runs}


def test_days_hold_a_run_from_its_end(version: Version) -> None:
    old, young = ended(version, 31), ended(version, 29)
    keep(version, days=30)

    work = forget()

    assert left() == {young.pk}
    assert (work.gone.runs, work.marked) == (1, 1)
    assert not RunEvent.objects.filter(run=old.pk).exists()


def test_the_last_runs_are_those_that_ended_last(version: Version) -> None:
    first, slow, third = ended(version, 3), ended(version, 1), ended(version, 2)
    keep(version, runs=2)

    forget()

    assert left() == {slow.pk, third.pk}
    assert first.pk not in left()


def test_fewer_runs_than_are_kept_all_stay(version: Version) -> None:
    runs = [ended(version, 900) for _ in range(3)]
    keep(version, runs=3)

    forget()

    assert left() == {run.pk for run in runs}


def test_each_of_two_rules_holds_a_run_by_itself(version: Version) -> None:
    _, old_but_last, young = ended(version, 50), ended(version, 40), ended(version, 1)
    keep(version, days=30, runs=2)

    forget()

    assert left() == {old_but_last.pk, young.pk}


def test_the_studio_says_for_workflows_that_say_nothing(
    version: Version, settings: LazySettings, alice: User
) -> None:
    other = build.published(build.chain("trial.count", 1, "other"), alice)
    ended(version, 100)
    own_rule = ended(other, 100)
    retention.set_retention(user=alice, workflow=other.workflow, rule=Retention())
    settings.KEEP = Retention(days=30)

    forget()

    assert left() == {own_rule.pk}


@pytest.mark.parametrize("status", ["queued", "running", "waiting", "paused", "cancelling"])
def test_runs_that_have_not_ended_stay(version: Version, status: str) -> None:
    run = ended(version, 100, status=status)
    keep(version, days=1)

    forget()

    assert left() == {run.pk}


def test_a_run_that_has_just_ended_stays_whatever_the_rule(version: Version) -> None:
    runs = [ended(version, finished_at=now()) for _ in range(3)]
    keep(version, runs=1)

    forget()

    assert left() == {run.pk for run in runs}


def test_a_key_gives_its_run_for_a_day(version: Version) -> None:
    young = ended(version, 0.5, dedupe_key="young")
    ended(version, 2, dedupe_key="old")
    ended(version, 0.4)
    keep(version, runs=1)
    last = ended(version)

    forget()

    assert left() == {young.pk, last.pk}


def test_who_keeps_a_run_finds_it(version: Version, alice: User) -> None:
    kept = retention.keep_run(user=alice, run=ended(version, 100))
    keep(version, days=1)
    forget()
    assert left() == {kept.pk}

    retention.keep_run(user=alice, run=kept, kept=False)
    forget()

    assert left() == set()
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert [verb for verb in verbs if verb.startswith("run.") and verb != "run.start"] == [
        "run.keep",
        "run.release",
    ]


def child(parent: Run, **columns: Any) -> Run:
    return ended(parent.version, 100, parent=parent, parent_activation=1, **columns)


def test_a_run_goes_with_all_that_it_started(version: Version) -> None:
    root = ended(version, 100)
    child(child(child(root, parent_attempt=1), parent_attempt=1), parent_attempt=1)
    keep(version, days=30)

    assert forget().gone.runs == 4

    assert left() == set()


@pytest.mark.parametrize("columns", [{"status": "running"}, {"kept": True}])
def test_a_tree_in_which_one_run_is_needed_stays_whole(
    version: Version, columns: dict[str, Any]
) -> None:
    root = ended(version, 100)
    middle = child(root, parent_attempt=1)
    leaf = child(middle, parent_attempt=1, **columns)
    keep(version, days=30)

    forget()

    assert left() == {root.pk, middle.pk, leaf.pk}


def test_children_are_not_counted_among_the_last_runs(version: Version) -> None:
    root = ended(version, 100)
    for attempt in range(5):
        child(root, parent_attempt=attempt)
    keep(version, runs=1)

    forget()

    assert len(left()) == 6


def test_nothing_of_a_forgotten_run_is_left(version: Version, alice: User) -> None:
    run = ended(version, 100, state={"text": LARGE})
    Snapshot.objects.create(run=run, seq=1, data="{}")
    Wait.objects.create(run=run, activation=1, ref="1", kind="timer", closed_at=now())
    common: dict[str, Any] = {"owner": alice, "data": "{}", "created_at": now()}
    Signal.objects.create(name="taken", taken_by=run, taken_at=now(), **common)
    kept = Signal.objects.create(name="kept", run=run, activation=1, **common)
    schedule = Schedule.objects.create(
        name="s", workflow=version.workflow, owner=alice, cron="* * * * *", time_zone="UTC",
        catch_up="last", overlap="allow",
    )  # fmt: skip
    firing = Firing.objects.create(
        schedule=schedule, due_at=now(), at=now(), status="started", run=run
    )
    assert (Blob.objects.count(), BlobUse.objects.count()) == (1, 1)
    keep(version, days=30)

    gone = forget().gone

    assert (gone.runs, gone.blobs) == (1, 1)
    for table in (Run, RunEvent, Snapshot, Wait, Blob, BlobUse):
        assert not table.objects.exists(), table
    assert list(Signal.objects.all()) == [kept]
    firing.refresh_from_db()
    assert firing.run is None


def test_a_blob_stays_as_long_as_somebody_needs_it(version: Version, alice: User) -> None:
    ended(version, 100, state={"text": LARGE})
    young = ended(version, 1, state={"text": LARGE})
    fork = fork_run(user=alice, run=young, seq=1)
    keep(version, days=30)
    forget()
    assert left() == {young.pk, fork.pk}
    assert Blob.objects.count() == 1

    Run.objects.filter(pk=young.pk).update(finished_at=now() - timedelta(days=50))
    forget()

    assert left() == {fork.pk}
    assert list(integrity.flaws_of_run(fork)) == []


def test_blobs_without_a_use_are_found(version: Version) -> None:
    ended(version, state={"text": LARGE})
    for number in range(450):
        Blob.objects.create(sha256=f"{number:064}", size=2, data="{}")

    assert sum(forgetting.drop_unused_blobs()) == 450

    assert Blob.objects.count() == 1


def test_a_long_journal_goes_in_many_transactions(version: Version) -> None:
    run = ended(version, 100)
    RunEvent.objects.bulk_create(
        RunEvent(run=run, seq=seq, kind="log", at=now(), data="{}") for seq in range(2, 5002)
    )
    keep(version, days=30)

    gone = forget().gone

    assert gone.events == 5001
    assert gone.batches >= 3


def test_who_was_stopped_goes_on_and_nobody_sees_what_is_half_gone(
    version: Version, alice: User
) -> None:
    run = ended(version, 100)
    RunEvent.objects.bulk_create(
        RunEvent(run=run, seq=seq, kind="log", at=now(), data="{}") for seq in range(2, 1002)
    )
    keep(version, days=30)
    work = Forgetting()
    work.step()
    work.step()
    assert 0 < RunEvent.objects.filter(run=run).count() < 1001

    assert not visible.runs(alice).exists()
    assert list(integrity.flaws()) == []
    for refused in (
        lambda: fork_run(user=alice, run=run, seq=1),
        lambda: retention.keep_run(user=alice, run=run),
        lambda: retry_run(user=alice, run=run),
    ):
        with pytest.raises(ActionError) as told:
            refused()
        assert told.value.status == 404

    forget()
    assert left() == set()


def test_a_key_of_a_forgotten_run_is_free_at_once(version: Version, alice: User) -> None:
    ended(version, 100, dedupe_key="k")
    keep(version, days=30)
    Forgetting().step()

    again = start_run(user=alice, version=version, idempotency_key="k")

    assert not again.is_repeat


def test_the_trail_says_which_runs_went_by_which_rule(version: Version) -> None:
    run = ended(version, 100)
    keep(version, days=30)
    forget()

    set_by, went = AuditEntry.objects.exclude(verb__startswith="run.").order_by("id")[2:]
    assert (set_by.verb, set_by.data) == ("workflow.retention", {"rule": "30 days"})
    assert went.verb == "workflow.forget_runs"
    assert went.data == {"rule": "30 days", "runs": [str(run.public_id)]}


def test_what_would_go_is_told_and_stays(version: Version) -> None:
    for days in range(1, 251):
        ended(version, days)
    root = ended(version, 400)
    child(root, parent_attempt=1, status="running")
    keep(version, days=30)

    version.workflow.refresh_from_db()
    seen = forgetting.outlook(version.workflow, now())

    assert (seen.runs, seen.held) == (221, 1)
    assert seen.first is not None
    assert seen.last is not None
    assert seen.first < seen.last
    assert not Run.objects.exclude(forgotten_at=None).exists()


def test_only_who_may_delete_the_workflow_says_what_is_kept(version: Version, bob: User) -> None:
    with pytest.raises(NotAllowed):
        retention.set_retention(user=bob, workflow=version.workflow, rule=Retention(days=1))
