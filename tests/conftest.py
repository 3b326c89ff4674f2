"""Fixtures of all tests: users, a clean registry, and a real studio in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import services
from tests.live import LiveStudio

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {service.mark: service for service in services.missing()}
    for item in items:
        for mark in item.iter_markers():
            if mark.name in absent:
                reason = f"{absent[mark.name].name} is absent: {absent[mark.name].hint}"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def live_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStudio]:
    """A studio served by uvicorn on a free port, with its own data folder, shared by all tests."""
    studio = LiveStudio(tmp_path_factory.mktemp("studio") / "data")
    studio.start()
    yield studio
    studio.stop()


@pytest.fixture
def own_studio(tmp_path: Path) -> Iterator[LiveStudio]:
    """A studio for one test alone: it may be killed, restarted and filled."""
    studio = LiveStudio(tmp_path / "data")
    studio.start()
    yield studio
    studio.stop()
