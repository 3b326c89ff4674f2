"""When a cron text fires in a time zone. Pure: moments in, moments out, all of them in UTC.

Local times that a switch of the clock skips or repeats follow Debian's cron. A text that names its
minutes and hours fires once a day whatever the clock does: a time that is skipped at the first
minute after the gap, a time that comes twice at the first of both. A text with `*` in one of these
two fields means an interval and follows real time: nothing is fired twice or left out.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from engine.said import Said, quoted, say

MAX_TEXT = 100
MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_MARGIN = timedelta(hours=3)
"""No clock is switched by more."""
_FORM = say(
    "Write five fields: minute, hour, day of month, month, day of week, such as 30 9 * * 1-5"
)
_MISTAKES = {
    str(said): said
    for said in (
        say("Bad minute"),
        say("Bad hour"),
        say("Bad day-of-month"),
        say("Bad month"),
        say("Bad day-of-week"),
    )
}
"""What the parser says, in English."""


class CronRefused(ValueError):
    """`field` is `cron` or `time_zone`; the message says what to write."""

    def __init__(self, field: str, said: Said) -> None:
        super().__init__(said)
        self.field = field
        self.said = said


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron text in a time zone, checked. Made by `read`."""

    fields: str
    zone: str

    def after(self, moment: datetime) -> datetime | None:
        """The first time after this moment; None when none comes within fifty years."""
        return next(self._times(moment), None)

    def upcoming(self, moment: datetime, count: int) -> list[datetime]:
        """The next times after this moment, at most `count`."""
        return list(islice(self._times(moment), count))

    def latest(self, after: datetime, until: datetime, count: int) -> list[datetime]:
        """The last `count` times in (after, until], oldest first, however many there are."""
        begin = max(after, self._back(after, until, count))
        found: deque[datetime] = deque(maxlen=count)
        for moment in self._times(begin):
            if moment > until:
                break
            found.append(moment)
        return list(found)

    def local(self, moment: datetime) -> datetime:
        """The moment as the clocks of the zone show it."""
        return moment.astimezone(_zone(self.zone))

    def _times(self, after: datetime) -> Iterator[datetime]:
        last = after
        for moment in self._fixed(after) if self._names_times() else self._intervals(after):
            # Two times of one gap have the same minute after it.
            if moment > last:
                last = moment
                yield moment

    def _names_times(self) -> bool:
        minute, hour = self.fields.split()[:2]
        return not minute.startswith("*") and not hour.startswith("*")

    def _fixed(self, after: datetime) -> Iterator[datetime]:
        for local in CronSim(self.fields, after.astimezone(_zone(self.zone))):
            yield local.astimezone(UTC)

    def _intervals(self, after: datetime) -> Iterator[datetime]:
        """Every moment at which the clocks show a fitting time, from some hours before `after`.

        The parser walks over plain local times: given a zone, it never comes past a switch of the
        clock within an hour, as in Pacific/Chatham.
        """
        again: deque[datetime] = deque()
        for wall in CronSim(self.fields, self._wall(after) - _MARGIN):
            moment = self._moment(wall)
            while again and again[0] < moment:
                yield again.popleft()
            if self._wall(moment) != wall:
                continue  # no clock shows it
            yield moment
            if (repeated := self._moment(wall, fold=1)) != moment:
                again.append(repeated)
        yield from again

    def _back(self, after: datetime, until: datetime, count: int) -> datetime:
        """A moment before which at most `count` times lie until `until`, found backwards."""
        reached = until
        start = self._wall(until) + _MARGIN
        shown = 0
        for wall in CronSim(self.fields, start, reverse=True):
            reached = self._moment(wall)
            shown += reached <= until and self._wall(reached) == wall
            if reached <= after or shown > count:
                break
        return reached - _MARGIN

    def _wall(self, moment: datetime) -> datetime:
        """What a clock of the zone shows at the moment."""
        return self.local(moment).replace(tzinfo=None, fold=0)

    def _moment(self, wall: datetime, fold: int = 0) -> datetime:
        return wall.replace(tzinfo=_zone(self.zone), fold=fold).astimezone(UTC)


@lru_cache(maxsize=1024)
def read(text: str, zone: str) -> Cron:
    """The cron text in that zone. Raises CronRefused."""
    if zone not in zones():
        raise CronRefused(
            "time_zone",
            say(
                "There is no time zone {zone}: write one such as {example}.",
                zone=quoted(zone[:60]),
                example="Europe/Berlin",
            ),
        )
    fields = MACROS.get(text.strip().lower(), text)
    if len(fields) > MAX_TEXT or len(fields.split()) != 5:
        raise CronRefused(
            "cron", say("{form}, or one of {known}.", form=_FORM, known=", ".join(MACROS))
        )
    fields = " ".join(fields.split())
    try:
        CronSim(fields, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        problem = _MISTAKES.get(str(error), str(error))
        said = say("{problem} in {text}. {form}.", problem=problem, text=quoted(fields), form=_FORM)
        raise CronRefused("cron", said) from None
    except Exception:
        # The parser's own mistakes are no reason to fail on hostile text.
        said = say("{text} cannot be read. {form}.", text=quoted(fields), form=_FORM)
        raise CronRefused("cron", said) from None
    return Cron(fields, zone)


@cache
def zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(name for name in available_timezones() if name != "localtime")


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
