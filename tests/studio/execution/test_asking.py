"""Tools that ask people: in the inbox, by the API, and across crashes."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.runs import start_run
from studio.actions.waits import answer_wait
from studio.journal.integrity import flaws
from studio.models import Run, RunEvent, Wait
from studio.queries import waits as queries
from tests.studio import build
from tests.studio.execution.conftest import RunIt
from tests.studio.execution.test_crash import Drivers, kill
from tests.studio.execution.test_waits import drivers, state, status, until

__all__ = ["drivers"]
pytestmark = pytest.mark.django_db(transaction=True)


def document(**more: Any) -> dict[str, Any]:
    document = build.chain("trial.count", 3, key="asks")
    document["nodes"]["s2"] = {
        "type": "tool",
        "tool": "trial.ask",
        "outputs": {"times": "result.times", "attempt": "result.attempt"},
        **more,
    }
    return document


def open_wait(run: Run) -> Wait:
    until(lambda: Wait.objects.filter(run=run, closed_at=None).count() == 1)
    return Wait.objects.get(run=run, closed_at=None)


def test_a_tool_asks_twice_and_each_question_is_one_of_its_own(run_it: RunIt, alice: User) -> None:
    run = run_it(document())
    assert (run.status, run.lease_owner) == ("waiting", "")
    first = open_wait(run)
    item = queries.item(first)
    assert (item["id"], item["title"]) == (f"{run.public_id}.2.1", "Question 1")
    assert (item["node"], item["assignees"]) == ("s2", {"users": ["ann"]})
    assert queries.by_id(alice, item["id"]) == first

    answer_wait(user=alice, wait=first, answer={"ok": False})
    second = open_wait(run)
    assert (second.ref, queries.item(second)["title"]) == ("2.2", "Question 2")
    with pytest.raises(ActionError) as refused:
        answer_wait(user=alice, wait=first, answer={"ok": True})
    assert refused.value.code == "E_CLOSED"
    answer_wait(user=alice, wait=second, answer={"ok": True})
    until(lambda: status(run) == "completed")

    assert state(run) == {"n": 2, "times": 2, "attempt": 3}
    assert list(flaws()) == []


def test_questions_survive_kill_and_restart(drivers: Drivers, alice: User) -> None:
    run = start_run(user=alice, version=build.published(document(), alice))
    process = drivers.start()
    until(lambda: status(run) == "waiting", 40)
    kill(process)

    answer_wait(user=alice, wait=open_wait(run), answer={"ok": False})
    process = drivers.start()
    second = open_wait(run)
    kill(process)
    answer_wait(user=alice, wait=second, answer={"ok": True})
    drivers.start()
    until(lambda: status(run) == "completed", 40)

    assert state(run)["times"] == 2
    assert RunEvent.objects.filter(run=run, kind="wait.opened").count() == 2
    assert list(flaws()) == []


def test_a_fork_of_a_run_whose_tool_asks_keeps_its_question(run_it: RunIt, alice: User) -> None:
    run = run_it(document())

    forked = fork_run(user=alice, run=run, seq=RunEvent.objects.filter(run=run).count())
    answer_wait(user=alice, wait=open_wait(forked), answer={"ok": True})
    until(lambda: status(forked) == "completed")

    assert state(forked)["times"] == 1
    assert status(run) == "waiting"
