"""Pause, resume and retry: each verb in each status, and what a run does then."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import RunStatus
from studio import codec, integrity
from studio.actions.control import pause_run, resume_run, retry_run
from studio.actions.errors import ActionError
from studio.actions.runs import cancel_run, start_run
from studio.execution import dispatch
from studio.execution.service import Service
from studio.models import AuditEntry, Run, RunEvent
from studio.queries import runs as queries
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)

VERBS: dict[str, Callable[..., Run]] = {
    "pause": pause_run,
    "resume": resume_run,
    "retry": retry_run,
}
UNCHANGED = "unchanged"
REFUSED = "refused"
TABLE = {
    # status: pause, resume, retry
    "queued": ("paused", UNCHANGED, UNCHANGED),
    "running": ("paused", UNCHANGED, UNCHANGED),
    "waiting": ("paused", UNCHANGED, UNCHANGED),
    "paused": (UNCHANGED, "queued", REFUSED),
    "cancelling": (REFUSED, REFUSED, REFUSED),
    "completed": (REFUSED, REFUSED, REFUSED),
    "failed": (REFUSED, REFUSED, "queued"),
    "cancelled": (REFUSED, REFUSED, REFUSED),
}
CASES = [
    (status, verb, outcome)
    for status, outcomes in TABLE.items()
    for verb, outcome in zip(VERBS, outcomes, strict=True)
]


def test_the_table_knows_every_status() -> None:
    assert set(TABLE) == {status.value for status in RunStatus}


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs that drivers are told about."""

    class Heard(dispatch.Nobody):
        def changed(self, run_id: int) -> None:
            told.append(run_id)

    told: list[int] = []
    monkeypatch.setattr(dispatch, "_dispatcher", Heard())
    return told


@pytest.mark.parametrize(("status", "verb", "outcome"), CASES)
def test_each_verb_twice_in_each_status(
    alice: User, hints: list[int], status: str, verb: str, outcome: str
) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    Run.objects.filter(pk=run.pk).update(status=status)

    for _ in "12":
        if outcome == REFUSED:
            with pytest.raises(ActionError) as refused:
                VERBS[verb](user=alice, run=run)
            assert (refused.value.code, refused.value.status) == ("E_STATE", 409)
            assert f"is {status}. " in refused.value.message
        else:
            then = status if outcome == UNCHANGED else outcome
            assert VERBS[verb](user=alice, run=run).status == then

    changed = outcome not in (UNCHANGED, REFUSED)
    assert Run.objects.get(pk=run.pk).status == (outcome if changed else status)
    assert RunEvent.objects.filter(run=run).count() == 1 + changed
    assert AuditEntry.objects.filter(verb=f"run.{verb}").count() == changed
    assert hints == [run.pk] * changed


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def row(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def started(user: User, document: dict[str, Any], **more: Any) -> Run:
    return start_run(user=user, version=build.published(document, user), **more)


def ended(engine: Service, run: Run) -> Run:
    assert engine.wait_ended_blocking(run.public_id, 20)
    until(lambda: not row(run).lease_owner)
    assert list(integrity.flaws_of_run(row(run))) == []
    return row(run)


def two_steps() -> dict[str, Any]:
    """A step that waits for the gate, then one that counts."""
    document = build.chain("trial.wait", 2)
    document["nodes"]["s2"]["tool"] = "trial.count"
    return document


def test_a_paused_run_finishes_what_runs_and_starts_nothing(engine: Service, alice: User) -> None:
    run = started(alice, two_steps())
    until(lambda: tools.called)

    pause_run(user=alice, run=run, reason="lunch")
    assert row(run).lease_owner, "what runs is still its driver's"
    tools.gate.set()
    until(lambda: not row(run).lease_owner)

    assert (row(run).status, row(run).error_code) == ("paused", "E_PAUSED")
    assert queries.view(row(run)).state == {"waited": True}
    assert codec.decode(row(run).error)["message"] == "lunch"

    resume_run(user=alice, run=run)
    finished = ended(engine, run)
    assert (finished.status, finished.error) == ("completed", "")
    assert codec.decode(finished.final_state or "") == {"waited": True, "n": 1}
    assert tools.called == ["wait"]


def test_a_run_resumed_while_a_step_runs_goes_on_with_its_driver(
    engine: Service, alice: User
) -> None:
    run = started(alice, two_steps())
    until(lambda: tools.called)

    pause_run(user=alice, run=run)
    assert resume_run(user=alice, run=run).status == "running"
    tools.gate.set()
    until(lambda: row(run).status == "completed")

    assert ended(engine, run).fence == 1
    assert tools.called == ["wait"]


def test_pausing_and_resuming_at_every_moment_loses_nothing(engine: Service, alice: User) -> None:
    run = started(alice, build.loop("trial.touch", 40), state={"n": 0})

    while row(run).status != "completed":
        # It may complete between two of these lines.
        with contextlib.suppress(ActionError):
            pause_run(user=alice, run=run)
            resume_run(user=alice, run=run)
        assert row(run).status != "failed"

    finished = ended(engine, run)
    assert codec.decode(finished.final_state or "") == {"n": 40}
    assert tools.called == [str(number) for number in range(40)]


def test_a_paused_run_can_be_cancelled(engine: Service, alice: User) -> None:
    run = started(alice, two_steps())
    until(lambda: tools.called)
    pause_run(user=alice, run=run)
    tools.gate.set()
    until(lambda: not row(run).lease_owner)

    cancel_run(user=alice, run=run)

    until(lambda: row(run).status == "cancelled")


def test_a_run_paused_before_it_began_is_not_driven(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    run = started(alice, build.chain("trial.count"))
    pause_run(user=alice, run=run)
    monkeypatch.undo()

    engine.submit(run.pk)
    time.sleep(0.2)
    assert (row(run).status, row(run).fence) == ("paused", 0)

    resume_run(user=alice, run=run)
    assert ended(engine, run).status == "completed"


def test_steps_are_raised_on_resume(engine: Service, alice: User) -> None:
    run = started(alice, build.chain("trial.count", 5), limits={"max_steps": 2})
    assert ended(engine, run).error_code == "E_STEP_BUDGET"

    with pytest.raises(ActionError, match="max_steps") as refused:
        resume_run(user=alice, run=run, limits={"max_steps": 2})
    assert (refused.value.code, refused.value.status) == ("E_STATE", 409)
    resume_run(user=alice, run=run, limits={"max_steps": 100})

    until(lambda: row(run).status == "completed")
    assert codec.decode(row(run).final_state or "") == {"n": 5}


@pytest.mark.parametrize("limits", [{"max_steps": 0}, {"max_steps": "9"}, {"steps": 5}])
def test_odd_limits_are_refused(alice: User, hints: list[int], limits: dict[str, Any]) -> None:
    run = started(alice, build.chain("trial.count"))
    pause_run(user=alice, run=run)

    with pytest.raises(ActionError, match="limits") as refused:
        resume_run(user=alice, run=run, limits=limits)

    assert (refused.value.code, refused.value.status) == ("E_LIMITS", 400)
    assert row(run).status == "paused"


def test_limits_are_not_raised_under_way(alice: User, hints: list[int]) -> None:
    run = started(alice, build.chain("trial.count"))

    with pytest.raises(ActionError, match="pause it first") as refused:
        resume_run(user=alice, run=run, limits={"max_steps": 9})

    assert refused.value.status == 409


def test_a_failed_run_is_retried_where_it_failed(engine: Service, alice: User) -> None:
    document = build.chain("trial.touch", 3)
    document["nodes"]["s2"]["tool"] = "trial.mended"
    run = started(alice, document)
    failed = ended(engine, run)
    assert (failed.status, queries.view(failed).status) == ("failed", "failed")

    tools.gate.set()
    retry_run(user=alice, run=run)
    until(lambda: row(run).status == "completed")

    again = ended(engine, run)
    assert (again.error, again.error_code) == ("", "")
    assert codec.decode(again.final_state or "") == {"n": 2, "mended": True}
    assert tools.called == ["0", "1"], "what was committed is not done again"
    assert queries.view(again).status == "completed"


def test_a_retry_that_fails_again_ends_failed_again(engine: Service, alice: User) -> None:
    run = started(alice, build.chain("trial.break", 1))
    first = ended(engine, run)
    head = queries.view(first).head

    retry_run(user=alice, run=run)
    until(lambda: row(run).fence == 2 and row(run).status == "failed")

    second = ended(engine, run)
    assert second.finished_at is not None
    assert first.finished_at is not None
    assert second.finished_at > first.finished_at
    assert queries.view(second).head > head
