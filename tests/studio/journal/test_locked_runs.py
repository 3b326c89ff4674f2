"""Somebody stands still in the middle of a transaction about a run: other runs do not wait for it.

A process that was stopped, or whose host was cut off, keeps its locks until PostgreSQL ends its
session. (SQLite has one lock for everything.)
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.db import connection

from engine import Event, EventKind
from studio.claims import claiming, leases
from studio.claims.owner import Owner
from studio.journal import codec, failpoints, stuck_sessions
from studio.journal.buffer import Pending, RunJournal
from studio.journal.raw_connection import Raw, Unavailable, connect, idle_ms
from studio.journal.writer import Writer
from studio.models import Run, RunEvent
from tests.studio.journal.conftest import MakeRun

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks all or nothing"),
]

PATIENCE_S = 8
"""Less than a session may be idle in a transaction, so that nothing but patience can be lost."""


class Sleeper:
    """Writes about a run, and does not commit."""

    def __init__(self) -> None:
        self._raw = connect()
        self._raw.execute("BEGIN")

    def append(self, run: Run, seq: int) -> None:
        event = Event(EventKind.RUN_CLAIMED, {"owner": "asleep", "fence": 9}, time=1.8e9)
        pending = Pending(event, "postgresql", codec.encode(event.data), {})
        self._raw.insert_many(codec.INSERT_EVENT, [pending.row(run.pk, seq)])

    def touch(self, run: Run) -> None:
        self._raw.execute("UPDATE studio_run SET tags = tags WHERE id = %s", (run.pk,))

    def go(self) -> None:
        self._raw.execute("ROLLBACK")

    def close(self) -> None:
        self._raw.close()


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    made = Sleeper()
    yield made
    made.close()


def test_commits_of_others_do_not_wait(
    make_started_run: MakeRun, raw: Raw, owner: Owner, sleeper: Sleeper
) -> None:
    writer = Writer(raw, lambda run_id: None)
    locked, free = make_started_run(), make_started_run()

    async def go() -> None:
        journals = []
        for run in (locked, free):
            [claim] = claiming.claim(raw, [run.pk], owner, 30)
            journals.append(RunJournal(writer, run.pk, head=claim.head, fence=claim.fence))
        sleeper.append(locked, 3)
        for _ in range(2):
            for journal in journals:
                journal.append([_step()])
            await asyncio.wait_for(journals[1].flush(), PATIENCE_S)
        assert journals[0].durable == 0
        sleeper.go()
        await asyncio.wait_for(journals[0].flush(), PATIENCE_S)

    asyncio.run(go())

    for run in (locked, free):
        assert RunEvent.objects.filter(run=run, kind="attempt.succeeded").count() == 2


def test_claims_of_others_do_not_wait(
    make_started_run: MakeRun, raw: Raw, owner: Owner, sleeper: Sleeper
) -> None:
    locked, *free = [make_started_run() for _ in range(3)]
    sleeper.append(locked, 2)

    claims = claiming.claim(raw, [locked.pk, *(run.pk for run in free)], owner, 30)

    assert [claim.run_id for claim in claims] == [run.pk for run in free]
    assert claiming.claim(raw, [locked.pk], owner, 30) == []
    sleeper.go()
    assert len(claiming.claim(raw, [locked.pk], owner, 30)) == 1


def test_leases_of_others_are_renewed(
    make_started_run: MakeRun, raw: Raw, owner: Owner, sleeper: Sleeper
) -> None:
    runs = [make_started_run() for _ in range(2)]
    claiming.claim(raw, [run.pk for run in runs], owner, 30)
    Run.objects.update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    sleeper.touch(runs[0])

    assert leases.renew(raw, owner, 30) == 1

    assert Run.objects.get(pk=runs[1].pk).lease_until > datetime(2021, 1, 1, tzinfo=UTC)
    sleeper.go()
    assert leases.renew(raw, owner, 30) == 2


# Sessions that are ended ------------------------------------------------------------------------


@pytest.fixture
def short_lease(settings: LazySettings) -> None:
    """Ask for it before whoever connects: transactions may stand still for a second."""
    settings.LEASE_SECONDS = 1


@pytest.mark.usefixtures("short_lease")
def test_who_sleeps_in_a_transaction_loses_its_session(
    make_started_run: MakeRun, owner: Owner
) -> None:
    run, raw, sleeper = make_started_run(), connect(), connect()
    try:
        with pytest.raises(Unavailable):
            sleep_in_transaction(sleeper, run, lambda: claiming.claim(raw, [run.pk], owner, 30))
        assert sleeper.execute("SELECT 1") == [(1,)]
    finally:
        raw.close()
        sleeper.close()


@pytest.mark.usefixtures("short_lease")
def test_who_sleeps_while_it_sends_a_batch_loses_its_session(
    make_started_run: MakeRun, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, raw, sleeper = make_started_run(), connect(), connect()
    ended: list[int] = []

    def asleep(place: str) -> None:
        if place != "append.committing" or ended:
            return
        assert stuck_sessions.end(raw, 60_000) == 0, "it has not been asleep for that long"
        until(lambda: stuck_sessions.end(raw, idle_ms(1)))
        ended.append(len(claiming.claim(raw, [run.pk], owner, 30)))

    monkeypatch.setattr(failpoints, "hook", asleep)
    try:
        touch = "UPDATE studio_run SET tags = tags WHERE id = %s"
        with pytest.raises(Unavailable), sleeper.batch():
            sleeper.insert_many(touch, [(run.pk,), (run.pk,)])
        assert ended == [1]
        assert sleeper.execute("SELECT 1") == [(1,)]
    finally:
        raw.close()
        sleeper.close()


def test_sessions_at_work_are_left_alone(make_started_run: MakeRun, raw: Raw) -> None:
    run, worker = make_started_run(), connect()
    try:
        with worker.transaction():
            worker.execute("UPDATE studio_run SET tags = tags WHERE id = %s", (run.pk,))
            assert stuck_sessions.end(raw, 5_000) == 0
    finally:
        worker.close()


def sleep_in_transaction(sleeper: Raw, run: Run, over: Callable[[], object]) -> None:
    with sleeper.transaction():
        sleeper.execute("UPDATE studio_run SET tags = tags WHERE id = %s", (run.pk,))
        until(over)
        sleeper.execute("SELECT 1")


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _step() -> Event:
    return Event(EventKind.ATTEMPT_SUCCEEDED, {"ops": []}, "s1", 1, 1, time=1.8e9)
