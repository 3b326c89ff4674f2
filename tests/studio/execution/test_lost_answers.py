"""The database commits, and its answer is lost on the way: nobody forgets what was committed."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from studio.actions.runs import start_run
from studio.claims import claiming
from studio.execution.service import Service
from studio.journal.integrity import flaws
from studio.journal.raw_connection import Unavailable
from studio.models import Run
from tests.studio import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_sweeps")]


def losing_one(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The same, whose first answer never arrives."""
    lost: list[object] = []

    def call(*arguments: Any, **more: Any) -> Any:
        found = answer(*arguments, **more)
        if not lost and found:
            lost.append(found)
            raise Unavailable("the connection died")
        return found

    return call


def test_a_claim_whose_answer_is_lost_is_found_again(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.execution.pool.claiming.claim", losing_one(claiming.claim))
    with transaction.atomic():  # so that it is claimed after it was made
        run = start_run(user=alice, version=build.published(build.chain("trial.touch"), alice))

    assert engine.wait_ended_blocking(run.public_id, 20)

    run.refresh_from_db()
    assert (run.status, list(flaws())) == ("completed", [])


@pytest.mark.parametrize("key", [None, "k1"])
def test_a_start_whose_answer_is_lost_is_one_run(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    connection = engine._engine.starts._connection  # type: ignore[union-attr]
    whole, lost = connection.transaction, []

    @contextlib.contextmanager
    def losing() -> Iterator[None]:
        with whole():
            yield
        if not lost:
            lost.append(True)
            raise Unavailable("the connection died")

    monkeypatch.setattr(connection, "transaction", losing)
    version = build.published(build.chain("trial.touch"), alice)
    run = start_run(user=alice, version=version, idempotency_key=key)

    assert lost
    assert engine.wait_ended_blocking(run.public_id, 20)
    assert [each.status for each in Run.objects.all()] == ["completed"]
    assert not getattr(run, "is_repeat", False)
    assert list(flaws()) == []
