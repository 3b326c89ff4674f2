"""Repairs of what the journal says better: `manage.py fsck --repair`.

The journal is the truth and is never touched. What is made anew is what stands beside it: columns
of the run's row, rows of waits, notes of which blobs are needed, snapshots.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils.timezone import now

from engine import TERMINAL_RUN_STATUSES, RunStatus
from studio.journal import codec, run_check
from studio.journal.append import INSERT_USE
from studio.journal.expected_waits import COLUMNS
from studio.journal.raw_connection import DjangoConnection
from studio.journal.run_check import Seen
from studio.journal.run_row import change_for
from studio.models import Blob, Run, Snapshot, Wait

_AT_REST = {*TERMINAL_RUN_STATUSES, RunStatus.PAUSED, RunStatus.WAITING}

Mend = Callable[[Run, Seen], bool]


def mend(run_id: int) -> list[str]:
    """Repair what can be repaired of a run. Returns the codes of what was.

    A run that somebody drives is left alone: its driver writes those rows.
    """
    mended: list[str] = []
    with transaction.atomic():
        # Who claims the run waits for this, and whoever appends meanwhile is seen at the end.
        run = Run.objects.select_for_update().get(pk=run_id)
        connection = DjangoConnection()
        head = connection.execute(codec.SELECT_HEAD, (run_id,))
        seen = run_check.check(connection, run_id)
        codes = list(dict.fromkeys(code for code, _ in seen.found))
        if _is_driven(run) or (seen.folded is None and set(codes) != {"blob_use"}):
            return []
        mended = [code for code in codes if code in MENDS and MENDS[code](run, seen)]
        if connection.execute(codec.SELECT_HEAD, (run_id,)) != head:
            transaction.set_rollback(True)
            return []
    return mended


def _is_driven(run: Run) -> bool:
    if run.status in TERMINAL_RUN_STATUSES or not run.lease_owner:
        return False
    return run.lease_until is not None and run.lease_until > now()


def _row(run: Run, seen: Seen) -> bool:
    """The columns that the last end, pause or wait set."""
    folded, event = seen.folded, seen.last_resting
    if folded is None:
        return False
    status = folded.status
    if event is not None and status in _AT_REST:
        columns = change_for(event, DjangoConnection().vendor, lambda: folded.state)
        if columns["status"] != status.value:
            return False
        columns = {"finished_at": None, "final_state": None, **columns}
    else:
        going = status if status is RunStatus.CANCELLING else RunStatus.QUEUED
        columns = {
            "status": going.value,
            "finished_at": None,
            "final_state": None,
            "lease_owner": "",
            "lease_until": None,
        }
    sets = ", ".join(f"{column} = %s" for column in columns)
    DjangoConnection().change(
        f"UPDATE studio_run SET {sets} WHERE id = %s", (*columns.values(), run.pk)
    )
    return True


def _lease(run: Run, seen: Seen) -> bool:
    Run.objects.filter(pk=run.pk).update(lease_owner="", lease_until=None)
    return True


def _open_waits(run: Run, seen: Seen) -> bool:
    stored = set(Wait.objects.filter(run=run, closed_at=None).values_list("ref", "kind"))
    for key, row in seen.waits.items():
        if key in stored:
            continue
        values = {name: row[name] for name in COLUMNS if name not in {"run_id", "ref", "kind"}}
        for name in ("due_at", "created_at"):
            values[name] = None if row[name] is None else codec.moment_of(row[name])
        wait, _ = Wait.objects.update_or_create(
            run=run, ref=row["ref"], kind=row["kind"], defaults={**values, "closed_at": None}
        )
        # A new row has the moment of its making, whatever it was given.
        Wait.objects.filter(pk=wait.pk).update(created_at=values["created_at"])
    return True


def _close_waits(run: Run, seen: Seen) -> bool:
    for wait in Wait.objects.filter(run=run, closed_at=None):
        if (wait.ref, wait.kind) not in seen.waits:
            Wait.objects.filter(pk=wait.pk).update(closed_at=now())
    return True


def _list_outcomes(run: Run, seen: Seen) -> bool:
    return _open_waits(run, seen) and _close_waits(run, seen)


def _note_uses(run: Run, seen: Seen) -> bool:
    there = Blob.objects.filter(pk__in=seen.needed).values_list("pk", flat=True)
    DjangoConnection().insert_many(INSERT_USE, [(run.pk, name) for name in sorted(there)])
    return True


def _drop_snapshots(run: Run, seen: Seen) -> bool:
    """All of them: one that is wrong says little for the others, and none is needed."""
    Snapshot.objects.filter(run=run).delete()
    return True


MENDS: dict[str, Mend] = {
    "lease": _lease,
    "status": _row,
    "finished_at": _row,
    "final_state": _row,
    "wait_missing": _open_waits,
    "wait_left": _close_waits,
    "outcome": _list_outcomes,
    "blob_use": _note_uses,
    "snapshot": _drop_snapshots,
}
