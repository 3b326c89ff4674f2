"""Starts that share a commit, and what happens when the engine cannot take them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction

from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.execution import service as service_module
from studio.execution.service import Service
from studio.models import AuditEntry, Run, RunEvent, Version
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


def in_threads(count: int, start: object) -> list[Run | Exception]:
    """Call from that many threads at once; exceptions are results too."""
    gate = threading.Barrier(count)

    def call(number: int) -> Run | Exception:
        gate.wait(10)
        try:
            return start(number)  # type: ignore[operator, no-any-return]
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def test_a_started_run_is_claimed_already(engine: Service, alice: User, version: Version) -> None:
    run = start_run(user=alice, version=version)

    assert engine.wait_ended_blocking(run.public_id, 10)
    kinds = RunEvent.objects.filter(run=run).order_by("seq").values_list("kind", flat=True)
    assert list(kinds[:2]) == ["run.created", "run.claimed"]
    run.refresh_from_db()
    assert (run.status, run.fence) == ("completed", 1)


def test_starts_from_many_threads_all_happen(
    engine: Service, alice: User, version: Version
) -> None:
    started = in_threads(16, lambda number: start_run(user=alice, version=version))

    assert all(isinstance(run, Run) for run in started), started
    for run in started:
        assert isinstance(run, Run)
        assert engine.wait_ended_blocking(run.public_id, 20)
    assert Run.objects.filter(status="completed").count() == 16
    assert AuditEntry.objects.filter(verb="run.start").count() == 16


def test_one_key_from_many_threads_is_one_run(
    engine: Service, alice: User, version: Version
) -> None:
    started = in_threads(
        8, lambda number: start_run(user=alice, version=version, idempotency_key="same")
    )

    assert len({run.pk for run in started if isinstance(run, Run)}) == 1, started
    assert not [run for run in started if isinstance(run, Exception)]
    assert Run.objects.count() == 1


def test_a_refused_key_does_not_take_others_down(
    engine: Service, alice: User, version: Version
) -> None:
    start_run(user=alice, version=version, state={"n": 1}, idempotency_key="k0")

    started = in_threads(
        6,
        lambda number: start_run(
            user=alice, version=version, state={"n": 2}, idempotency_key=f"k{number}"
        ),
    )

    assert isinstance(started[0], ActionError)
    assert all(isinstance(run, Run) for run in started[1:]), started
    assert Run.objects.count() == 6


def test_inside_a_transaction_nothing_is_handed_over(
    engine: Service, alice: User, version: Version
) -> None:
    with transaction.atomic():
        run = start_run(user=alice, version=version)
        transaction.set_rollback(True)

    assert not Run.objects.filter(pk=run.pk).exists()
    assert not Run.objects.exists()


def test_a_stuck_engine_does_not_stop_starts(
    engine: Service, alice: User, version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that blocks the loop: the caller writes the run himself, once."""
    monkeypatch.setattr(service_module, "BEGIN_TIMEOUT_S", 0.2)
    blocked, release = threading.Event(), threading.Event()

    def block(_: object) -> None:
        blocked.set()
        release.wait(20)

    engine._hint(block)
    assert blocked.wait(5)

    run = start_run(user=alice, version=version)
    release.set()

    assert engine.wait_ended_blocking(run.public_id, 10)
    assert Run.objects.count() == 1


def test_without_room_a_run_waits_its_turn(alice: User, version: Version, settings: object) -> None:
    settings.DRIVERS = 1  # type: ignore[attr-defined]
    tools.reset()
    service = Service()
    service_module.use(service)
    service.start()
    slow = build.published(build.chain("trial.wait", 1), alice)
    try:
        first = start_run(user=alice, version=slow)
        second = start_run(user=alice, version=version)
        second_row = Run.objects.get(pk=second.pk)
        tools.gate.set()
        assert service.wait_ended_blocking(first.public_id, 10)
        assert service.wait_ended_blocking(second.public_id, 10)
    finally:
        service.stop(5)
        service_module.use(Service())

    assert (second_row.status, second_row.lease_owner) == ("queued", "")
