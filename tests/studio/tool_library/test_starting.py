"""`workflow.start`: another workflow is started, once, and nobody waits for it."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.starting import start_for_run
from studio.execution.service import Service
from studio.journal import codec
from studio.models import AuditEntry, Run
from tests.studio import build, tools
from tests.studio.execution.conftest import run_it  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def starting(**inputs: str) -> dict[str, Any]:
    document = build.chain("workflow.start", 1, key="starter")
    document["nodes"]["s1"] |= {
        "inputs": {"workflow": "'child'", **inputs},
        "outputs": {"started": "result.run"},
    }
    return document


def until_all_rest() -> None:
    deadline = time.monotonic() + 20
    while Run.objects.exclude(status__in=["completed", "failed"]).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_starts_a_run_and_goes_on(
    engine: Service,
    run_it: Any,  # noqa: F811
    alice: User,
) -> None:
    build.published(build.chain("trial.wait", 1, key="child"), alice)

    run = run_it(starting(start_state="{'n': 3}"))

    below = Run.objects.get(source="workflow")
    assert run.status == "completed"
    assert codec.decode(run.final_state)["started"] == str(below.public_id)
    assert (below.owner, below.parent, below.workflow.key) == (alice, None, "child")
    assert AuditEntry.objects.filter(verb="run.start", object=str(below.public_id)).exists()
    tools.gate.set()
    until_all_rest()
    below.refresh_from_db()
    assert codec.decode(below.final_state or "null")["n"] == 3


def test_one_key_starts_one_run(engine: Service, run_it: Any, alice: User) -> None:  # noqa: F811
    build.published(build.chain("trial.count", 1, key="child"), alice)
    document = starting(key="'daily'")

    run_it(document)
    run_it({**document, "key": "other", "name": "other"})

    assert Run.objects.filter(source="workflow").count() == 1


def test_an_attempt_that_is_made_again_starts_no_second_run(alice: User) -> None:
    version = build.published(build.chain("trial.count", 1, key="child"), alice)
    above = Run.objects.create(workflow=version.workflow, version=version, owner=alice)

    ids = {start_for_run(str(above.public_id), "child", None, {}, "start:a:1") for _ in range(3)}

    assert len(ids) == 1


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"workflow": "'gone'"}, "there is no workflow 'gone'"),
        ({"version": "7"}, "has no version 7; v1 is published"),
        ({"start_state": "[1]"}, "start_state is an object"),
        ({"workflow": "'strict'"}, "The start state is refused"),
    ],
)
def test_what_cannot_be_started_fails_the_step(
    engine: Service,
    run_it: Any,  # noqa: F811
    alice: User,
    inputs: dict[str, str],
    said: str,
) -> None:
    build.published(build.chain("trial.count", 1, key="child"), alice)
    strict = build.chain("trial.count", 1, key="strict")
    strict["state"] = {"schema": {"type": "object", "required": ["must"]}}
    build.published(strict, alice)

    run = run_it(starting(**inputs))

    assert (run.status, run.error_code) == ("failed", "E_TOOL")
    assert said in codec.decode(run.error)["message"]


def test_workflows_of_others_are_not_started(
    engine: Service,
    run_it: Any,  # noqa: F811
    alice: User,
    bob: User,
) -> None:
    build.published(build.chain("trial.count", 1, key="child"), bob)

    run = run_it(starting())

    assert "there is no workflow 'child'" in codec.decode(run.error)["message"]
