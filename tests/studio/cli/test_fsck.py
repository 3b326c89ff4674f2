"""`manage.py fsck` is silent about sound runs and names each kind of damage."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils.timezone import now

from studio.actions.runs import cancel_run, start_run
from studio.execution.service import Service
from studio.journal import integrity, mending, run_check
from studio.journal.raw_connection import DjangoConnection, Row
from studio.models import Blob, BlobUse, Run, RunEvent, Snapshot, Wait
from tests.studio import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(engine: Service, alice: User) -> Run:
    version = build.published(build.chain("trial.large", 3), alice)
    started = start_run(user=alice, version=version)
    assert engine.wait_ended_blocking(started.public_id, 20)
    return Run.objects.get(pk=started.pk)


def codes() -> set[str]:
    return {flaw.code for flaw in integrity.flaws()}


def test_sound_runs_have_no_flaws(
    run: Run, engine: Service, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = start_run(user=alice, version=build.published(build.chain("trial.break"), alice))
    assert engine.wait_ended_blocking(failed.public_id, 20)
    engine.stop(5)
    waiting = start_run(user=alice, version=run.version)
    cancel_run(user=alice, run=start_run(user=alice, version=run.version))
    capsys.readouterr()

    call_command("fsck", "--json")
    found = capsys.readouterr().out
    call_command("treadle", "fsck", "--json")

    assert json.loads(found) == json.loads(capsys.readouterr().out)
    assert json.loads(found) == {
        "runs": 4,
        "flaws": [],
        "audit": None,
    }
    assert Run.objects.get(pk=waiting.pk).status == "queued"


@dataclass(frozen=True)
class Damage:
    """Something done by hand, and what is said of it."""

    do: Callable[[Run], object]
    code: str
    says: str
    is_mended: bool = False


def rows(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(pk=run.pk)


def events(run: Run, **which: object) -> QuerySet[RunEvent]:
    return RunEvent.objects.filter(run=run, **which)


def without_blobs(run: Run) -> None:
    BlobUse.objects.all().delete()
    Blob.objects.all().delete()


def snapshot(run: Run, seq: int) -> None:
    data = '{"shape":{"format":2},"values":[],"large":[]}'
    Snapshot.objects.create(run=run, seq=seq, data=data)


DAMAGE: dict[str, Damage] = {
    "an event is gone": Damage(
        lambda run: events(run, kind="run.claimed").delete(), "gap", "have gaps"
    ),
    "a step was committed twice": Damage(
        lambda run: events(run, kind="attempt.started", node="s2").update(kind="attempt.succeeded"),
        "doubled_step",
        "committed more than once: 2",
    ),
    "an event says something else": Damage(
        lambda run: events(run, seq=1).update(kind="log"), "fold", "cannot be folded"
    ),
    "an event is no JSON": Damage(
        lambda run: events(run, seq=2).update(data="{"), "fold", "event 2 cannot be read"
    ),
    "a blob is gone": Damage(without_blobs, "blob_missing", "no blob "),
    "a blob says something else": Damage(
        lambda run: Blob.objects.update(data='"y"'), "blob_altered", "does not have this hash"
    ),
    "nothing keeps a blob": Damage(
        lambda run: BlobUse.objects.all().delete(), "blob_use", "nothing keeps the blobs", True
    ),
    "somebody holds what has ended": Damage(
        lambda run: rows(run).update(lease_owner="x"), "lease", "is still held", True
    ),
    "the row has another status": Damage(
        lambda run: rows(run).update(status="failed"), "status", "the row says failed", True
    ),
    "the row goes on": Damage(
        lambda run: rows(run).update(status="queued", finished_at=None, final_state=None),
        "status",
        "the row says queued, the journal completed",
        True,
    ),
    "the row has no end": Damage(
        lambda run: rows(run).update(finished_at=None), "finished_at", "its row has no end", True
    ),
    "the row has another state": Damage(
        lambda run: rows(run).update(final_state='{"n":9}'),
        "final_state",
        "another final state",
        True,
    ),
    "the row has no state": Damage(
        lambda run: rows(run).update(final_state=None), "final_state", "no final state", True
    ),
    "the row has half a state": Damage(
        lambda run: rows(run).update(final_state="{"), "final_state", "another final state", True
    ),
    "a snapshot that nobody took": Damage(
        lambda run: snapshot(run, 3), "snapshot", "snapshot 3 cannot be read", True
    ),
    "a snapshot behind the end": Damage(
        lambda run: snapshot(run, 10_000), "snapshot", "snapshot 10000 stands behind", True
    ),
    "a wait that nobody opened": Damage(
        lambda run: Wait.objects.create(run=run, activation=1, ref="1", kind="timer"),
        "wait_left",
        "timer 1",
        True,
    ),
    "a child that nobody started": Damage(
        lambda run: Run.objects.create(
            workflow=run.workflow, version=run.version, parent=run, parent_activation=1
        ),
        "child_unknown",
        "does not know of the runs",
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_and_mended_where_the_journal_knows_better(
    run: Run, engine: Service, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage = DAMAGE[name]
    engine.stop(5)
    damage.do(run)

    found = list(integrity.flaws())
    told = [flaw.message for flaw in found if flaw.code == damage.code]
    assert any(damage.says in message for message in told), found
    with pytest.raises(SystemExit) as ended:
        call_command("fsck")
    assert ended.value.code == 1
    assert integrity.ADVICE[damage.code] in capsys.readouterr().out

    assert ("--repair" in integrity.ADVICE[damage.code]) is damage.is_mended
    if damage.is_mended:
        call_command("fsck", "--repair")
        assert "repaired" in capsys.readouterr().out
        assert list(integrity.flaws()) == []
        repaired = Run.objects.get(pk=run.pk)
        assert (repaired.status, repaired.final_state) == (run.status, run.final_state)
        assert repaired.finished_at == run.finished_at


def resting(engine: Service, alice: User, node: dict[str, object], key: str = "resting") -> Run:
    document = build.chain("trial.count", 1, key=key)
    document["nodes"]["s1"] = node
    run = start_run(user=alice, version=build.published(document, alice))
    until(lambda: Run.objects.get(pk=run.pk).status == "waiting")
    return run


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_rows_that_end_a_wait_are_written_anew(engine: Service, alice: User) -> None:
    waiting = resting(engine, alice, {"type": "wait", "for": "2h"})
    wait = Wait.objects.get(run=waiting)
    before = [getattr(wait, field.attname) for field in Wait._meta.fields][1:]
    assert codes() == set()
    wait.delete()
    assert codes() == {"wait_missing"}

    assert mending.mend(waiting.pk) == ["wait_missing"]

    again = Wait.objects.get(run=waiting)
    assert [getattr(again, field.attname) for field in Wait._meta.fields][1:] == before
    assert codes() == set()


def test_a_parent_whose_child_is_gone_is_named(engine: Service, alice: User) -> None:
    inner = build.chain("trial.count", 1, key="inner")
    inner["nodes"]["s1"] = {"type": "wait", "for": "2h"}
    build.published(inner, alice)
    parent = resting(engine, alice, {"type": "subgraph", "workflow": "inner"}, key="outer")
    until(lambda: Run.objects.filter(parent=parent.pk, status="waiting").exists())
    assert codes() == set()
    engine.stop(5)

    Run.objects.get(parent=parent.pk).delete()

    [flaw] = integrity.flaws()
    assert (flaw.code, flaw.run_id) == ("child_missing", parent.pk)


def test_a_run_that_somebody_drives_is_not_repaired(run: Run) -> None:
    lease = {"lease_owner": "x", "lease_until": now() + timedelta(hours=1)}
    rows(run).update(status="running", **lease)
    assert "status" in codes()

    assert mending.mend(run.pk) == []


def test_a_long_run_is_read_in_pages(run: Run) -> None:
    head = events(run).count()
    events(run, seq=head).update(seq=head + 5000)
    RunEvent.objects.bulk_create(
        RunEvent(run=run, seq=seq, kind="log", at=now(), data="{}")
        for seq in range(head, head + 5000)
    )
    pages: list[int] = []

    class Watched(DjangoConnection):
        def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
            found = super().execute(sql, parameters)
            pages.append(len(found))
            return found

    seen = run_check.check(Watched(), run.pk)

    assert seen.found == []
    assert max(pages) == run_check.PAGE
    assert sum(pages) >= 5000
