"""Items of maps whose tool asks people: in the inbox, by the API, and across crashes."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

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
    """A map over three numbers whose tool asks until somebody says yes."""
    node = {"type": "map", "over": "[7, 8, 9]", "body": {"tool": "trial.ask"}, **more}
    nodes = {"m": node, "after": {"type": "end"}}
    edges = [{"id": "e", "from": "m", "to": "after"}]
    begun = {"format": "treadle/1", "key": "asks", "entry": ["m"]}
    return {**begun, "nodes": nodes, "edges": edges}


def asked(run: Run, count: int) -> dict[int, Wait]:
    """The open questions by item, once there are so many."""
    until(lambda: Wait.objects.filter(run=run, closed_at=None).count() == count)
    found = Wait.objects.filter(run=run, closed_at=None)
    return {int(queries.item(wait)["item"]): wait for wait in found}


def test_every_item_has_a_question_of_its_own_that_the_inbox_names(
    run_it: RunIt, alice: User
) -> None:
    run = run_it(document())
    assert run.status == "waiting"
    waits = asked(run, 3)
    assert sorted(waits) == [0, 1, 2]
    client = Client()
    client.force_login(alice)
    page = client.get("/inbox/").content.decode()
    assert all(f"item {index}</span>" in page for index in waits)
    question = client.get(f"/inbox/{queries.item(waits[1])['id']}").content.decode()
    assert "m, item 1" in question

    answer_wait(user=alice, wait=waits[1], answer={"ok": False})
    until(lambda: Wait.objects.filter(run=run, ref__endswith=".2", closed_at=None).exists())
    for wait in asked(run, 3).values():
        answer_wait(user=alice, wait=wait, answer={"ok": True})
    until(lambda: status(run) == "completed")

    assert [result["times"] for result in state(run)["m"]] == [1, 2, 1]
    assert list(flaws()) == []


def test_questions_that_are_not_needed_leave_the_inbox(run_it: RunIt, alice: User) -> None:
    run = run_it(document(complete_when="done >= 1"))
    waits = asked(run, 3)

    answer_wait(user=alice, wait=waits[2], answer={"ok": True})
    until(lambda: status(run) == "completed")

    assert not Wait.objects.filter(run=run, closed_at=None).exists()
    with pytest.raises(ActionError) as refused:
        answer_wait(user=alice, wait=waits[0], answer={"ok": True})
    assert refused.value.code == "E_CLOSED"
    assert list(flaws()) == []


def test_the_questions_of_items_survive_kill_and_restart(drivers: Drivers, alice: User) -> None:
    run = start_run(user=alice, version=build.published(document(max_concurrency=2), alice))
    process = drivers.start()
    until(lambda: status(run) == "waiting", 40)
    kill(process)

    answer_wait(user=alice, wait=asked(run, 2)[0], answer={"ok": True})
    process = drivers.start()
    until(lambda: 2 in asked(run, 2), 40)
    kill(process)
    for wait in asked(run, 2).values():
        answer_wait(user=alice, wait=wait, answer={"ok": True})
    drivers.start()
    until(lambda: status(run) == "completed", 40)

    assert [result["times"] for result in state(run)["m"]] == [1, 1, 1]
    assert RunEvent.objects.filter(run=run, kind="wait.opened").count() == 3
    assert list(flaws()) == []


def test_a_fork_of_a_run_whose_items_ask_keeps_their_questions(run_it: RunIt, alice: User) -> None:
    run = run_it(document())

    forked = fork_run(user=alice, run=run, seq=RunEvent.objects.filter(run=run).count())
    for wait in asked(forked, 3).values():
        answer_wait(user=alice, wait=wait, answer={"ok": True})
    until(lambda: status(forked) == "completed")

    assert status(run) == "waiting"
    assert list(flaws()) == []
