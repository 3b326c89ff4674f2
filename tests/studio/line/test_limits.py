"""Limits of runs at once: set, kept by several processes, and explained."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.concurrency import limit_runs
from studio.actions.control import pause_run, resume_run, retry_run
from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.runs import cancel_run, start_run
from studio.execution import dispatch
from studio.execution.service import Service
from studio.journal import integrity
from studio.models import AuditEntry, Run, RunEvent, Version
from tests.studio import build, tools
from tests.studio.api.calls import Api
from tests.studio.execution.test_crash import Drivers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told of runs."""
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())


def until(condition: Callable[[], Any], timeout: float = 30) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, list(Run.objects.values_list("id", "status", "error"))
        time.sleep(0.02)


def limited(version: Version, limit: int | None, key: str = "") -> None:
    limit_runs(user=None, workflow=version.workflow, limit=limit, key=key)
    version.workflow.refresh_from_db()


def most_at_once() -> int:
    """The most runs that were under way at the same time, by their journals."""
    changes = []
    for run in Run.objects.all():
        events = RunEvent.objects.filter(run=run)
        began = events.filter(kind="run.claimed").order_by("seq")[0].at
        ended = events.filter(kind="run.completed").get().at
        changes += [(began, 1), (ended, -1)]
    count = most = 0
    for _, change in sorted(changes):
        count += change
        most = max(most, count)
    return most


# Setting one -------------------------------------------------------------------------------------


def test_a_limit_is_set_once_and_noted(alice: User) -> None:
    workflow = build.published(build.chain("trial.count"), alice).workflow

    for _ in "12":
        limited_one = limit_runs(user=alice, workflow=workflow, limit=3, key="customer")
    assert (limited_one.run_limit, limited_one.run_limit_key) == (3, "customer")
    assert AuditEntry.objects.filter(verb="workflow.limit_runs").count() == 1


@pytest.mark.parametrize(
    ("limit", "key", "code"),
    [
        (0, "", "E_CONCURRENCY"),
        (10_001, "", "E_CONCURRENCY"),
        (None, "customer", "E_CONCURRENCY"),
        (1, "a +", "E_CONCURRENCY_KEY"),
        (1, "a" * 501, "E_CONCURRENCY_KEY"),
        (1, "1/0", "E_CONCURRENCY_KEY"),
        (1, "double('nan')", "E_CONCURRENCY_KEY"),
        (1, "[1][3]", "E_CONCURRENCY_KEY"),
    ],
)
def test_odd_limits_are_refused(alice: User, limit: int | None, key: str, code: str) -> None:
    workflow = build.published(build.chain("trial.count"), alice).workflow
    with pytest.raises(ActionError) as refused:
        limit_runs(user=alice, workflow=workflow, limit=limit, key=key)
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_only_who_edits_a_workflow_limits_it(alice: User, bob: User) -> None:
    workflow = build.published(build.chain("trial.count"), alice).workflow
    with pytest.raises(ActionError, match="duplicate"):
        limit_runs(user=bob, workflow=workflow, limit=1)


def test_a_limit_without_a_key_counts_the_runs_that_are_there(alice: User, nobody: None) -> None:
    version = build.published(build.chain("trial.count"), alice)
    before = start_run(user=alice, version=version)
    limited(version, 1)

    assert Run.objects.get(pk=before.pk).lane == ""
    assert start_run(user=alice, version=version).lane == ""


@pytest.mark.parametrize(
    ("state", "lane"),
    [
        ({"customer": "acme"}, '"acme"'),
        ({"customer": 7}, "7"),
        ({"customer": None}, "null"),
        ({"customer": {"b": 1, "a": 2}}, '{"a": 2, "b": 1}'),
    ],
)
def test_the_lane_is_the_value_of_the_key(
    alice: User, nobody: None, state: dict[str, Any], lane: str
) -> None:
    version = build.published(build.chain("trial.count"), alice)
    limited(version, 1, "customer")

    assert start_run(user=alice, version=version, state=state).lane == lane
    long = start_run(user=alice, version=version, state={"customer": "x" * 1_000}).lane
    assert long is not None
    assert len(long) == 64


def test_a_start_without_the_key_is_refused(alice: User, nobody: None) -> None:
    version = build.published(build.chain("trial.count"), alice)
    limited(version, 1, "customer")

    with pytest.raises(ActionError, match="customer") as refused:
        start_run(user=alice, version=version)
    assert (refused.value.code, refused.value.status) == ("E_CONCURRENCY_KEY", 400)
    assert [each["pointer"] for each in refused.value.details] == ["/state"]
    assert not Run.objects.exists()


def test_a_key_that_fails_for_some_starts_holds_up_nobody(engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.count"), alice)
    limited(version, 1, "10 / n")
    refused = 0
    for n in (0, 5, 0, 2):
        try:
            started = start_run(user=alice, version=version, state={"n": n})
        except ActionError as error:
            refused += error.code == "E_CONCURRENCY_KEY"
    assert refused == 2
    assert Run.objects.count() == 2

    until(lambda: Run.objects.filter(status="completed").count() == 2)
    assert Run.objects.get(pk=started.pk).lane == "5"


def test_a_step_whose_workflow_has_no_lane_for_it_fails(engine: Service, alice: User) -> None:
    inner = build.published(build.chain("trial.count", key="inner"), alice)
    limited(inner, 1, "10 / n")
    document = build.chain("trial.count", 1, key="outer")
    document["nodes"]["s1"] = {"type": "subgraph", "workflow": "inner", "in": {"n": "n"}}

    started = start_run(user=alice, version=build.published(document, alice), state={"n": 0})

    until(lambda: Run.objects.get(pk=started.pk).status == "failed")
    error = json.loads(Run.objects.get(pk=started.pk).error)
    assert (error["code"], error["node"]) == ("E_INPUT", "s1")
    assert "the key of the limit of 'inner' cannot be worked out" in error["message"]


# Keeping it --------------------------------------------------------------------------------------


def test_runs_of_a_lane_follow_each_other_in_order(engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.touch", 2), alice)
    limited(version, 1)
    runs = [start_run(user=alice, version=version) for _ in range(8)]

    until(lambda: Run.objects.filter(status="completed").count() == 8)

    assert most_at_once() == 1
    claims = RunEvent.objects.filter(kind="run.claimed").order_by("at", "id")
    assert list(claims.values_list("run_id", flat=True)) == [run.pk for run in runs]


def test_an_urgent_run_goes_first_in_its_lane(engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.wait", 1), alice)
    limited(version, 1)
    first = start_run(user=alice, version=version)
    until(lambda: tools.called)
    plain = start_run(user=alice, version=version)
    urgent = start_run(user=alice, version=version, priority=5)
    time.sleep(0.3)
    assert Run.objects.get(pk=urgent.pk).status == "queued"

    tools.gate.set()
    until(lambda: Run.objects.filter(status="completed").count() == 3)

    claims = RunEvent.objects.filter(kind="run.claimed").order_by("at", "id")
    order = list(claims.values_list("run_id", flat=True))
    assert order == [first.pk, urgent.pk, plain.pk]


def test_a_place_is_free_when_its_run_rests_and_is_asked_for_again(
    engine: Service, alice: User
) -> None:
    version = build.published(build.chain("trial.mended", 1), alice)
    limited(version, 1)
    failing = start_run(user=alice, version=version)
    until(lambda: Run.objects.get(pk=failing.pk).status == "failed")
    blocker = build.published(build.chain("trial.wait", 1, key="other"), alice)
    Run.objects.filter(pk=failing.pk).update(workflow=blocker.workflow)
    limited(blocker, 1)
    holds = start_run(user=alice, version=blocker)
    until(lambda: tools.called)

    assert retry_run(user=alice, run=failing).status == "queued"
    time.sleep(0.3)
    assert Run.objects.get(pk=failing.pk).status == "queued", "its place was given away"

    tools.gate.set()
    until(lambda: Run.objects.get(pk=holds.pk).status == "completed")
    until(lambda: Run.objects.get(pk=failing.pk).status == "completed")


def test_a_paused_run_gives_its_place_away_when_it_rests(engine: Service, alice: User) -> None:
    document = build.chain("trial.wait", 2)
    document["nodes"]["s2"]["tool"] = "trial.count"
    version = build.published(document, alice)
    limited(version, 1)
    first = start_run(user=alice, version=version)
    until(lambda: tools.called)
    second = start_run(user=alice, version=version)

    pause_run(user=alice, run=first)
    time.sleep(0.3)
    assert Run.objects.get(pk=second.pk).status == "queued", "the first is still at its step"
    tools.gate.set()
    until(lambda: Run.objects.get(pk=second.pk).status == "completed")

    resume_run(user=alice, run=first)
    until(lambda: Run.objects.get(pk=first.pk).status == "completed")
    assert list(integrity.flaws()) == []


def test_a_cancelled_run_in_the_line_ends_without_a_place(engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.wait", 1), alice)
    limited(version, 1)
    start_run(user=alice, version=version)
    until(lambda: tools.called)
    queued = start_run(user=alice, version=version)

    cancel_run(user=alice, run=queued)

    until(lambda: Run.objects.get(pk=queued.pk).status == "cancelled")
    tools.gate.set()


def test_a_busy_process_takes_turns_between_owners_and_urgent_runs_first(
    alice: User, bob: User, settings: Any, nobody: None
) -> None:
    settings.DRIVERS = 1
    version = build.published(build.chain("trial.touch", 1), None)
    hers = [start_run(user=alice, version=version).pk for _ in range(12)]
    his = [start_run(user=bob, version=version).pk for _ in range(2)]
    urgent = start_run(user=alice, version=version, priority=1).pk
    service = Service()
    service.start()
    # All hints at once, hers first: the line says who is next.
    for run_id in [*hers, *his, urgent]:
        service.submit(run_id)

    until(lambda: Run.objects.filter(status="completed").count() == 15)
    service.stop(5)

    claims = RunEvent.objects.filter(kind="run.claimed").order_by("at", "id")
    order = list(claims.values_list("run_id", flat=True))
    assert order.index(urgent) <= 2, order
    assert max(order.index(run_id) for run_id in his) <= 6, order
    assert [run_id for run_id in order if run_id in hers] == hers


def test_a_higher_limit_lets_the_next_run_go_at_once(engine: Service, alice: User) -> None:
    version = build.published(build.chain("trial.wait", 1), alice)
    limited(version, 1)
    runs = [start_run(user=alice, version=version) for _ in range(3)]
    until(lambda: tools.called)
    time.sleep(0.2)
    assert len(tools.called) == 1

    limited(version, 3)

    until(lambda: len(tools.called) == 3, timeout=3)
    tools.gate.set()
    until(lambda: Run.objects.filter(status="completed").count() == len(runs))


def test_forks_count_as_well(alice: User, nobody: None) -> None:
    version = build.published(build.chain("trial.count"), alice)
    limited(version, 1, "customer")
    run = start_run(user=alice, version=version, state={"customer": 1})

    assert fork_run(user=alice, run=run, seq=1).lane == "1"


@pytest.fixture
def two_drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drivers]:
    monkeypatch.setattr("tests.studio.execution.test_crash.SLOW_S", 0.05)
    # Both look at the line all the time, and neither can take all the places.
    monkeypatch.setenv("TRIAL_SWEEP_S", "0.02")
    monkeypatch.setenv("TREADLE_DRIVERS", "2")
    made = Drivers(tmp_path)
    yield made
    made.stop()


def test_two_processes_admit_no_run_too_many(
    alice: User, bob: User, nobody: None, two_drivers: Drivers
) -> None:
    version = build.published(build.chain("trial.ledger", 1), None)
    limited(version, 3)
    two_drivers.start()
    two_drivers.start()
    until(lambda: two_drivers.log().count("ready") == 2, timeout=60)

    for number in range(60):
        start_run(user=(alice, bob)[number % 2], version=version)
    until(lambda: Run.objects.filter(status="completed").count() == 60, timeout=90)

    assert most_at_once() == 3
    pids = {line.split()[1] for line in two_drivers.ledger.read_text().splitlines()}
    assert len(pids) == 2, "both processes took part"
    assert list(integrity.flaws()) == []


# Seen from outside -------------------------------------------------------------------------------


def test_the_api_sets_it_and_explains_who_holds_it(engine: Service, alice: User) -> None:
    api = Api(alice)
    version = build.published(build.chain("trial.wait", 1), alice)
    path = f"/api/v1/workflows/{version.workflow.public_id}/concurrency"
    answer = api.put(path, {"limit": 1, "key": "customer"})
    assert answer.status == 200
    assert answer.body["concurrency"] == {"limit": 1, "key": "customer"}
    assert api.put(path, {"limit": 0}).code == "E_INVALID"
    assert api.put(path, {"limit": 1, "key": "1 +"}).code == "E_CONCURRENCY_KEY"
    always = api.put(path, {"limit": 1, "key": "1 / 0"})
    assert (always.status, always.code) == (400, "E_CONCURRENCY_KEY")
    [detail] = always.body["error"]["details"]
    assert (detail["pointer"], detail["code"]) == ("/key", "E_CONCURRENCY_KEY")
    assert "no run could start" in always.body["error"]["message"].lower()

    body = {"version": str(version.public_id), "state": {"customer": "acme"}}
    first = api.post("/api/v1/runs", {**body, "priority": 3}).body
    until(lambda: tools.called)
    second, third = (api.post("/api/v1/runs", body).body for _ in "12")

    [why, *_] = api.get(f"/api/v1/runs/{third['id']}/explain").body["reasons"]
    assert (why["what"], why["limit"], why["lane"]) == ("limit", 1, '"acme"')
    assert (why["runs"], why["hidden"], why["ahead"]) == ([first["id"]], 0, 1)
    assert 'for customer = "acme"' in why["text"]
    assert first["priority"] == 3
    tools.gate.set()
    until(lambda: Run.objects.filter(status="completed").count() == 3)
    assert second["status"] == "queued"
    assert api.put(path, {"limit": None}).body["concurrency"] is None


def test_runs_of_others_are_counted_but_not_named(alice: User, bob: User, nobody: None) -> None:
    version = build.published(build.chain("trial.count"), None)
    limited(version, 1)
    theirs = start_run(user=bob, version=version)
    Run.objects.filter(pk=theirs.pk).update(status="running")
    mine = start_run(user=alice, version=version)

    [why, *_] = Api(alice).get(f"/api/v1/runs/{mine.public_id}/explain").body["reasons"]

    assert (why["what"], why["runs"], why["hidden"]) == ("limit", [], 1)


@pytest.mark.parametrize("priority", [101, -101, "5", 1.5])
def test_odd_priorities_are_refused(alice: User, nobody: None, priority: Any) -> None:
    version = build.published(build.chain("trial.count"), alice)
    body = {"version": str(version.public_id), "priority": priority}
    assert Api(alice).post("/api/v1/runs", body).code == "E_INVALID"


def test_a_start_without_a_limit_asks_nothing_more(
    alice: User, nobody: None, django_assert_num_queries: Any
) -> None:
    """The version's workflow is at hand where runs are started most."""
    from studio.queries import lookups

    workflow = build.published(build.chain("trial.count"), alice).workflow
    found = lookups.startable(alice, workflow.public_id)
    assert found is not None
    assert found.published is not None
    with django_assert_num_queries(0):
        assert found.published.workflow.run_limit is None
