"""Cron texts: real switches of the clock in real zones, and texts that are meant to hurt."""

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product, takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.triggers import cron
from studio.triggers.cron import CronRefused

# Local times of one day around a switch, `+hhmm` from UTC as it was at each.
DAYS = [
    # Europe/Berlin springs from 02:00 to 03:00 on 29 March 2026.
    ("Europe/Berlin", "2026-03-29", "30 2 * * *", "03:00+0200"),
    ("Europe/Berlin", "2026-03-29", "0 2 * * *", "03:00+0200"),
    ("Europe/Berlin", "2026-03-29", "0,30 2 * * *", "03:00+0200"),
    ("Europe/Berlin", "2026-03-29", "0 2,3 * * *", "03:00+0200"),
    ("Europe/Berlin", "2026-03-29", "30 1 * * *", "01:30+0100"),
    ("Europe/Berlin", "2026-03-29", "30 3 * * *", "03:30+0200"),
    ("Europe/Berlin", "2026-03-29", "*/30 2 * * *", ""),
    ("Europe/Berlin", "2026-03-29", "0 1-4 * * *", "01:00+0100 03:00+0200 04:00+0200"),
    ("Europe/Berlin", "2026-03-29", "0 0-5/1 * * 0", "00:00+0100 01:00+0100 03:00+0200 04:00+0200"
     " 05:00+0200"),
    # It falls back from 03:00 to 02:00 on 25 October 2026.
    ("Europe/Berlin", "2026-10-25", "30 2 * * *", "02:30+0200"),
    ("Europe/Berlin", "2026-10-25", "0 2,3 * * *", "02:00+0200 03:00+0100"),
    ("Europe/Berlin", "2026-10-25", "30 1-3 * * *", "01:30+0200 02:30+0200 03:30+0100"),
    ("Europe/Berlin", "2026-10-25", "*/30 2 * * *",
     "02:00+0200 02:30+0200 02:00+0100 02:30+0100"),
    # New York: 8 March from 02:00, 1 November back at 02:00.
    ("America/New_York", "2026-03-08", "15 2 * * *", "03:00-0400"),
    ("America/New_York", "2026-11-01", "30 1 * * *", "01:30-0400"),
    ("America/New_York", "2026-11-01", "0 2 * * *", "02:00-0500"),
    # Half an hour, at 02:00.
    ("Australia/Lord_Howe", "2026-10-04", "15 2 * * *", "02:30+1100"),
    ("Australia/Lord_Howe", "2026-04-05", "45 1 * * *", "01:45+1100"),
    # At midnight.
    ("America/Santiago", "2026-09-06", "30 0 * * *", "01:00-0300"),
    ("Africa/Cairo", "2026-04-24", "0 0 * * *", "01:00+0300"),
    ("Atlantic/Azores", "2026-10-25", "30 0 * * *", "00:30+0000"),
    # A whole day was left out: its time fires when the next day begins.
    ("Pacific/Apia", "2011-12-31", "0 12 * * *", "00:00+1400 12:00+1400"),
    # No switch at all.
    ("UTC", "2026-03-29", "30 2 * * *", "02:30+0000"),
    ("Asia/Kolkata", "2026-03-29", "0 9 * * *", "09:00+0530"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "day", "text", "times"), DAYS)
def test_times_that_a_switch_skips_or_repeats(zone: str, day: str, text: str, times: str) -> None:
    found = cron.read(text, zone)
    here = cron._zone(zone)
    begin = datetime.fromisoformat(day).replace(tzinfo=here)
    before = begin.astimezone(UTC) - timedelta(seconds=1)
    local = [at.astimezone(here) for at in found.upcoming(before, 6)]

    assert [f"{at:%H:%M%z}" for at in local if f"{at:%Y-%m-%d}" == day] == times.split()


@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 12, tzinfo=UTC)),
    ],
)
def test_an_interval_goes_by_real_time_through_a_switch(zone: str, begin: datetime) -> None:
    times = cron.read("*/15 * * * *", zone).upcoming(begin, 40)

    assert {later - one for one, later in pairwise(times)} == {timedelta(minutes=15)}


def test_a_switch_within_an_hour_holds_nobody_up() -> None:
    """In Chatham 03:45 becomes 02:45: 03:00 comes twice, and what follows comes too."""
    begin = datetime(2026, 4, 4, 11, tzinfo=UTC)
    found = cron.read("*/15 3 * * *", "Pacific/Chatham")
    times = found.upcoming(begin, 8)

    assert [f"{found.local(at):%d %H:%M%z}" for at in times] == [
        "05 03:00+1345",
        "05 03:15+1345",
        "05 03:30+1345",
        "05 03:00+1245",
        "05 03:15+1245",
        "05 03:30+1245",
        "05 03:45+1245",
        "06 03:00+1245",
    ]
    assert found.latest(begin, times[-1], 3) == times[-3:]
    later = begin + timedelta(minutes=30)
    assert cron.read("50 */3 * * *", "Pacific/Chatham").after(later) == datetime(
        2026, 4, 4, 15, 5, tzinfo=UTC
    )


def test_asking_in_the_repeated_hour_never_leads_back() -> None:
    """01:45 comes twice in New York; between both, the next 01:30 is tomorrow's."""
    between = datetime(2026, 11, 1, 6, 15, tzinfo=UTC)

    assert cron.read("30 1 * * *", "America/New_York").after(between) == datetime(
        2026, 11, 2, 6, 30, tzinfo=UTC
    )


@settings(deadline=None)
@given(
    text=st.sampled_from(
        [
            "30 2 * * *",
            "0,30 1,2,3 * * *",
            "*/20 * * * *",
            "*/20 2,3 * * *",
            "0 */2 * * *",
            "15 2 * * 0",
            "0 0 1 * *",
        ]
    ),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "UTC"]
    ),
    begin=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
    days=st.integers(0, 15),
    count=st.integers(1, 20),
)
def test_the_latest_are_the_end_of_all(
    text: str, zone: str, begin: datetime, days: int, count: int
) -> None:
    found, after = cron.read(text, zone), begin.replace(tzinfo=UTC)
    until = after + timedelta(days=days)
    every = list(takewhile(lambda at: at <= until, found._times(after)))

    assert sorted(set(every)) == every
    assert found.latest(after, until, count) == every[-count:]


def test_a_year_of_missed_minutes_costs_little() -> None:
    found = cron.read("* * * * *", "Europe/Berlin")
    now = datetime(2026, 11, 1, tzinfo=UTC)
    started = time.perf_counter()

    assert len(found.latest(now - timedelta(days=365), now, 100)) == 100
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("text", "same"),
    [("@daily", "0 0 * * *"), (" @HOURLY ", "0 * * * *"), ("  5   4 * * sun ", "5 4 * * sun")],
)
def test_short_forms(text: str, same: str) -> None:
    assert cron.read(text, "UTC").fields == same


_FIELDS = (
    "",
    "60",
    "-1",
    "*/0",
    "1-",
    "5-1",
    "1,,2",
    "a",
    "1.5",
    "*/*",
    "٣",
    "1;2",
    "${1}",
    "0x1",
    "1 e",
    "%",
    "*&",
    "1..5",
    "~",
    "1h",
)
_WRONG = [
    " ".join(bad if place == at else "*" for place in range(5))
    for at, bad in product(range(5), _FIELDS)
]
_PLACED = [
    *("* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 8"),
    *("* * * * MON#6", "* * * * #", "* * * * L", "* * * * XL", "* * L-3 * *", "* * 15W * *"),
    *("0 0 30 2 *", "0 0 31 2,4,6 *", "0 0 31 9 *", "? ? ? ? ?", "H H * * *", "@reboot"),
    *("@every 5m", "@", "@@daily", "@daily @daily", "daily", "@dail\u0443", "* * * * -1"),
    *("", " ", "\n", "\0", "*", "* *", "* * *", "* * * *", "* * * * * *", "0 0 0 1 1 * 2026"),
    *("every day", "🕐 * * * *", "* * * * *; rm -rf /", "* * * * *\n* * * * *", "'* * * * *'"),
    *("__import__('os') * * * *", "{{7*7}} * * * *", "<script> * * * *", "\u202e* * * * *"),
    *("\uff0a * * * *", "\u0661 * * * *", "\ud800 * * * *", "²L * * * *", "* * * * ²L"),
    *("1" * 5000 + " * * * *", "*," * 60 + "* * * * *", "*/1" * 60, "* " * 1000),
    *("1/" * 40 + "1 * * * *", "1-" * 40 + "1 * * * *", "#" * 80 + " * * * *"),
    *("9" * 90 + " * * * *", "L" * 80 + " * * * *"),
    *(f"{'0,' * length}61 * * * *" for length in (1, 5, 10, 20, 40, 45, 50, 100)),
    *(f"* * * * {day}#{nth}" for day in ("MON", "9", "*", "1-5", "L") for nth in (0, 6, 99, "")),
    *(f"* * {day} * *" for day in ("LWL", "WL", "L1", "1L", "LW-1", "1#1", "-", "--", "/", "//2")),
    *(f"{text} * * * *" for text in ("*-5", "*5", "5*", "**", "5/", "/5", "5//2", "5-/2")),
    *(f"{text} * * * *" for text in ("1-60", "59-61", "00000000060", "1_0", "\u00b2", "\u2167")),
    *(f"* {text} * * *" for text in ("mon", "jan", "noon", "12am", "12:00", "24", "0-24")),
    *(f"* {text} * * *" for text in ("-0", "+1", "1e1", "1L", "L", "1#1", "LW")),
]  # fmt: skip
HOSTILE = [*_WRONG, *_PLACED]


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_sec_hostile_cron_texts(text: str) -> None:
    """Each is refused at once, with a sentence that says what to write."""
    started = time.perf_counter()
    with pytest.raises(CronRefused) as caught:
        cron.read(text, "Europe/Berlin")

    assert time.perf_counter() - started < 0.05
    assert caught.value.field == "cron"
    assert "such as 30 9 * * 1-5" in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("text", ["0 0 */31 * 1#5", "0 0 */31 2 1#5", "0 0 */29 2 1#5"])
def test_texts_that_never_come_true_are_found_out_soon(text: str) -> None:
    started = time.perf_counter()

    assert cron.read(text, "America/Santiago").after(datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    "zone",
    ["", "Mars/Base", "../../etc/passwd", "/etc/passwd", "utc ", "\0", "Europe", "localtime"],
)
def test_sec_hostile_time_zones(zone: str) -> None:
    with pytest.raises(CronRefused) as caught:
        cron.read("* * * * *", zone)

    assert caught.value.field == "time_zone"
    assert "Europe/Berlin" in str(caught.value)
