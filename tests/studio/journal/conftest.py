"""Runs to write journals of, without an engine."""

from collections.abc import Callable, Iterator

import pytest

from engine import Event, EventKind
from studio.claims.owner import Owner, new_owner, retire
from studio.journal.append import append_first
from studio.journal.raw_connection import DjangoConnection, Raw, connect
from studio.models import Run, Version
from tests.studio import build

MakeRun = Callable[[], Run]


@pytest.fixture
def version(transactional_db: None) -> Version:
    return build.published(build.chain("trial.count"))


@pytest.fixture
def make_run(version: Version) -> MakeRun:
    """A run without any events."""

    def make() -> Run:
        return Run.objects.create(workflow=version.workflow, version=version)

    return make


@pytest.fixture
def make_started_run(make_run: MakeRun) -> MakeRun:
    """A run whose journal has its first event."""

    def make() -> Run:
        run = make_run()
        append_first(DjangoConnection(), run.pk, [Event(EventKind.RUN_CREATED, {"state": {}})])
        return run

    return make


@pytest.fixture
def raw(transactional_db: None) -> Iterator[Raw]:
    connection = connect()
    yield connection
    connection.close()


@pytest.fixture
def owner() -> Iterator[Owner]:
    made = new_owner()
    yield made
    retire(made)
