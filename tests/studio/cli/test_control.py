"""`treadle pause`, `resume`, `retry`, `cancel`: word is left for the studio."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from studio.actions.runs import start_run
from studio.actions.workflows import publish, save_draft
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


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("treadle", *arguments, "--user", "root")
    return capsys.readouterr().out


def test_a_run_is_moved_and_forked(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Run.objects.filter(pk=run.pk).update(status="paused")
    workflow = run.workflow
    save_draft(
        user=None,
        workflow=workflow,
        rev=workflow.draft_rev,
        document=build.chain("trial.count", 4),
    )
    publish(user=None, workflow=workflow)
    run_id = str(run.public_id)

    assert told(capsys, "move", run_id, "--to", "2").endswith("paused on v2\n")
    assert json.loads(told(capsys, "move", run_id, "--json"))["version"] == 2
    forked = json.loads(told(capsys, "fork", run_id, "--seq", "1", "--patch", '{"n": 1}', "--json"))
    assert (forked["status"], forked["version"]) == ("queued", 1)
    assert "v2" in told(capsys, "fork", run_id, "--seq", "1", "--to", "published")
    for arguments, says in (
        (("--to", "9"), "numbers: 1, 2"),
        (("--to", "x"), "no version 'x'"),
        (("--map", "5"), "--map must be a JSON object"),
    ):
        with pytest.raises(CommandError, match=says):
            call_command("treadle", "move", run_id, *arguments, "--user", "root")


def test_a_run_is_explained_and_compared(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = str(run.public_id)

    said = told(capsys, "explain", run_id, "--edge", "e1")
    assert "waits for a driver" in said
    assert "e1: 's1' has not decided yet: it is ready." in said
    reasons = json.loads(told(capsys, "explain", run_id, "--json"))["reasons"]
    assert [reason["what"] for reason in reasons] == ["queue", "ready"]
    with pytest.raises(CommandError, match="no edge 'x'"):
        call_command("treadle", "explain", run_id, "--edge", "x", "--user", "root")

    other = start_run(user=run.owner, version=run.version, state={"n": 5})
    said = told(capsys, "compare", run_id, str(other.public_id))
    assert "Both went the same way." in said
    assert "input n: nothing became 5" in said
    same = json.loads(told(capsys, "compare", run_id, run_id, "--json"))
    assert (same["first"], same["state"]) == (None, [])
