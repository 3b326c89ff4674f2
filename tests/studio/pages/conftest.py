"""People in front of a browser, and runs that have ended."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.models import Run, Version

Visit = Callable[[User], Client]
Finish = Callable[..., Run]


@pytest.fixture
def visit() -> Visit:
    """A browser in which this person is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def finish(engine: Service) -> Finish:
    """Start a run of a version and wait until it has ended."""

    def run_to_the_end(version: Version, user: User, **more: Any) -> Run:
        run = start_run(user=user, version=version, **more)
        assert engine.wait_ended_blocking(run.public_id, 20)
        return Run.objects.get(pk=run.pk)

    return run_to_the_end
