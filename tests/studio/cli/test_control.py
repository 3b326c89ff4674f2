"""`treadle pause`, `resume`, `retry`, `cancel`: word is left for the studio."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from studio.actions.runs import start_run
from studio.execution import dispatch
from studio.models import Run
from tests.studio import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(root: User, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    return start_run(user=root, version=build.published(build.chain("trial.count"), root))


def test_a_run_is_controlled_by_its_id(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for verb, status in (
        ("pause", "paused"),
        ("resume", "queued"),
        ("retry", "queued"),
        ("cancel", "cancelling"),
    ):
        call_command("treadle", verb, str(run.public_id), "--user", "root", "--json")
        told = json.loads(capsys.readouterr().out)
        assert told == {"id": str(run.public_id), "status": status}


def test_what_cannot_be_done_says_what_to_do(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status="completed")

    with pytest.raises(CommandError, match="start another run"):
        call_command("treadle", "pause", str(run.public_id), "--user", "root")
    with pytest.raises(CommandError, match="no run 'absent'"):
        call_command("treadle", "pause", "absent", "--user", "root")
