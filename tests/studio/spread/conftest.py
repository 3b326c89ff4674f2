"""Processes beside the test's own, and a web process that drives nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.execution.service import Service, use
from tests.studio.spread.processes import Processes


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def web(transactional_db: None) -> Iterator[Service]:
    """The engine of this process, as in a web process with TREADLE_DRIVERS=0."""
    service = Service(drivers=0)
    use(service)
    service.start()
    yield service
    service.stop(5)
    use(Service())
