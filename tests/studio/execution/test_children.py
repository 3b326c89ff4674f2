"""Child runs: made once, driven by anybody, their ends brought to their parents whatever dies."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from studio.actions.concurrency import limit_runs
from studio.actions.control import resume_run, retry_run
from studio.actions.errors import InvalidDocument
from studio.actions.forks import fork_run
from studio.actions.runs import cancel_run, start_run
from studio.actions.waits import answer_wait
from studio.actions.workflows import create_workflow, draft_version, publish
from studio.execution.service import Service
from studio.journal import codec
from studio.journal.integrity import flaws
from studio.models import Run, RunEvent, Wait, Workflow
from studio.queries.explain import explained
from studio.queries.waits import asked
from studio.queries.waits import item as wait_item
from studio.waits.children import _SELECT_OVERDUE, _SELECT_UNWANTED
from tests.studio import build, tools
from tests.studio.execution.conftest import RunIt
from tests.studio.execution.test_crash import Drivers, kill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_sweeps")]

Document = dict[str, Any]


LOST = {"E_LOST", "E_WORKER_LOST"}
"""Why a run waits for a person once its workers died too often."""


def until(condition: Callable[[], Any], timeout: float = 30, said: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"it never came true {said()}"
        time.sleep(0.02)


def outer(**more: Any) -> Document:
    """Count, let `child` count on, count."""
    document = build.chain("trial.count", 3, key="outer")
    document["nodes"]["s2"] = {
        "type": "subgraph",
        "workflow": "child",
        "in": {"n": "n"},
        "out": {"n": "state.n"},
        **more,
    }
    return document


def mapped(count: int, body: Document, **more: Any) -> Document:
    return {
        "format": "treadle/1",
        "key": "mapped",
        "name": "mapped",
        "entry": ["m"],
        "state": {"defaults": {"xs": list(range(count))}},
        "limits": {"max_parallel": 32},
        "nodes": {"m": {"type": "map", "over": "xs", "as": "n", "body": body, **more}},
        "edges": [],
    }


def child(user: User, tool: str = "trial.count", length: int = 2) -> None:
    build.published(build.chain(tool, length, key="child"), user)


def begun(user: User, document: Document, **state: Any) -> Run:
    return start_run(user=user, version=build.published(document, user), state=state)


def status(run: Run) -> str:
    return str(Run.objects.values_list("status", flat=True).get(pk=run.pk))


def final(run: Run) -> Any:
    run.refresh_from_db()
    return codec.decode(run.final_state or "null")


def kinds(run: Run) -> list[str]:
    rows = RunEvent.objects.filter(run=run).order_by("seq")
    return [str(kind) for kind in rows.values_list("kind", flat=True)]


def children(run: Run) -> list[Run]:
    return list(Run.objects.filter(parent=run).order_by("id"))


def assert_whole(run: Run) -> None:
    """Each activation has one child, told of once; the journals hold; nothing is left open."""
    told = RunEvent.objects.filter(run=run, kind="child.ended").values_list("activation", flat=True)
    assert max(Counter(told).values(), default=1) == 1
    assert not Wait.objects.filter(run=run, kind="child").exists()
    assert list(flaws()) == []


@pytest.fixture
def drivers(tmp_path: Any) -> Iterator[Drivers]:
    made = Drivers(tmp_path)
    yield made
    made.stop()


def test_a_child_is_a_run_with_a_parent(run_it: RunIt, alice: User) -> None:
    child(alice)

    run = run_it(outer())

    assert (run.status, final(run)) == ("completed", {"n": 4})
    (below,) = children(run)
    assert (below.status, below.source, below.owner) == ("completed", "child", alice)
    assert (below.parent_node, below.parent_activation, below.parent_attempt) == ("s2", 2, 1)
    assert below.workflow.key == "child"
    created = codec.decode(RunEvent.objects.get(run=below, seq=1).data)
    assert created["parent"]["run"] == str(run.public_id)
    assert_whole(run)


def test_a_parent_holds_no_driver_while_it_waits(engine: Service, alice: User) -> None:
    child(alice, "trial.wait", 1)
    run = begun(alice, outer())
    until(lambda: status(run) == "waiting")
    run.refresh_from_db()
    assert (run.lease_owner, run.lease_until) == ("", None)
    (below,) = children(run)
    until(lambda: status(below) == "running")
    reasons = explained(run, alice)["reasons"]
    assert [(r["what"], r["run"], r["status"]) for r in reasons] == [
        ("child", str(below.public_id), "running")
    ]
    assert reasons[0]["text"] == (
        f"'s2' waits for run {below.public_id} of workflow 'child', which is running."
    )

    tools.gate.set()
    until(lambda: status(run) == "completed")
    assert_whole(run)


def test_waiting_for_a_run_waits_for_its_children(run_it: RunIt, alice: User) -> None:
    build.published(build.chain("trial.count_async", 40, key="child"), alice)
    build.published(outer() | {"key": "middle", "name": "middle"}, alice)

    run = run_it(outer(workflow="middle"))

    assert (run.status, final(run)["n"]) == ("completed", 44)


def test_the_error_of_a_child_fails_its_parent_and_a_retry_lets_the_child_go_on(
    run_it: RunIt, engine: Service, alice: User
) -> None:
    child(alice, "trial.mended", 1)
    run = run_it(outer())
    (below,) = children(run)
    error = codec.decode(run.error)
    assert (run.status, run.error_code, below.status) == ("failed", "E_TOOL", "failed")
    assert error["details"]["run"] == str(below.public_id)
    assert str(below.public_id) in error["message"]

    tools.gate.set()
    retry_run(user=alice, run=run)
    until(lambda: status(run) == "completed")

    assert [(c.pk, c.parent_attempt) for c in children(run)] == [(below.pk, 2)]
    assert kinds(below).count("run.resumed") == 1
    assert list(flaws()) == []


def test_cancel_goes_down(engine: Service, alice: User) -> None:
    child(alice, "trial.wait", 1)
    build.published(outer() | {"key": "middle", "name": "middle"}, alice)
    run = begun(alice, outer(workflow="middle"))
    until(lambda: tools.called == ["wait"])

    cancel_run(user=alice, run=run)
    until(lambda: Run.objects.filter(status="cancelling", workflow__key="child").exists())
    tools.gate.set()
    until(lambda: not Run.objects.exclude(status="cancelled").exists())

    assert Run.objects.count() == 3
    assert list(flaws()) == []


def test_a_child_that_was_cancelled_by_hand_fails_its_node_and_is_started_anew(
    engine: Service, alice: User
) -> None:
    child(alice, "trial.wait", 1)
    run = begun(alice, outer())
    until(lambda: len(children(run)) == 1)
    (below,) = children(run)
    cancel_run(user=alice, run=below)
    tools.gate.set()
    until(lambda: status(run) == "failed")
    run.refresh_from_db()
    assert run.error_code == "E_CANCELLED"

    retry_run(user=alice, run=run)
    until(lambda: status(run) == "completed")

    assert [(c.status, c.parent_attempt) for c in children(run)] == [
        ("cancelled", 1),
        ("completed", 2),
    ]


def test_a_timeout_cancels_the_child(run_it: RunIt, alice: User) -> None:
    child(alice, "trial.wait", 1)

    run = run_it(outer(timeout="1s"))

    tools.gate.set()
    assert (run.status, run.error_code) == ("failed", "E_TIMEOUT")
    (below,) = children(run)
    until(lambda: status(below) == "cancelled")


def test_what_a_child_asks_is_in_the_inbox_of_its_own_run(run_it: RunIt, alice: User) -> None:
    document = build.chain("trial.count", 1, key="child")
    document["nodes"]["s1"] = {"type": "human", "title": "Ship?", "form": {"type": "object"}}
    build.published(document, alice)
    run = run_it(outer(out={"n": "7"}))
    assert run.status == "waiting"
    (below,) = children(run)
    (wait,) = asked(alice)
    assert wait.run == below
    assert wait_item(wait)["parent"]["run"] == str(run.public_id)

    answer_wait(user=alice, wait=wait, answer={})
    until(lambda: status(run) == "completed")

    assert final(run) == {"n": 8}


def test_a_fork_starts_its_own_child(engine: Service, alice: User) -> None:
    child(alice, "trial.wait", 1)
    run = begun(alice, outer())
    until(lambda: status(run) == "waiting")
    seq = RunEvent.objects.filter(run=run).count()

    forked = fork_run(user=alice, run=run, seq=seq)
    until(lambda: len(children(forked)) == 1)
    tools.gate.set()
    until(lambda: (status(run), status(forked)) == ("completed", "completed"))

    assert len(children(run)) == len(children(forked)) == 1
    assert list(flaws()) == []


def test_a_fork_uses_what_its_children_had_left(run_it: RunIt, alice: User) -> None:
    child(alice)
    run = run_it(outer())
    seq = kinds(run).index("child.ended") + 1

    forked = fork_run(user=alice, run=run, seq=seq, patch={"n": 10})
    until(lambda: status(forked) == "completed")

    assert (children(forked), final(forked)) == ([], {"n": 4})


def test_a_workflow_that_starts_itself_ends_at_ten_levels(run_it: RunIt, alice: User) -> None:
    document = outer(workflow="outer", **{"in": {"n": "n"}})

    run = run_it(document, timeout=60)

    assert (run.status, run.error_code) == ("failed", "E_DEPTH")
    assert Run.objects.count() == 11
    assert Run.objects.values("version").distinct().count() == 1


def test_a_child_takes_a_place_of_its_workflows_limit(engine: Service, alice: User) -> None:
    child(alice, "trial.wait", 1)
    limit_runs(user=alice, workflow=Workflow.objects.get(key="child"), limit=1)
    body = {"workflow": "child", "inputs": {"n": "n"}}
    run = begun(alice, mapped(3, body))
    until(lambda: tools.called == ["wait"])
    until(lambda: len(children(run)) == 3)
    assert sorted(status(c) for c in children(run)) == ["queued", "queued", "running"]

    tools.gate.set()
    until(lambda: status(run) == "completed")
    assert_whole(run)


def test_a_limit_that_is_set_while_it_waits_does_not_hold_up_a_parent(
    engine: Service, alice: User
) -> None:
    body = {"tool": "trial.wait"}
    version = build.published(mapped(2, body, dispatch="queue", max_concurrency=1), alice)
    run = start_run(user=alice, version=version, state={})
    until(lambda: tools.called == ["wait"])

    limit_runs(user=alice, workflow=version.workflow, limit=1)
    tools.gate.set()
    until(lambda: status(run) == "completed")

    assert {c.lane for c in children(run)} == {None}


def test_a_parents_place_is_enough_for_runs_of_the_same_workflow(
    engine: Service, alice: User
) -> None:
    version = build.published(mapped(3, {"tool": "trial.count"}, dispatch="queue"), alice)
    limit_runs(user=alice, workflow=version.workflow, limit=1)

    run = start_run(user=alice, version=version, state={})
    until(lambda: status(run) == "completed")

    assert {c.lane for c in children(run)} == {None}


# Versions ---------------------------------------------------------------------------------------


def test_publishing_writes_the_version_down(run_it: RunIt, alice: User) -> None:
    child(alice)
    version = build.published(outer(), alice)
    assert codec.decode(version.document)["nodes"]["s2"]["version"] == 1

    newer = version.workflow.__class__.objects.get(key="child")
    newer.draft = newer.draft.replace("trial.count", "trial.break")
    newer.save()
    publish(user=alice, workflow=newer)
    run = start_run(user=alice, version=version, state={})
    until(lambda: status(run) == "completed")
    assert final(run) == {"n": 4}

    again = publish(user=alice, workflow=version.workflow)
    assert codec.decode(again.document)["nodes"]["s2"]["version"] == 2
    assert again.hash != version.hash
    assert publish(user=alice, workflow=version.workflow) == again


def test_a_draft_resolves_when_it_is_run(alice: User) -> None:
    workflow = create_workflow(user=alice, document=outer())
    child(alice)

    version = draft_version(user=alice, workflow=workflow)

    assert codec.decode(version.document)["nodes"]["s2"]["version"] == 1
    assert "version" not in codec.decode(workflow.draft)["nodes"]["s2"]


def test_what_is_not_there_is_not_published(alice: User, bob: User) -> None:
    child(bob)
    for spec, code, pointer in (
        ({}, "unknown_workflow", "/nodes/s2/workflow"),
        ({"version": 3, "workflow": "mine"}, "unknown_version", "/nodes/s2/version"),
        ({"workflow": "draft"}, "unpublished_workflow", "/nodes/s2/workflow"),
    ):
        if "version" in spec:
            build.published(build.chain("trial.count", 1, key="mine"), alice)
            create_workflow(user=alice, document=build.chain("trial.count", 1, key="draft"))
        with pytest.raises(InvalidDocument) as refused:
            build.published(outer(**spec), alice)
        found = [(d["code"], d["pointer"], bool(d["hint"])) for d in refused.value.details]
        assert found == [(code, pointer, True)]


def test_a_deleted_workflow_fails_the_node(run_it: RunIt, alice: User) -> None:
    child(alice)
    version = build.published(outer(), alice)
    version.workflow.__class__.objects.filter(key="child").update(deleted_at=version.created_at)

    run = start_run(user=alice, version=version, state={})
    until(lambda: status(run) == "failed")

    run.refresh_from_db()
    assert run.error_code == "E_WORKFLOW"
    assert children(run) == []


# Maps -------------------------------------------------------------------------------------------


def test_items_are_runs(run_it: RunIt, alice: User) -> None:
    child(alice, length=1)
    body = {"workflow": "child", "inputs": {"n": "n"}}

    run = run_it(mapped(5, body, collect={"ys": "results.map(r, r.n)"}, max_concurrency=2))

    assert (run.status, final(run)["ys"]) == ("completed", [1, 2, 3, 4, 5])
    assert [c.parent_item for c in children(run)] == [0, 1, 2, 3, 4]
    assert_whole(run)


def test_a_queued_tool_makes_runs_of_one_node(run_it: RunIt, alice: User) -> None:
    body = {"tool": "trial.large", "inputs": {}}

    run = run_it(mapped(4, body, dispatch="queue"))

    assert (run.status, [len(r["large"]) for r in final(run)["m"]]) == ("completed", [100_000] * 4)
    assert {c.workflow for c in children(run)} == {run.workflow}
    assert {c.version.number for c in children(run)} == {None}
    assert len({c.version for c in children(run)}) == 1
    assert_whole(run)


@pytest.mark.timeout(300)
def test_a_hundred_items_over_two_processes(drivers: Drivers, alice: User) -> None:
    document = mapped(100, {"tool": "trial.ledger"}, dispatch="queue")
    document["nodes"]["m"] |= {"max_concurrency": 40}
    run = begun(alice, document)
    for _ in range(2):
        drivers.start(TRIAL_SLOW_S="0.3", TRIAL_SWEEP_S="0.3", TREADLE_DRIVERS="8")
    until(lambda: status(run) not in ("queued", "running", "waiting"), 120, drivers.log)

    assert status(run) == "completed", drivers.log()
    lines = [line.split() for line in drivers.ledger.read_text().splitlines()]
    assert sorted(int(n) for n, _ in lines) == list(range(100))
    assert len({pid for _, pid in lines}) == 2
    assert_whole(run)


# Whatever dies ----------------------------------------------------------------------------------


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "place",
    [
        "child.before_start",  # child.started is written, the child is not
        "child.starting",  # in the transaction that makes the child
        "child.before_bring",  # the child has ended, its parent was not told
        "child.bringing",  # in the transaction that tells it
    ],
)
def test_killed_between_two_transactions(drivers: Drivers, alice: User, place: str) -> None:
    child(alice, "trial.ledger", 1)
    run = begun(alice, outer())
    first = drivers.start(TRIAL_FAILPOINT=place)
    assert first.wait(60) == -9, drivers.log()
    drivers.start()
    until(lambda: status(run) == "completed", 60, drivers.log)

    assert len(children(run)) == 1
    assert final(run) == {"n": 3}
    assert len(drivers.calls()) == 1
    assert_whole(run)


def test_killed_in_the_middle_of_the_child(drivers: Drivers, alice: User) -> None:
    child(alice, "trial.ledger", 6)
    run = begun(alice, outer())
    for calls in (2, 4):
        process = drivers.start()
        until(lambda calls=calls: len(drivers.calls()) >= calls, 60, drivers.log)  # type: ignore[misc]
        kill(process)
    drivers.start()
    until(lambda: status(run) == "completed", 60, drivers.log)

    (below,) = children(run)
    assert final(run) == {"n": 8}
    assert kinds(below).count("attempt.succeeded") == 6
    assert_whole(run)


def test_killed_after_the_cancel_of_the_parent(drivers: Drivers, alice: User) -> None:
    child(alice, "trial.ledger", 100)
    run = begun(alice, outer())
    process = drivers.start(TRIAL_FAILPOINT="child.before_drop")
    until(lambda: len(drivers.calls()) >= 1, 60, drivers.log)
    cancel_run(user=alice, run=run)
    assert process.wait(60) == -9
    assert status(run) == "cancelled"

    drivers.start()
    (below,) = children(run)
    until(lambda: status(below) == "cancelled", 60, drivers.log)
    assert list(flaws()) == []


@pytest.mark.timeout(300)
def test_killed_again_and_again_in_the_middle_of_a_map(drivers: Drivers, alice: User) -> None:
    document = mapped(30, {"tool": "trial.ledger"}, dispatch="queue")
    document["nodes"]["m"] |= {"max_concurrency": 10}
    run = begun(alice, document)
    dice = random.Random(7)
    for _ in range(3):
        processes = [drivers.start(TRIAL_SLOW_S="0.2", TREADLE_DRIVERS="6") for _ in range(2)]
        done = len(drivers.calls())
        until(lambda done=done: len(drivers.calls()) > done, 60, drivers.log)  # type: ignore[misc]
        time.sleep(dice.random())
        for process in processes:
            kill(process)
    drivers.start(TRIAL_SLOW_S="0")

    def is_over() -> bool:
        # A run that was lost with three workers waits for a person, who lets it go on.
        for child in children(run):
            if child.status == "paused":
                assert child.error_code in LOST, (child.error_code, drivers.log())
                resume_run(user=alice, run=child)
        return status(run) not in ("queued", "running", "waiting")

    until(is_over, 120, lambda: f"{[child.status for child in children(run)]} {drivers.log()}")

    assert status(run) == "completed", drivers.log()
    assert set(drivers.calls()) == {str(n) for n in range(30)}
    assert len(children(run)) == 30
    assert_whole(run)


def test_a_run_in_the_place_of_a_child_that_the_journal_does_not_name_is_refused(
    alice: User, request: pytest.FixtureRequest
) -> None:
    """The step fails and says which run it is; the engine does not try for ever."""
    child(alice)
    run = begun(alice, outer())
    stray = begun(alice, build.chain("trial.wait", 1, key="stray"))
    Run.objects.filter(pk=stray.pk).update(parent=run, parent_activation=2, parent_attempt=1)

    request.getfixturevalue("engine")
    until(lambda: status(run) == "failed")

    run.refresh_from_db()
    assert run.error_code == "E_WORKFLOW"
    assert str(stray.public_id) in codec.decode(run.error)["message"]


def test_a_sweep_reads_from_indexes(alice: User) -> None:
    """Whatever the number of runs: what the sweep asks is answered by the few open rows."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by its statistics, and these tables are empty")
    for sql in (_SELECT_OVERDUE, _SELECT_UNWANTED):
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + sql, (10,))
            plan = [row[3] for row in cursor.fetchall()]
        assert not [line for line in plan if line.startswith("SCAN") and "INDEX" not in line], plan
