"""Which runs are kept, as people write it."""

from datetime import UTC, datetime, timedelta

import pytest

from studio.setup.retention import Retention, a_retention


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("all", Retention()),
        ("30 days", Retention(days=30)),
        ("1 day", Retention(days=1)),
        ("100 runs", Retention(runs=100)),
        ("30 days, 100 runs", Retention(30, 100)),
        ("100 Runs,30 days", Retention(30, 100)),
    ],
)
def test_it_reads_what_people_write(text: str, rule: Retention) -> None:
    assert a_retention(text) == rule
    assert a_retention(str(rule)) == rule


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "30",
        "30 weeks",
        "0 days",
        "-1 runs",
        "3 days, 4 days",
        "30 days,",
        "1000000 runs",
        "40000 days",
        "200000 runs",
        "３ days",
    ],
)
def test_it_says_what_to_write_instead(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        a_retention(text)


def test_days_count_from_the_end_of_a_run() -> None:
    moment = datetime(2026, 3, 10, tzinfo=UTC)

    assert Retention(days=9).before(moment) == moment - timedelta(days=9)
    assert Retention(runs=9).before(moment) is None
