"""Edit and continue: runs that go on by another version of their workflow."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.control import pause_run, resume_run, retry_run
from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.moves import move_run
from studio.actions.runs import start_run
from studio.actions.waits import answer_wait
from studio.actions.workflows import publish, save_draft
from studio.execution.service import Service
from studio.journal import codec, integrity, snapshots
from studio.models import AuditEntry, Run, RunEvent, Snapshot, Version, Wait
from studio.queries import explain
from studio.queries import runs as queries
from tests.studio import build, tools
from tests.studio.api.calls import Api

pytestmark = pytest.mark.django_db(transaction=True)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, list(Run.objects.values_list("status", "error"))
        time.sleep(0.01)


def row(run: Run) -> Run:
    return Run.objects.select_related("version", "workflow").get(pk=run.pk)


def next_version(run: Run, document: dict[str, Any]) -> Version:
    workflow = run.workflow
    workflow.refresh_from_db()
    return publish(
        user=None,
        workflow=save_draft(
            user=None, workflow=workflow, rev=workflow.draft_rev, document=document
        ),
    )


def failing() -> dict[str, Any]:
    document = build.chain("trial.count", 3)
    document["nodes"]["s2"]["tool"] = "trial.break"
    return document


@pytest.fixture
def failed(engine: Service, alice: User) -> Run:
    """A run whose second step of three has failed."""
    run = start_run(user=alice, version=build.published(failing(), alice), state={"n": 0})
    until(lambda: row(run).status == "failed" and not row(run).lease_owner)
    return row(run)


def test_a_failed_run_goes_on_with_its_mended_step(alice: User, failed: Run) -> None:
    mended = next_version(failed, build.chain("trial.count", 4))
    head = queries.head(failed)

    moved = move_run(user=alice, run=failed, version=mended)
    assert (moved.status, moved.version) == ("failed", mended)
    assert list(integrity.flaws_of_run(row(failed))) == []
    retry_run(user=alice, run=failed)
    until(lambda: row(failed).status == "completed")

    ended = row(failed)
    assert codec.decode(ended.final_state or "") == {"n": 4}
    assert list(integrity.flaws_of_run(ended)) == []
    [event] = queries.events(ended, kinds=["run.moved"])
    assert (event["seq"], event["data"]["by"], event["data"]["number"]) == (head + 1, "alice", 2)
    assert AuditEntry.objects.filter(verb="run.move").count() == 1


def test_before_and_after_the_move_the_right_graph_is_read(alice: User, failed: Run) -> None:
    old = failed.version
    document = build.chain("trial.count", 3)
    document["nodes"] = {
        "s1": document["nodes"]["s1"],
        "x": {"type": "noop"},
        "s3": {"type": "noop"},
    }
    document["edges"] = [
        {"id": "e1", "from": "s1", "to": "x"},
        {"id": "e2", "from": "x", "to": "s3"},
    ]
    target = next_version(failed, document)
    head = queries.head(failed)
    move_run(user=alice, run=failed, version=target, names={"s2": "x"})
    retry_run(user=alice, run=failed)
    until(lambda: row(failed).status == "completed")
    run = row(failed)

    assert queries.version_at(run, head) == old
    assert queries.version_at(run, head + 1) == target
    assert [queries.state_at(run, seq) for seq in (1, head, head + 1)] == [
        {"n": 0},
        {"n": 1},
        {"n": 1},
    ]
    view = queries.view(run)
    assert set(view.nodes) == {"s1", "s2", "x", "s3"}
    assert explain.explained(run, alice, "e2")["edge"]["taken"]
    document = Api(alice).get(f"/api/v1/runs/{run.public_id}/document?seq={head}").body
    assert "s2" in document["nodes"]
    forked = fork_run(user=alice, run=run, seq=head)
    assert forked.version == old, "a fork goes on by the version that its run was on there"
    assert fork_run(user=alice, run=run, seq=head + 1).version == target


def test_what_has_no_home_is_named_and_nothing_changes(alice: User, failed: Run) -> None:
    document = build.chain("trial.count", 1)
    target = next_version(failed, document)
    before = queries.head(failed)

    with pytest.raises(ActionError) as refused:
        move_run(user=alice, run=failed, version=target)

    assert (refused.value.code, refused.value.status) == ("E_NO_HOME", 422)
    [detail] = refused.value.details
    assert (detail["pointer"], detail["code"]) == ("/nodes/s2", "E_NO_HOME")
    assert "the new version has no node 's2'" in detail["message"]
    assert (row(failed).version, queries.head(failed)) == (failed.version, before)
    assert move_run(user=alice, run=failed, version=target, names={"s2": "s1"}).version == target


def test_odd_moves_are_refused(alice: User, failed: Run) -> None:
    other = build.published(build.chain("trial.count", 3, key="other"), alice)
    target = next_version(failed, build.chain("trial.count", 4))

    def refused(**asked: Any) -> tuple[str, int]:
        with pytest.raises(ActionError) as error:
            move_run(user=alice, run=failed, **asked)
        return error.value.code, error.value.status

    assert refused(version=other) == ("E_VERSION", 422)
    assert refused(version=target, names={"x": "s1"}) == ("E_MAP", 400)
    assert refused(version=target, names={"s2": 5}) == ("E_MAP", 400)
    document = build.chain("trial.count", 4)
    document["state"] = {"schema": {"type": "object", "properties": {"n": {"type": "string"}}}}
    assert refused(version=next_version(failed, document)) == ("E_VALUE", 422)


def test_a_run_whose_step_still_runs_is_moved_when_it_has_finished(
    engine: Service, alice: User
) -> None:
    document = build.chain("trial.wait", 2)
    document["nodes"]["s2"]["tool"] = "trial.count"
    run = start_run(user=alice, version=build.published(document, alice))
    until(lambda: tools.called)
    target = next_version(row(run), {**document, "limits": {"max_steps": 50}})
    pause_run(user=alice, run=run)

    with pytest.raises(ActionError, match="has not finished yet") as refused:
        move_run(user=alice, run=run, version=target)
    assert refused.value.status == 409
    tools.gate.set()
    until(lambda: not row(run).lease_owner)
    move_run(user=alice, run=run, version=target)
    resume_run(user=alice, run=run)
    until(lambda: row(run).status == "completed")

    assert codec.decode(row(run).final_state or "") == {"waited": True, "n": 1}
    assert list(integrity.flaws_of_run(row(run))) == []


def test_a_question_that_was_renamed_is_answered(engine: Service, alice: User) -> None:
    def asking(name: str) -> dict[str, Any]:
        document = build.chain("trial.count", 1, key="ask")
        node = {"type": "human", "title": "Well?", "form": {"type": "object"}}
        return {
            **document,
            "entry": [name],
            "nodes": {name: {**node, "outputs": {"a": "answer.a"}}},
        }

    run = start_run(user=alice, version=build.published(asking("s1"), alice))
    until(lambda: row(run).status == "waiting" and not row(run).lease_owner)
    pause_run(user=alice, run=run)
    until(lambda: row(run).status == "paused" and not row(run).lease_owner)

    move_run(user=alice, run=run, version=next_version(row(run), asking("q")), names={"s1": "q"})
    answer_wait(user=alice, wait=Wait.objects.get(run=run), answer={"a": 7})
    resume_run(user=alice, run=run)
    until(lambda: row(run).status == "completed")

    assert codec.decode(row(run).final_state or "") == {"a": 7}
    answered = RunEvent.objects.get(run=run, kind="wait.closed")
    assert answered.node == "q"
    assert list(integrity.flaws_of_run(row(run))) == []


def test_snapshots_before_and_after_a_move_are_read(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "EVERY_COMMITS", 4)
    monkeypatch.setattr("studio.journal.snapshots.Pace.count", _always_due(snapshots.Pace.count))
    document = build.loop("trial.touch", 30)
    document["limits"]["max_steps"] = 15
    run = start_run(user=alice, version=build.published(document, alice), state={"n": 0})
    until(lambda: row(run).status == "paused" and not row(run).lease_owner)
    assert Snapshot.objects.filter(run=run).exists(), "it is moved behind a snapshot"
    nodes = {"b": document["nodes"]["a"], "done": document["nodes"]["done"]}
    edges = [
        {**document["edges"][0], "from": "b", "to": "b"},
        {**document["edges"][1], "from": "b"},
    ]
    target = next_version(row(run), {**document, "entry": ["b"], "nodes": nodes, "edges": edges})

    move_run(user=alice, run=run, version=target, names={"a": "b"})
    resume_run(user=alice, run=run, limits={"max_steps": 100})
    until(lambda: row(run).status == "completed" and not row(run).lease_owner)

    assert codec.decode(row(run).final_state or "") == {"n": 30}
    assert list(integrity.flaws_of_run(row(run))) == []
    head = queries.head(row(run))
    states = [queries.state_at(row(run), seq)["n"] for seq in range(1, head + 1)]
    assert states == sorted(states)


def _always_due(count: Any) -> Any:
    def more(self: snapshots.Pace, commits: int, size: int) -> None:
        count(self, commits, size * 100)

    return more


# Forks onto another version, and the API ---------------------------------------------------------


def test_a_fork_goes_on_by_another_version(alice: User, failed: Run) -> None:
    target = next_version(failed, build.chain("trial.count", 5))

    forked = fork_run(user=alice, run=failed, seq=queries.head(failed), version=target)
    until(lambda: row(forked).status == "completed")

    assert codec.decode(row(forked).final_state or "") == {"n": 5}
    assert (row(forked).version, row(failed).version) == (target, failed.version)
    assert list(integrity.flaws_of_run(row(forked))) == []
    narrow = next_version(failed, build.chain("trial.count", 1))
    with pytest.raises(ActionError) as refused:
        fork_run(user=alice, run=failed, seq=queries.head(failed), version=narrow)
    assert refused.value.code == "E_NO_HOME"


def test_the_api_moves_and_forks(alice: User, bob: User, failed: Run) -> None:
    target = next_version(failed, build.chain("trial.count", 4))
    api, path = Api(alice), f"/api/v1/runs/{failed.public_id}"
    asked = {"version": str(target.public_id)}

    for _ in "12":
        answer = api.post(f"{path}/move", asked)
        assert (answer.status, answer.body["version"]["number"]) == (200, 2)
    assert api.post(f"{path}/move", {}).code == "E_INVALID"
    assert api.post(f"{path}/move", {**asked, "map": []}).code == "E_INVALID"
    assert Api(bob).post(f"{path}/move", asked).status == 404
    theirs = build.published(build.chain("trial.count", 3, key="theirs"), bob)
    assert api.post(f"{path}/move", {"version": str(theirs.public_id)}).status == 404

    first = api.post(f"{path}/fork", {"seq": 1, **asked}, Idempotency_Key="one")
    again = api.post(f"{path}/fork", {"seq": 1, **asked}, Idempotency_Key="one")
    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"]
    assert first.body["version"]["number"] == 2
