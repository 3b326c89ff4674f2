"""Who may drive: claims, take-overs, heartbeats, and runs that kill their workers."""

import os
import subprocess
import sys

import pytest

from engine import Event, EventKind
from studio.claims import candidates, claiming, leases
from studio.claims.owner import Owner, is_gone, new_owner, retire
from studio.journal.append import append_as_other
from studio.journal.raw_connection import Raw
from studio.models import Run, RunEvent
from tests.studio.journal.conftest import MakeRun

pytestmark = pytest.mark.django_db(transaction=True)


def ghost() -> str:
    """The name of an engine whose process has ended."""
    code = "from studio.claims.owner import new_owner; print(new_owner())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd()
    )
    return done.stdout.strip()


def test_one_of_two_claims_wins(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    run, other = make_started_run(), new_owner()

    first = claiming.claim(raw, [run.pk], owner, 30)
    second = claiming.claim(raw, [run.pk], other, 30)
    retire(other)

    assert [claim.fence for claim in first] == [1]
    assert first[0].public_id == str(run.public_id)
    assert [row[2] for row in first[0].rows] == ["run.created", "run.claimed"]
    assert second == []


def test_claiming_marks_the_row(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    run = make_started_run()

    claiming.claim(raw, [run.pk], owner, 30)

    run.refresh_from_db()
    assert (run.status, run.lease_owner, run.fence) == ("running", str(owner), 1)
    assert run.started_at is not None
    assert run.lease_until is not None


def test_many_runs_are_claimed_at_once(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    runs = [make_started_run() for _ in range(3)]
    claiming.claim(raw, [runs[1].pk], owner, 30)

    claims = claiming.claim(raw, [run.pk for run in runs] + [10**9], owner, 30)

    assert [claim.run_id for claim in claims] == [runs[0].pk, runs[2].pk]


def test_an_ended_run_is_not_claimed(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    run = make_started_run()
    Run.objects.filter(pk=run.pk).update(status="completed")

    assert claiming.claim(raw, [run.pk], owner, 30) == []
    assert candidates.claimable(raw, owner, 10) == []


def test_a_lease_that_ran_out_is_taken_over(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    run, former = make_started_run(), new_owner()
    claiming.claim(raw, [run.pk], former, -1)

    found = candidates.claimable(raw, owner, 10)
    [claim] = claiming.claim(raw, found, owner, 30)
    retire(former)

    assert claim.fence == 2


def test_a_heartbeat_keeps_the_lease(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    run, other = make_started_run(), new_owner()
    claiming.claim(raw, [run.pk], other, -1)

    renewed = leases.renew(raw, other, 30)

    assert renewed == 1
    assert candidates.claimable(raw, owner, 10) == []
    retire(other)


def test_a_dead_process_of_this_host_loses_its_runs_at_once(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    run, dead = make_started_run(), ghost()
    claiming.claim(raw, [run.pk], owner, 3600)
    Run.objects.filter(pk=run.pk).update(lease_owner=dead)

    assert candidates.claimable(raw, owner, 10) == [run.pk]
    assert len(claiming.claim(raw, [run.pk], owner, 30)) == 1


def test_who_is_gone_and_who_is_not(owner: Owner) -> None:
    stopped = new_owner()
    retire(stopped)
    parts = str(owner).split("/")

    assert not is_gone(str(owner), owner)
    assert is_gone(str(stopped), owner)
    assert is_gone(ghost(), owner)
    assert is_gone("/".join([parts[0], "00000000", *parts[2:]]), owner), "before the last boot"
    assert not is_gone("/".join(["elsewhere", *parts[1:3], "1", *parts[4:]]), owner)
    assert not is_gone("nonsense", owner)


def test_a_run_that_kills_its_workers_waits_for_a_person(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    run, dead = make_started_run(), ghost()
    outcomes = []
    for _ in range(4):
        outcomes.append(len(claiming.claim(raw, [run.pk], owner, 30)))
        Run.objects.filter(pk=run.pk, status="running").update(lease_owner=dead)

    run.refresh_from_db()
    assert outcomes == [1, 1, 1, 0]
    assert (run.status, run.error_code) == ("paused", "E_WORKER_LOST")
    assert run.lease_owner == ""
    last = RunEvent.objects.filter(run=run).order_by("-seq")[0]
    assert last.kind == "run.paused"
    assert candidates.claimable(raw, owner, 10) == []


def test_progress_forgives_lost_workers(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    run, dead = make_started_run(), ghost()
    for number in range(6):
        assert len(claiming.claim(raw, [run.pk], owner, 30)) == 1
        if number % 2:
            append_as_other(
                raw, run.pk, [Event(EventKind.ATTEMPT_SUCCEEDED, {"ops": []}, "s1", 1, 1)]
            )
        Run.objects.filter(pk=run.pk).update(lease_owner=dead)


def test_a_run_that_cannot_be_driven_waits_for_a_person_too(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    run = make_started_run()
    for _ in range(3):
        [claim] = claiming.claim(raw, [run.pk], owner, 30)
        leases.abandon(raw, run.pk, claim.fence, ValueError("no such tool"))

    run.refresh_from_db()
    assert (run.status, run.error_code) == ("paused", "E_DRIVER")
    assert "no such tool" in run.error


def test_a_released_run_is_free_again(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    run = make_started_run()
    [claim] = claiming.claim(raw, [run.pk], owner, 30)

    leases.release(raw, run.pk, claim.fence)

    assert candidates.claimable(raw, owner, 10) == [run.pk]
    run.refresh_from_db()
    assert run.lost_attempts == 0


def test_an_old_fence_releases_nothing(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    run = make_started_run()
    [claim] = claiming.claim(raw, [run.pk], owner, 30)

    leases.release(raw, run.pk, claim.fence - 1)

    assert candidates.claimable(raw, owner, 10) == []


def test_urgent_runs_come_first(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    runs = [make_started_run() for _ in range(3)]
    Run.objects.filter(pk=runs[2].pk).update(priority=5)

    assert candidates.claimable(raw, owner, 2) == [runs[2].pk, runs[0].pk]
