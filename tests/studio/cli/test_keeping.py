"""`treadle keep`, `release`, `retention` and `manage.py prune`."""

import json
import signal
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from studio.actions import retention
from studio.actions.forgetting import Forgetting
from studio.actions.runs import start_run
from studio.execution import dispatch
from studio.models import Run, Version
from studio.setup.retention import Retention
from tests.studio import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(root: User, monkeypatch: pytest.MonkeyPatch) -> Version:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    return build.published(build.chain("trial.count"), root)


def ended(version: Version, count: int, days_ago: int) -> list[Run]:
    runs = [start_run(user=version.workflow.owner, version=version) for _ in range(count)]
    keys = [run.pk for run in runs]
    end = now() - timedelta(days=days_ago)
    Run.objects.filter(pk__in=keys).update(status="completed", finished_at=end)
    return list(Run.objects.filter(pk__in=keys))


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command(*arguments)
    return capsys.readouterr().out


def test_a_run_is_kept_and_released(version: Version, capsys: pytest.CaptureFixture[str]) -> None:
    [run] = ended(version, 1, 1)
    key = str(run.public_id)

    told = said(capsys, "treadle", "keep", key, "--user", "root", "--json")
    assert json.loads(told) == {"id": key, "kept": True}
    assert "left to its rule" in said(capsys, "treadle", "release", key, "--user", "root")
    run.refresh_from_db()
    assert not run.kept


def test_a_rule_is_set_and_read(version: Version, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("treadle", "retention", "chain")

    assert said(capsys, *asked, "--user", "root") == "chain keeps all (as the studio says)\n"
    told = said(capsys, *asked, "30 days, 5 runs", "--user", "root", "--json")
    assert json.loads(told) == {
        "workflow": "chain",
        "keep": "30 days, 5 runs",
        "in_force": "30 days, 5 runs",
    }
    assert "as the studio" in said(capsys, *asked, "studio", "--user", "root")
    with pytest.raises(CommandError, match="write all, or how long"):
        call_command(*asked, "a while", "--user", "root")


def test_prune_foretells_and_then_does_it(
    version: Version, root: User, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(version, 12, 50)
    ended(version, 3, 1)
    retention.set_retention(user=root, workflow=version.workflow, rule=Retention(days=30))

    foretold = said(capsys, "prune", "--dry-run")
    assert "chain: keeps 30 days; 12 runs would go" in foretold
    assert json.loads(said(capsys, "prune", "--dry-run", "--json"))[0]["runs"] == 12
    assert Run.objects.count() == 15
    assert "12 runs, 12 events" in said(capsys, "prune", "--pause", "0")

    assert Run.objects.count() == 3
    done = json.loads(said(capsys, "prune", "--json"))
    assert (done["runs"], done["stopped"]) == (0, False)


def test_prune_of_one_workflow_leaves_the_others(
    version: Version, root: User, capsys: pytest.CaptureFixture[str]
) -> None:
    other = build.published(build.chain("trial.count", key="other"), root)
    for each in (version, other):
        ended(each, 2, 50)
        retention.set_retention(user=root, workflow=each.workflow, rule=Retention(days=30))

    said(capsys, "prune", "--workflow", "other")

    assert set(Run.objects.values_list("version", flat=True)) == {version.pk}
    with pytest.raises(CommandError, match="no workflow with the key absent"):
        call_command("prune", "--workflow", "absent")


def test_prune_stops_after_the_batch_in_hand_and_goes_on_later(
    version: Version,
    root: User,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended(version, 60, 50)
    retention.set_retention(user=root, workflow=version.workflow, rule=Retention(days=30))
    step = Forgetting.step

    def stopped(work: Forgetting) -> bool:
        is_more = step(work)
        if work.gone.runs:
            signal.raise_signal(signal.SIGTERM)
        return is_more

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Forgetting, "step", stopped)
            assert "the same command goes on from here" in said(capsys, "prune")
        assert Run.objects.count() == 10

        assert "10 runs" in said(capsys, "prune")
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert not Run.objects.exists()
