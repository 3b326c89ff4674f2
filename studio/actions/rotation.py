"""Replacing the keys that seal: every sealed column under a new key, while the studio runs."""

import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.db import models

from studio.actions import audit
from studio.seals import sealing
from studio.seals.sealed_columns import sealed_columns, seals_by_key

BATCH = 200
MIN_AGE_S = 600.0
"""A key is dropped this long after its successor came: transactions of before have ended."""


@dataclass(frozen=True, slots=True)
class Rotation:
    key: str
    """The id of the key that everything is sealed with now."""
    resealed: int
    unreadable: int
    """Seals whose key is missing; they were left as they are."""


def rotate() -> Rotation:
    """A new key, and everything sealed under it. Old keys stay until `drop_unused`."""
    key = sealing.add_key() if not settings.SEAL_KEYS else sealing.key_ring().current
    resealed = unreadable = 0
    for column in sealed_columns():
        done, left = _reseal(*column)
        resealed, unreadable = resealed + done, unreadable + left
    audit.record(None, "secrets.rotate", key, resealed=resealed, unreadable=unreadable)
    return Rotation(key, resealed, unreadable)


def drop_unused() -> list[str]:
    """Delete the keys that seal nothing any more. Copies of the database of before need them."""
    if settings.SEAL_KEYS:
        raise sealing.SealingError(
            "The keys are in TREADLE_SEAL_KEYS: take the old ones out there."
        )
    ring, used = sealing.key_ring(), seals_by_key()
    dropped = [key for key, next_key in pairwise(ring.keys) if not used[key] and _old(next_key)]
    for key in dropped:
        sealing.drop_key(key)
    if dropped:
        audit.record(None, "secrets.drop_keys", ", ".join(dropped))
    return dropped


def _reseal(model: type[models.Model], field: str) -> tuple[int, int]:
    done, left, last = 0, 0, 0
    rows = model._base_manager.order_by("pk").values_list("pk", field)
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        for pk, sealed in batch:
            last = pk
            changed, readable = _reseal_one(model, field, pk, sealed)
            done, left = done + changed, left + (not readable)
    return done, left


def _reseal_one(
    model: type[models.Model], field: str, pk: int, sealed: str | None
) -> tuple[bool, bool]:
    """Whether the row was changed, and whether it can be read."""
    if not sealed:
        return False, True
    try:
        fresh = sealing.reseal(sealed)
    except sealing.SealingError:
        return False, False
    if fresh == sealed:
        return False, True
    # A value set meanwhile is under the new key already and must not be undone.
    same = model._base_manager.filter(pk=pk, **{field: sealed})
    return bool(same.update(**{field: fresh})), True


def _old(key: str) -> bool:
    path: Path = settings.DATA_DIR / sealing.FOLDER / key
    return time.time() - path.stat().st_mtime >= MIN_AGE_S
