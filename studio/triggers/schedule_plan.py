"""What a schedule does at a moment: which due time fires, which are passed over, what is next.

Pure: the database's clock and the row's facts come in, a step goes out.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from studio.triggers.cron import Cron

MISSED_AFTER = timedelta(seconds=60)
"""A due time that is older than this was missed, by a studio that was down or very busy."""
CATCH_UP_MOST = 100
"""Missed times that are made up for at most, the latest ones."""
MAX_FAILURES = 5
"""Refused starts in a row after which a schedule is switched off."""
_FIRST_PAUSE = timedelta(minutes=1)


class CatchUp(StrEnum):
    """What happens with due times that passed while nothing ran."""

    SKIP = "skip"
    ONE = "one"
    ALL = "all"


class Overlap(StrEnum):
    """What happens at a due time while a run of the schedule is still active."""

    ALLOW = "allow"
    SKIP = "skip"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Timing:
    """When a schedule fires. `key` spreads the delays of different schedules."""

    cron: Cron
    catch_up: CatchUp
    jitter_s: int
    key: str

    def at(self, due: datetime) -> datetime:
        """When the run of a due time starts: then, or a while later, always the same."""
        if not self.jitter_s:
            return due
        digest = hashlib.sha256(f"{self.key} {due.isoformat()}".encode()).digest()
        return due + timedelta(seconds=int.from_bytes(digest[:8]) % (self.jitter_s + 1))


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a schedule."""

    fire: datetime | None
    """The due time to start a run for."""
    passed: tuple[datetime, datetime] | None
    """The first and the last due time that are passed over."""
    due: datetime | None
    """The next due time; it may have passed too: then another step follows."""


def step(timing: Timing, due: datetime, now: datetime) -> Step:
    """The move of a schedule whose time `due` has come at `now`."""
    most = CATCH_UP_MOST if timing.catch_up is CatchUp.ALL else 1
    before = due - timedelta(microseconds=1)
    come = [time for time in timing.cron.latest(before, now, most + 1) if timing.at(time) <= now]
    chosen = come[-most:] or [due]
    fire: datetime | None = chosen[0]
    next_due = timing.cron.after(chosen[0])
    passed = (due, _last_before(timing.cron, due, chosen[0])) if chosen[0] > due else None
    if timing.catch_up is CatchUp.SKIP and now - timing.at(chosen[0]) > MISSED_AFTER:
        fire, passed = None, (due, chosen[0])
    return Step(fire, passed, next_due)


def _last_before(cron: Cron, due: datetime, moment: datetime) -> datetime:
    earlier = cron.latest(due - timedelta(microseconds=1), moment - timedelta(microseconds=1), 1)
    return earlier[-1] if earlier else due


def pause_after(failures: int) -> timedelta:
    """How long a schedule whose last starts were refused rests: a minute, doubling."""
    return _FIRST_PAUSE * (1 << (failures - 1))
