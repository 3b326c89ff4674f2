"""Half a minute of `python -m tests.chaos` for every push, and its negative control."""

from pathlib import Path

import pytest

from tests.chaos.sleepwalkers import sleepwalk
from tests.chaos.storm import Storm
from tests.faults.postgres import BINARIES
from tests.studio.spread.brokers import REDIS

SECONDS = 20

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(BINARIES is None, reason="apt-get install -y postgresql"),
    pytest.mark.skipif(REDIS is None, reason="apt-get install -y redis-server"),
]


def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    storm = Storm(tmp_path, seed=7)
    try:
        storm.blow(SECONDS)
        report = storm.report()
    finally:
        storm.close()

    assert report.faults == [], report.figures()
    assert sum(storm.faults.values()) >= 5
    assert report.runs > 20


def test_without_the_fence_it_is_noticed(tmp_path: Path) -> None:
    """A test of this test: workers that wake up and write on do steps twice."""
    storm = Storm(tmp_path, workers=2, celery=False, fence=False, lease_s=1, drawn=8)
    try:
        happened = sleepwalk(storm)
        report = storm.report()
    finally:
        storm.close()

    assert happened, "nobody wrote on: there was nothing to notice"
    assert report.doubled, report.figures()
