"""What pages and API read of runs, and what it costs."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from studio.actions.runs import start_run
from studio.actions.workflows import patch_workflow
from studio.execution.service import Service
from studio.journal import codec
from studio.models import Run, Version
from studio.queries import items, runs, workflows
from tests.studio import build


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


def ended(engine: Service, user: User, version: Version, **state: object) -> Run:
    run = start_run(user=user, version=version, state=state)
    assert engine.wait_ended_blocking(run.public_id, 20)
    return runs.get_run(user, run.public_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("narrowed", "count"),
    [
        ({}, 3),
        ({"status": "queued"}, 3),
        ({"status": "failed"}, 0),
        ({"tag": "é x"}, 1),
        ({"tag": "x"}, 0),
        ({"source": "editor"}, 2),
        ({"search": "CHA"}, 3),
        ({"search": "nothing like it"}, 0),
    ],
)
def test_lists_are_narrowed(
    alice: User, version: Version, narrowed: dict[str, str], count: int
) -> None:
    start_run(user=alice, version=version, tags=["é x", 'qu"ote'])
    for _ in range(2):
        start_run(user=alice, version=version, source="editor")

    assert runs.listed(alice, **narrowed).count() == count  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_run_is_found_by_the_beginning_of_its_id(alice: User, version: Version) -> None:
    made = [start_run(user=alice, version=version) for _ in range(3)]

    found = runs.listed(alice, search=str(made[1].public_id)[:30])

    assert list(found) == [made[1]] or made[1] in found
    assert runs.listed(alice, search=str(made[1].public_id)).get() == made[1]
    assert runs.listed(alice, workflow=version.workflow.public_id).count() == 3


@pytest.mark.django_db
def test_workflows_are_narrowed(alice: User, version: Version) -> None:
    patch_workflow(user=alice, workflow=version.workflow, tags=["tägged"], description="Finds it")

    for narrowed in ({"search": "finds"}, {"tag": "tägged"}, {"owner": "alice"}):
        assert workflows.listed(alice, **narrowed).count() == 1, narrowed
    for narrowed in ({"search": "lost"}, {"tag": "t"}, {"owner": "bob"}):
        assert workflows.listed(alice, **narrowed).count() == 0, narrowed


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 20])
def test_a_page_of_runs_is_one_query(
    alice: User,
    version: Version,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        start_run(user=alice, version=version)

    with django_assert_num_queries(1):
        shown = [items.run_item(run) for run in items.listed_runs(runs.listed(alice))]

    assert len(shown) == count


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 20])
def test_a_page_of_workflows_is_two_queries(
    alice: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        start_run(user=alice, version=build.published(build.chain("trial.count"), alice))

    with django_assert_num_queries(2):
        page = list(items.listed_workflows(alice, workflows.listed(alice)))
        shown = items.workflow_items(alice, page)

    assert len(shown) == count


@pytest.mark.django_db(transaction=True)
def test_a_view_tells_the_run(engine: Service, alice: User, version: Version) -> None:
    run = ended(engine, alice, version, n=5)

    told = runs.view(run)

    assert (told.status, told.state, told.error) == ("completed", {"n": 8}, None)
    assert told.current_nodes == ()
    assert {node: (seen["status"], seen["count"]) for node, seen in told.nodes.items()} == {
        "s1": ("ok", 1),
        "s2": ("ok", 1),
        "s3": ("ok", 1),
    }
    assert {edge: seen["taken"] for edge, seen in told.edges.items()} == {"e1": 1, "e2": 1}
    assert runs.demo_log(run) == [
        {"node": "s1", "state_snapshot": {"n": 6}},
        {"node": "s2", "state_snapshot": {"n": 7}},
        {"node": "s3", "state_snapshot": {"n": 8}},
    ]


@pytest.mark.django_db(transaction=True)
def test_the_view_of_an_ended_run_is_remembered(
    engine: Service, alice: User, version: Version
) -> None:
    run = ended(engine, alice, version)
    runs.view(run)

    with CaptureQueriesContext(connection) as queries:
        runs.view(run)

    assert len(queries) == 0


@pytest.mark.django_db(transaction=True)
def test_the_state_at_a_seq(engine: Service, alice: User, version: Version) -> None:
    run = ended(engine, alice, version)
    steps = [event["seq"] for event in runs.events(run, kinds=["attempt.succeeded"])]

    assert [runs.state_at(run, seq)["n"] for seq in steps] == [1, 2, 3]
    assert runs.state_at(run, 1) == {}


@pytest.mark.django_db(transaction=True)
def test_events_are_read_in_pages_and_by_what_they_are(
    engine: Service, alice: User, version: Version
) -> None:
    run = ended(engine, alice, version)
    everything = runs.events(run)

    assert [event["seq"] for event in everything] == list(range(1, runs.head(run) + 1))
    assert runs.events(run, after=2, limit=2) == everything[2:4]
    assert {event["node"] for event in runs.events(run, node="s2")} == {"s2"}
    assert [codec.decode(text) for text in runs.raw_events_json(run)] == everything


@pytest.mark.django_db(transaction=True)
def test_large_values_are_put_back(engine: Service, alice: User) -> None:
    run = ended(engine, alice, build.published(build.chain("trial.large"), alice))

    assert runs.view(run).state == {"large": "x" * 100_000, "n": 3}
    assert all(len(text) < 2_000 for text in runs.raw_events_json(run))
    assert codec.decode(run.final_state or "") == runs.view(run).state
