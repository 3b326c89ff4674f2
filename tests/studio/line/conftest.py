"""Many queued runs at once, without journals."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from studio.journal import codec
from studio.journal.raw_connection import Raw, connect
from studio.models import Run, Version
from tests.studio import build

Enqueue = Callable[..., list[int]]


@pytest.fixture
def version(transactional_db: None) -> Version:
    return build.published(build.chain("trial.count"))


@pytest.fixture
def raw(transactional_db: None) -> Iterator[Raw]:
    connection = connect()
    yield connection
    connection.close()


@pytest.fixture
def enqueue(version: Version) -> Enqueue:
    """Rows of runs; gives their keys, the oldest first."""

    def add(count: int, owner: User | None = None, **columns: Any) -> list[int]:
        one = {"workflow": version.workflow, "version": version, "owner": owner, **columns}
        made = Run.objects.bulk_create([Run(**one) for _ in range(count)], batch_size=500)
        return [run.pk for run in made]

    return add


@pytest.fixture
def now(raw: Raw) -> object:
    return codec.column_of(raw.vendor, timezone.now())
