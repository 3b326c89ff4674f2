"""Deletes runs that were given up, and the blobs that nobody needs any more, a batch at a time.

A run is first marked (`Run.forgotten_at`), which is one small change and hides it; its rows go
after that, in as many transactions as it takes, from the leaves of a tree of runs up to its root.
Whoever stops in between, is killed, or does the same at the same time leaves nothing half-done:
the mark says what is still to go.
"""

from dataclasses import dataclass
from time import perf_counter

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from engine import TERMINAL_RUN_STATUSES
from studio.journal.raw_connection import DjangoConnection, Row
from studio.models import Blob, BlobUse, Run, Signal

TARGET_S = 0.05
"""How long the transaction of a batch is to last: nobody writes to SQLite meanwhile."""
FEWEST, MOST = 20, 2000
RUNS = 50
"""Runs whose rows go in one batch at most."""
CHILDREN = 500
PAGES = 256
"""Pages that SQLite gives back to the disk at once: 1 MiB."""


@dataclass(slots=True)
class Stride:
    """How many rows a batch takes, so that it lasts as long as it should."""

    rows: int = 200

    def took(self, seconds: float) -> None:
        """The last batch lasted so long."""
        if seconds > TARGET_S:
            self.rows = max(FEWEST, self.rows // 2)
        elif seconds < TARGET_S / 2:
            self.rows = min(MOST, self.rows * 2)


@dataclass(slots=True)
class Gone:
    """What was deleted."""

    runs: int = 0
    events: int = 0
    blobs: int = 0
    batches: int = 0

    def add(self, other: "Gone") -> None:
        self.runs += other.runs
        self.events += other.events
        self.blobs += other.blobs
        self.batches += other.batches


def delete_some(stride: Stride) -> Gone:
    """One batch of what is marked. Nothing gone in no batch: nothing is left that can go now."""
    began = perf_counter()
    gone = _delete_batch(stride.rows)
    stride.took(perf_counter() - began)
    return gone


def mark_children() -> int:
    """Give up runs that were started by runs which are given up. Returns how many."""
    parents = Run.objects.filter(forgotten_at__isnull=False)
    children = Run.objects.filter(
        parent__in=parents, forgotten_at=None, kept=False, status__in=TERMINAL_RUN_STATUSES
    )
    with transaction.atomic():
        found = children.select_for_update(skip_locked=True, no_key=True, of=("self",))
        keys = list(found.order_by("id").values_list("pk", flat=True)[:CHILDREN])
        Run.objects.filter(pk__in=keys).update(forgotten_at=Now())
    return len(keys)


@transaction.atomic
def _delete_batch(rows: int) -> Gone:
    raw = DjangoConnection()
    keys = list(_leaves().values_list("pk", flat=True)[:RUNS])
    if not keys:
        return Gone()
    gone = Gone(batches=1)
    gone.events = _delete_of(raw, "studio_runevent", keys, rows)
    if gone.events == rows or _delete_of(raw, "studio_snapshot", keys, rows // 10) == rows // 10:
        return gone
    freed, is_rest = _free_blobs(raw, keys, rows // 10)
    gone.blobs = freed
    if is_rest:
        gone.runs = _delete_rows(keys)
    return gone


def _leaves() -> QuerySet[Run]:
    """Marked runs that no other one needs: two that prune at the same time take different ones."""
    children = Run.objects.filter(parent=OuterRef("pk"))
    rows = Run.objects.filter(forgotten_at__isnull=False).exclude(Exists(children))
    return rows.select_for_update(skip_locked=True, of=("self",)).order_by("id")


def _delete_of(raw: DjangoConnection, table: str, keys: list[int], most: int) -> int:
    marks = ", ".join(["%s"] * len(keys))
    return raw.change(
        f"DELETE FROM {table} WHERE id IN"
        f" (SELECT id FROM {table} WHERE run_id IN ({marks}) LIMIT %s)",
        (*keys, most),
    )


def _free_blobs(raw: DjangoConnection, keys: list[int], most: int) -> tuple[int, bool]:
    """Let go of some blobs of these runs. Returns how many went, and whether none is left."""
    uses = list(BlobUse.objects.filter(run__in=keys).values_list("pk", "blob_id")[:most])
    names = sorted({name for _, name in uses})
    _lock(names)
    BlobUse.objects.filter(pk__in=[key for key, _ in uses]).delete()
    return _delete_unused(raw, names), len(uses) < most


def _lock(names: list[str]) -> None:
    """Of two that let go of a blob's last uses, the second one sees that the first did. Whoever
    writes a reference to it at this moment waits for us, or we for him."""
    rows = Blob.objects.filter(pk__in=names).order_by("pk").select_for_update()
    list(rows.values_list("pk", flat=True))


def _delete_unused(raw: DjangoConnection, names: list[str]) -> int:
    if not names:
        return 0
    marks = ", ".join(["%s"] * len(names))
    return raw.change(
        f"DELETE FROM studio_blob WHERE sha256 IN ({marks}) AND NOT EXISTS"
        " (SELECT 1 FROM studio_blobuse WHERE studio_blobuse.sha256 = studio_blob.sha256)",
        names,
    )


def _delete_rows(keys: list[int]) -> int:
    """The rows of runs without a journal, and what others say of them."""
    Signal.objects.filter(taken_by__in=keys).delete()
    Signal.objects.filter(run__in=keys, owner=None).delete()
    _, by_model = Run.objects.filter(pk__in=keys).only("pk").delete()
    return by_model.get("studio.Run", 0)


# Blobs that nobody refers to ---------------------------------------------------------------------


def drop_unused_blobs(after: str, most: int = 200) -> tuple[str | None, int]:
    """Look at the next blobs behind this name, and delete those without a use.

    Returns the name to go on behind, or None at the end, and how many went. A run lets go of its
    blobs by itself: this finds what a damaged or older database left behind.
    """
    names = list(
        Blob.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most]
    )
    if not names:
        return None, 0
    used = set(BlobUse.objects.filter(blob__in=names).values_list("blob_id", flat=True))
    unused = [name for name in names if name not in used]
    count = 0
    if unused:
        with transaction.atomic():
            _lock(unused)
            count = _delete_unused(DjangoConnection(), unused)
    return (names[-1] if len(names) == most else None), count


# SQLite gives pages back -------------------------------------------------------------------------


def give_pages_back() -> int:
    """Let SQLite shorten its file a little. Returns how many free pages are left in it.

    PostgreSQL uses room again by itself (autovacuum).
    """
    if connection.vendor != "sqlite" or not gives_pages_back():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA incremental_vacuum({PAGES})")
        cursor.fetchall()
        return _number(cursor.execute("PRAGMA freelist_count").fetchone())


def gives_pages_back() -> bool:
    """Whether the file was made so that it can be shortened. True on PostgreSQL."""
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        return _number(cursor.execute("PRAGMA auto_vacuum").fetchone()) != 0


def _number(row: Row) -> int:
    return int(row[0])
