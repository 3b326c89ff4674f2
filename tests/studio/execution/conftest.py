"""Short words for running things in these tests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.models import Run
from tests.studio import build

RunIt = Callable[..., Run]


@pytest.fixture
def quick_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for it before `engine`: the table is looked at every 0.3 s."""
    monkeypatch.setattr("studio.execution.sweeper.SWEEP_S", 0.3)


@pytest.fixture
def run_it(engine: Service, alice: User) -> RunIt:
    """Start a run of a document and wait until it rests."""

    def go(document: dict[str, Any], timeout: float = 20, **state: Any) -> Run:
        run = start_run(user=alice, version=build.published(document, alice), state=state)
        assert engine.wait_ended_blocking(run.public_id, timeout), "the run does not rest"
        run.refresh_from_db()
        return run

    return go
