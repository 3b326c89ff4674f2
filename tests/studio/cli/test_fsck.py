"""`manage.py fsck` is silent about sound runs and names each kind of damage."""

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from studio import integrity
from studio.actions.runs import cancel_run, start_run
from studio.execution.service import Service
from studio.models import Blob, Run, RunEvent
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

    assert json.loads(capsys.readouterr().out) == {
        "runs": 4,
        "flaws": [],
        "audit": None,
    }
    assert Run.objects.get(pk=waiting.pk).status == "queued"


DAMAGE: dict[str, Callable[[Run], object]] = {
    "gap": lambda run: RunEvent.objects.filter(run=run, kind="run.claimed").delete(),
    "lease": lambda run: Run.objects.filter(pk=run.pk).update(lease_owner="x"),
    "status": lambda run: Run.objects.filter(pk=run.pk).update(status="failed"),
    "final_state": lambda run: Run.objects.filter(pk=run.pk).update(final_state='{"n":9}'),
    "fold": lambda run: RunEvent.objects.filter(run=run, seq=1).update(kind="log"),
    "unreadable": lambda run: RunEvent.objects.filter(run=run, seq=2).update(data="{"),
    "blob_missing": lambda run: Blob.objects.all().delete(),
    "blob_altered": lambda run: Blob.objects.update(data='"y"'),
    "doubled_step": lambda run: RunEvent.objects.filter(
        run=run, kind="attempt.started", node="s2"
    ).update(kind="attempt.succeeded"),
}


@pytest.mark.parametrize("code", DAMAGE)
def test_damage_is_named(run: Run, code: str) -> None:
    DAMAGE[code](run)

    assert {"unreadable": "fold"}.get(code, code) in codes()
    with pytest.raises(SystemExit) as ended:
        call_command("fsck")
    assert ended.value.code == 1
