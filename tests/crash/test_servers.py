"""The slice on PostgreSQL, and what Celery drives there."""

from pathlib import Path
from statistics import median

import pytest

from tests.crash import programs
from tests.crash.grounds import ground
from tests.crash.matrix import Case
from tests.crash.slices import hurt, slice_of
from tests.studio.spread.brokers import REDIS

pytestmark = pytest.mark.timeout(300)
TAKEN_UP_S = 2.0
"""How soon runs go on whose process died, with another one on the same host."""


@pytest.mark.postgres
def test_runs_survive_it_on_postgresql(tmp_path: Path) -> None:
    with ground("postgresql", tmp_path) as matrix:
        hurt(matrix, slice_of(matrix, ["idempotent", "once", "transactional", "children"]))


@pytest.mark.postgres
@pytest.mark.skipif(REDIS is None, reason="apt-get install -y redis-server")
def test_runs_that_celery_drives_survive_it(tmp_path: Path) -> None:
    kills = [("hint.sent", 1), ("append.writing", 2), ("tool.done", 2)]
    with ground("redis", tmp_path) as matrix:
        report = hurt(matrix, [Case(programs.of_effect("idempotent"), [kill]) for kill in kills])

    # Celery by itself may look only after five seconds who is gone.
    assert median(report.recoveries) < TAKEN_UP_S, report.figures()
