"""The cast of the studio's tests, and an engine that can be switched on."""

from collections.abc import Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.contrib.auth.models import Group, User
from django.db import connections
from pytest_django import DjangoDbBlocker

from studio.api import rates
from studio.execution.service import Service, use
from tests import open_connections
from tests.studio import tools

open_connections.watch()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The groups that a migration makes are there for no test.

    After the first one that empties the tables they are gone, so whether they are there would
    depend on which tests ran before.
    """
    with django_db_blocker.unblock():
        Group.objects.all().delete()


@pytest.fixture(autouse=True)
def no_connection_left_behind() -> Iterator[None]:
    """asgiref keeps one thread for all sync work, and that thread keeps its connection.

    Any other thread that ends has closed what it opened.
    """
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result(5)
    left = list(open_connections.left_by_ended_threads())
    assert not left, "\n".join(left)


@pytest.fixture(autouse=True)
def full_buckets() -> None:
    """No test pays for the requests of those before it."""
    rates.buckets.clear()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root")


@pytest.fixture
def engine(transactional_db: None) -> Iterator[Service]:
    """The engine of this process, driving what the test starts."""
    tools.reset()
    service = Service()
    use(service)
    service.start()
    yield service
    service.stop(5)
    use(Service())
