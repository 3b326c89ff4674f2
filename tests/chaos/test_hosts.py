"""A host that is cut off loses its runs to others, and changes nothing when it is back."""

from pathlib import Path

import pytest

from tests.chaos.apart import apart, cut_off
from tests.chaos.hosts import why_not
from tests.faults.postgres import BINARIES
from tests.studio.spread.brokers import REDIS

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "-"),
    pytest.mark.skipif(BINARIES is None, reason="apt-get install -y postgresql"),
    pytest.mark.skipif(REDIS is None, reason="apt-get install -y redis-server"),
]


def test_a_host_that_is_cut_off_is_fenced_when_it_is_back(tmp_path: Path) -> None:
    with apart(tmp_path) as world:
        told = cut_off(world)

        assert told.moved, "the host held nothing when it was cut off"
        assert told.report.faults == []
