"""Many runs are claimed together: no more statements than for one, and each stands for itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from engine import Event, EventKind
from studio.claims import claiming
from studio.claims.owner import Owner, new_owner, retire
from studio.journal.append import append_as_other
from studio.journal.raw_connection import Raw
from studio.models import Run, RunEvent
from tests.studio.journal.conftest import MakeRun

pytestmark = pytest.mark.django_db(transaction=True)


class Counting:
    """A connection that counts what it is asked, and lets somebody in before a statement."""

    def __init__(self, raw: Raw) -> None:
        self.raw, self.vendor, self.asked = raw, raw.vendor, 0
        self.before_insert: Any = None

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        self.asked += 1
        return self.raw.execute(sql, parameters)

    def insert_many(self, sql: str, rows: Any) -> None:
        self.asked += 1
        self.raw.insert_many(sql, rows)

    def change_many(self, sql: str, rows: Any) -> int:
        self.asked += 1
        return self.raw.change_many(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.raw.transaction():
            yield


def test_a_hundred_runs_take_no_more_statements_than_one(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    one, many = Counting(raw), Counting(raw)

    claiming.claim(one, [make_started_run().pk], owner, 30)  # type: ignore[arg-type]
    runs = [make_started_run().pk for _ in range(100)]
    claims = claiming.claim(many, runs, owner, 30)  # type: ignore[arg-type]

    assert [claim.run_id for claim in claims] == runs
    assert many.asked == one.asked <= 6
    assert Run.objects.filter(lease_owner=str(owner), status="running").count() == 101
    assert RunEvent.objects.filter(kind="run.claimed").count() == 101


def test_the_order_that_was_asked_for_is_kept(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    runs = [make_started_run().pk for _ in range(4)]
    asked = [runs[2], runs[0], runs[3], runs[0], runs[1]]

    claims = claiming.claim(raw, asked, owner, 30)

    assert [claim.run_id for claim in claims] == [runs[2], runs[0], runs[3], runs[1]]
    assert [row[0] for claim in claims for row in claim.rows] == [1, 2] * 4


def test_one_that_changes_at_this_moment_does_not_hold_up_the_others(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    """Somebody else claimed one between the look and the writing: the others are claimed alone."""
    runs = [make_started_run() for _ in range(3)]
    late = runs[1]

    class Overtaken(Counting):
        def execute(self, sql: str, parameters: Sequence[object] = ()) -> Any:
            found = super().execute(sql, parameters)
            if "studio_version" in sql and len(found) == len(runs):
                # As if this look had been a moment before the other's claim.
                found = [
                    (*row[:5], row[5] - 1, *row[6:]) if row[0] == late.pk else row for row in found
                ]
            return found

    Run.objects.filter(pk=late.pk).update(fence=1)
    claims = claiming.claim(Overtaken(raw), [run.pk for run in runs], owner, 30)  # type: ignore[arg-type]

    assert [claim.run_id for claim in claims] == [run.pk for run in runs]
    assert [claim.fence for claim in claims] == [1, 2, 1]
    for run in runs:
        kinds = RunEvent.objects.filter(run=run, kind="run.claimed").count()
        assert kinds == 1, "what the first try wrote was rolled back"


def test_runs_with_and_without_snapshots_are_claimed_beside_each_other(
    make_started_run: MakeRun, raw: Raw, owner: Owner
) -> None:
    fresh, old = make_started_run(), make_started_run()
    former = new_owner()
    [first] = claiming.claim(raw, [old.pk], former, -1)
    append_as_other(
        raw, old.pk, [Event(EventKind.RUN_PAUSED, {}), Event(EventKind.RUN_RESUMED, {})]
    )
    raw.execute(
        "INSERT INTO studio_snapshot (run_id, seq, data) VALUES (%s, %s, %s)",
        (old.pk, first.head, "{}"),
    )
    retire(former)

    claims = {claim.run_id: claim for claim in claiming.claim(raw, [fresh.pk, old.pk], owner, 30)}

    assert claims[fresh.pk].snapshot is None
    assert [row[0] for row in claims[fresh.pk].rows] == [1, 2]
    assert claims[old.pk].snapshot == (first.head, "{}")
    assert next(row[0] for row in claims[old.pk].rows) == first.head + 1
