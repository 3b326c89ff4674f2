"""Forks: a new run that goes on from an event of another one."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.errors import ActionError
from studio.actions.forks import fork_run
from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.journal import codec, integrity
from studio.models import AuditEntry, Run, RunEvent
from studio.queries import runs as queries
from tests.studio import build, tools

pytestmark = pytest.mark.django_db(transaction=True)


def ended(engine: Service, run: Run) -> Run:
    assert engine.wait_ended_blocking(run.public_id, 20)
    found = Run.objects.get(pk=run.pk)
    assert list(integrity.flaws_of_run(found)) == []
    return found


def finished(engine: Service, user: User, document: dict[str, Any], **more: Any) -> Run:
    return ended(engine, start_run(user=user, version=build.published(document, user), **more))


def seq_of(run: Run, kind: str, node: str | None = None) -> int:
    events = RunEvent.objects.filter(run=run, kind=kind)
    if node:
        events = events.filter(node=node)
    return int(events.order_by("seq").values_list("seq", flat=True)[0])


def test_every_event_of_a_run_can_be_forked(engine: Service, alice: User) -> None:
    run = finished(engine, alice, build.chain("trial.count", 3), state={"n": 0}, tags=["x"])
    before = list(RunEvent.objects.filter(run=run).values_list())
    last = seq_of(run, "run.completed")

    for seq in range(1, last):
        forked = ended(engine, fork_run(user=alice, run=run, seq=seq))
        assert (forked.status, forked.owner, forked.source) == ("completed", alice, "fork")
        assert codec.decode(forked.final_state or "") == {"n": 3}

    assert forked.tags == ["x", f"fork of {str(run.public_id)[-8:]}"]
    assert list(RunEvent.objects.filter(run=run).values_list()) == before
    assert AuditEntry.objects.filter(verb="run.fork").count() == last - 1


def test_a_fork_tells_its_origin_and_has_the_changed_state(engine: Service, alice: User) -> None:
    run = finished(engine, alice, build.chain("trial.touch", 3), state={"n": 0, "old": 1})
    tools.reset()
    seq = seq_of(run, "attempt.succeeded", "s1")

    forked = ended(engine, fork_run(user=alice, run=run, seq=seq, patch={"n": 50, "old": None}))

    assert codec.decode(forked.final_state or "") == {"n": 52}
    assert tools.called == ["50", "51"], "what came before is not done again"
    [told] = queries.events(forked, kinds=["run.forked"])
    assert told["seq"] == seq + 1
    assert (told["data"]["run"], told["data"]["seq"]) == (str(run.public_id), seq)


def test_a_failed_run_is_forked_past_its_failure(engine: Service, alice: User) -> None:
    run = finished(engine, alice, build.chain("trial.mended", 1))
    assert run.status == "failed"
    tools.gate.set()

    forked = ended(engine, fork_run(user=alice, run=run, seq=queries.head(run)))

    assert forked.status == "completed"
    assert Run.objects.get(pk=run.pk).status == "failed"


def test_a_large_value_comes_along(engine: Service, alice: User) -> None:
    run = finished(engine, alice, build.chain("trial.large", 2))

    seq = seq_of(run, "attempt.succeeded", "s1")
    forked = ended(engine, fork_run(user=alice, run=run, seq=seq))

    assert codec.decode(forked.final_state or "") == codec.decode(run.final_state or "")


def test_what_cannot_be_forked_says_why(engine: Service, alice: User) -> None:
    run = finished(engine, alice, build.chain("trial.count", 1))
    other = build.published(build.chain("trial.count", 2, key="other"), alice)
    head = queries.head(run)

    def refused(**asked: Any) -> tuple[str, int]:
        with pytest.raises(ActionError) as error:
            fork_run(user=alice, run=run, **asked)
        return error.value.code, error.value.status

    assert refused(seq=0) == ("E_SEQ", 400)
    assert refused(seq=head + 1) == ("E_SEQ", 400)
    assert refused(seq=seq_of(run, "run.completed")) == ("E_STATE", 409)
    assert refused(seq=1, version=other) == ("E_VERSION", 422)
    assert refused(seq=1, patch={"k" * 201: 1}) == ("E_VALUE", 400)
    assert Run.objects.count() == 1
