"""Runs to watch, written by hand: what is sent depends on rows alone."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import Event, EventKind
from studio.accounts import tokens
from studio.actions.runs import start_run
from studio.journal.append import append_as_other
from studio.journal.raw_connection import DjangoConnection
from studio.live import hub, pool
from studio.models import Run
from tests.studio import build

Append = Callable[..., None]


@pytest.fixture(autouse=True)
def no_reading_threads_left_behind() -> Iterator[None]:
    yield
    pool.close()


@pytest.fixture
def owner(transactional_db: None) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def token(owner: User) -> str:
    return tokens.create(user=owner, name="test")[1]


@pytest.fixture
def run(owner: User) -> Run:
    """A queued run that nothing drives."""
    return start_run(user=owner, version=build.published(build.chain("trial.count"), owner))


def append(run: Run, kind: EventKind = EventKind.LOG, **data: Any) -> None:
    """One more row, announced as the journal announces it."""
    node = data.pop("node", None)
    event = Event(kind, data or {"level": "info", "message": "x"}, node, time=time.time())
    append_as_other(DjangoConnection(), run.pk, [event])
    hub.wake(run.pk)


def fill(run: Run, count: int) -> None:
    """Many log lines."""
    events = [
        Event(EventKind.LOG, {"level": "info", "message": f"line {number}"}, time=time.time())
        for number in range(count)
    ]
    append_as_other(DjangoConnection(), run.pk, events)
    hub.wake(run.pk)


def end(run: Run) -> None:
    """Its last row."""
    append(run, EventKind.RUN_COMPLETED)
    Run.objects.filter(pk=run.pk).update(status="completed")
