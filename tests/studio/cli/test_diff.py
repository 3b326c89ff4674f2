"""`treadle diff`."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.management.base import CommandError

from studio.actions.workflows import create_workflow, publish, save_draft
from studio.models import Workflow
from tests.studio import build
from tests.studio.cli.test_treadle import Treadle, treadle

__all__ = ["treadle"]


@pytest.fixture
def workflow(root: User) -> Workflow:
    made = create_workflow(user=root, document=build.chain("trial.count", 2, key="told"))
    publish(user=root, workflow=made)
    second = build.chain("trial.count", 2, key="told")
    second["nodes"]["s1"]["timeout"] = "5s"
    del second["edges"][0]
    return save_draft(user=root, workflow=made, rev=made.draft_rev, document=second)


def test_a_version_and_the_draft_in_words(treadle: Treadle, workflow: Workflow) -> None:
    code, out, _ = treadle("diff", "told")

    assert code == 1
    assert out.splitlines() == [
        "1 step changed; 1 way removed.",
        "",
        "Steps",
        "  ~ s1",
        "      timeout: 5s",
        "",
        "Ways",
        "  - s1 → s2 (e1)",
    ]


def test_json(treadle: Treadle, workflow: Workflow) -> None:
    code, out, _ = treadle("diff", "told", "--from", "draft", "--to", "1", "--json")
    found = json.loads(out)

    assert code == 1
    assert (found["from"], found["to"], found["equal"]) == ("draft", "1", False)
    assert found["nodes"]["changed"] == [
        {"id": "s1", "changes": [{"path": "/timeout", "before": "5s"}]}
    ]


def test_nothing_differs(treadle: Treadle, workflow: Workflow) -> None:
    code, out, _ = treadle("diff", "told", "--from", "1", "--to", "1")

    assert (code, out.strip()) == (0, "Nothing differs but looks.")


def test_a_version_that_is_not_there(treadle: Treadle, workflow: Workflow) -> None:
    with pytest.raises(CommandError, match="told has no version '7': give a number"):
        treadle("diff", "told", "--from", "7")
