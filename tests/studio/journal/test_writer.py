"""Grouped commits, the fence, and everything that may come in between."""

import asyncio
import contextlib
from typing import Any

import pytest
from django.db import connection

from engine import Event, EventKind, Fenced
from engine.planning.outcomes import is_adoptable
from studio.claims import claiming, leases
from studio.claims.owner import Owner
from studio.journal import blobs, codec, late_results
from studio.journal import writer as writing
from studio.journal.append import append_as_other
from studio.journal.buffer import RunJournal
from studio.journal.raw_connection import Full, Raw, Unavailable, connect
from studio.journal.reading import events_of
from studio.journal.writer import Writer
from studio.models import Blob, Run, RunEvent
from studio.queries.outcomes import late_result
from tests.studio.journal.conftest import MakeRun

pytestmark = pytest.mark.django_db(transaction=True)


def step(node: str = "s1", **data: Any) -> Event:
    return Event(EventKind.ATTEMPT_SUCCEEDED, {"ops": [], **data}, node, 1, 1, time=1.8e9)


def begin(act: int) -> Event:
    return Event(EventKind.ATTEMPT_STARTED, {}, f"s{act}", act, 1, time=1.8e9)


def end(act: int) -> Event:
    return Event(EventKind.ATTEMPT_SUCCEEDED, {"ops": []}, f"s{act}", act, 1, time=1.8e9)


def journal_of(run: Run, writer: Writer, raw: Raw, owner: Owner) -> RunJournal:
    [claim] = claiming.claim(raw, [run.pk], owner, 30)
    return RunJournal(writer, run.pk, head=claim.head, fence=claim.fence)


async def driven(run: Run, writer: Writer, raw: Raw, owner: Owner, *acts: int) -> RunJournal:
    """The journal of a driver that has calls of these activations under way."""
    journal = journal_of(run, writer, raw, owner)
    journal.append([begin(act) for act in acts])
    await journal.flush()
    return journal


def kinds(run: Run) -> list[str]:
    return list(RunEvent.objects.filter(run=run).order_by("seq").values_list("kind", flat=True))


def kinds_of(raw: Raw, run: Run) -> list[str]:
    """The same on a loop."""
    return [row[2] for row in raw.execute(codec.SELECT_EVENTS, (run.pk, 0))]


def seqs(run: Run) -> list[int]:
    return list(RunEvent.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))


def test_appends_of_many_runs_share_one_commit(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    woken: list[int] = []
    writer = Writer(raw, woken.append)
    runs = [make_started_run() for _ in range(5)]

    async def go() -> None:
        journals = [journal_of(run, writer, raw, owner) for run in runs]
        for journal in journals:
            journal.append([step(), step("s2")])
        await asyncio.gather(*(journal.flush() for journal in journals))

    asyncio.run(go())

    assert writer.commits == 1
    assert sorted(woken) == sorted(run.pk for run in runs)
    assert all(seqs(run) == [1, 2, 3, 4] for run in runs)


def test_what_nobody_waits_for_is_written_soon(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()

    async def go() -> list[int]:
        journal = journal_of(run, writer, raw, owner)
        counts = []
        for _ in range(3):
            journal.append([step()])
            await asyncio.sleep(0)
            counts.append(writer.commits)
        await asyncio.sleep(0.1)
        return [*counts, writer.commits]

    assert asyncio.run(go()) == [0, 0, 0, 1]
    assert seqs(run) == [1, 2, 3, 4, 5]


def test_flush_without_appends_returns_at_once(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()

    async def go() -> None:
        await journal_of(run, writer, raw, owner).flush()

    asyncio.run(go())

    assert writer.commits == 0


def test_a_claim_fences_the_former_driver(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()

    async def go() -> None:
        zombie = await driven(run, writer, raw, owner, 1)
        leases.release(raw, run.pk, zombie.fence)
        heir = journal_of(run, writer, raw, owner)
        zombie.append([step(late=True)])
        with pytest.raises(Fenced):
            await zombie.flush()
        zombie.append([step(later=True)])
        with pytest.raises(Fenced):
            await zombie.flush()
        heir.append([step(right=True)])
        await heir.flush()

    asyncio.run(go())

    assert kinds(run) == [
        "run.created",
        "run.claimed",
        "attempt.started",
        "run.claimed",
        "attempt.late_result",
        "attempt.late_result",
        "attempt.succeeded",
    ]
    assert '"right":true' in RunEvent.objects.get(run=run, kind="attempt.succeeded").data
    assert seqs(run) == [1, 2, 3, 4, 5, 6, 7]


def test_what_a_fenced_driver_brings_is_kept_whole(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """Somebody may adopt it, so nothing of it is shortened."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()
    ops = [["set", "small", 1], ["set", "large", "x" * 40_000]]
    error = {"code": "E_TOOL", "message": "no funds", "node": "b", "details": {}}

    async def go() -> None:
        zombie = await driven(run, writer, raw, owner, 1, 2)
        leases.release(raw, run.pk, zombie.fence)
        journal_of(run, writer, raw, owner)
        zombie.append(
            [
                Event(
                    EventKind.ATTEMPT_SUCCEEDED,
                    {"ops": ops, "edges": [], "commit": 1, "ms": 2.5},
                    "a",
                    1,
                    1,
                    time=1.8e9,
                ),
                Event(EventKind.ATTEMPT_FAILED, {"error": error}, "b", 2, 1, time=1.8e9),
            ]
        )
        with pytest.raises(Fenced):
            await zombie.flush()

    asyncio.run(go())
    rows = raw.execute(codec.SELECT_EVENTS, (run.pk, 0))
    done, failed = (e.data for e in events_of(raw, rows) if e.kind is EventKind.ATTEMPT_LATE_RESULT)
    assert (done["ok"], done["ops"], done["ms"]) == (True, ops, 2.5)
    assert (failed["ok"], failed["error"]) == (False, error)
    assert is_adoptable(done)
    assert is_adoptable(failed)


@pytest.mark.parametrize("knows", [False, True], ids=["learns_it_now", "knew_it_before"])
def test_what_a_fenced_driver_brings_while_the_database_is_away_is_kept_until_it_is_back(
    make_started_run: MakeRun,
    raw: Raw,
    owner: Owner,
    knows: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody may wait for it: a call that must not be made twice is over only then."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()
    away = 3

    def refuse(*arguments: Any) -> int:
        nonlocal away
        if away:
            away -= 1
            raise Unavailable("gone")
        return append_as_other(*arguments)

    monkeypatch.setattr(late_results, "append_as_other", refuse)
    monkeypatch.setattr(late_results, "RETRY_S", 0.01)

    async def go() -> None:
        zombie = await driven(run, writer, raw, owner, 1)
        leases.release(raw, run.pk, zombie.fence)
        journal_of(run, writer, raw, owner)
        zombie.append([step(late=1)])
        if knows:
            writer.give_up(zombie, Fenced("somebody else has it"))
            zombie.append([step("s2")])
        else:
            with pytest.raises(Fenced):
                await zombie.flush()
        async with asyncio.timeout(20):
            while kinds_of(raw, run).count("attempt.late_result") < 1 + knows:
                await asyncio.sleep(0.01)

    asyncio.run(go())

    assert away == 0
    assert kinds(run)[4:] == ["attempt.late_result"] * (1 + knows)


@pytest.mark.parametrize("error", [Fenced("taken"), ValueError("broken")])
def test_what_came_of_attempts_that_were_written_is_kept_and_of_no_others(
    make_started_run: MakeRun, raw: Raw, owner: Owner, error: Exception
) -> None:
    """Whoever drives the run next gives the numbers of those away again, to other steps."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.append([begin(1), begin(2)])
        await journal.flush()
        journal.append([end(1), begin(3), begin(4), end(3), end(5)])
        writer.give_up(journal, error)
        leases.release(raw, run.pk, journal.fence)
        heir = await driven(run, writer, raw, owner, 3, 4, 5)
        journal.append([end(2), end(4)])
        with pytest.raises(type(error)):
            await journal.flush()
        heir.append([end(3)])
        await heir.flush()

    asyncio.run(go())

    rows = RunEvent.objects.filter(run=run, kind="attempt.late_result").order_by("seq")
    assert list(rows.values_list("activation", flat=True)) == [1, 2]
    assert kinds(run).count("attempt.succeeded") == 1


def test_what_comes_of_calls_that_began_after_the_run_was_lost_is_not_kept(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """A driver hears of it when it waits for the disk, and pure steps do not: they go on."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()

    async def go() -> None:
        journal = await driven(run, writer, raw, owner, 1)
        writer.give_up(journal, Fenced("taken"))
        journal.append([end(1), begin(2)])
        journal.append([end(2), begin(3), end(3)])

    asyncio.run(go())

    rows = RunEvent.objects.filter(run=run, kind="attempt.late_result").order_by("seq")
    assert list(rows.values_list("activation", flat=True)) == [1]


@pytest.mark.parametrize("knows", [False, True], ids=["learns_it_now", "knew_it_before"])
def test_what_a_call_brings_after_its_time_counts_more_than_that_its_time_is_over(
    make_started_run: MakeRun, raw: Raw, owner: Owner, knows: bool
) -> None:
    """A worker stood still for long: the call timed out then, and has ended all the same."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()
    error = {"code": "E_TIMEOUT", "message": "too long"}
    ops = [["set", "paid", 5]]
    over = Event(EventKind.ATTEMPT_TIMED_OUT, {"error": error}, "s1", 1, 1, time=1.8e9)
    late = Event(EventKind.ATTEMPT_LATE_RESULT, {"ok": True, "ops": ops}, "s1", 1, 1, time=1.8e9)

    async def go() -> None:
        journal = await driven(run, writer, raw, owner, 1)
        journal.append([over])
        if knows:
            writer.give_up(journal, Fenced("taken"))
        journal.append([late])
        if not knows:
            writer.give_up(journal, Fenced("taken"))

    asyncio.run(go())

    told = events_of(raw, raw.execute(codec.SELECT_EVENTS, (run.pk, 0)))
    found = late_result(told, 1, 1)
    assert found is not None
    assert (found.data["ok"], found.data["ops"]) == (True, ops)


def test_whoever_waits_for_the_last_write_hears_that_the_run_is_lost(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """What was written is there, and still nothing may follow from it."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.append([begin(1)])
        waiting = asyncio.ensure_future(journal.flush())
        await asyncio.sleep(0)
        writer.commit()
        writer.give_up(journal, Fenced("taken"))
        with pytest.raises(Fenced):
            await waiting

    asyncio.run(go())

    assert kinds(run)[-1] == "attempt.started"


def test_a_transaction_is_stored_when_all_of_it_is(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """Its first events may be there already, written by another one whose answer was lost."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()

    async def go() -> list[bool]:
        journal = journal_of(run, writer, raw, owner)
        journal.append([step("s1"), step("s2"), step("s3")])
        found = [writer.stored(journal)]
        for seq, pending in enumerate(journal.pending, journal.head + 1):
            raw.insert_many(codec.INSERT_EVENT, [pending.row(run.pk, seq)])
            found.append(writer.stored(journal))
        append_as_other(raw, run.pk, [step("of another")])
        return [*found, writer.stored(journal)]

    assert asyncio.run(go()) == [False, False, False, True, True]


def test_a_driver_whose_run_was_moved_is_fenced(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """Its marking goes by a graph that is the run's no more, whatever it still has to say."""
    writer, run = Writer(raw, lambda run_id: None), make_started_run()

    async def go() -> None:
        zombie = await driven(run, writer, raw, owner, 1)
        moved = Event(EventKind.RUN_MOVED, {"graph": "another", "map": {}}, time=1.8e9)
        append_as_other(raw, run.pk, [moved])
        zombie.append([step()])
        with pytest.raises(Fenced, match="moved to another version"):
            await zombie.flush()

    asyncio.run(go())
    assert kinds(run)[2:] == ["attempt.started", "run.moved", "attempt.late_result"]


def test_a_fenced_run_does_not_hold_up_the_others(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    lost, kept = make_started_run(), make_started_run()

    async def go() -> None:
        zombie, driver = (journal_of(run, writer, raw, owner) for run in (lost, kept))
        leases.release(raw, lost.pk, zombie.fence)
        journal_of(lost, writer, raw, owner)
        zombie.append([step()])
        driver.append([step()])
        results = await asyncio.gather(zombie.flush(), driver.flush(), return_exceptions=True)
        assert isinstance(results[0], Fenced)
        assert results[1] is None

    asyncio.run(go())

    assert kinds(kept) == ["run.created", "run.claimed", "attempt.succeeded"]


def test_a_cancel_request_in_between_goes_before_the_own_events(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()
    notified: list[Event] = []

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.notify = notified.append
        append_as_other(raw, run.pk, [Event(EventKind.RUN_CANCEL_REQUESTED, {"reason": "why"})])
        journal.append([step()])
        await journal.flush()
        journal.append([step("s2")])
        await journal.flush()

    asyncio.run(go())

    assert [event.data["reason"] for event in notified] == ["why"]
    assert kinds(run) == [
        "run.created",
        "run.claimed",
        "run.cancel_requested",
        "attempt.succeeded",
        "attempt.succeeded",
    ]
    assert seqs(run) == [1, 2, 3, 4, 5]


def test_large_values_that_others_bring_are_whole(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """A child's result, an answer, a signal: their rows hold null, the driver needs the value."""
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()
    notified: list[Event] = []
    large = "x" * (blobs.LIMIT_BYTES + 1)

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.notify = notified.append
        for said in ("caught up with", "met in the middle of a write"):
            data = {"said": said, "payload": {"text": large}}
            append_as_other(raw, run.pk, [Event(EventKind.SIGNAL_RECEIVED, data)])
            if not notified:
                writer.catch_up(journal)
            else:
                journal.append([step()])
                await journal.flush()

    asyncio.run(go())

    assert [event.data["payload"] for event in notified] == [{"text": large}] * 2


def test_the_row_changes_with_the_event_that_ends_the_run(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.final_state = lambda: {"n": 3, "text": "a\0b"}
        journal.append([step(), Event(EventKind.RUN_COMPLETED, {}, time=1.8e9)])
        await journal.flush()

    asyncio.run(go())

    run.refresh_from_db()
    assert run.status == "completed"
    assert run.final_state == '{"n":3,"text":"a\ufffdb"}'
    assert run.finished_at is not None
    assert run.finished_at.timestamp() == 1.8e9
    assert (run.lease_owner, run.lease_until) == ("", None)


def test_a_failure_keeps_its_error_in_the_row(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()
    error = {"code": "E_TOOL", "message": "no", "node": "s1", "edge": None, "details": {}}

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.append([Event(EventKind.RUN_FAILED, {"error": error}, time=1.8e9)])
        await journal.flush()

    asyncio.run(go())

    run.refresh_from_db()
    assert (run.status, run.error_code) == ("failed", "E_TOOL")
    assert codec.decode(run.error) == error


def test_large_values_are_stored_once(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()
    large = "x" * 50_000

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        for _ in range(3):
            journal.append([step(ops=[["set", "text", large], ["set", "n", 1]])])
            await journal.flush()

    asyncio.run(go())

    rows = RunEvent.objects.filter(run=run, kind="attempt.succeeded")
    assert Blob.objects.count() == 1
    assert all(len(row.data) < 400 for row in rows)


def test_dirty_text_is_mended_and_said(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.append([step(ops=[["set", "text", "a\0b\ud800"]])])
        await journal.flush()

    asyncio.run(go())

    assert kinds(run)[-2:] == ["attempt.succeeded", "warning"]
    stored = RunEvent.objects.get(run=run, kind="attempt.succeeded")
    assert codec.decode(stored.data)["ops"] == [["set", "text", "a\ufffdb\ufffd"]]


class Flaky:
    """A connection that is away for a while, or dies after a commit it made."""

    def __init__(self, inner: Raw, failures: int, *, after_commit: bool) -> None:
        self._inner = inner
        self._failures = failures
        self._after_commit = after_commit
        self.vendor = inner.vendor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def batch(self) -> Any:
        return self._broken() if self._failures else self._inner.batch()

    def _broken(self) -> Any:
        self._failures -= 1

        @contextlib.contextmanager
        def transaction() -> Any:
            if self._after_commit:
                with self._inner.batch():
                    yield
            raise Unavailable("gone")

        return transaction()


@pytest.mark.parametrize("after_commit", [False, True])
def test_nothing_is_lost_or_doubled_when_the_database_goes_away(
    make_started_run: MakeRun, raw: Raw, owner: Owner, after_commit: bool
) -> None:
    run = make_started_run()

    async def go() -> None:
        flaky = Flaky(connect(), 2, after_commit=after_commit)
        writer = Writer(flaky, lambda run_id: None)  # type: ignore[arg-type]
        journal = journal_of(run, writer, raw, owner)
        journal.append([step(n=1)])
        await journal.flush()
        journal.append([step(n=2)])
        await journal.flush()
        flaky.close()

    asyncio.run(go())

    data = RunEvent.objects.filter(run=run, kind="attempt.succeeded").order_by("seq")
    assert [codec.decode(row.data)["n"] for row in data] == [1, 2]
    assert seqs(run) == [1, 2, 3, 4]


def test_a_journal_of_a_vanished_run_fails_alone(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer = Writer(raw, lambda run_id: None)
    gone, kept = make_started_run(), make_started_run()

    async def go() -> list[Any]:
        broken, whole = (journal_of(run, writer, raw, owner) for run in (gone, kept))
        raw.execute("DELETE FROM studio_runevent WHERE run_id = %s", (gone.pk,))
        raw.execute("DELETE FROM studio_run WHERE id = %s", (gone.pk,))
        broken.append([step()])
        whole.append([step()])
        return await asyncio.gather(broken.flush(), whole.flush(), return_exceptions=True)

    results = asyncio.run(go())

    assert isinstance(results[0], Exception)
    assert not isinstance(results[0], Unavailable)
    assert results[1] is None
    assert kinds(kept)[-1] == "attempt.succeeded"


def test_two_writers_of_one_run_never_take_the_same_number(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """A driver and somebody who cancels, turn by turn."""
    writer = Writer(raw, lambda run_id: None)
    run = make_started_run()
    other = connect()

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        for turn in range(10):
            journal.append([step(turn=turn)])
            append_as_other(other, run.pk, [Event(EventKind.LOG, {"turn": turn})])
            await journal.flush()

    asyncio.run(go())
    other.close()

    assert seqs(run) == list(range(1, 23))


def test_what_has_no_room_holds_up_nobody_else_and_says_so_once(
    make_started_run: MakeRun, raw: Raw, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = make_started_run(), make_started_run()
    write = writing.write_rows
    tries = 0

    def without_room(connection: Raw, batches: Any) -> None:
        nonlocal tries
        if any(batch.run_id == large.pk for batch in batches):
            tries += 1
            if tries < 5:
                raise Full("database or disk is full")
        write(connection, batches)

    monkeypatch.setattr(writing, "write_rows", without_room)

    async def go() -> None:
        writer = Writer(raw, lambda run_id: None)
        one, other = (journal_of(run, writer, raw, owner) for run in (large, small))
        for journal in (one, other):
            journal.append([step()])
        held_up = asyncio.ensure_future(one.flush())
        await other.flush()
        assert not held_up.done()
        assert writer.is_full
        await held_up
        assert not writer.is_full

    asyncio.run(go())

    assert kinds(small)[-1] == "attempt.succeeded"
    assert kinds(large)[-2:] == ["attempt.succeeded", "warning"]
    assert kinds(large).count("warning") == 1


def test_nothing_is_said_behind_the_end_of_a_run(
    make_started_run: MakeRun, raw: Raw, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_started_run()
    write = writing.write_rows
    answers = iter([Full("full"), Full("full"), None])

    def without_room(connection: Raw, batches: Any) -> None:
        if (answer := next(answers, None)) is not None:
            raise answer
        write(connection, batches)

    monkeypatch.setattr(writing, "write_rows", without_room)

    async def go() -> None:
        journal = journal_of(run, Writer(raw, lambda run_id: None), raw, owner)
        journal.append([Event(EventKind.RUN_COMPLETED, {}, time=1.8e9)])
        await journal.flush()

    asyncio.run(go())

    assert kinds(run)[-1] == "run.completed"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a lock for all writers is SQLite's")
def test_while_another_process_writes_the_loop_goes_on(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    writer, other = Writer(raw, lambda run_id: None), connect()
    runs = [make_started_run() for _ in range(2)]

    async def go() -> None:
        first, second = (journal_of(run, writer, raw, owner) for run in runs)
        first.append([step()])
        with other.transaction():
            flushed = asyncio.create_task(first.flush())
            await asyncio.sleep(0)  # it asks to be written
            await asyncio.sleep(0)  # the writer finds the lock taken
            second.append([step()])
            await asyncio.sleep(0)
            assert writer.commits == 0
        await flushed
        assert second.durable == second.appended, "what came meanwhile was not written along"

    asyncio.run(go())
    other.close()

    assert writer.commits == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a lock for all writers is SQLite's")
def test_it_does_not_go_on_for_ever(make_started_run: MakeRun, raw: Raw, owner: Owner) -> None:
    raw.set_patience(10)
    writer, other, run = Writer(raw, lambda run_id: None), connect(), make_started_run()

    async def go() -> None:
        journal = journal_of(run, writer, raw, owner)
        journal.append([step()])
        with other.transaction():
            flushed = asyncio.create_task(journal.flush())
            while not writer.is_at_rest:  # it has given up for now, and tries again later
                await asyncio.sleep(0)
        await flushed

    asyncio.run(go())
    other.close()

    assert writer.commits == 1
