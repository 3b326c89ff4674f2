"""`start_run` inside the caller's own transaction: the run and his rows come together or not."""

import json
import time

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.test import RequestFactory

from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.execution import dispatch
from studio.execution.service import Service
from studio.models import AuditEntry, Blob, Run, RunEvent, Version, Workflow
from tests.studio import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count", 1, key="handle-order"), alice)


class Hints(dispatch.Nobody):
    """Remembers each hint, and whether the run could be seen by then."""

    def __init__(self) -> None:
        self.given: list[tuple[int, bool]] = []

    def wanted(self, run_id: int) -> None:
        self.given.append((run_id, not transaction.get_connection().in_atomic_block))


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> Hints:
    made = Hints()
    monkeypatch.setattr(dispatch, "_dispatcher", made)
    return made


def everything() -> list[int]:
    return [model.objects.count() for model in (Group, Run, RunEvent, AuditEntry, Blob)]


# The view of docs/triggers.md; a group stands for the shop's own order.
def place_order(request: HttpRequest) -> JsonResponse:
    workflow = Workflow.objects.get(key="handle-order", deleted_at=None)
    assert workflow.published is not None
    assert isinstance(request.user, User)
    with transaction.atomic():
        order = Group.objects.create(name=json.loads(request.body)["name"])
        run = start_run(
            user=request.user,
            version=workflow.published,
            state={"order": order.pk, "text": "x" * 50_000},
            source="order",
            idempotency_key=f"order-{order.pk}",
        )
    return JsonResponse({"order": order.pk, "run": str(run.public_id)}, status=201)


def posted(user: User, name: str) -> JsonResponse:
    request = RequestFactory().post("/orders", {"name": name}, "application/json")
    request.user = user
    return place_order(request)


def test_the_documented_view_makes_both_and_the_run_runs(
    engine: Service, alice: User, version: Version
) -> None:
    answer = json.loads(posted(alice, "first").content)

    assert engine.wait_ended_blocking(answer["run"], 20)
    run = Run.objects.get(public_id=answer["run"])
    assert (run.status, run.source) == ("completed", "order")
    assert Group.objects.get(name="first").pk == answer["order"]


def test_the_documented_view_leaves_nothing_when_it_fails(
    engine: Service, alice: User, version: Version
) -> None:
    posted(alice, "first")
    before = everything()

    with pytest.raises(IntegrityError):
        posted(alice, "first")

    assert everything()[:2] == before[:2]
    assert everything()[3:] == before[3:]


def started_and_dropped(user: User, version: Version) -> None:
    """Raises RuntimeError in the middle of a transaction that started a run."""
    with transaction.atomic():
        before = everything()
        Group.objects.create(name="order")
        start_run(user=user, version=version, state={"text": "x" * 50_000})
        assert all(now > then for now, then in zip(everything(), before, strict=True))
        raise RuntimeError


def test_a_rollback_leaves_no_row_and_gives_no_hint(
    alice: User, version: Version, hints: Hints
) -> None:
    before = everything()

    with pytest.raises(RuntimeError):
        started_and_dropped(alice, version)

    assert everything() == before
    assert hints.given == []


def test_the_hint_comes_after_the_commit_and_not_before(
    alice: User, version: Version, hints: Hints
) -> None:
    with transaction.atomic():
        with transaction.atomic():
            run = start_run(user=alice, version=version)
        assert hints.given == []

    assert hints.given == [(run.pk, True)]


def test_a_rolled_back_inner_block_takes_only_its_own_run(
    alice: User, version: Version, hints: Hints
) -> None:
    with transaction.atomic():
        kept = start_run(user=alice, version=version)
        with pytest.raises(RuntimeError):
            started_and_dropped(alice, version)

    assert Run.objects.get() == kept
    assert [run_id for run_id, _ in hints.given] == [kept.pk]


def test_no_driver_sees_a_run_before_its_commit(
    engine: Service, alice: User, version: Version
) -> None:
    with transaction.atomic():
        run = start_run(user=alice, version=version)
        engine.submit(run.pk)
        time.sleep(0.3)
        assert RunEvent.objects.filter(run=run).count() == 1

    assert engine.wait_ended_blocking(run.public_id, 20)


def test_a_refused_start_leaves_the_callers_transaction_usable(
    alice: User, version: Version, hints: Hints
) -> None:
    start_run(user=alice, version=version, state={"n": 1}, idempotency_key="k")
    with transaction.atomic():
        with pytest.raises(ActionError, match="Idempotency-Key"):
            start_run(user=alice, version=version, state={"n": 2}, idempotency_key="k")
        again = start_run(user=alice, version=version, state={"n": 1}, idempotency_key="k")
        Group.objects.create(name="order")

    assert again.is_repeat
    assert (Group.objects.filter(name="order").count(), Run.objects.count()) == (1, 1)
