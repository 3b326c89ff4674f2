"""Signals to whichever run waits for them: taken by one wait, kept, and sent once whatever dies."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction

from engine.policies import SignalMode
from studio.actions.control import pause_run, resume_run
from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.runs import cancel_run, start_run
from studio.actions.signals import forget_signal, send_signal_to_runs
from studio.execution.service import Service
from studio.journal.integrity import flaws
from studio.journal.raw_connection import DjangoConnection, Raw, connect
from studio.models import AuditEntry, Run, RunEvent, Signal, Wait
from studio.waits import signal_post
from tests.studio import build
from tests.studio.execution.conftest import RunIt
from tests.studio.execution.test_crash import Drivers, kill
from tests.studio.execution.test_waits import around, drivers, state, status, until

__all__ = ["drivers"]
pytestmark = pytest.mark.django_db(transaction=True)

WAIT = {"type": "wait", "signal": "paid", "key": "order", "outputs": {"sum": "payload.sum"}}
SEND = {"type": "emit", "signal": "paid", "key": "order", "payload": {"sum": "sum"}}


def started(user: User, node: dict[str, Any], **values: Any) -> Run:
    return start_run(user=user, version=build.published(around(node), user), state=values)


def waiting(user: User, order: str = "o1", **more: Any) -> Run:
    run = started(user, {**WAIT, **more}, order=order)
    until(lambda: Wait.objects.filter(run=run, closed_at=None).exists())
    return run


def completed(*runs: Run, timeout: float = 20) -> bool:
    until(lambda: all(status(run) == "completed" for run in runs), timeout)
    return True


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks all or nothing")
@pytest.mark.usefixtures("engine")
def test_a_run_that_somebody_holds_does_not_keep_signals_from_others(alice: User) -> None:
    """Somebody was stopped in the middle of a transaction about the first of them."""
    held, free = waiting(alice, "o1"), waiting(alice, "o2")
    sleeper = connect()
    sleeper.execute("BEGIN")
    try:
        sleeper.execute("UPDATE studio_wait SET key = key WHERE run_id = %s", (held.pk,))
        for order in ("o1", "o2"):
            started(alice, SEND, order=order, sum=3)

        assert completed(free, timeout=8)
        assert status(held) == "waiting"
    finally:
        sleeper.execute("ROLLBACK")
        sleeper.close()
    assert completed(held)
    assert list(flaws()) == []


PATIENCE_S = 5
"""Half of what a statement waits for a lock otherwise."""


@contextmanager
def holding(*runs: Run, table: str = "studio_wait", column: str = "run_id") -> Iterator[Raw]:
    """Somebody was stopped in the middle of a transaction about these runs."""
    sleeper = connect()
    sleeper.execute("BEGIN")
    try:
        for run in runs:
            sleeper.execute(f"UPDATE {table} SET id = id WHERE {column} = %s", (run.pk,))
        yield sleeper
    finally:
        sleeper.execute("ROLLBACK")
        sleeper.close()


needs_rows = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite locks all or nothing"
)


@pytest.fixture
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who works on a run, and has to wait for a processor, is taken for one who sleeps."""
    monkeypatch.setattr("studio.actions.signals.IMPATIENT_MS", 500)


@pytest.mark.postgres
@needs_rows
@pytest.mark.usefixtures("engine", "busy_machine")
@pytest.mark.parametrize(("table", "column"), [("studio_wait", "run_id"), ("studio_run", "id")])
def test_a_signal_of_a_person_passes_over_runs_that_somebody_holds(
    alice: User, table: str, column: str
) -> None:
    first, second, free = waiting(alice), waiting(alice), waiting(alice)

    with holding(first, second, table=table, column=column):
        began = time.monotonic()
        sent = send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 1})
        took_s = time.monotonic() - began
        assert sent.run == free
        assert completed(free)

    assert took_s < PATIENCE_S
    # Of those that nobody holds any more it is the oldest again.
    for run in (first, second):
        assert send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 2}).run == run
    assert completed(first, second)
    assert list(flaws()) == []


@pytest.mark.postgres
@needs_rows
@pytest.mark.usefixtures("engine")
def test_a_signal_for_a_run_that_somebody_holds_is_kept_for_it(alice: User) -> None:
    run = waiting(alice)

    with holding(run):
        began = time.monotonic()
        sent = send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 1})
        assert (sent.run, time.monotonic() - began < PATIENCE_S) == (None, True)
        assert status(run) == "waiting"

    assert completed(run)
    assert state(run)["sum"] == 1
    assert Signal.objects.get().taken_by == run
    assert list(flaws()) == []


@pytest.mark.postgres
@needs_rows
@pytest.mark.usefixtures("engine")
def test_a_signal_that_nobody_keeps_waits_for_a_run_that_somebody_holds(alice: User) -> None:
    run = waiting(alice)

    with holding(run) as sleeper:
        release = threading.Timer(1.5, lambda: sleeper.execute("ROLLBACK"))
        release.start()
        sent = send_signal_to_runs(
            user=alice, name="paid", key="o1", payload={"sum": 1}, mode=SignalMode.TRANSIENT
        )
        release.join()

    assert sent.run == run
    assert completed(run)


@pytest.mark.postgres
@needs_rows
@pytest.mark.usefixtures("engine")
def test_who_is_about_to_be_done_with_the_oldest_run_is_waited_for(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine brings what is due in 0.1 s later than that.
    monkeypatch.setattr("studio.actions.signals.POSTGRES_LOCK_MS", 5_000)
    oldest, _ = waiting(alice), waiting(alice)

    with holding(oldest) as sleeper:
        release = threading.Timer(0.1, lambda: sleeper.execute("ROLLBACK"))
        release.start()
        sent = send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 1})
        release.join()

    assert sent.run == oldest


@pytest.mark.postgres
@needs_rows
@pytest.mark.usefixtures("engine", "busy_machine")
def test_whoever_sends_a_signal_is_as_patient_afterwards(alice: User) -> None:
    held, free = waiting(alice), waiting(alice)
    shown = DjangoConnection().execute("SHOW lock_timeout")

    with holding(held), transaction.atomic():
        assert (
            send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 1}).run == free
        )
        assert DjangoConnection().execute("SHOW lock_timeout") == shown
    assert DjangoConnection().execute("SHOW lock_timeout") == shown


# By name and key --------------------------------------------------------------------------------


@pytest.mark.usefixtures("engine")
def test_a_signal_goes_to_the_oldest_wait_with_its_key(alice: User) -> None:
    other, first, second = waiting(alice, "o2"), waiting(alice), waiting(alice)

    sent = send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 3})

    assert sent.run == first
    assert completed(first)
    assert state(first)["sum"] == 3
    until(lambda: status(second) == status(other) == "waiting")
    assert Signal.objects.get().taken_by == first
    assert AuditEntry.objects.get(verb="signal.send").data == {"name": "paid", "became": "taken"}
    assert list(flaws()) == []


@pytest.mark.usefixtures("engine")
def test_a_signal_is_kept_for_a_run_that_waits_later_and_taken_by_one(alice: User) -> None:
    sent = send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 4})
    assert (sent.run, Signal.objects.get().taken_at) == (None, None)

    runs = [started(alice, WAIT, order="o1") for _ in range(3)]
    until(lambda: sorted(map(status, runs)) == ["completed", "waiting", "waiting"])

    taken = Signal.objects.get()
    assert taken.taken_by is not None
    assert status(taken.taken_by) == "completed"
    assert list(flaws()) == []


@pytest.mark.usefixtures("engine")
def test_a_transient_signal_is_gone_if_nobody_waits(alice: User) -> None:
    sent = send_signal_to_runs(user=alice, name="paid", key="o1", mode=SignalMode.TRANSIENT)
    assert (sent.signal, sent.run) == (None, None)
    run = waiting(alice)
    time.sleep(0.3)
    assert status(run) == "waiting"

    caught = send_signal_to_runs(
        user=alice, name="paid", key="o1", payload={"sum": 1}, mode=SignalMode.TRANSIENT
    )

    assert caught.run == run
    assert completed(run)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [("o1", "o1"), (1, 1.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ("x" * 500,) * 2],
)
@pytest.mark.usefixtures("engine")
def test_equal_keys_are_one_whatever_they_look_like(alice: User, mine: Any, theirs: Any) -> None:
    run = started(alice, WAIT, order=mine)
    until(lambda: Wait.objects.filter(run=run).exists())

    assert send_signal_to_runs(user=alice, name="paid", key=theirs, payload={"sum": 1}).run == run


@pytest.mark.usefixtures("engine")
def test_nobody_hears_the_signals_of_others_not_even_of_an_administrator(
    alice: User, bob: User
) -> None:
    run = waiting(alice)
    root = User.objects.create_superuser("root", password="x")

    for stranger in (bob, root):
        assert send_signal_to_runs(user=stranger, name="paid", key="o1").run is None

    time.sleep(0.3)
    assert status(run) == "waiting"
    assert Signal.objects.filter(taken_at=None).count() == 2


@pytest.mark.usefixtures("engine")
def test_a_kept_signal_can_be_taken_back_until_a_wait_has_it(alice: User) -> None:
    kept = send_signal_to_runs(user=alice, name="paid", key="o1").signal
    assert kept is not None
    forget_signal(user=alice, signal=kept)
    run = waiting(alice)
    taken = send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 1}).signal
    assert taken is not None

    with pytest.raises(ActionError) as refused:
        forget_signal(user=alice, signal=taken)

    assert (refused.value.code, Signal.objects.count()) == ("E_CLOSED", 1)
    assert completed(run)


@pytest.mark.usefixtures("engine")
def test_a_run_that_has_ended_or_is_being_cancelled_takes_nothing(alice: User) -> None:
    run = waiting(alice)
    cancel_run(user=alice, run=run)

    assert send_signal_to_runs(user=alice, name="paid", key="o1").run is None


@pytest.mark.usefixtures("engine")
def test_a_paused_run_takes_a_signal_and_goes_on_when_it_is_resumed(alice: User) -> None:
    run = waiting(alice)
    pause_run(user=alice, run=run)

    assert send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 5}).run == run
    assert status(run) == "paused"
    resume_run(user=alice, run=run)

    assert completed(run)
    assert state(run)["sum"] == 5


# From run to run --------------------------------------------------------------------------------


@pytest.mark.usefixtures("engine")
def test_an_emit_node_reaches_another_run(alice: User) -> None:
    run = waiting(alice)

    sender = started(alice, SEND, order="o1", sum=7)

    assert completed(run, sender)
    assert state(run)["sum"] == 7
    kept = Signal.objects.get()
    assert (kept.run, kept.taken_by, kept.owner) == (sender, run, alice)
    assert list(flaws()) == []


def test_an_emit_node_keeps_it_for_a_wait_of_its_own_that_comes_later(
    run_it: RunIt, alice: User
) -> None:
    document = around(SEND)
    document["nodes"]["s3"] = WAIT

    run = run_it(document, order="o1", sum=8)
    until(lambda: status(run) == "completed")

    assert state(run)["sum"] == 8
    assert Signal.objects.get().taken_by == run


def test_a_transient_emit_is_gone_if_nobody_waits(run_it: RunIt) -> None:
    run = run_it(around({**SEND, "mode": "transient"}), order="o1", sum=8)

    assert run.status == "completed"
    until(lambda: not Signal.objects.exists())


def test_a_fork_does_not_send_again(run_it: RunIt, alice: User) -> None:
    run = run_it(around(SEND), order="o1", sum=8)
    (step,) = RunEvent.objects.filter(run=run, kind="signal.emitted")

    forked = fork_run(user=alice, run=run, seq=step.seq + 1)

    assert completed(forked)
    assert Signal.objects.count() == 1


def test_many_who_send_and_wait_at_once_lose_and_double_nothing(
    engine: Service, alice: User
) -> None:
    """As many signals as waits, from threads and from runs, before and after the waits open."""
    version = build.published(around(WAIT), alice)
    sender = build.published(around(SEND), alice)
    runs = [start_run(user=alice, version=version, state={"order": "k"}) for _ in range(6)]

    def send(number: int) -> None:
        send_signal_to_runs(user=alice, name="paid", key="k", payload={"sum": number})
        connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        if number % 2:
            start_run(user=alice, version=sender, state={"order": "k", "sum": 100 + number})
            runs.append(start_run(user=alice, version=version, state={"order": "k"}))
    for thread in threads:
        thread.join()

    assert completed(*runs, timeout=30)
    assert sorted(state(run)["sum"] for run in runs) == [*range(6), 101, 103, 105]
    assert not Signal.objects.filter(taken_at=None).exists()
    assert RunEvent.objects.filter(kind="wait.closed").count() == len(runs)
    assert list(flaws()) == []


def test_signals_survive_kills_between_processes(drivers: Drivers, alice: User) -> None:
    """A run of one process sends, runs of another wait; both die and come back."""
    waits = [started(alice, WAIT, order=f"o{number}") for number in range(4)]
    first = drivers.start()
    until(lambda: all(status(run) == "waiting" for run in waits), 40)
    kill(first)

    senders = [started(alice, SEND, order=f"o{number}", sum=number) for number in range(4)]
    processes = [drivers.start(), drivers.start()]
    until(lambda: any(status(run) == "completed" for run in senders), 40)
    for process in processes:
        kill(process)
    drivers.start()

    assert completed(*waits, *senders, timeout=60)
    assert [state(run)["sum"] for run in waits] == [0, 1, 2, 3]
    assert Signal.objects.filter(taken_at=None).count() == 0
    assert Signal.objects.count() == 4
    assert list(flaws()) == []


def test_what_another_process_brings_reaches_a_run_whose_driver_is_busy_elsewhere(
    drivers: Drivers, alice: User
) -> None:
    """A branch of the run works on: nothing that its driver writes tells it of the signal."""
    document = around(WAIT)
    document["entry"] = ["s1", "long"]
    document["nodes"]["long"] = {
        "type": "tool",
        "tool": "time.sleep",
        "inputs": {"duration": "8"},
    }
    run = start_run(user=alice, version=build.published(document, alice), state={"order": "o1"})
    drivers.start()
    until(lambda: Wait.objects.filter(run=run, kind="signal").exists(), 40)
    assert status(run) == "running"

    began = time.monotonic()
    send_signal_to_runs(user=alice, name="paid", key="o1", payload={"sum": 2})
    until(lambda: RunEvent.objects.filter(run=run, kind="attempt.succeeded", node="s3").exists())

    assert time.monotonic() - began < 6
    assert completed(run, timeout=40)


def test_a_look_goes_by_the_index_however_much_is_kept() -> None:
    """No kept signal is held against every wait of its name."""
    connection = DjangoConnection()
    plan = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    if connection.vendor == "postgresql":
        connection.execute("SET enable_seqscan = off")
    told = connection.execute(plan + signal_post._PAIRS, signal_post._ENDING * 2)
    by_index = [row for row in map(str, told) if "wait_signal" in row or "signal_kept" in row]

    assert len(by_index) >= 2, told
