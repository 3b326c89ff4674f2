"""The engine's thread: driving, waiting, cancelling, stopping."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from studio.actions.runs import cancel_run, start_run
from studio.execution.service import Service
from studio.journal import codec
from studio.journal.raw_connection import POSTGRES_NAME
from studio.models import Run, RunEvent
from studio.queries.explain import explained
from tests.studio import build, tools
from tests.studio.execution.conftest import RunIt

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(run: Run) -> list[str]:
    return list(RunEvent.objects.filter(run=run).order_by("seq").values_list("kind", flat=True))


def until(condition: Callable[[], object], timeout: float = 10) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def test_a_run_is_driven_to_its_end(run_it: RunIt) -> None:
    run = run_it(build.chain("trial.count", 5), n=1)

    assert (run.status, codec.decode(run.final_state or "")) == ("completed", {"n": 6})
    assert (run.error, run.lease_owner, run.fence) == ("", "", 1)
    assert run.started_at is not None
    assert run.finished_at is not None
    assert kinds(run).count("attempt.succeeded") == 5
    seqs = list(RunEvent.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("tool", ["trial.count_async", "trial.touch", "trial.touch_async"])
def test_tools_of_every_kind_are_called(run_it: RunIt, tool: str) -> None:
    run = run_it(build.chain(tool, 3))

    assert codec.decode(run.final_state or "") == {"n": 3}


def test_a_failing_tool_fails_the_run_and_says_where(run_it: RunIt) -> None:
    run = run_it(build.chain("trial.break", 2))

    error = codec.decode(run.error)
    assert (run.status, run.error_code, error["node"]) == ("failed", "E_TOOL", "s1")
    assert "broken on purpose" in error["message"]


def test_a_tool_that_kills_its_own_process_does_no_harm(run_it: RunIt) -> None:
    document = build.chain("trial.die", 1)
    document["nodes"]["s1"]["isolation"] = "process"

    run = run_it(document)

    assert (run.status, run.error_code) == ("failed", "E_TOOL")
    assert "killed by signal 9" in codec.decode(run.error)["message"]


def test_a_tool_in_a_process_of_its_own_gives_its_state_back(run_it: RunIt) -> None:
    document = build.chain("trial.count", 2)
    document["nodes"]["s1"]["isolation"] = "process"

    assert codec.decode(run_it(document).final_state or "") == {"n": 2}


def test_a_loop_that_stands_still_is_stopped(run_it: RunIt) -> None:
    document = build.loop("trial.count", 5)
    document["nodes"]["a"] = {"type": "set", "set": {"n": "n"}}

    run = run_it(document, n=1)

    assert run.status in {"paused", "failed"}
    assert run.error_code in {"E_NO_PROGRESS", "E_LOOP_EXHAUSTED"}
    assert run.lease_owner == ""


def test_dirty_text_ends_clean_and_warned(run_it: RunIt) -> None:
    run = run_it(build.chain("trial.dirty", 1))

    assert codec.decode(run.final_state or "")["text"] == "a\ufffdb\ufffdc"
    assert "warning" in kinds(run)


def test_waiting_works_on_any_loop(engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.count"), alice)
    run = start_run(user=alice, version=version)

    assert asyncio.run(engine.wait_ended(run.public_id, 20)) is True
    assert asyncio.run(engine.wait_ended(run.public_id, 0.5)) is True, "it has ended already"


def test_waiting_gives_up_after_its_time(engine: Service, alice: User) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.wait", 1), alice))

    began = time.monotonic()
    assert asyncio.run(engine.wait_ended(run.public_id, 0.2)) is False
    assert engine.wait_ended_blocking(run.public_id, 0.2) is False
    assert time.monotonic() - began < 2
    tools.gate.set()
    assert engine.wait_ended_blocking(run.public_id, 10)


def test_a_running_run_is_cancelled(engine: Service, alice: User) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.wait", 3), alice))
    until(lambda: tools.called)

    cancel_run(user=alice, run=run, reason="enough")
    tools.gate.set()

    assert engine.wait_ended_blocking(run.public_id, 10)
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert kinds(run)[-1] == "run.cancelled"
    assert tools.called == ["wait"], "nothing new started"


def test_a_queued_run_is_cancelled_without_starting(alice: User, engine: Service) -> None:
    version = build.published(build.chain("trial.touch"), alice)
    with transaction.atomic():
        run = start_run(user=alice, version=version)
        cancel_run(user=alice, run=run)

    assert engine.wait_ended_blocking(run.public_id, 10)
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert tools.called == []


def test_a_cancel_from_another_process_is_found(engine: Service, alice: User) -> None:
    """No hint arrives here: the row says it."""
    run = start_run(user=alice, version=build.published(build.chain("trial.wait", 3), alice))
    until(lambda: tools.called)
    service, engine_hint = engine, engine.cancel
    service.cancel = lambda run_id: None  # type: ignore[method-assign]
    cancel_run(user=alice, run=run)
    service.cancel = engine_hint  # type: ignore[method-assign]
    tools.gate.set()

    assert engine.wait_ended_blocking(run.public_id, 15)
    run.refresh_from_db()
    assert run.status == "cancelled"


def test_more_runs_than_drivers_all_end(alice: User, engine: Service) -> None:
    version = build.published(build.chain("trial.touch_async", 3), alice)
    runs = [start_run(user=alice, version=version) for _ in range(100)]

    for run in runs:
        assert engine.wait_ended_blocking(run.public_id, 30)

    assert Run.objects.filter(status="completed").count() == 100
    assert engine.driving() == 0


def test_a_lost_hint_costs_latency_only(quick_sweeps: None, engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.count"), alice)
    engine.submit, kept = lambda run_id: None, engine.submit  # type: ignore[method-assign]
    run = start_run(user=alice, version=version)
    engine.submit = kept  # type: ignore[method-assign]

    assert engine.wait_ended_blocking(run.public_id, 15)
    run.refresh_from_db()
    assert run.status == "completed"


def test_hints_for_nothing_do_no_harm(engine: Service, run_it: RunIt) -> None:
    engine.submit(10**9)
    engine.cancel(10**9)
    run = run_it(build.chain("trial.count"))
    for _ in range(20):
        engine.submit(run.pk)
        engine.cancel(run.pk)

    again = run_it(build.chain("trial.count"))

    assert again.status == "completed"
    run.refresh_from_db()
    assert kinds(run).count("run.claimed") == 1


def test_stopping_hands_runs_back_and_another_service_goes_on(engine: Service, alice: User) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.wait", 2), alice))
    until(lambda: tools.called)

    began = time.monotonic()
    engine.stop(0.3)
    took = time.monotonic() - began
    run.refresh_from_db()
    handed_back = (run.status, run.lease_owner)
    tools.gate.set()
    engine.start()

    assert handed_back == ("running", "")
    assert took < 2
    assert engine.wait_ended_blocking(run.public_id, 10)
    run.refresh_from_db()
    assert (run.status, run.fence) == ("completed", 2)


def test_stopping_lets_a_step_in_hand_finish(engine: Service, alice: User) -> None:
    run = start_run(user=alice, version=build.published(build.chain("trial.wait", 2), alice))
    until(lambda: tools.called)
    tools.gate.set()

    engine.stop(5)

    run.refresh_from_db()
    assert kinds(run).count("attempt.succeeded") >= 1
    assert run.lease_owner == ""


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite counts no sessions")
def test_what_comes_up_at_the_very_end_opens_no_connection_again() -> None:
    """Somebody asks for a run in the turn of the loop in which the engine hangs up."""
    service = Service()
    service.start()
    until(lambda: sessions() > 0)

    def end(engine: Any) -> None:
        engine.begin_stop(0.0)
        ask = partial(engine.watch, str(uuid4()), lambda _: None, patient=True)
        asyncio.get_running_loop().call_soon(ask)

    assert service._hint(end)
    service.stop(0.0)

    assert not service.is_running
    until(lambda: sessions() == 0)


def sessions() -> int:
    """How many the engines have with the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            (POSTGRES_NAME,),
        )
        return int(cursor.fetchone()[0])


def test_a_version_whose_tool_is_gone_waits_in_line_and_says_so(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.actions import workflows

    monkeypatch.setattr(workflows, "problems", lambda document, others=None: [])
    lacking = build.published(build.chain("trial.absent", 1, key="lacking"), alice)
    run = start_run(user=alice, version=lacking)
    other = start_run(user=alice, version=build.published(build.chain("trial.count", 1), alice))

    assert engine.wait_ended_blocking(other.public_id, 20)
    run.refresh_from_db()
    assert run.status == "queued"
    assert explained(run, alice)["reasons"][0]["missing_tools"] == ["trial.absent"]


def test_a_broken_document_pauses_the_run(quick_sweeps: None, engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.count", 1), alice)
    with transaction.atomic():
        run = start_run(user=alice, version=version)
        version.hash = "0" * 64
        version.document = "{}"
        version.save()
    other = start_run(
        user=alice, version=build.published(build.chain("trial.count", 1, key="whole"), alice)
    )

    until(lambda: Run.objects.get(pk=run.pk).status == "paused", 30)

    assert Run.objects.get(pk=run.pk).error_code == "E_DRIVER"
    assert engine.wait_ended_blocking(other.public_id, 20), "it holds up nobody else"
