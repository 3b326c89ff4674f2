"""Pause, resume and retry: each verb in each status, and what a run does then."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import RunStatus
from studio.actions.control import pause_run, resume_run, retry_run
from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.moves import move_run
from studio.actions.runs import cancel_run, start_run
from studio.actions.waits import answer_wait, send_signal
from studio.actions.workflows import publish, save_draft
from studio.execution import dispatch
from studio.execution.service import Service
from studio.journal import codec, integrity
from studio.models import AuditEntry, Run, RunEvent, Version, Wait
from studio.queries import runs as queries
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)


def move(user: User, run: Run) -> Run:
    """Move the run to another version of its workflow: the same one for each run."""
    known = run.workflow.versions.filter(number=2).first()
    return move_run(user=user, run=run, version=known or second_version(run))


def second_version(run: Run) -> Version:
    document = build.chain("trial.count", 4)
    workflow = save_draft(
        user=None, workflow=run.workflow, rev=run.workflow.draft_rev, document=document
    )
    return publish(user=None, workflow=workflow)


VERBS: dict[str, Callable[..., Run]] = {
    "pause": pause_run,
    "resume": resume_run,
    "retry": retry_run,
    "move": move,
    "cancel": cancel_run,
}
UNCHANGED = "unchanged"
REFUSED = "refused"
CHANGED = "changed"
TABLE = {
    # status: pause, resume, retry, move, cancel
    "queued": ("paused", UNCHANGED, UNCHANGED, REFUSED, "cancelling"),
    "running": ("paused", UNCHANGED, UNCHANGED, REFUSED, "cancelling"),
    "waiting": ("paused", UNCHANGED, UNCHANGED, REFUSED, "cancelling"),
    "paused": (UNCHANGED, "queued", REFUSED, CHANGED, "cancelling"),
    "cancelling": (REFUSED, REFUSED, REFUSED, REFUSED, UNCHANGED),
    "completed": (REFUSED, REFUSED, REFUSED, REFUSED, UNCHANGED),
    "failed": (REFUSED, REFUSED, "queued", CHANGED, UNCHANGED),
    "cancelled": (REFUSED, REFUSED, REFUSED, REFUSED, UNCHANGED),
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
            then = status if outcome in (UNCHANGED, CHANGED) else outcome
            assert VERBS[verb](user=alice, run=run).status == then

    changed = outcome not in (UNCHANGED, REFUSED)
    kept = not changed or outcome == CHANGED
    assert Run.objects.get(pk=run.pk).status == (status if kept else outcome)
    assert RunEvent.objects.filter(run=run).count() == 1 + changed
    assert AuditEntry.objects.filter(verb=f"run.{verb}").count() == changed
    # A run that was moved still rests: nobody has to drive it.
    assert hints == [run.pk] * (changed and outcome != CHANGED)


GIVES = "a new run each time"
KEPT = "kept each time"
ONCE = "taken once"
OTHERS = {
    # status: fork, signal, answer
    "queued": (GIVES, KEPT, ONCE),
    "running": (GIVES, KEPT, ONCE),
    "waiting": (GIVES, KEPT, ONCE),
    "paused": (GIVES, KEPT, ONCE),
    "cancelling": (GIVES, REFUSED, REFUSED),
    "completed": (GIVES, REFUSED, REFUSED),
    "failed": (GIVES, REFUSED, REFUSED),
    "cancelled": (GIVES, REFUSED, REFUSED),
}


def test_the_other_table_knows_every_status() -> None:
    assert set(OTHERS) == {status.value for status in RunStatus}


@pytest.mark.parametrize("status", OTHERS)
def test_a_fork_leaves_its_run_alone_in_each_status(
    alice: User, hints: list[int], status: str
) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    Run.objects.filter(pk=run.pk).update(status=status)
    before = Run.objects.filter(pk=run.pk).values_list()[0]

    forks = [fork_run(user=alice, run=row(run), seq=1) for _ in "12"]
    same = [fork_run(user=alice, run=row(run), seq=1, idempotency_key="k") for _ in "12"]

    assert len({fork.pk for fork in forks}) == 2
    assert len({fork.pk for fork in same}) == 1
    assert [fork.is_repeat for fork in same] == [False, True]
    assert Run.objects.filter(pk=run.pk).values_list()[0] == before
    assert RunEvent.objects.filter(run=run).count() == 1


def test_a_key_that_made_another_fork_is_refused(alice: User, hints: list[int]) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    fork_run(user=alice, run=row(run), seq=1, idempotency_key="k")

    with pytest.raises(ActionError, match="another body") as refused:
        fork_run(user=alice, run=row(run), seq=1, patch={"n": 1}, idempotency_key="k")
    assert (refused.value.code, refused.value.status) == ("E_IDEMPOTENCY", 422)


@pytest.mark.parametrize("status", OTHERS)
def test_a_signal_in_each_status(alice: User, hints: list[int], status: str) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    Run.objects.filter(pk=run.pk).update(status=status)
    outcome = OTHERS[status][1]

    for _ in "12":
        if outcome == REFUSED:
            with pytest.raises(ActionError) as refused:
                send_signal(user=alice, run=row(run), name="go")
            assert (refused.value.code, refused.value.status) == ("E_CLOSED", 409)
        else:
            send_signal(user=alice, run=row(run), name="go")

    kept = RunEvent.objects.filter(run=run, kind="signal.received").count()
    assert kept == (0 if outcome == REFUSED else 2), "each signal counts"


QUESTION = {
    **build.chain("trial.count", 1, key="ask"),
    "nodes": {"s1": {"type": "human", "title": "Well?", "form": {"type": "object"}}},
}


@pytest.mark.parametrize("status", OTHERS)
def test_an_answer_in_each_status(engine: Service, alice: User, status: str) -> None:
    run = started(alice, QUESTION)
    until(lambda: row(run).status == "waiting")
    wait = Wait.objects.get(run=run)
    engine.stop(5)
    Run.objects.filter(pk=run.pk).update(status=status)
    outcome = OTHERS[status][2]

    results = []
    for _ in "12":
        try:
            answer_wait(user=alice, wait=wait, answer={"a": 1})
            results.append("taken")
        except ActionError as refused:
            results.append(f"{refused.code} {refused.status}")

    refusal = "E_CLOSED 409"
    assert results == ([refusal] * 2 if outcome == REFUSED else ["taken", refusal])


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
