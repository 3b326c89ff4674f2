"""`manage.py treadle …`, in this process."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from studio.accounts import tokens
from studio.actions.workflows import create_workflow
from studio.models import AuditEntry, Run, Workflow
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)

Treadle = Callable[..., tuple[int, str, str]]


@pytest.fixture
def treadle(root: User, capsys: pytest.CaptureFixture[str]) -> Treadle:
    """Run a subcommand; gives exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            call_command("treadle", *arguments)
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def file_of(folder: Path, document: dict[str, Any]) -> str:
    path = folder / "flow.json"
    path.write_text(json.dumps(document))
    return str(path)


def test_a_file_is_run(treadle: Treadle, tmp_path: Path) -> None:
    path = file_of(tmp_path, build.loop("trial.count", 4))

    code, out, err = treadle("run", path, "--state", '{"n": 1}')

    assert (code, json.loads(out)) == (0, {"n": 4})
    assert "completed" in err


def test_a_part_of_a_file_is_run(treadle: Treadle, tmp_path: Path) -> None:
    path = file_of(tmp_path, build.chain("trial.count", 4))

    code, out, _ = treadle("run", path, "--from", "s2", "--to", "s3", "--state", '{"n": 5}')
    assert (code, json.loads(out)) == (0, {"n": 7})

    code, out, _ = treadle("run", path, "--to", "s2", "--pinned", '{"s1": {"n": 9}}', "--json")
    assert (code, json.loads(out)["state"]) == (0, {"n": 10})

    first = json.loads(out)["id"]
    code, out, _ = treadle("run", path, "--from", "s2", "--to", "s2", "--from-run", first)
    assert (code, json.loads(out)) == (0, {"n": 10})


def test_a_part_that_is_none_says_why(treadle: Treadle, tmp_path: Path) -> None:
    path = file_of(tmp_path, build.chain("trial.count", 2))

    for arguments, says in (
        (("--from", "x"), "no node 'x'"),
        (("--from", "s2", "--to", "s1"), "No way leads from 's2' to 's1'"),
        (("--from", "s1", "--from-run", "x"), "There is no run 'x'"),
        (("--pinned", "5"), "--pinned must be a JSON object"),
    ):
        with pytest.raises(CommandError, match=says):
            treadle("run", path, *arguments)


def test_the_same_file_uses_one_hidden_workflow(treadle: Treadle, tmp_path: Path) -> None:
    path = file_of(tmp_path, build.chain("trial.count"))

    for _ in range(2):
        assert treadle("run", path, "--json")[0] == 0

    assert Workflow.objects.filter(hidden=True).count() == 1
    assert Run.objects.filter(source="command").count() == 2


def test_a_workflow_is_run_by_its_key(treadle: Treadle, root: User, tmp_path: Path) -> None:
    build.published(build.chain("trial.count", key="mine"), root)
    (tmp_path / "state.json").write_text('{"n": 10}')

    code, out, _ = treadle("run", "mine", "--state", f"@{tmp_path}/state.json", "--json")

    told = json.loads(out)
    assert (code, told["status"], told["state"], told["error"]) == (0, "completed", {"n": 13}, None)


def test_each_key_is_offered_once(treadle: Treadle, root: User, alice: User) -> None:
    for owner in (root, alice):
        build.published(build.chain("trial.count", key="mine"), owner)

    with pytest.raises(CommandError, match=r"one of these keys: mine\.$"):
        treadle("run", "nine")


def test_a_workflow_and_the_runs_it_starts_are_driven_to_their_end(
    treadle: Treadle, root: User, tmp_path: Path
) -> None:
    build.published(build.chain("trial.count_async", 30, key="child"), root)
    document = build.chain("trial.count", 3, key="outer")
    document["nodes"]["s2"] = {
        "type": "subgraph",
        "workflow": "child",
        "in": {"n": "n"},
        "out": {"n": "state.n"},
    }
    path = file_of(tmp_path, document)

    for _ in range(2):
        code, out, _ = treadle("run", path, "--json")
        told = json.loads(out)
        assert (code, told["status"], told["state"]) == (0, "completed", {"n": 32})

    assert Run.objects.filter(source="child", status="completed").count() == 2
    assert Workflow.objects.filter(hidden=True).count() == 1


def test_following_prints_a_line_per_event(treadle: Treadle, tmp_path: Path) -> None:
    _, out, _ = treadle("run", file_of(tmp_path, build.chain("trial.count", 2)), "--follow")

    assert "run.created" in out
    assert out.count("attempt.succeeded") == 2
    assert "s2 attempt.succeeded" in out


@pytest.mark.parametrize(
    ("document", "code", "status"),
    [
        (build.chain("trial.break"), 1, "failed"),
        ({**build.loop("trial.count", 50), "limits": {"max_steps": 5}}, 3, "paused"),
    ],
)
def test_the_exit_code_tells_how_it_ended(
    treadle: Treadle, tmp_path: Path, document: dict[str, Any], code: int, status: str
) -> None:
    ended, out, _ = treadle("run", file_of(tmp_path, document), "--state", '{"n": 0}', "--json")

    assert (ended, json.loads(out)["status"]) == (code, status)
    assert json.loads(out)["error"]["code"].startswith("E_")


def test_a_run_that_takes_too_long_is_handed_back(treadle: Treadle, tmp_path: Path) -> None:
    tools.reset()

    path = file_of(tmp_path, build.chain("trial.wait", 1))
    code, out, err = treadle("run", path, "--timeout", "0.3", "--json")
    tools.gate.set()

    assert (code, json.loads(out)["status"]) == (6, "running")
    assert Run.objects.get().lease_owner == ""
    assert err == ""


def test_limits_are_lowered(treadle: Treadle, tmp_path: Path) -> None:
    path = file_of(tmp_path, build.chain("trial.count", 5))

    code, out, _ = treadle("run", path, "--limits", '{"max_steps": 2}', "--json")

    assert (code, json.loads(out)["error"]["code"]) == (3, "E_STEP_BUDGET")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "absent"], "no workflow 'absent'"),
        (["run", "absent.json"], "No such file"),
        (["run", "draft-only"], "no published version"),
        (["run", "draft-only", "--draft", "--state", "[1]"], "must be a JSON object"),
        (["run", "draft-only", "--draft", "--state", "{"], "not JSON"),
        (["run", "draft-only", "--draft", "--state", '{"a": NaN}'], "not a JSON number"),
        (["export", "draft-only", "--version", "9"], "no version 9"),
        (["token", "--user", "stranger"], "no active user"),
        (["token", "--user", "not a name", "--create"], "cannot be a user name"),
        (["review", "absent.py"], "no such file"),
        (["import", "absent.json"], "No such file"),
    ],
)
def test_refusals_say_what_to_do(
    treadle: Treadle, root: User, arguments: list[str], said: str
) -> None:
    create_workflow(user=root, document=build.chain("trial.count"), key="draft-only")

    with pytest.raises(CommandError, match=said):
        treadle(*arguments)


def test_validate_tells_every_problem(treadle: Treadle, tmp_path: Path) -> None:
    document = build.chain("trial.absent", 2)
    document["edges"].append({"id": "e9", "from": "s1", "to": "nowhere"})

    code, out, _ = treadle("validate", file_of(tmp_path, document), "--json")

    problems = json.loads(out)["problems"]
    assert code == 1
    assert any("nowhere" in problem["message"] for problem in problems)
    assert all(problem["pointer"].startswith("/") for problem in problems)
    assert treadle("validate", file_of(tmp_path, build.chain("trial.count")))[0] == 0


def test_validate_refuses_hostile_files(treadle: Treadle, tmp_path: Path) -> None:
    document = {**build.chain("trial.count"), "meta": {"__proto__": 1}}

    code, out, _ = treadle("validate", file_of(tmp_path, document), "--json")

    assert code == 1
    assert json.loads(out)["problems"]


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_export_and_import_are_inverse(treadle: Treadle, tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"out.{format_}"
    treadle("import", file_of(tmp_path, build.chain("trial.count", key="first")), "--publish")
    treadle("export", "first", "--format", format_, "--output", str(path))
    code, out, _ = treadle("import", str(path), "--publish", "--json")

    assert code == 0
    assert json.loads(out)["key"] == "first-2"
    first, second = Workflow.objects.order_by("id")
    assert json.loads(first.draft) == json.loads(second.draft)


def test_a_token_opens_the_door(treadle: Treadle) -> None:
    code, out, _ = treadle("token", "--user", "ci", "--create", "--json")

    user = tokens.authenticate(json.loads(out)["token"])
    assert code == 0
    assert user is not None
    assert (user.username, user.is_superuser) == ("ci", False)
    assert AuditEntry.objects.filter(verb="token.create").count() == 1


def test_a_token_is_printed_alone(treadle: Treadle, root: User) -> None:
    _, out, err = treadle("token", "--user", "root")

    assert tokens.authenticate(out.strip()) == root
    assert "not shown again" in err


def test_a_sign_in_link_is_printed(treadle: Treadle) -> None:
    _, out, _ = treadle("sign-in", "--user", "root", "--json")

    link = json.loads(out)
    assert link["path"].startswith("/sign-in/")
    assert link["url"].endswith(link["path"])


def test_review_reads_files_and_folders(treadle: Treadle, tmp_path: Path) -> None:
    (tmp_path / "pkg" / "__pycache__").mkdir(parents=True)
    (tmp_path / "pkg" / "one.py").write_text("def foo():\n    print('hi')\n    # TODO improve\n")
    (tmp_path / "pkg" / "__pycache__" / "two.py").write_text("x = 1\n")
    (tmp_path / "pkg" / "notes.txt").write_text("no code")

    code, out, _ = treadle("review", str(tmp_path / "pkg"), "--json")

    report = json.loads(out)
    assert [entry["path"] for entry in report["files"]] == ["one.py"]
    assert code == (0 if report["quality_ok"] else 1)


def test_a_threshold_out_of_reach_is_an_exit_code(treadle: Treadle, tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text("def f(x):\n    eval(x)\n")

    assert treadle("review", str(path), "--threshold", "10")[0] == 1
    assert treadle("review", str(path), "--threshold", "0")[0] == 0
