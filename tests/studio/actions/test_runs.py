"""Starting and cancelling runs, up to the row and the first entry of the journal."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from studio.actions.errors import ActionError
from studio.actions.runs import cancel_run, start_run
from studio.execution import dispatch
from studio.journal import codec
from studio.models import AuditEntry, Blob, Run, RunEvent, Version
from tests.studio import build

pytestmark = pytest.mark.django_db


class Heard:
    """A dispatcher that writes down its hints."""

    def __init__(self) -> None:
        self.hints: list[tuple[str, int]] = []

    def wanted(self, run_id: int) -> None:
        self.hints.append(("wanted", run_id))

    def changed(self, run_id: int) -> None:
        self.hints.append(("changed", run_id))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    listener = Heard()
    monkeypatch.setattr(dispatch, "_dispatcher", listener)
    return listener


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count"), alice)


def created(run: Run) -> dict[str, Any]:
    event = RunEvent.objects.get(run=run, seq=1)
    assert event.kind == "run.created"
    return codec.decode(event.data)  # type: ignore[no-any-return]


def test_a_run_begins_with_its_first_entry(alice: User, version: Version) -> None:
    run = start_run(user=alice, version=version, state={"n": 1}, tags=["x"], source="editor")

    assert (run.status, run.owner, run.workflow) == ("queued", alice, version.workflow)
    assert (run.source, run.tags, run.is_repeat) == ("editor", ["x"], False)
    assert created(run)["state"] == {"n": 1}
    assert created(run)["graph"] == version.hash
    assert AuditEntry.objects.filter(verb="run.start", object=str(run.public_id)).count() == 1


@pytest.mark.usefixtures("transactional_db")
def test_the_hint_goes_out_after_the_commit(alice: User, version: Version, heard: Heard) -> None:
    with transaction.atomic():
        run = start_run(user=alice, version=version)
        inside = list(heard.hints)

    assert inside == []
    assert heard.hints == [("wanted", run.pk)]


@pytest.mark.usefixtures("transactional_db")
def test_a_caller_that_rolls_back_leaves_no_run(
    alice: User, version: Version, heard: Heard
) -> None:
    with transaction.atomic():
        start_run(user=alice, version=version)
        transaction.set_rollback(True)

    assert heard.hints == []
    assert not Run.objects.exists()
    assert not RunEvent.objects.exists()


def test_a_key_starts_one_run(alice: User, version: Version) -> None:
    runs = [
        start_run(user=alice, version=version, state={"n": 1}, idempotency_key="k") for _ in "123"
    ]

    assert len({run.pk for run in runs}) == 1
    assert [run.is_repeat for run in runs] == [False, True, True]
    assert RunEvent.objects.count() == 1


def test_a_key_with_another_body_is_refused(alice: User, version: Version) -> None:
    start_run(user=alice, version=version, state={"n": 1}, idempotency_key="k")

    with pytest.raises(ActionError, match="new key") as refused:
        start_run(user=alice, version=version, state={"n": 2}, idempotency_key="k")

    assert (refused.value.code, refused.value.status) == ("E_IDEMPOTENCY", 422)


def test_keys_of_different_people_do_not_meet(alice: User, bob: User) -> None:
    version = build.published(build.chain("trial.count"))
    first = start_run(user=alice, version=version, idempotency_key="k")
    second = start_run(user=bob, version=version, idempotency_key="k")

    assert first != second


def test_a_refused_key_leaves_the_callers_transaction_usable(alice: User, version: Version) -> None:
    with transaction.atomic():
        start_run(user=alice, version=version, state={"n": 1}, idempotency_key="k")
        with pytest.raises(ActionError):
            start_run(user=alice, version=version, state={"n": 2}, idempotency_key="k")
        start_run(user=alice, version=version)

    assert Run.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
def test_a_strange_key_is_refused(alice: User, version: Version, key: str) -> None:
    with pytest.raises(ActionError, match="printable"):
        start_run(user=alice, version=version, idempotency_key=key)


def test_a_state_that_is_too_large_is_refused(alice: User, version: Version) -> None:
    with pytest.raises(ActionError) as refused:
        start_run(user=alice, version=version, state={"text": "x" * 2_000_000})

    assert (refused.value.code, refused.value.status) == ("E_STATE_SIZE", 413)


def test_a_large_value_of_the_start_state_becomes_a_blob(alice: User, version: Version) -> None:
    run = start_run(user=alice, version=version, state={"text": "x" * 100_000, "n": 1})

    assert Blob.objects.count() == 1
    assert created(run)["state"] == {"text": None, "n": 1}
    assert created(run)["$blobs"][0]["path"] == ["state", "text"]


def test_a_state_cannot_forge_a_reference(alice: User, bob: User) -> None:
    from studio.queries import runs

    version = build.published(build.chain("trial.count"))
    secret = start_run(user=alice, version=version, state={"text": "secret" * 10_000})
    sha256 = created(secret)["$blobs"][0]["sha256"]
    forged = {"$blobs": [{"path": ["state", "x"], "sha256": sha256, "size": 1}], "x": None}

    run = start_run(user=bob, version=version, state=forged)

    assert runs.events(run)[0]["data"]["state"] == forged


@pytest.mark.parametrize(
    "state", [{"a": float("inf")}, {"constructor": 1}, {"a": [{"b": {1, 2}}]}, {1: 2}]
)
def test_values_that_are_not_json_are_refused(
    alice: User, version: Version, state: dict[Any, Any]
) -> None:
    with pytest.raises(ActionError) as refused:
        start_run(user=alice, version=version, state=state)

    assert refused.value.code == "E_VALUE"


def test_text_that_a_database_refuses_is_mended(alice: User, version: Version) -> None:
    run = start_run(user=alice, version=version, state={"a\0": "\ud800"})

    assert created(run)["state"] == {"a\ufffd": "\ufffd"}


def test_limits_can_only_be_lowered(alice: User, version: Version) -> None:
    run = start_run(user=alice, version=version, limits={"max_steps": 10})

    assert created(run)["limits"]["max_steps"] == 10
    with pytest.raises(ActionError, match="max_things"):
        start_run(user=alice, version=version, limits={"max_things": 10})


def test_a_cancel_is_an_entry_and_a_status(alice: User, version: Version) -> None:
    run = start_run(user=alice, version=version)

    for _ in range(2):
        cancelled = cancel_run(user=alice, run=run, reason="enough")

    assert cancelled.status == "cancelling"
    event = RunEvent.objects.get(run=run, kind="run.cancel_requested")
    assert codec.decode(event.data) == {"reason": "enough", "by": "alice"}
    assert AuditEntry.objects.filter(verb="run.cancel").count() == 1


def test_an_ended_run_stays_as_it_is(alice: User, version: Version) -> None:
    run = start_run(user=alice, version=version)
    Run.objects.filter(pk=run.pk).update(status="completed")

    assert cancel_run(user=alice, run=run).status == "completed"
    assert not RunEvent.objects.filter(kind="run.cancel_requested").exists()


def test_starting_costs_few_queries(alice: User, version: Version) -> None:
    start_run(user=alice, version=version)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        start_run(user=alice, version=version)

    inserts = [query["sql"] for query in queries if "INSERT" in query["sql"]]
    assert len(inserts) == 3, "run, event, audit entry"
    assert len(queries) <= 5, [query["sql"] for query in queries]
