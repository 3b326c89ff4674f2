"""A process does not take a run from itself, whatever became of the lease meanwhile."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from studio.actions.runs import start_run
from studio.execution.service import Service, use
from studio.models import Run
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two_at_once(transactional_db: None) -> Iterator[Service]:
    """An engine that has soon more to do than it may do at once, and so asks the line."""
    tools.reset()
    service = Service(drivers=2)
    use(service)
    service.start()
    yield service
    service.stop(5)
    use(Service())


def until(condition: Callable[[], bool], timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def test_a_run_that_is_driven_here_is_not_claimed_here_again(
    two_at_once: Service, alice: User
) -> None:
    """While the database is away no lease is renewed: a second driver would drop what the first
    one has to say, and a call that must not be made twice would wait for a person."""
    held = start_run(user=alice, version=build.published(build.chain("trial.wait", 1), alice))
    until(lambda: tools.called == ["wait"])
    Run.objects.filter(pk=held.pk).update(lease_until=timezone.now() - timedelta(minutes=1))

    version = build.published(build.chain("trial.count", 2, key="other"), alice)
    others = [start_run(user=alice, version=version, state={"n": 0}) for _ in range(8)]
    keys = [other.pk for other in others]
    until(lambda: Run.objects.filter(pk__in=keys, status="completed").count() == 8)
    held.refresh_from_db()
    assert held.fence == 1

    tools.gate.set()
    until(lambda: Run.objects.filter(pk=held.pk, status="completed").exists())
    assert tools.called.count("wait") == 1
