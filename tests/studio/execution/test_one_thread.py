"""A run whose steps are sync tools keeps its thread, and every step still waits for the disk."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from engine import default_registry
from engine.driving.lending import LendingLoop
from studio.journal import codec
from studio.models import Run, RunEvent
from tests.studio import build
from tests.studio.execution.conftest import RunIt

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 60
calls: list[tuple[str, int, int]] = []
"""Of each call its thread, its number, and how many attempts the database knew to have begun."""


@default_registry.tool("trial.look", effect="idempotent")
def look(n: int, state: dict[str, Any]) -> None:
    """Looks, as anybody outside could, what stands in the journal."""
    begun = RunEvent.objects.filter(kind="attempt.started", run=Run.objects.latest("pk")).count()
    calls.append((threading.current_thread().name, n, begun))
    state["n"] = n + 1


@default_registry.tool("trial.look_async", effect="idempotent")
async def look_async(n: int, state: dict[str, Any]) -> None:
    """The same thread for every call: what it keeps may belong to its thread."""
    calls.append((threading.current_thread().name, n, 0))
    state["n"] = n + 1


@default_registry.tool("trial.stumble", effect="idempotent")
def stumble(n: int, state: dict[str, Any]) -> None:
    """Fails at each tenth step, once."""
    calls.append((threading.current_thread().name, n, 0))
    if n % 10 == 5 and sum(number == n for _, number, _ in calls) == 1:
        raise ConnectionError("stumbled")
    state["n"] = n + 1


@default_registry.tool("trial.rob", effect="idempotent")
def rob(n: int, state: dict[str, Any]) -> None:
    """At its tenth step somebody else claims the run."""
    calls.append((threading.current_thread().name, n, 0))
    if n == 10:
        run = Run.objects.latest("pk")
        append_beside(run, "run.claimed", {"owner": "somebody else", "fence": run.fence + 1})
    state["n"] = n + 1


@default_registry.tool("trial.stop_beside", effect="once")
def stop_beside(n: int, state: dict[str, Any]) -> None:
    """At its tenth step somebody asks for the end of the run, in another process."""
    calls.append((threading.current_thread().name, n, 0))
    if n == 10:
        append_beside(Run.objects.latest("pk"), "run.cancel_requested", {"reason": "", "by": "ann"})
    state["n"] = n + 1


def append_beside(run: Run, kind: str, data: dict[str, Any]) -> None:
    last = RunEvent.objects.filter(run=run).order_by("seq").last()
    assert last is not None
    last.pk, last.seq, last.kind = None, last.seq + 1, kind
    last.node = last.activation = last.attempt = None
    last.data = codec.encode(data)
    last.save()


@pytest.fixture(autouse=True)
def no_calls() -> Iterator[None]:
    calls.clear()
    yield
    calls.clear()


@pytest.fixture
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads that called the engine's loop."""
    found: list[str] = []
    call = LendingLoop.call_soon_threadsafe

    def counted(loop: LendingLoop, *args: Any, **kwargs: Any) -> Any:
        found.append(threading.current_thread().name)
        return call(loop, *args, **kwargs)

    monkeypatch.setattr(LendingLoop, "call_soon_threadsafe", counted)
    return found


def stored_steps(run: Run) -> int:
    return RunEvent.objects.filter(run=run, kind="attempt.succeeded", node="a").count()


def test_every_step_is_stored_before_its_tool_is_called(run_it: RunIt) -> None:
    run = run_it(build.loop("trial.look", ROUNDS), n=0)

    assert (run.status, stored_steps(run)) == ("completed", ROUNDS)
    assert [(number, begun) for _, number, begun in calls] == [(n, n + 1) for n in range(ROUNDS)]


def test_the_steps_of_a_run_keep_their_thread_and_leave_the_loop_asleep(
    run_it: RunIt, wakes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow disk the loop would be up at every step, for appends that nobody waits for.
    monkeypatch.setattr("studio.journal.writer.LINGER_S", 60)

    run_it(build.loop("trial.look", ROUNDS), n=0)

    by_tools = sum(name.startswith("treadle-tool") for name in wakes)
    assert by_tools < ROUNDS, "every step went by way of the loop"


def test_async_tools_between_them_stay_on_the_loop(run_it: RunIt) -> None:
    document = build.loop("trial.look", ROUNDS)
    document["nodes"]["b"] = {"type": "tool", "tool": "trial.look_async"}
    document["edges"][0]["to"] = "b"
    document["edges"].append({"id": "back", "from": "b", "to": "a", "max": ROUNDS + 1})

    run = run_it(document, n=0)

    assert run.status == "completed"
    by_loop = {name for name, _, begun in calls if not begun}
    by_threads = {name for name, _, begun in calls if begun}
    assert by_loop == {"treadle-engine"}
    assert by_threads, "no sync tool was called"
    assert all(name.startswith("treadle-tool") for name in by_threads)


def test_a_step_that_fails_is_tried_again(run_it: RunIt) -> None:
    document = build.loop("trial.stumble", ROUNDS)
    document["nodes"]["a"]["retry"] = {"max_attempts": 3, "initial": "0.01s"}

    run = run_it(document, n=0)

    assert (run.status, stored_steps(run)) == ("completed", ROUNDS)
    assert len(calls) == ROUNDS + ROUNDS // 10


def test_whoever_has_lost_the_run_calls_no_tool_any_more(run_it: RunIt) -> None:
    run = run_it(build.loop("trial.rob", ROUNDS), n=0)

    assert [number for _, number, _ in calls] == list(range(11))
    last = RunEvent.objects.filter(run=run).order_by("seq").values_list("kind", flat=True)
    assert list(last)[-2:] == ["run.claimed", "attempt.late_result"]


def test_whoever_hears_of_a_cancel_calls_no_tool_any_more(run_it: RunIt) -> None:
    """He hears of it when he writes that he is about to call the next one."""
    run = run_it(build.loop("trial.stop_beside", ROUNDS), n=0)

    assert [number for _, number, _ in calls] == list(range(11))
    assert run.status == "cancelled"
