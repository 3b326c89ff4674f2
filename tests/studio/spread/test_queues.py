"""Queues and tools say who drives a run; who ends one needs neither."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import ToolRegistry, default_registry
from studio.actions.errors import InvalidDocument
from studio.actions.runs import cancel_run, start_run
from studio.claims import candidates, claiming
from studio.claims.fitness import Fit
from studio.claims.owner import new_owner, retire
from studio.execution.service import Service, use
from studio.journal.raw_connection import Raw, connect
from studio.models import Run
from studio.queries.explain import explained
from tests.studio import build
from tests.studio.spread.processes import Processes, drivers_of, status

pytestmark = pytest.mark.django_db(transaction=True)


def document(queue: str, key: str = "queued") -> dict[str, Any]:
    return {**build.chain("trial.count", 1, key=key), "queue": queue}


def claim(raw: Raw, run: Run, fit: Fit) -> bool:
    owner = new_owner()
    try:
        return bool(claiming.claim(raw, [run.pk], owner, 30, fit=fit))
    finally:
        retire(owner)


def found(raw: Raw, fit: Fit) -> list[int]:
    owner = new_owner()
    try:
        return candidates.claimable(raw, owner, 10, fit=fit)
    finally:
        retire(owner)


@pytest.fixture
def raw() -> Any:
    connection = connect()
    yield connection
    connection.close()


def test_a_run_is_driven_by_who_takes_from_its_queue(raw: Raw, alice: User) -> None:
    plain = start_run(user=alice, version=build.published(build.chain("trial.count", 1), alice))
    heavy = start_run(user=alice, version=build.published(document("gpu"), alice))
    assert (plain.queue, heavy.queue) == ("default", "gpu")

    assert found(raw, Fit(("default",))) == [plain.pk]
    assert found(raw, Fit(("gpu", "cpu"))) == [heavy.pk]
    assert found(raw, Fit()) == [plain.pk, heavy.pk]
    assert not claim(raw, heavy, Fit(("default",))), "a hint is no way around its queue"
    assert claim(raw, heavy, Fit(("gpu",)))

    # It was begun, and its driver died: that changes nothing.
    Run.objects.filter(pk=heavy.pk).update(lease_until=None, lease_owner="")
    assert found(raw, Fit(("default",))) == [plain.pk]
    cancel_run(user=alice, run=heavy)
    assert found(raw, Fit(("default",))) == [heavy.pk, plain.pk], "anybody may end it"


def test_a_run_is_driven_by_who_has_its_tools(raw: Raw, alice: User) -> None:
    version = build.published(build.chain("trial.count", 1), alice)
    run = start_run(user=alice, version=version)
    registry = ToolRegistry()
    fit = Fit((), registry)

    assert not claim(raw, run, fit)
    assert found(raw, fit) == [], "a version that was found to be foreign is not looked at again"
    registry.register("trial.count", default_registry.get("trial.count").function)
    assert claim(raw, run, fit), "tools that come later count"


def test_the_items_of_a_map_go_to_the_queue_it_names(engine: Service, alice: User) -> None:
    shape: dict[str, Any] = {
        **build.chain("trial.count", 1, key="spreading"),
        "queue": "default",
        "nodes": {
            "s1": {
                "type": "map",
                "over": "[1, 2]",
                "body": {"tool": "trial.count"},
                "dispatch": "queue",
                "queue": "gpu",
            }
        },
    }
    run = start_run(user=alice, version=build.published(shape, alice))
    engine.wait_ended_blocking(run.public_id, 2)
    items = Run.objects.filter(parent=run).order_by("id")
    assert [(item.status, item.queue) for item in items] == [("queued", "gpu")] * 2
    reason, *_ = explained(items[0])["reasons"]
    assert (reason["queue"], reason["missing_tools"]) == ("gpu", [])
    assert "that takes from the queue 'gpu'" in reason["text"]

    other = Service(queues=("gpu",))
    other.start()
    try:
        assert engine.wait_ended_blocking(run.public_id, 20, patient=True)
    finally:
        other.stop(5)
        use(engine)
    assert status(run) == "completed"


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"queue": "GPU 1"}, "/queue"),
        ({"queue": "q" * 41}, "/queue"),
        (
            {
                "nodes": {
                    "s1": {
                        "type": "map",
                        "over": "[1]",
                        "body": {"tool": "trial.count"},
                        "queue": "gpu",
                    }
                }
            },
            "/nodes/s1/queue",
        ),
    ],
)
def test_a_queue_that_cannot_be_is_refused(
    alice: User, changed: dict[str, Any], where: str
) -> None:
    with pytest.raises(InvalidDocument) as caught:
        build.published({**build.chain("trial.count", 1), **changed}, alice)

    assert [detail["pointer"] for detail in caught.value.details] == [where]


def test_a_worker_takes_from_the_queues_it_is_given(
    processes: Processes, web: Service, alice: User
) -> None:
    heavy = start_run(user=alice, version=build.published(document("gpu"), alice))
    plain = start_run(user=alice, version=build.published(build.chain("trial.count", 1), alice))
    worker = processes.worker("--queues", "gpu,cpu")

    assert web.wait_ended_blocking(heavy.public_id, 30), processes.said()
    assert drivers_of(heavy) == [worker.pid]
    assert status(plain) == "queued"
