"""The playground of a condition, and what a node found and left behind, by the API."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import expressions
from studio.execution.service import Service
from studio.models import Run, RunEvent, Version
from studio.queries import tryout
from tests.studio import build
from tests.studio.api.calls import Answer, Api

TRY = "/api/v1/expressions/try"


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def loop(alice: User) -> Version:
    """`a` adds one to `n` until it is 3."""
    return build.published(build.loop("trial.count", 3), alice)


def run(api: Api, version: Version, **state: Any) -> str:
    answer = api.post("/api/v1/runs?wait=20", {"version": str(version.public_id), "state": state})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def ask(api: Api, version: Version, source: str, **more: Any) -> Answer:
    body = {"workflow": str(version.workflow.public_id), "node": "a", "source": source, **more}
    return api.post(TRY, body)


def test_a_condition_is_tried_on_every_visit_of_the_last_runs(api: Api, loop: Version) -> None:
    first = run(api, loop)
    second = run(api, loop, n=1)

    told = ask(api, loop, "n < 3", edge="again", on="ok").body

    assert told["ok"] is True
    assert told["counts"] == {"true": 3, "false": 2, "other": 0, "error": 0, "unknown": 0}
    assert [each["id"] for each in told["runs"]] == [second, first]
    newest = told["runs"][0]["visits"]
    assert [(v["visit"], v["value"], v["values"], v["taken"]) for v in newest] == [
        (1, True, {"n": 2}, True),
        (2, False, {"n": 3}, False),
    ]
    assert all(v["seq"] for v in newest)


def test_an_error_names_what_is_missing_and_an_odd_value_is_neither(
    api: Api, loop: Version
) -> None:
    run(api, loop, scored=True, n=2)
    run(api, loop, n=2)

    missing = ask(api, loop, "scored").body
    odd = ask(api, loop, "n + 1").body

    assert missing["counts"] == {"true": 1, "false": 0, "other": 0, "error": 1, "unknown": 0}
    assert "scored" in missing["runs"][0]["visits"][0]["error"]["message"]
    assert odd["counts"]["other"] == 2
    assert odd["runs"][0]["visits"][0]["value"] == 4


def test_inputs_see_the_state_before_and_outputs_the_result(api: Api, loop: Version) -> None:
    run(api, loop, n=2)

    def value(at: str, source: str) -> Any:
        return ask(api, loop, source, at=at).body["runs"][0]["visits"][0]["value"]

    assert (value("before", "n"), value("after", "n"), value("result", "result.n")) == (2, 3, 3)
    assert ask(api, loop, "item", at="item").body["counts"]["unknown"] == 1


def test_edges_for_errors_are_tried_on_failed_visits_only(api: Api, loop: Version) -> None:
    run(api, loop, n=2)

    assert ask(api, loop, "true", on="error").body["runs"][0]["visits"] == []


def test_a_text_that_is_no_expression_is_an_answer_with_its_position(
    api: Api, loop: Version
) -> None:
    told = ask(api, loop, "n <").body

    assert (told["ok"], told["runs"]) == (False, [])
    assert told["error"]["position"] == 3


def test_only_runs_that_one_may_see_are_tried(api: Api, loop: Version, bob: User) -> None:
    run(api, loop, n=2)
    others = Api(bob)

    assert ask(others, loop, "n").status == 404
    shared = build.published(build.loop("trial.count", 3))
    run(api, shared, n=2)
    assert ask(others, shared, "n").body["runs"] == []
    assert len(ask(api, shared, "n").body["runs"]) == 1


def test_at_most_twenty_runs_are_tried_and_one_can_be_named(api: Api, loop: Version) -> None:
    ids = [run(api, loop, n=2) for _ in range(3)]

    assert [r["id"] for r in ask(api, loop, "n", runs=2).body["runs"]] == [ids[2], ids[1]]
    assert [r["id"] for r in ask(api, loop, "n", run=ids[0]).body["runs"]] == [ids[0]]
    assert ask(api, loop, "n", runs=21).status == 400


def test_what_is_too_much_is_left_out_and_said(api: Api, loop: Version) -> None:
    run(api, loop)
    run(api, loop)
    expression = expressions.compile("n < 3")
    times = iter([0.0, 0.0, 0.0, *[99.0] * 50])

    slow = tryout.tried(rows(loop), "a", expression, "after", clock=lambda: next(times))
    full = tryout.tried(rows(loop), "a", expression, "after", most_events=15)

    assert [len(each["visits"]) for each in slow["runs"]] == [1, 0]
    assert (
        slow["runs"][1]["left_out"] == "The newer runs took all the time and room of one question."
    )
    assert [each["left_out"] for each in full["runs"]] == [
        None,
        "The newer runs took all the time and room of one question.",
    ]


def rows(version: Version) -> list[Run]:
    return tryout.runs_to_try(Run.objects.filter(version=version))


def test_a_journal_that_is_too_long_is_not_read(api: Api, loop: Version) -> None:
    run(api, loop)
    expression = expressions.compile("n")

    (each,) = tryout.tried(rows(loop), "a", expression, "after", most_events=3)["runs"]

    assert each["left_out"] == "It has more than 3 events."


# A visit ----------------------------------------------------------------------------------------


def visit(api: Api, run_id: str, query: str) -> Answer:
    return api.get(f"/api/v1/runs/{run_id}/visit?{query}")


def test_a_visit_is_read_with_its_states_and_what_it_wrote(api: Api, loop: Version) -> None:
    id_ = run(api, loop)

    last = visit(api, id_, "node=a").body
    first = visit(api, id_, "node=a&visit=1").body["visit"]

    assert (last["visits"], last["first"], last["visit"]["number"]) == (3, 1, 3)
    assert last["run"]["id"] == id_
    assert (first["before"], first["after"], first["ops"]) == ({}, {"n": 1}, [["set", "n", 1]])
    assert first["status"] == "ok"
    assert visit(api, id_, "node=a&visit=9").body["visit"] is None
    assert visit(api, id_, "node=nobody").body["visit"] is None


def test_inputs_have_their_values_or_why_they_have_none(api: Api, alice: User) -> None:
    node = {
        "type": "tool",
        "tool": "text.replace",
        "inputs": {"text": "title + '!'", "replacement": "state.missing"},
        "on_error": "continue",
    }
    document = {"format": "treadle/1", "key": "k", "entry": ["a"], "edges": []}
    version = build.published({**document, "nodes": {"a": node}}, alice)
    id_ = run(api, version, title="Hello", find="H")

    text, replacement, find = visit(api, id_, "node=a").body["visit"]["inputs"]

    assert text == {"name": "text", "source": "title + '!'", "ok": True, "value": "Hello!"}
    assert find == {"name": "find", "source": None, "ok": True, "value": "H"}
    assert (replacement["name"], replacement["ok"]) == ("replacement", False)
    assert "missing" in replacement["error"]["message"]


def test_a_large_value_is_told_by_its_size(api: Api, loop: Version) -> None:
    id_ = run(api, loop, n=2, text="x" * 40_000)

    told = visit(api, id_, "node=a").body["visit"]

    assert told["cut"] == ["before.text", "after.text"]
    assert len(told["before"]["text"]) == 120


def test_runs_of_others_have_no_visits(api: Api, loop: Version, bob: User) -> None:
    id_ = run(api, loop)

    assert visit(Api(bob), id_, "node=a").status == 404
    assert visit(api, str(uuid.uuid4()), "node=a").status == 404
    assert visit(api, id_, "").status == 400


def test_a_journal_that_cannot_be_read_is_said(api: Api, loop: Version) -> None:
    id_ = run(api, loop)
    RunEvent.objects.filter(run__public_id=id_, seq=1).update(
        data='{"graph":"gone","state":{},"limits":{}}'
    )
    Run.objects.filter(public_id=id_).update(finished_at=None)

    answer = visit(api, id_, "node=a")

    assert (answer.status, answer.code) == (409, "E_JOURNAL")


def test_a_long_question_reads_each_run_once(
    api: Api, loop: Version, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        run(api, loop)
    runs, expression = rows(loop), expressions.compile("n")
    tryout.tried(runs, "a", expression, "after")

    with django_assert_num_queries(1):
        told = tryout.tried(runs, "a", expression, "after")

    assert told["counts"]["other"] == 9
