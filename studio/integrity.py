"""What must be true of the stored runs, checked row by row: `manage.py fsck`."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from engine import TERMINAL_RUN_STATUSES, EngineError, Event, EventKind, RunStatus, fold
from engine.snapshots import alike
from studio import audit_chain, blobs, codec, graphs, sealing, snapshots
from studio.models import Blob, Run, RunEvent, Snapshot
from studio.queries import runs
from studio.raw_connection import DjangoConnection
from studio.sealed_columns import seals_by_key


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is not as it must be."""

    code: str
    """gap, doubled_step, lease, version, status, final_state, fold, snapshot, audit, seal,
    blob_missing or blob_altered."""
    subject: str
    """The public id of the run, the SHA-256 of the blob, the day, or the id of the key."""
    message: str


def flaws() -> Iterator[Flaw]:
    """Every flaw of every run and blob, in the order in which they were made."""
    for run in Run.objects.select_related("version").order_by("id").iterator(chunk_size=200):
        yield from flaws_of_run(run)
    yield from _altered_blobs()
    yield from (Flaw("audit", day, message) for day, message in audit_chain.flaws())
    yield from _unreadable_seals()


def _unreadable_seals() -> Iterator[Flaw]:
    """Keys that are missing: what they sealed cannot be used."""
    held = sealing.key_ring().keys
    for key, count in sorted(seals_by_key().items()):
        if key not in held:
            yield Flaw("seal", key, f"this key is missing: it sealed {count} values")


def flaws_of_run(run: Run) -> Iterator[Flaw]:
    missing = _missing_blobs(run)
    yield from (Flaw("blob_missing", str(run.public_id), f"no blob {sha}") for sha in missing)
    if missing:
        return
    try:
        events = runs.journal(run)
    except ValueError as error:
        yield Flaw("fold", str(run.public_id), f"its journal cannot be read: {error}")
        return
    for code, message in (*_of_journal(events), *_of_row(run, events)):
        yield Flaw(code, str(run.public_id), message)


def _of_journal(events: list[Event]) -> Iterator[tuple[str, str]]:
    numbers = [event.seq for event in events]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "gap", "the numbers of its events have gaps"
    commits = Counter(e.act for e in events if e.kind is EventKind.ATTEMPT_SUCCEEDED)
    doubled = sorted(act for act, count in commits.items() if act is not None and count > 1)
    if doubled:
        yield "doubled_step", f"activations committed more than once: {doubled[:5]}"


def _of_row(run: Run, events: list[Event]) -> Iterator[tuple[str, str]]:
    if run.status in TERMINAL_RUN_STATUSES and run.lease_owner:
        yield "lease", "it has ended and is still held by a driver"
    try:
        folded = fold(graphs.of(run.version), events, graphs.kin_of(run.version))
    except (EngineError, LookupError, TypeError, ValueError) as error:
        yield "fold", f"its journal cannot be folded: {type(error).__name__}: {error}"
        return
    if folded.marking.plan.graph.hash != run.version.hash:
        yield "version", "the journal leads to another version than the row names"
    if not _agree(run.status, folded.status):
        yield "status", f"the row says {run.status}, the journal {folded.status}"
    yield from _of_snapshots(run, events)
    if run.final_state is not None and codec.decode(run.final_state) != folded.state:
        yield "final_state", "the row holds another final state than the journal leads to"


def _of_snapshots(run: Run, events: list[Event]) -> Iterator[tuple[str, str]]:
    graph, connection = graphs.of(run.version), DjangoConnection()
    kin = graphs.kin_of(run.version)
    for row in Snapshot.objects.filter(run=run).order_by("seq").values_list("seq", "data"):
        try:
            kept = snapshots.opened(graph, row, lambda sha: snapshots.blob(connection, sha), kin)
        except (EngineError, LookupError, TypeError, ValueError) as error:
            yield "snapshot", f"snapshot {row[0]} cannot be read: {type(error).__name__}: {error}"
            continue
        told = [event for event in events if event.seq <= row[0]]
        if kept is not None and not alike(kept, fold(graph, told, kin)):
            yield "snapshot", f"snapshot {row[0]} says something else than the journal"


def _agree(row: str, told: RunStatus) -> bool:
    """A run that nobody took yet is queued in the row; its journal only knows that it exists.

    One that waited and was sent something runs in the row, before a driver has looked at it.
    """
    if row == RunStatus.RUNNING and told is RunStatus.WAITING:
        return True
    return row == told or {row, told} <= {RunStatus.QUEUED, RunStatus.RUNNING}


def _missing_blobs(run: Run) -> list[str]:
    rows = RunEvent.objects.filter(run=run, data__contains=f'"{blobs.REFERENCES}"')
    wanted = {
        sha
        for data in rows.values_list("data", flat=True)
        for sha in blobs.references(codec.decode(data))
    }
    there = Blob.objects.filter(sha256__in=wanted).values_list("sha256", flat=True)
    return sorted(wanted - set(there))


def _altered_blobs() -> Iterator[Flaw]:
    for blob in Blob.objects.order_by("created_at").iterator(chunk_size=20):
        if hashlib.sha256(blob.data.encode()).hexdigest() != blob.sha256:
            yield Flaw("blob_altered", blob.sha256, "its content does not have this hash")
