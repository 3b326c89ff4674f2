"""Starts handed over to the engine: nobody is blocked, and the driver tells how they ended."""

import asyncio
import gc
import threading
import time

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction

from engine import Driver
from studio.actions import control
from studio.actions.runs import PlannedRun, plan_run
from studio.execution import handover as handover_module
from studio.execution.handover import Handover
from studio.execution.service import Service
from studio.journal import told
from studio.journal.buffer import RunJournal
from studio.journal.raw_connection import Unavailable
from studio.journal.told import Rest
from studio.models import Run, Version
from studio.queries import runs as queries
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


def planned(alice: User, version: Version, key: str | None = None) -> PlannedRun:
    return plan_run(user=alice, version=version, state={"n": 1}, source="demo", idempotency_key=key)


def handed_over(wish: PlannedRun, timeout_s: float = 20) -> Handover:
    handover = wish.hand_over(timeout_s)
    assert handover is not None
    return handover


def run_of(handover: Handover) -> Run:
    return Run.objects.select_related("version").get(public_id=handover.public_id)


def of_journal(run: Run) -> Rest:
    """The same, read from the rows."""
    view = queries.fresh_view(run)
    return Rest(view.status, view.state, view.error, view.steps)


def test_its_driver_tells_what_the_journal_tells(
    engine: Service, alice: User, version: Version
) -> None:
    handover = handed_over(planned(alice, version))

    asyncio.run(handover.rest())

    run = run_of(handover)
    assert handover.told is not None
    assert handover.told == of_journal(run)
    assert (handover.told.status, handover.told.state) == ("completed", {"n": 4})
    assert [node for _, node, _ in handover.told.steps] == ["s1", "s2", "s3"]
    assert handover.run_id() == run.pk


def test_nothing_is_left_of_it_for_the_collector_of_circles(
    engine: Service, alice: User, version: Version
) -> None:
    wish = planned(alice, version)  # the first one fills what is remembered
    asyncio.run(handed_over(wish).rest())
    gc.collect()
    before = alive()
    gc.disable()
    try:
        handover = handed_over(planned(alice, version))
        asyncio.run(handover.rest())
        assert handover.told is not None
        del handover
        until = time.monotonic() + 10  # the engine's loop drops the last of it a moment later
        while len(alive()) > len(before) and time.monotonic() < until:
            time.sleep(0.01)
        assert [one for one in alive() if not any(one is old for old in before)] == []
    finally:
        gc.enable()


def alive() -> list[object]:
    return [one for one in gc.get_objects() if type(one) in {Handover, RunJournal, Driver}]


def test_a_failure_is_told_as_well(engine: Service, alice: User) -> None:
    broken = build.published(build.chain("trial.break"), alice)
    handover = handed_over(planned(alice, broken))

    asyncio.run(handover.rest())

    assert handover.told is not None
    assert handover.told == of_journal(run_of(handover))
    assert handover.told.status == "failed"
    assert handover.told.error is not None


@pytest.mark.parametrize(("name", "bound"), [("MAX_EVENTS", 5), ("MAX_BYTES", 100)])
def test_what_is_too_much_is_left_to_the_journal(
    engine: Service,
    alice: User,
    version: Version,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    bound: int,
) -> None:
    monkeypatch.setattr(told, name, bound)
    handover = handed_over(planned(alice, version))

    asyncio.run(handover.rest())

    assert handover.told is None
    assert queries.fresh_view(run_of(handover)).status == "completed"


def test_what_others_wrote_is_left_to_the_journal(engine: Service, alice: User) -> None:
    """A pause came from outside: the driver's memory is not all there is."""
    slow = build.published(build.chain("trial.wait", 2), alice)
    handover = handed_over(planned(alice, slow))

    def pause() -> None:
        control.pause_run(user=alice, run=run_of(handover))
        connections.close_all()

    async def pause_meanwhile() -> None:
        rest = asyncio.ensure_future(handover.rest())
        while not tools.called:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(pause)
        tools.gate.set()
        await rest

    asyncio.run(pause_meanwhile())

    assert handover.told is None
    assert queries.fresh_view(run_of(handover)).status == "paused"


def test_when_the_time_is_up_the_run_goes_on(engine: Service, alice: User) -> None:
    slow = build.published(build.chain("trial.wait", 1), alice)
    handover = handed_over(planned(alice, slow), 0.3)

    asyncio.run(handover.rest())
    run = run_of(handover)

    assert (handover.told, handover.run_id()) == (None, run.pk)
    assert run.status == "running"
    tools.gate.set()
    assert engine.wait_ended_blocking(run.public_id, 10)


def test_a_stuck_engine_leaves_the_start_to_its_caller(
    engine: Service, alice: User, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover_module, "BEGIN_TIMEOUT_S", 0.2)
    blocked, release = threading.Event(), threading.Event()

    def block(_: object) -> None:
        blocked.set()
        release.wait(20)

    engine._hint(block)
    assert blocked.wait(5)
    wish = planned(alice, version)
    handover = handed_over(wish)

    asyncio.run(handover.rest())
    assert handover.run_id() is None
    run = wish.begin()
    release.set()

    assert engine.wait_ended_blocking(run.public_id, 10)
    assert Run.objects.count() == 1


def test_a_database_that_is_away_leaves_the_start_to_its_caller(
    engine: Service, alice: User, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("locked")

    monkeypatch.setattr("studio.journal.births.insert", away)
    handover = handed_over(planned(alice, version))

    asyncio.run(handover.rest())

    assert handover.run_id() is None
    assert not Run.objects.exists()


def test_who_hangs_up_leaves_nothing_behind(engine: Service, alice: User) -> None:
    slow = build.published(build.chain("trial.wait", 1), alice)
    handover = handed_over(planned(alice, slow))

    async def hang_up() -> None:
        rest = asyncio.ensure_future(handover.rest())
        while not tools.called:
            await asyncio.sleep(0.01)
        rest.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rest

    asyncio.run(hang_up())
    looked = threading.Event()
    left: list[int] = []
    engine._hint(lambda inside: (left.append(len(inside.waiters)), looked.set()))
    assert looked.wait(5)
    tools.gate.set()

    assert left == [0]
    assert engine.wait_ended_blocking(handover.public_id, 10)


def test_a_key_or_a_transaction_is_not_handed_over(
    engine: Service, alice: User, version: Version
) -> None:
    assert planned(alice, version, "once").hand_over(1) is None
    with transaction.atomic():
        assert planned(alice, version).hand_over(1) is None
