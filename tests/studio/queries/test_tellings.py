"""What a long run did is told on from where it was told before, and says the same."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.journal import long_runs
from studio.journal.raw_connection import DjangoConnection, Row
from studio.models import Run, RunEvent, Snapshot, Telling
from studio.queries import runs, tellings
from tests.studio import build

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 260


def mapped(items: int) -> dict[str, Any]:
    node = {"type": "map", "over": "xs", "as": "n", "body": {"tool": "trial.touch", "inputs": {}}}
    return {
        "format": "treadle/1",
        "key": "mapped",
        "name": "mapped",
        "entry": ["m"],
        "state": {"defaults": {"xs": list(range(items))}},
        "nodes": {"m": node},
        "edges": [],
    }


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a few hundred events are long ones."""
    monkeypatch.setattr(long_runs, "EVERY_EVENTS", 100)
    monkeypatch.setattr(tellings, "WORTH", 1)
    while long_runs.take() is not None:
        pass


def ended(engine: Service, alice: User, document: dict[str, Any], **state: Any) -> Run:
    version = build.published(document, alice)
    run = start_run(user=alice, version=version, state={"n": 0, **state})
    assert engine.wait_ended_blocking(run.public_id, 60)
    run = Run.objects.select_related("version").get(pk=run.pk)
    assert run.status == "completed", run.error
    return run


@pytest.mark.parametrize("kind", ["loop", "map"])
def test_it_says_the_same_from_wherever_it_goes_on(engine: Service, alice: User, kind: str) -> None:
    document = build.loop("trial.touch", ROUNDS) if kind == "loop" else mapped(200)
    run = ended(engine, alice, document)
    whole = replace(runs.fresh_view(run), steps=())
    seqs = list(Snapshot.objects.filter(run=run).order_by("-seq").values_list("seq", flat=True))
    assert len(seqs) >= 2

    for seq in seqs:
        Telling.objects.all().delete()
        Snapshot.objects.filter(run=run, seq__gt=seq).delete()
        runs._glances.clear()
        assert runs.glance(run) == whole
        assert Telling.objects.get().seq == seq
        runs._glances.clear()
        assert runs.glance(run) == whole


def test_reading_a_told_run_reads_no_more_than_what_came_since(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ended(engine, alice, build.loop("trial.touch", ROUNDS))
    assert tellings.tell_wanted() == 0.0
    assert tellings.tell_wanted() is None
    read: list[int] = []
    execute = DjangoConnection.execute

    def counted(self: DjangoConnection, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        found = execute(self, sql, parameters)
        read.append(len(found))
        return found

    monkeypatch.setattr(DjangoConnection, "execute", counted)
    runs._glances.clear()
    view = runs.glance(run)

    since = RunEvent.objects.filter(run=run, seq__gt=Telling.objects.get().seq).count()
    assert view.head == RunEvent.objects.filter(run=run).count() > 500
    # Its head, its snapshot, and the events since.
    assert sum(read) <= since + 5
    assert since < 250


def test_a_state_in_the_middle_reads_no_more_than_from_its_snapshot_on(
    engine: Service, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ended(engine, alice, build.loop("trial.touch", ROUNDS))
    seqs = list(Snapshot.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    asked = seqs[1] - 1
    read: list[int] = []
    execute = DjangoConnection.execute

    def counted(self: DjangoConnection, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        found = execute(self, sql, parameters)
        read.append(len(found))
        return found

    monkeypatch.setattr(DjangoConnection, "execute", counted)
    state = runs.state_at(run, asked)

    assert 50 < state["n"] < ROUNDS
    assert sum(read) <= asked - seqs[0] + 1


def test_what_another_release_told_is_told_anew(engine: Service, alice: User) -> None:
    run = ended(engine, alice, build.loop("trial.touch", ROUNDS))
    whole = replace(runs.fresh_view(run), steps=())
    seq = Snapshot.objects.filter(run=run).order_by("seq").values_list("seq", flat=True)[0]
    Telling.objects.update_or_create(run=run, defaults={"seq": seq, "data": '{"format": 0}'})
    runs._glances.clear()

    assert runs.glance(run) == whole


def test_a_run_is_wanted_when_it_has_gone_on_or_rests() -> None:
    long_runs.note(10**9, 99, rests=True)
    assert long_runs.take() is None
    long_runs.note(10**9, 150, rests=False)
    assert long_runs.take() == 10**9
    long_runs.note(10**9, 200, rests=False)
    assert long_runs.take() is None
    long_runs.note(10**9, 200, rests=True)
    assert long_runs.take() == 10**9
    assert long_runs.take() is None
