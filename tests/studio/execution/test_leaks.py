"""Tool threads that never come back: counted, replaced, and in the end the engine with them."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.execution.service import Service, use
from studio.models import Run, RunEvent
from tests.live import LiveStudio
from tests.studio import build, tools
from tests.studio.api.calls import Api
from tests.studio.execution.conftest import RunIt

pytestmark = pytest.mark.django_db(transaction=True)


def stuck(timeout: str = "0.1s") -> dict[str, Any]:
    document = build.chain("trial.wait", 1)
    document["nodes"]["s1"]["timeout"] = timeout
    return document


@pytest.fixture(autouse=True)
def nobody_stays_stuck() -> Iterator[None]:
    yield
    tools.gate.set()


def until(condition: Any, timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_thread_that_does_not_come_back_is_counted_and_replaced(
    engine: Service, run_it: RunIt, settings: Any, alice: User
) -> None:
    settings.MAX_LEAKED = 100
    version = build.published(stuck(), alice)

    def one_more_than_there_are() -> bool:
        """Where the machine is slow, a call's time may be over before a thread has begun it."""
        run = start_run(user=alice, version=version)
        assert engine.wait_ended_blocking(run.public_id, 20)
        run.refresh_from_db()
        assert (run.status, run.error_code) == ("failed", "E_TIMEOUT")
        return bool(engine.health()["leaked_threads"] == settings.TOOL_THREADS + 1)

    until(one_more_than_there_are)
    assert engine.health()["claiming"]

    assert run_it(build.chain("trial.touch", 2)).status == "completed", "there are threads left"

    tools.gate.set()
    until(lambda: engine.health()["leaked_threads"] == 0)


def test_with_too_many_of_them_the_engine_goes_on_with_new_threads(
    settings: Any, alice: User, transactional_db: None
) -> None:
    settings.MAX_LEAKED = 2
    tools.reset()
    service = Service()
    use(service)
    service.start()
    first = service._engine
    try:
        runs = [start_run(user=alice, version=build.published(stuck(), alice)) for _ in range(3)]
        beside = start_run(
            user=alice, version=build.published(build.chain("trial.ledger", 1), alice)
        )
        until(lambda: service._engine not in (first, None))
        assert service.health()["leaked_threads"] == 0
        assert service.health()["claiming"]
        for run in runs:
            until(lambda run=run: Run.objects.get(pk=run.pk).status == "failed")
        after = start_run(user=alice, version=build.published(build.chain("trial.touch", 2), alice))
        until(lambda: Run.objects.get(pk=after.pk).status == "completed")
        until(lambda: Run.objects.get(pk=beside.pk).status in ("completed", "failed"))
    finally:
        service.stop(2)
        use(Service())


def test_a_worn_engine_claims_nothing_and_says_so(
    settings: Any, alice: User, transactional_db: None
) -> None:
    settings.MAX_LEAKED = 1
    tools.reset()
    service = Service()
    use(service)
    worn: list[bool] = []
    service.when_worn = lambda: worn.append(True)
    service.start()
    try:
        version = build.published(stuck(), alice)

        def is_worn() -> bool:
            if service.health()["claiming"]:
                run = start_run(user=alice, version=version)
                until(lambda: Run.objects.get(pk=run.pk).status == "failed")
            return worn == [True]

        until(is_worn)
        assert not service.health()["claiming"]
        later = start_run(user=alice, version=build.published(build.chain("trial.touch", 1), alice))
        time.sleep(0.5)
        assert Run.objects.get(pk=later.pk).status == "queued"
    finally:
        service.stop(2)
        use(Service())


def test_an_async_tool_that_blocks_the_loop_is_named(engine: Service, run_it: RunIt) -> None:
    run = run_it(build.chain("trial.block", 1))

    assert run.status == "completed", run.error
    (told,) = RunEvent.objects.filter(run=run, kind="warning")
    assert (told.node, told.activation, told.attempt) == ("s1", 1, 1)
    assert "loop_blocked" in told.data
    assert "'trial.block' has blocked the engine's loop for over 1 s" in told.data
    assert "tools.py" in told.data
    assert "in block" in told.data
    health = engine.health()
    assert health["loop_blocked"] == 1
    assert health["last_blocked"]["culprit"]["tool"] == "trial.block"
    assert health["last_blocked"]["culprit"]["run_id"] == str(run.public_id)


def test_a_tool_that_waits_as_it_should_is_not(engine: Service, run_it: RunIt) -> None:
    run_it(build.chain("trial.wait_well", 1))

    assert engine.health()["loop_blocked"] == 0


def test_only_administrators_see_the_engine(engine: Service, root: User, bob: User) -> None:
    refused = Api(bob).get("/api/v1/engine")
    assert (refused.status, refused.code) == (403, "E_NOT_ALLOWED")
    seen = Api(root).get("/api/v1/engine")
    assert seen.status == 200
    assert seen.body["running"]
    assert seen.body["leaked_threads"] == 0
    assert seen.body["last_blocked"] is None


def test_up_starts_again_without_the_stuck_threads(tmp_path: Any) -> None:
    """The process keeps its id; what it drove goes on, and so does what comes."""
    studio = LiveStudio(
        tmp_path / "data", TREADLE_TOOLS="tests.studio.tools", TREADLE_MAX_LEAKED="1"
    )
    studio.start()
    try:
        pid = studio.pid
        _, made = studio.call("POST", "/api/v1/workflows", {"document": stuck()})
        started = {"workflow": made["id"], "draft": True}
        for _ in range(2):
            assert studio.call("POST", "/api/v1/runs?wait=5", started)[1]["status"] == "failed"
        until(lambda: "Starting again, without the stuck" in studio.log.read_text(), 30)
        until(lambda: _answers(studio), 60)

        assert studio.pid == pid
        _, health = studio.call("GET", "/api/v1/engine")
        assert health["leaked_threads"] == 0
        document = build.chain("trial.count", 2)
        _, good = studio.call("POST", "/api/v1/workflows", {"document": document})
        asked = {"workflow": good["id"], "draft": True}
        status, run = studio.call("POST", "/api/v1/runs?wait=20", asked)
        assert (status, run["status"]) == (201, "completed"), run
    finally:
        studio.stop()


def _answers(studio: LiveStudio) -> bool:
    try:
        return studio.call("GET", "/api/v1/engine")[0] == 200
    except OSError:
        return False
