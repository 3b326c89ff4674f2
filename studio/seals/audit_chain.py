"""The audit trail, chained day by day, so that a row changed or taken out later shows.

Once a day (UTC) is over, its rows are hashed together with the hash of the day before, and the hash
is sealed with a key that is not in the database. Whoever can write to the database but has no key
can neither change the past nor make it look whole. Rows of today, and a whole tail of days taken
out together with their hashes, are only told by a copy kept elsewhere: `fsck` prints the last hash.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from engine.values.jsonvalue import canonical
from studio.journal import codec
from studio.models import AuditDay, AuditEntry
from studio.seals import sealing

SETTLED = timedelta(minutes=10)
"""A day is closed so long after its end: transactions that began in it are over then."""
LOOK_S = 3600.0


def close_days(now: datetime | None = None) -> float:
    """Hash every day that is over and has rows. Several processes may do it at once."""
    last_over = ((now or timezone.now()) - SETTLED).astimezone(UTC).date() - timedelta(days=1)
    newest = AuditDay.objects.order_by("-day").first()
    rows = AuditEntry.objects.order_by("at")
    if newest is not None:
        rows = rows.filter(at__gte=_begin(newest.day + timedelta(days=1)))
    digest = newest.digest if newest is not None else ""
    while (first := rows.first()) is not None:
        day = first.at.astimezone(UTC).date()
        if day > last_over:
            break
        digest = _close(day, digest)
        rows = rows.filter(at__gte=_begin(day + timedelta(days=1)))
    return LOOK_S


def flaws() -> Iterator[tuple[str, str]]:
    """Every day that is not as it was when it was closed: (day, what is wrong)."""
    before = ""
    for closed in AuditDay.objects.order_by("day").iterator():
        digest, count = digest_of(closed.day, before)
        if (digest, count) != (closed.digest, closed.rows):
            yield (
                str(closed.day),
                f"the audit trail was changed: it had {closed.rows} rows with the hash"
                f" {closed.digest[:12]}…, now {count} with {digest[:12]}…",
            )
        elif not _seal_fits(closed):
            yield str(closed.day), "the hash of this day is not the one that was sealed"
        before = closed.digest


def head() -> dict[str, str] | None:
    """The last closed day and its hash, to be kept elsewhere."""
    newest = AuditDay.objects.order_by("-day").first()
    return None if newest is None else {"day": str(newest.day), "hash": newest.digest}


def digest_of(day: date, before: str) -> tuple[str, int]:
    """SHA-256 over the hash of the day before and the rows of this one, and how many they are."""
    whole, count = hashlib.sha256(before.encode()), 0
    rows = AuditEntry.objects.filter(at__gte=_begin(day), at__lt=_begin(day + timedelta(days=1)))
    fields = ("id", "at", "user_id", "verb", "object", "ip", "data")
    for row in rows.order_by("id").values_list(*fields).iterator(chunk_size=1000):
        number, at, *rest = row
        whole.update(canonical([number, codec.from_column(at), *rest]).encode() + b"\n")
        count += 1
    return whole.hexdigest(), count


def _close(day: date, before: str) -> str:
    digest, count = digest_of(day, before)
    sealed = sealing.seal(_sealed_text(day, digest, count))
    try:
        with transaction.atomic():
            AuditDay.objects.create(day=day, rows=count, digest=digest, sealed=sealed)
    except IntegrityError:
        return AuditDay.objects.get(day=day).digest  # another process was quicker
    return digest


def _seal_fits(closed: AuditDay) -> bool:
    try:
        text = sealing.unseal(closed.sealed)
    except sealing.SealingError:
        return False
    return text == _sealed_text(closed.day, closed.digest, closed.rows)


def _sealed_text(day: date, digest: str, count: int) -> str:
    return f"{day} {count} {digest}"


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
