"""Snapshots: written as a run goes on, and used wherever a journal would be read from its start."""

import asyncio
import time

import pytest
from django.contrib.auth.models import User

from engine import Event, EventKind, fold, new_run
from engine.keeping.snapshots import Snapshot as Taken
from engine.keeping.snapshots import alike, take
from studio.actions.runs import start_run
from studio.claims import claiming, leases
from studio.claims.owner import Owner
from studio.execution.service import Service, use
from studio.journal import codec, graphs, integrity, snapshots
from studio.journal.append import append_as_other
from studio.journal.buffer import RunJournal
from studio.journal.raw_connection import Raw
from studio.journal.writer import Writer
from studio.models import Blob, Run, RunEvent, Snapshot, Version
from studio.queries import runs as queries
from tests.studio import build
from tests.studio.journal.conftest import MakeRun

pytestmark = pytest.mark.django_db(transaction=True)


def ended(engine: Service, version: Version, user: User, **more: object) -> Run:
    run = start_run(user=user, version=version, state={"n": 0, **more})
    assert engine.wait_ended_blocking(run.public_id, 60)
    return Run.objects.get(pk=run.pk)


def seqs(run: Run) -> list[int]:
    return list(Snapshot.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))


def test_a_long_run_leaves_snapshots_that_say_what_its_journal_says(
    engine: Service, alice: User
) -> None:
    run = ended(engine, build.published(build.loop("trial.touch", 300), alice), alice)

    assert run.status == "completed"
    assert 3 <= len(seqs(run)) <= 7
    assert list(integrity.flaws()) == []


def test_the_state_at_every_event_is_the_same_with_and_without_them(
    engine: Service, alice: User
) -> None:
    run = ended(engine, build.published(build.loop("trial.touch", 160), alice), alice)
    asked = [1, *seqs(run), *(seq + 1 for seq in seqs(run)), queries.head(run)]
    with_them = [queries.state_at(run, seq) for seq in asked]

    Snapshot.objects.all().delete()

    assert len(asked) > 4
    assert with_them == [queries.state_at(run, seq) for seq in asked]


def test_a_short_run_leaves_none(engine: Service, alice: User) -> None:
    run = ended(engine, build.published(build.chain("trial.count", 20), alice), alice)

    assert seqs(run) == []


def test_a_large_value_that_nobody_touches_is_stored_once(engine: Service, alice: User) -> None:
    large = ["x" * 100] * 1000
    run = ended(engine, build.published(build.loop("trial.touch", 200), alice), alice, large=large)

    assert Blob.objects.count() == 1
    assert len(seqs(run)) >= 3
    assert all(len(text) < 4000 for text in Snapshot.objects.values_list("data", flat=True))
    assert queries.state_at(run, seqs(run)[-1])["large"] == large


def test_a_claim_reads_only_what_stands_behind_the_snapshot(
    engine: Service, alice: User, raw: Raw, owner: Owner
) -> None:
    version = build.published(build.loop("trial.touch", 400), alice)
    run = start_run(user=alice, version=version, state={"n": 0})
    wait_until(lambda: len(seqs(run)) >= 2)
    engine.stop(5)
    use(Service())
    assert Run.objects.get(pk=run.pk).status == "running"

    [claim] = claiming.claim(raw, [run.pk], owner, 30)

    assert claim.snapshot is not None
    assert claim.rows[0][0] == claim.snapshot[0] + 1
    assert claim.head == queries.head(run)
    leases.release(raw, run.pk, claim.fence)
    another = Service()
    another.start()
    assert another.wait_ended_blocking(run.public_id, 60)
    another.stop(5)
    done = Run.objects.get(pk=run.pk)
    assert (done.status, codec.decode(done.final_state or "")["n"]) == ("completed", 400)
    assert list(integrity.flaws()) == []


def wait_until(condition: object) -> None:
    until = time.monotonic() + 30
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_snapshot_of_another_format_is_passed_over(engine: Service, alice: User) -> None:
    run = ended(engine, build.published(build.loop("trial.touch", 160), alice), alice)
    state = queries.state_at(run, queries.head(run))
    for row in Snapshot.objects.all():
        row.data = row.data.replace('"format":', '"format":9')
        row.save()

    assert queries.state_at(run, queries.head(run)) == state


def test_fsck_notices_a_snapshot_that_says_something_else(engine: Service, alice: User) -> None:
    run = ended(engine, build.published(build.loop("trial.touch", 160), alice), alice)
    row = Snapshot.objects.filter(run=run)[0]
    row.data = row.data.replace('"steps":', '"steps":1')
    row.save()

    assert [flaw.code for flaw in integrity.flaws()] == ["snapshot"]


def committed(version: Version, run: Run, count: int) -> list[Event]:
    """So many commits as a driver would append them; only their number counts here."""
    return [
        Event(EventKind.ATTEMPT_SUCCEEDED, {"ops": [], "edges": []}, "s1", 1, 1, time=1.8e9)
        for _ in range(count)
    ]


def test_a_snapshot_on_its_way_is_dropped_when_somebody_else_wrote(
    make_started_run: MakeRun, version: Version, raw: Raw, owner: Owner
) -> None:
    graph = graphs.of(version)
    taken = take(fold(graph, [new_run(graph, {})]))

    async def go(run: Run, *, meanwhile: bool) -> None:
        [claim] = claiming.claim(raw, [run.pk], owner, 30)
        writer = Writer(raw, lambda _: None)
        journal = RunJournal(writer, run.pk, head=claim.head, fence=claim.fence)
        journal.snapshot = lambda: Taken(0, taken.shape, taken.values)
        journal.append(committed(version, run, snapshots.EVERY_COMMITS))
        if meanwhile:
            event = Event(EventKind.RUN_CANCEL_REQUESTED, {"reason": "", "by": None})
            append_as_other(raw, run.pk, [event])
        await journal.flush()

    calm, disturbed = make_started_run(), make_started_run()
    asyncio.run(go(calm, meanwhile=False))
    asyncio.run(go(disturbed, meanwhile=True))

    assert seqs(calm) == [RunEvent.objects.filter(run=calm).count()]
    assert seqs(disturbed) == []


def test_a_snapshot_is_not_due_without_a_commit() -> None:
    pace = snapshots.Pace()

    pace.count(0, 10 * snapshots.EVERY_BYTES)
    assert not pace.is_due

    pace.count(1, 0)
    assert pace.is_due


def test_the_blobs_of_a_dropped_snapshot_come_with_the_next_one() -> None:
    pace = snapshots.Pace()
    taken = Taken(1, {}, [["x" * 100] * 1000])
    dropped = pace.write(taken)

    written = pace.write(taken)
    pace.stored(written)

    assert list(written.blobs) == list(dropped.blobs) != []
    assert pace.write(taken).blobs == {}


def test_snapshots_never_take_more_room_than_the_journal() -> None:
    pace = snapshots.Pace()
    wide = Taken(0, {"x": "y" * 30_000}, [])
    size = 0
    written = 0
    for _ in range(2000):
        pace.count(1, 100)
        size += 100
        if pace.is_due:
            written += len(pace.write(wide).text)

    assert 0 < written <= size + 31_000


def test_what_is_written_is_what_was_taken(engine: Service, alice: User) -> None:
    document = build.chain("trial.count", 3)
    document["edges"][1]["from"] = "s1"
    run = ended(engine, build.published(document, alice), alice)
    graph = graphs.of(run.version)
    told = queries.journal(run)
    for cut in range(1, len(told) + 1):
        folded = fold(graph, told[:cut])
        text = snapshots.Pace().write(take(folded)).text

        read = snapshots.opened(graph, (cut, text), lambda sha: "")

        assert read is not None
        assert alike(read, folded)
