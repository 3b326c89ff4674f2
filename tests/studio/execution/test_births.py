"""Runs that are written with what they did first: in one transaction, and never half of them."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connections

from studio.actions.runs import plan_run, start_run
from studio.execution.handover import Handover
from studio.execution.service import Service
from studio.journal import births
from studio.journal.told import Rest
from studio.models import AuditEntry, Run, RunEvent, Wait
from studio.queries import runs as queries
from tests.studio import build, tools

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True)


def begun(alice: User, document: dict[str, Any], state: dict[str, Any] | None = None) -> Handover:
    """A start that is handed over, not awaited yet."""
    version = build.published(document, alice)
    wish = plan_run(
        user=alice, version=version, state=state or {"n": 1}, source="demo", idempotency_key=None
    )
    handover = wish.hand_over(20)
    assert handover is not None
    return handover


def run_of(handover: Handover) -> Run:
    return Run.objects.select_related("version").get(public_id=handover.public_id)


def commits(engine: Service) -> int:
    assert engine._engine is not None
    return engine._engine.writer.commits


def closing(ask: Callable[[], T]) -> T:
    """Ask in a thread that leaves no connection open."""
    try:
        return ask()
    finally:
        connections.close_all()


def test_a_quick_run_is_one_transaction(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice(*_: object) -> None:
        raise AssertionError("the run was written before its steps")

    monkeypatch.setattr("studio.execution.starting.insert_all", twice)
    handover = begun(alice, build.chain("trial.count_async"))
    before = commits(engine)

    asyncio.run(handover.rest())

    run = run_of(handover)
    assert commits(engine) - before == 1
    assert (run.status, run.fence, run.lease_owner, run.lease_until) == ("completed", 1, "", None)
    assert run.final_state == '{"n":4}'
    assert run.started_at is not None
    assert run.finished_at is not None
    kinds = RunEvent.objects.filter(run=run).order_by("seq").values_list("kind", flat=True)
    assert list(kinds[:3]) == ["run.created", "run.claimed", "attempt.started"]
    assert kinds[len(kinds) - 1] == "run.completed"
    assert handover.run_id() == run.pk
    audit = AuditEntry.objects.get(verb="run.start")
    assert (audit.object, audit.user_id) == (str(run.public_id), alice.pk)


def test_nobody_is_told_of_a_run_that_nobody_can_have_watched_yet(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine._engine is not None
    woken: list[int] = []
    monkeypatch.setattr(engine._engine.writer, "_wake", woken.append)

    quick = begun(alice, build.chain("trial.count_async"))
    asyncio.run(quick.rest())
    assert woken == []

    slow = begun(alice, build.chain("trial.touch"))
    asyncio.run(slow.rest())
    assert set(woken) == {run_of(slow).pk}


def test_no_key_comes_again(engine: Service, alice: User) -> None:
    def ended() -> int:
        handover = begun(alice, build.chain("trial.count_async"))
        asyncio.run(handover.rest())
        return run_of(handover).pk

    first = ended()
    Run.objects.get(pk=first).delete()
    second = ended()
    version = build.published(build.chain("trial.count_async"), alice)
    other = start_run(user=alice, version=version, state={"n": 1})

    assert first < second < other.pk < ended()


def test_a_slow_run_is_there_while_its_tool_works(engine: Service, alice: User) -> None:
    handover = begun(alice, build.chain("trial.wait_pure", 1))

    def seen() -> tuple[str, str]:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            run = Run.objects.filter(public_id=handover.public_id).first()
            if run is not None and tools.called:
                return run.status, str(RunEvent.objects.filter(run=run).latest("seq").kind)
        raise AssertionError("nobody sees the run")

    async def look_meanwhile() -> tuple[str, str]:
        rest = asyncio.ensure_future(handover.rest())
        found = await asyncio.to_thread(closing, seen)
        tools.gate.set()
        await rest
        return found

    assert asyncio.run(look_meanwhile()) == ("running", "attempt.started")
    assert run_of(handover).status == "completed"


def test_a_question_of_the_first_step_belongs_to_the_run(engine: Service, alice: User) -> None:
    handover = begun(alice, build.chain("trial.ask", 1))

    async def until_it_waits() -> None:
        rest = asyncio.ensure_future(handover.rest())
        while not await asyncio.to_thread(closing, waits):
            await asyncio.sleep(0.01)
        rest.cancel()

    def waits() -> bool:
        return Wait.objects.filter(run__public_id=handover.public_id).exists()

    asyncio.run(until_it_waits())

    assert run_of(handover).status == "waiting"


def test_what_cannot_be_written_was_never_there(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise IntegrityError("its workflow is gone")

    monkeypatch.setattr(births, "insert", refuse)
    handover = begun(alice, build.chain("trial.count_async"))

    asyncio.run(handover.rest())

    with pytest.raises(IntegrityError):
        handover.run_id()
    assert not Run.objects.exists()
    assert not RunEvent.objects.exists()
    assert not AuditEntry.objects.filter(verb="run.start").exists()


def test_text_that_has_to_be_mended_is_written_first(engine: Service, alice: User) -> None:
    handover = begun(alice, build.chain("trial.count_async"), {"n": 1, "text": "a\0b"})

    asyncio.run(handover.rest())

    assert queries.fresh_view(run_of(handover)).state == {"n": 4, "text": "a\ufffdb"}


FORK = {
    "format": "treadle/1",
    "key": "fork",
    "name": "fork",
    "entry": ["a"],
    "state": {"reducers": {"n": "max"}},
    "nodes": {
        "a": {"type": "tool", "tool": "trial.count_async"},
        "b": {"type": "tool", "tool": "trial.count_async"},
        "c": {"type": "tool", "tool": "trial.count"},
        "d": {"type": "tool", "tool": "trial.count_async"},
        "done": {"type": "end"},
    },
    "edges": [
        {"id": "ab", "from": "a", "to": "b"},
        {"id": "ac", "from": "a", "to": "c"},
        {"id": "bd", "from": "b", "to": "d"},
        {"id": "cd", "from": "c", "to": "d"},
        {"id": "out", "from": "d", "to": "done"},
    ],
}


@pytest.mark.parametrize("document", [FORK, build.loop("trial.count", 5)], ids=["fork", "loop"])
def test_what_is_told_is_what_the_journal_tells(
    engine: Service, alice: User, document: dict[str, Any]
) -> None:
    handover = begun(alice, document)

    asyncio.run(handover.rest())

    view = queries.fresh_view(run_of(handover))
    assert handover.told == Rest(view.status, view.state, view.error, view.steps)
