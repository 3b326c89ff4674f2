"""Runs that wait: parked without a worker, back when something comes or its time has come."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.runs import cancel_run, start_run
from studio.actions.waits import answer_wait, send_signal
from studio.journal import codec
from studio.journal.integrity import flaws
from studio.models import AuditEntry, Run, RunEvent, Wait
from tests.studio import build
from tests.studio.execution.conftest import RunIt
from tests.studio.execution.test_crash import Drivers, kill

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {
    "type": "object",
    "required": ["decision"],
    "properties": {"decision": {"enum": ["ship", "stop"]}},
}


def around(spec: dict[str, Any]) -> dict[str, Any]:
    """Count, wait, count."""
    document = build.chain("trial.count", 3, key="waits")
    document["nodes"]["s2"] = spec
    return document


def asking(**more: Any) -> dict[str, Any]:
    return around({"type": "human", "title": "Ship it?", "form": FORM, **more})


def until(condition: Callable[[], Any], timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def status(run: Run) -> str:
    return Run.objects.values_list("status", flat=True).get(pk=run.pk)


def state(run: Run) -> Any:
    run.refresh_from_db()
    return codec.decode(run.final_state or "null")


@pytest.fixture
def drivers(tmp_path: Any) -> Iterator[Drivers]:
    made = Drivers(tmp_path)
    yield made
    made.stop()


def test_a_run_that_asks_is_parked_and_goes_on_with_the_answer(run_it: RunIt, alice: User) -> None:
    run = run_it(asking(outputs={"verdict": "answer.decision"}))
    assert (run.status, run.lease_owner, run.lease_until) == ("waiting", "", None)
    wait = Wait.objects.get(run=run)
    assert (wait.kind, wait.due_at, wait.closed_at) == ("human", None, None)

    answer_wait(user=alice, wait=wait, answer={"decision": "ship"})
    until(lambda: status(run) == "completed")

    assert state(run) == {"n": 2, "verdict": "ship"}
    wait.refresh_from_db()
    assert wait.closed_at is not None
    assert AuditEntry.objects.get(verb="wait.answer").user == alice
    assert list(flaws()) == []


def test_a_second_answer_is_refused(run_it: RunIt, alice: User) -> None:
    run = run_it(around({"type": "human", "form": FORM}))
    wait = Wait.objects.get(run=run)
    answer_wait(user=alice, wait=wait, answer={"decision": "ship"})

    with pytest.raises(ActionError) as refused:
        answer_wait(user=alice, wait=wait, answer={"decision": "stop"})

    assert (refused.value.code, refused.value.status) == ("E_CLOSED", 409)
    until(lambda: status(run) == "completed")
    assert state(run)["decision"] == "ship"
    assert RunEvent.objects.filter(run=run, kind="wait.closed").count() == 1


def test_an_answer_that_the_form_refuses_changes_nothing(run_it: RunIt, alice: User) -> None:
    run = run_it(asking())
    wait = Wait.objects.get(run=run)

    with pytest.raises(ActionError) as refused:
        answer_wait(user=alice, wait=wait, answer={"decision": "perhaps"})

    assert refused.value.status == 400
    assert [detail["pointer"] for detail in refused.value.details] == ["/decision"]
    assert status(run) == "waiting"
    assert not RunEvent.objects.filter(run=run, kind="wait.closed").exists()


@pytest.mark.usefixtures("quick_sweeps")
def test_a_timer_brings_a_parked_run_back(run_it: RunIt) -> None:
    run = run_it(around({"type": "wait", "for": "1500ms"}))

    assert (run.status, state(run)) == ("completed", {"n": 2})
    kinds = list(RunEvent.objects.filter(run=run).values_list("kind", flat=True))
    assert "run.waiting" in kinds
    assert Wait.objects.get(run=run).closed_at is not None


def test_waiting_for_a_run_that_sleeps_for_long_ends_at_once(run_it: RunIt) -> None:
    began = time.monotonic()

    run = run_it(around({"type": "wait", "for": "2h"}))

    assert run.status == "waiting"
    assert time.monotonic() - began < 10


def test_a_signal_is_kept_and_taken(run_it: RunIt, alice: User) -> None:
    run = run_it(around({"type": "wait", "signal": "paid", "outputs": {"sum": "payload.sum"}}))

    send_signal(user=alice, run=run, name="other")
    until(lambda: status(run) == "waiting")
    send_signal(user=alice, run=run, name="paid", payload={"sum": 3})
    until(lambda: status(run) == "completed")

    assert state(run) == {"n": 2, "sum": 3}
    assert list(flaws()) == []


def test_a_waiting_run_is_cancelled_and_takes_no_answer(run_it: RunIt, alice: User) -> None:
    run = run_it(asking())
    cancel_run(user=alice, run=run)
    until(lambda: status(run) == "cancelled")

    wait = Wait.objects.get(run=run)
    assert wait.closed_at is not None
    with pytest.raises(ActionError) as refused:
        answer_wait(user=alice, wait=wait, answer={"decision": "ship"})
    assert refused.value.code == "E_CLOSED"


def test_a_long_backoff_holds_no_driver(run_it: RunIt) -> None:
    document = build.chain("trial.break", 1)
    document["nodes"]["s1"]["retry"] = {"max_attempts": 2, "initial": "2h", "on": ["Exception"]}
    document["nodes"]["s1"]["retry"]["max"] = "3h"
    document["nodes"]["s1"]["retry"]["not_on"] = []

    run = run_it(document)

    assert (run.status, run.lease_owner) == ("waiting", "")
    assert Wait.objects.get(run=run).kind == "retry"


def test_a_fork_of_a_waiting_run_asks_again(run_it: RunIt, alice: User) -> None:
    run = run_it(asking())
    seq = RunEvent.objects.filter(run=run).count()

    forked = fork_run(user=alice, run=run, seq=seq)
    until(lambda: status(forked) == "waiting")
    answer_wait(user=alice, wait=Wait.objects.get(run=forked), answer={"decision": "stop"})
    until(lambda: status(forked) == "completed")

    assert state(forked)["decision"] == "stop"
    assert status(run) == "waiting"


def test_timers_and_answers_survive_kill_and_restart(drivers: Drivers, alice: User) -> None:
    timer = start_run(
        user=alice, version=build.published(around({"type": "wait", "for": "3s"}), alice)
    )
    question = start_run(user=alice, version=build.published(asking(), alice))
    process = drivers.start()
    until(lambda: (status(timer), status(question)) == ("waiting", "waiting"), 40)
    kill(process)

    answer_wait(user=alice, wait=Wait.objects.get(run=question), answer={"decision": "stop"})
    time.sleep(2)
    drivers.start()
    until(lambda: (status(timer), status(question)) == ("completed", "completed"), 40)

    assert state(timer) == {"n": 2}
    assert state(question) == {"n": 2, "decision": "stop"}
    assert list(flaws()) == []
