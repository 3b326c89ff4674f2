"""Runs that wait for the first of several things, paused while they wait, and who is quicker."""

import contextlib
import threading
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections

from studio.actions.control import pause_run, resume_run
from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.actions.waits import answer_wait, send_signal
from studio.journal.integrity import flaws
from studio.models import Run, RunEvent, Wait
from tests.studio import build
from tests.studio.execution.conftest import RunIt
from tests.studio.execution.test_crash import Drivers, kill
from tests.studio.execution.test_waits import FORM, around, asking, drivers, state, status, until

__all__ = ["drivers"]
pytestmark = pytest.mark.django_db(transaction=True)


def first_of(**more: dict[str, Any]) -> dict[str, Any]:
    """Wait for a payment or a person, or for what `more` says."""
    any_of = {
        "arrived": {"signal": "payment", "key": "order"},
        "asked": {"form": FORM, "assignees": {"users": ["ann"]}},
        **more,
    }
    return around(
        {
            "type": "wait",
            "any": any_of,
            "outputs": {"came": "alternative", "sum": "payload", "said": "answer"},
        }
    )


def opened(run: Run) -> dict[str, Wait]:
    return {wait.kind: wait for wait in Wait.objects.filter(run=run)}


def test_a_signal_that_comes_first_closes_the_question(run_it: RunIt, alice: User) -> None:
    run = run_it(first_of(late={"for": "2h"}), order="o1")
    waits = opened(run)
    assert [waits[kind].ref for kind in ("signal", "human", "timer")] == ["2.0", "2.1", "2.2"]
    assert (waits["signal"].signal, waits["signal"].key) == ("payment", '"o1"')

    send_signal(user=alice, run=run, name="payment", key="other", payload=1)
    assert Wait.objects.filter(run=run, closed_at=None).count() == 3
    send_signal(user=alice, run=run, name="payment", key="o1", payload=30)
    assert not Wait.objects.filter(run=run, closed_at=None).exists()
    with pytest.raises(ActionError) as refused:
        answer_wait(user=alice, wait=waits["human"], answer={"decision": "ship"})
    until(lambda: status(run) == "completed")

    assert refused.value.code == "E_CLOSED"
    assert state(run) == {"order": "o1", "n": 2, "came": "arrived", "sum": 30, "said": None}
    assert list(flaws()) == []


def test_an_answer_that_comes_first_leaves_a_later_signal_to_others(
    run_it: RunIt, alice: User
) -> None:
    run = run_it(first_of(), order="o1")

    answer_wait(user=alice, wait=opened(run)["human"], answer={"decision": "ship"})
    until(lambda: status(run) == "completed")

    assert (state(run)["came"], state(run)["said"]) == ("asked", {"decision": "ship"})


@pytest.mark.usefixtures("quick_sweeps")
def test_the_time_closes_what_did_not_come(run_it: RunIt) -> None:
    run = run_it(first_of(late={"for": "1500ms"}), order="o1")

    assert (run.status, state(run)["came"]) == ("completed", "late")
    assert not Wait.objects.filter(run=run, closed_at=None).exists()


@pytest.mark.usefixtures("engine")
def test_of_answers_and_a_timer_at_once_exactly_one_counts(alice: User) -> None:
    """Every one that was told it counted did count, and no other."""
    version = build.published(first_of(late={"for": "500ms"}), alice)
    for delay in (0.0, 0.44, 0.46, 0.48, 0.49, 0.5, 0.51):
        run = start_run(user=alice, version=version, state={"order": "o1"})
        until(lambda run=run: Wait.objects.filter(run=run).count() == 3)
        time.sleep(delay)
        taken: list[str] = []

        def answer(decision: str, run: Run = run, taken: list[str] = taken) -> None:
            wait = Wait.objects.get(run=run, kind="human")
            with contextlib.suppress(ActionError):
                answer_wait(user=alice, wait=wait, answer={"decision": decision})
                taken.append(decision)
            connections.close_all()

        threads = [threading.Thread(target=answer, args=(d,)) for d in ("ship", "stop")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda run=run: status(run) == "completed")

        came, said = state(run)["came"], state(run)["said"]
        assert len(taken) <= 1
        assert (came, said) == (("asked", {"decision": taken[0]}) if taken else ("late", None))
    assert list(flaws()) == []


# Paused while it waits --------------------------------------------------------------------------


def test_a_waiting_run_is_paused_keeps_its_question_and_goes_on(run_it: RunIt, alice: User) -> None:
    run = run_it(asking())

    pause_run(user=alice, run=run, reason="lunch")
    answer_wait(user=alice, wait=Wait.objects.get(run=run), answer={"decision": "ship"})
    time.sleep(0.3)
    assert status(run) == "paused"
    resume_run(user=alice, run=run)
    until(lambda: status(run) == "completed")

    assert state(run) == {"n": 2, "decision": "ship"}
    assert list(flaws()) == []


@pytest.mark.usefixtures("quick_sweeps", "engine")
def test_a_timer_of_a_paused_run_fires_after_it_is_resumed(alice: User) -> None:
    any_of = {"late": {"for": "2s"}, "sent": {"signal": "x"}}
    document = around({"type": "wait", "any": any_of})
    run = start_run(user=alice, version=build.published(document, alice))
    until(lambda: status(run) == "waiting")
    pause_run(user=alice, run=run)
    time.sleep(2.5)
    assert status(run) == "paused"

    resume_run(user=alice, run=run)
    until(lambda: status(run) == "completed")

    assert state(run) == {"n": 2}


def test_a_signal_to_a_paused_run_is_kept(run_it: RunIt, alice: User) -> None:
    document = around({"type": "human", "form": {}})
    document["nodes"]["s3"] = {"type": "wait", "signal": "go", "outputs": {"sum": "payload"}}
    run = run_it(document)

    pause_run(user=alice, run=run)
    send_signal(user=alice, run=run, name="go", payload=7)
    resume_run(user=alice, run=run)
    until(lambda: status(run) == "waiting")
    answer_wait(user=alice, wait=Wait.objects.get(run=run, kind="human"), answer={})
    until(lambda: status(run) == "completed")

    assert state(run) == {"n": 1, "sum": 7}


# Other processes --------------------------------------------------------------------------------


def test_what_comes_to_a_run_of_another_process_reaches_it(drivers: Drivers, alice: User) -> None:
    """This process drives nothing: only the tables tell the other one."""
    runs = [
        start_run(
            user=alice,
            version=build.published(first_of(late={"for": "2h"}), alice),
            state={"order": f"o{number}"},
        )
        for number in range(4)
    ]
    process = drivers.start()
    until(lambda: all(status(run) == "waiting" for run in runs), 40)

    send_signal(user=alice, run=runs[0], name="payment", key="o0", payload=1)
    answer_wait(user=alice, wait=opened(runs[1])["human"], answer={"decision": "stop"})
    pause_run(user=alice, run=runs[2])
    until(lambda: [status(run) for run in runs[:2]] == ["completed"] * 2, 40)
    kill(process)
    answer_wait(user=alice, wait=opened(runs[2])["human"], answer={"decision": "ship"})
    resume_run(user=alice, run=runs[2])
    send_signal(user=alice, run=runs[3], name="payment", key="o3", payload=4)
    drivers.start()
    until(lambda: all(status(run) == "completed" for run in runs), 40)

    assert [state(run)["came"] for run in runs] == ["arrived", "asked", "asked", "arrived"]
    assert RunEvent.objects.filter(kind="wait.closed").count() == 4
    assert list(flaws()) == []
