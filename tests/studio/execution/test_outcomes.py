"""A worker dies inside a tool that must not be called twice, and a person says what happened."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, connections

from engine.policies import OutcomeChoice
from studio.actions.control import resume_run, retry_run
from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.outcomes import NOTHING, decide_outcome
from studio.actions.runs import cancel_run, start_run
from studio.journal import codec
from studio.journal.integrity import flaws
from studio.models import AuditEntry, Run, RunEvent, Wait
from studio.queries import outcomes
from studio.queries.explain import explained
from tests.faults.freezing import freeze
from tests.studio import build
from tests.studio.database import database_url
from tests.studio.execution.test_crash import Drivers, kill, until

pytestmark = pytest.mark.django_db(transaction=True)

ADOPT, DONE, RETRY, SKIP, FAIL = OutcomeChoice
CHARGE = {"type": "tool", "tool": "trial.charge", "inputs": {"cents": "cents"}}
COUNT = {"type": "tool", "tool": "trial.count"}
Document = dict[str, Any]


class Shop:
    """Drivers that are killed while their tool is at it, and the calls that it was given."""

    def __init__(self, drivers: Drivers, folder: Path) -> None:
        self.drivers = drivers
        self.hold = folder / "go"

    def cut(self, run: Run, calls: int = 1) -> None:
        """Let a process make so many calls, kill it, and let another one find that out."""
        process = self.drivers.start(TRIAL_HOLD=str(self.hold))
        self.wait(lambda: len(self.calls()) == calls)
        kill(process)
        self.drivers.start()
        self.wait(lambda: len(undecided()) == calls)
        self.wait(lambda: Run.objects.get(pk=self.cut_run(run).pk).status == "paused")

    def cut_run(self, run: Run) -> Run:
        """The run that made the call: the run itself, or the one that it started."""
        return undecided()[0].run if undecided() else run

    def calls(self) -> list[list[str]]:
        """[cents, idempotency key, attempt] of each call."""
        return [line.split() for line in self.drivers.ledger.read_text().splitlines()]

    def wait(self, condition: Callable[[], Any]) -> None:
        until(condition, self.drivers, 60)

    def ended(self, run: Run, status: str = "completed") -> Any:
        """The state that the run ended with; everything stored is as it must be."""
        self.wait(lambda: Run.objects.get(pk=run.pk).status == status)
        run.refresh_from_db()
        assert list(flaws()) == []
        assert not Wait.objects.filter(kind="outcome", closed_at=None).exists()
        return codec.decode(run.final_state or "null")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Drivers(tmp_path)
    yield Shop(made, tmp_path)
    made.stop()


def undecided() -> list[Wait]:
    return list(Wait.objects.filter(kind="outcome", closed_at=None).order_by("id"))


def begun(user: User, document: Document, **state: Any) -> Run:
    return start_run(user=user, version=build.published(document, user), state=state)


def graph(nodes: Document, *edges: tuple[Any, ...], **more: Any) -> Document:
    return {
        "format": "treadle/1",
        "key": "shop",
        "name": "shop",
        "entry": [next(iter(nodes))],
        "nodes": nodes,
        "edges": [
            {"id": f"{one}-{other}", "from": one, "to": other, **(dict(*rest))}
            for one, other, *rest in edges
        ],
        **more,
    }


def paying() -> Document:
    nodes = {"pay": CHARGE, "ok": COUNT, "no": COUNT}
    return graph(nodes, ("pay", "ok"), ("pay", "no", {"on": "error"}))


def decide(user: User, choice: OutcomeChoice, at: int = 0, **more: Any) -> Run:
    if choice is DONE:
        more.setdefault("output", {"paid": 7})
    return decide_outcome(user=user, wait=undecided()[at], choice=choice, **more)


def steps(run: Run) -> list[str]:
    rows = RunEvent.objects.filter(run=run, kind="attempt.succeeded").order_by("seq")
    return [str(node) for node in rows.values_list("node", flat=True)]


ENDS = {
    DONE: ({"cents": 5, "paid": 7, "n": 1}, ["pay", "ok"], 1),
    RETRY: ({"cents": 5, "paid": 5, "n": 1}, ["pay", "ok"], 2),
    SKIP: ({"cents": 5, "n": 1}, ["pay", "ok"], 1),
    FAIL: ({"cents": 5, "n": 1}, ["no"], 1),
}


@pytest.mark.parametrize("choice", ENDS)
def test_a_killed_call_goes_on_as_a_person_says(
    shop: Shop, alice: User, choice: OutcomeChoice
) -> None:
    run = begun(alice, paying(), cents=5)
    shop.cut(run)

    with pytest.raises(ActionError) as refused:
        resume_run(user=alice, run=run)
    assert (refused.value.code, refused.value.status) == ("E_UNDECIDED", 409)
    assert "'pay', attempt 1" in refused.value.message
    hint = f"POST /api/v1/outcomes/{run.public_id}.1.1/decide"
    assert [d["hint"] for d in refused.value.details] == [hint]

    run.refresh_from_db()
    told = explained(run, alice)["reasons"]
    assert [r["what"] for r in told] == ["paused", "outcome"]
    decide(alice, choice, note="looked it up")
    state, went, calls = ENDS[choice]

    assert shop.ended(run) == state
    assert steps(run) == went
    assert len(shop.calls()) == calls
    assert len({key for _, key, _ in shop.calls()}) == 1
    event = RunEvent.objects.get(run=run, kind="outcome.decided")
    assert codec.decode(event.data)["by"] == "alice"
    entry = AuditEntry.objects.get(verb="run.decide", object=str(run.public_id))
    assert (entry.user, entry.data["choice"], entry.data["note"]) == (
        alice,
        choice.value,
        "looked it up",
    )


def test_the_same_decision_again_changes_nothing_and_another_one_is_refused(
    shop: Shop, alice: User
) -> None:
    run = begun(alice, paying(), cents=5)
    shop.cut(run)
    (wait,) = undecided()

    decide(alice, DONE)
    head = RunEvent.objects.filter(run=run, kind="outcome.decided").count()
    again = decide_outcome(user=alice, wait=wait, choice=DONE, output={"paid": 7})
    assert again.pk == run.pk
    assert RunEvent.objects.filter(run=run, kind="outcome.decided").count() == head == 1
    for choice, output in ((DONE, {"paid": 8}), (SKIP, NOTHING), (RETRY, NOTHING)):
        with pytest.raises(ActionError) as refused:
            decide_outcome(user=alice, wait=wait, choice=choice, output=output)
        assert (refused.value.code, refused.value.status) == ("E_DECIDED", 409)
        assert "by alice" in refused.value.message
    assert shop.ended(run)["paid"] == 7
    again = decide_outcome(user=alice, wait=wait, choice=DONE, output={"paid": 7})
    assert again.status == "completed"


def test_what_cannot_be_decided_is_refused_with_a_way_out(shop: Shop, alice: User) -> None:
    run = begun(alice, paying(), cents=5)
    shop.cut(run)

    for choice, more, code, said in (
        (DONE, {"output": {"paid": "much"}}, "E_OUTPUT", "would not return this"),
        (DONE, {"output": NOTHING}, "E_OUTPUT", "Give an output"),
        (SKIP, {"output": 1}, "E_OUTPUT", "with no other"),
        (ADOPT, {}, "E_NO_LATE_RESULT", "choose done"),
        (SKIP, {"note": "x" * 2_001}, "E_INVALID", "2,000"),
    ):
        with pytest.raises(ActionError, match=said) as refused:
            decide(alice, choice, **more)
        assert refused.value.code == code
    assert len(undecided()) == 1
    assert not RunEvent.objects.filter(kind="outcome.decided").exists()


def test_a_failure_that_nothing_handles_fails_the_run_and_its_retry_calls_again(
    shop: Shop, alice: User
) -> None:
    run = begun(alice, graph({"pay": CHARGE}), cents=5)
    shop.cut(run)
    decide(alice, FAIL)
    shop.wait(lambda: Run.objects.get(pk=run.pk).status == "failed")
    run.refresh_from_db()
    assert run.error_code == "E_OUTCOME_UNKNOWN"

    retry_run(user=alice, run=run)

    assert shop.ended(run)["paid"] == 5
    assert [attempt for *_, attempt in shop.calls()] == ["1", "2"]


def test_of_parallel_branches_the_last_decision_lets_the_run_go_on(shop: Shop, alice: User) -> None:
    nodes = {"a": {"type": "noop"}, "j": COUNT}
    for name in "xy":
        nodes[name] = {**CHARGE, "outputs": {name: "result.paid"}}
    document = graph(nodes, ("a", "x"), ("a", "y"), ("x", "j"), ("y", "j"))
    run = begun(alice, document, cents=5)
    shop.cut(run, calls=2)

    decide(alice, RETRY, at=0)
    with pytest.raises(ActionError) as refused:
        resume_run(user=alice, run=run)
    assert len(refused.value.details) == 1
    run.refresh_from_db()
    assert (run.status, len(shop.calls())) == ("paused", 2)
    decide(alice, DONE)

    left = {"x": 7, "y": 5} if shop.calls()[0][1].endswith(":3") else None
    state = shop.ended(run)
    assert sorted((state["x"], state["y"])) == [5, 7], left
    assert len(shop.calls()) == 3


def test_two_people_who_decide_at_once_let_the_run_go_on_once(shop: Shop, alice: User) -> None:
    nodes = {"a": {"type": "noop"}, "x": CHARGE, "y": CHARGE}
    run = begun(alice, graph(nodes, ("a", "x"), ("a", "y")), cents=5)
    shop.cut(run, calls=2)
    failures: list[BaseException] = []
    start = threading.Barrier(2)

    def say(wait: Wait) -> None:
        try:
            start.wait(20)
            decide_outcome(user=alice, wait=wait, choice=SKIP)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say, args=(wait,)) for wait in undecided()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failures == []
    shop.ended(run)
    kinds = list(RunEvent.objects.filter(run=run).values_list("kind", flat=True))
    assert (kinds.count("outcome.decided"), kinds.count("run.resumed")) == (2, 1)


@pytest.mark.parametrize("choice", ENDS)
def test_items_of_a_map_are_decided_one_by_one(
    shop: Shop, alice: User, choice: OutcomeChoice
) -> None:
    body = {"tool": "trial.charge", "inputs": {"cents": "cents"}}
    node = {"type": "map", "over": "all", "as": "cents", "body": body, "on_item_error": "skip"}
    document = graph({"m": {**node, "max_concurrency": 2, "collect": {"paid": "results"}}})
    run = begun(alice, document, all=[1, 2, 3])
    shop.cut(run, calls=2)
    assert [outcomes.look(wait).activation.index for wait in undecided()] == [0, 1]  # type: ignore[union-attr]

    decide(alice, choice, at=0)
    decide(alice, SKIP, at=0)

    first = {DONE: [{"paid": 7}], RETRY: [{"paid": 1}], SKIP: [None], FAIL: []}[choice]
    assert shop.ended(run)["paid"] == [*first, None, {"paid": 3}]


@pytest.mark.parametrize("choice", ENDS)
def test_a_child_run_is_reached_from_its_parent(
    shop: Shop, alice: User, choice: OutcomeChoice
) -> None:
    build.published({**paying(), "key": "paying"}, alice)
    node = {
        "type": "subgraph",
        "workflow": "paying",
        "in": {"cents": "cents"},
        "out": {"got": "state"},
    }
    run = begun(alice, graph({"s": node}), cents=5)
    shop.cut(run)

    (found,) = outcomes.undecided_below(alice, run)
    assert found.run.parent_id == run.pk
    item = outcomes.item(outcomes.look(found))
    assert item["parent"]["run"] == str(run.public_id)
    decide(alice, choice)

    assert shop.ended(run)["got"] == ENDS[choice][0]
    assert outcomes.undecided_below(alice, run) == []


def test_a_result_that_came_too_late_is_adopted(shop: Shop, alice: User) -> None:
    """The worker was not dead: it stood still for so long that another one took its run."""
    document = paying()
    document["nodes"]["pay"] = {**CHARGE, "outputs": {"sum": "result.paid + 1"}}
    run = begun(alice, document, cents=5)
    zombie = stand_still(shop)
    (wait,) = undecided()
    assert not outcomes.item(outcomes.look(wait))["late"]

    wake(shop, zombie)
    shop.wait(lambda: outcomes.item(outcomes.look(wait))["late"])
    item = outcomes.item(outcomes.look(wait))
    assert item["late_result"]["ok"] is True
    assert item["late_result"]["update"] == {"sum": 6}
    run.refresh_from_db()
    assert "can be adopted" in explained(run, alice)["reasons"][1]["text"]
    assert outcomes.brief_items(undecided())[0]["late"] is True
    decide(alice, ADOPT)

    assert shop.ended(run) == {"cents": 5, "sum": 6, "n": 1}
    assert len(shop.calls()) == 1


def test_a_result_that_comes_after_the_decision_is_kept_and_changes_nothing(
    shop: Shop, alice: User
) -> None:
    run = begun(alice, paying(), cents=5)
    zombie = stand_still(shop)
    decide(alice, SKIP)
    state = shop.ended(run)

    wake(shop, zombie)
    shop.wait(lambda: RunEvent.objects.filter(run=run, kind="attempt.late_result").exists())

    run.refresh_from_db()
    assert (codec.decode(run.final_state or ""), run.status) == (state, "completed")
    assert "paid" not in state
    assert list(flaws()) == []


def test_the_result_of_one_of_two_calls_is_not_lost_when_the_other_one_meets_the_fence(
    shop: Shop, alice: User
) -> None:
    """The zombie learns that it was fenced from its first call; the second one is still on."""
    nodes = {"a": {"type": "noop"}, "x": {**CHARGE, "outputs": {"x": "1"}}, "y": COUNT}
    nodes["y"] = {"type": "tool", "tool": "trial.until_go", "effect": "once"}
    run = begun(alice, graph(nodes, ("a", "x"), ("a", "y")), cents=5)
    second = shop.hold.with_name("second")
    zombie = stand_still(shop, calls=2, TRIAL_SECOND=str(second))

    wake(shop, zombie)
    shop.wait(lambda: RunEvent.objects.filter(run=run, kind="attempt.late_result").count() == 1)
    second.touch()
    shop.wait(lambda: RunEvent.objects.filter(run=run, kind="attempt.late_result").count() == 2)

    assert all(item["late"] for item in outcomes.brief_items(undecided()))
    decide(alice, ADOPT)
    decide(alice, ADOPT)
    assert shop.ended(run) == {"cents": 5, "x": 1, "second": True}


def stand_still(shop: Shop, calls: int = 1, **more: str) -> Any:
    """A process that was stopped in a call, and whose run another one has taken over."""
    zombie = shop.drivers.start(TRIAL_HOLD=str(shop.hold), TREADLE_LEASE_SECONDS="3", **more)
    shop.wait(lambda: len(shop.calls()) == calls)
    freeze(zombie.pid, database_url())
    shop.drivers.start(TREADLE_LEASE_SECONDS="3", TRIAL_SWEEP_S="0.3")
    shop.wait(lambda: len(undecided()) == calls)
    return zombie


def wake(shop: Shop, zombie: Any) -> None:
    shop.hold.touch()
    os.kill(zombie.pid, signal.SIGCONT)


def test_a_fork_has_rows_of_its_own_and_its_origin_keeps_its_own(shop: Shop, alice: User) -> None:
    run = begun(alice, paying(), cents=5)
    shop.cut(run)
    head = RunEvent.objects.filter(run=run).count()

    forked = fork_run(user=alice, run=run, seq=head)

    shop.wait(lambda: Run.objects.get(pk=forked.pk).status == "paused")
    assert {wait.run_id for wait in undecided()} == {run.pk, forked.pk}
    decide(alice, SKIP, at=1)
    shop.wait(lambda: Run.objects.get(pk=forked.pk).status == "completed")
    assert [wait.run_id for wait in undecided()] == [run.pk]
    assert len(shop.calls()) == 1


def test_a_cancelled_run_needs_no_decision(shop: Shop, alice: User) -> None:
    run = begun(alice, paying(), cents=5)
    shop.cut(run)
    (wait,) = undecided()

    cancel_run(user=alice, run=run)

    shop.ended(run, "cancelled")
    with pytest.raises(ActionError) as refused:
        decide_outcome(user=alice, wait=wait, choice=SKIP)
    assert refused.value.status == 409


def test_runs_that_rested_before_there_were_rows_get_theirs(shop: Shop, alice: User) -> None:
    run = begun(alice, paying(), cents=5)
    shop.cut(run)
    (before,) = undecided()
    at, data = before.created_at, codec.decode(before.data)
    before.delete()
    migration = import_module("studio.migrations.0018_outcomes")

    for _ in range(2):
        migration.open_outcomes(apps, connection.schema_editor)

    (wait,) = undecided()
    kept = {key: codec.decode(wait.data)[key] for key in ("att", "node")}
    assert (wait.ref, wait.created_at, kept) == ("1.1", at, {k: data[k] for k in kept})
    decide(alice, SKIP)
    shop.ended(run)
