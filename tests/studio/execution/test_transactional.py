"""Transactional tools: what they write is committed with their step, or not at all."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from studio.actions.runs import start_run
from studio.actions.waits import answer_wait
from studio.execution.service import Service
from studio.journal import codec, failpoints, integrity
from studio.models import Run, RunEvent, Wait
from tests.studio import booking, build
from tests.studio.execution.conftest import RunIt

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_ledger() -> None:
    booking.reset()


def one(tool: str, **fields: Any) -> dict[str, Any]:
    document = build.chain(tool, 1)
    document["nodes"]["s1"].update(fields)
    return document


def kinds(run: Run, node: str = "s1") -> list[str]:
    found = RunEvent.objects.filter(run=run, node=node).order_by("seq")
    return [str(kind) for kind in found.values_list("kind", flat=True)]


def assert_whole(run: Run) -> None:
    assert list(integrity.flaws_of_run(run)) == []


def test_a_chain_books_each_step_once(run_it: RunIt, alice: User) -> None:
    run = run_it(build.chain("trial.book", 5), user=alice.pk)

    assert run.status == "completed", run.error
    assert booking.rows() == ["s1", "s2", "s3", "s4", "s5"]
    assert codec.decode(run.final_state or "")["booked"] == booking.rows()
    assert_whole(run)


def test_a_raise_rolls_back_and_a_retry_books_once(run_it: RunIt, alice: User) -> None:
    run = run_it(one("trial.book_and_fail", retry={"initial": "1ms"}), user=alice.pk)

    assert run.status == "completed", run.error
    assert booking.rows() == ["s1/2"]
    assert kinds(run) == [
        "attempt.started",
        "attempt.failed",
        "attempt.started",
        "attempt.succeeded",
    ]


@pytest.mark.parametrize(
    ("tool", "code"), [("trial.book_nan", "E_OUTPUT"), ("trial.book_large", "E_STATE_SIZE")]
)
def test_a_result_that_is_refused_rolls_back(
    run_it: RunIt, alice: User, tool: str, code: str
) -> None:
    run = run_it({**one(tool), "limits": {"max_state_bytes": 2_000}}, user=alice.pk)

    assert (run.status, run.error_code) == ("failed", code)
    assert booking.rows() == []
    assert_whole(run)


def test_what_comes_after_the_timeout_is_rolled_back(run_it: RunIt, alice: User) -> None:
    retry = {"on": ["TimeoutError"], "initial": "1ms"}
    run = run_it(one("trial.book_late", timeout="0.3s", retry=retry), user=alice.pk)

    assert run.status == "completed", run.error
    assert booking.rows() == ["late/2"]
    assert_whole(run)


def test_a_write_that_breaks_a_foreign_key_is_not_kept(quick_sweeps: None, run_it: RunIt) -> None:
    run = run_it(one("trial.book_nobody"))
    deadline = time.monotonic() + 20
    while run.status == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
        run.refresh_from_db()

    if connection.vendor == "postgresql":
        assert (run.status, run.error_code) == ("failed", "E_TOOL")
        assert "ForeignKeyViolation" in run.error or "foreign key" in run.error
    else:
        # SQLite looks at foreign keys at the commit only: then it is the driver's trouble.
        assert run.status == "paused"
        assert "FOREIGN KEY" in run.error
    assert booking.rows() == []
    assert_whole(run)


def test_a_tool_that_overlooks_an_error_of_the_database_fails(run_it: RunIt, alice: User) -> None:
    run = run_it(one("trial.book_carelessly"), user=alice.pk)

    assert (run.status, run.error_code) == ("failed", "E_TOOL")
    assert "an atomic() of your own" in run.error
    assert booking.rows() == []


def test_a_statement_that_can_never_succeed_is_not_tried_again(run_it: RunIt, alice: User) -> None:
    """SQLite has one class of errors for a table that is not there and for a lock."""
    run = run_it(one("trial.book_nowhere"), user=alice.pk)

    assert (run.status, run.error_code) == ("failed", "E_TOOL")
    assert "DatabaseUnavailable" not in run.error
    assert kinds(run) == ["attempt.started", "attempt.failed"]
    assert booking.rows() == []


def test_what_is_done_after_the_commit_cannot_undo_it(run_it: RunIt, alice: User) -> None:
    run = run_it(build.chain("trial.book_and_tell", 2), user=alice.pk)

    assert run.status == "completed", run.error
    assert booking.rows() == ["s1", "s2"] == booking.after_commit
    assert_whole(run)


def test_a_driver_that_lost_the_run_writes_neither_step_nor_rows(
    engine: Service, alice: User
) -> None:
    version = build.published(one("trial.book_beside"), alice)
    state = {"user": alice.pk, "kind": "run.claimed"}
    run = start_run(user=alice, version=version, state=state)
    deadline = time.monotonic() + 10
    while engine.driving() or "attempt.started" not in kinds(run):
        assert time.monotonic() < deadline
        time.sleep(0.01)

    assert booking.rows() == []
    assert kinds(run) == ["attempt.started"]
    seqs = list(RunEvent.objects.filter(run=run).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_step_goes_behind_what_others_wrote_meanwhile(run_it: RunIt, alice: User) -> None:
    run = run_it(one("trial.book_beside"), user=alice.pk, kind="run.cancel_requested")

    found = RunEvent.objects.filter(run=run).order_by("seq").values_list("kind", flat=True)
    assert list(found)[-4:-1] == [
        "attempt.started",
        "run.cancel_requested",
        "attempt.succeeded",
    ]
    assert booking.rows() == ["s1"]
    assert_whole(run)


def test_branches_beside_a_transactional_step_go_on(run_it: RunIt, alice: User) -> None:
    nodes = {f"n{number}": {"type": "tool", "tool": "trial.book"} for number in range(4)}
    nodes |= {f"t{number}": {"type": "tool", "tool": "trial.touch"} for number in range(4)}
    nodes = {name: {**node, "outputs": {}} for name, node in nodes.items()}
    inputs = {"state": "{'user': user}"}
    nodes = {name: {**node, "inputs": inputs} for name, node in nodes.items()}
    document = {
        "format": "treadle/1",
        "key": "beside",
        "name": "beside",
        "entry": list(nodes),
        "nodes": nodes,
        "edges": [],
    }
    for _ in range(3):
        run = run_it(document, user=alice.pk)
        assert run.status == "completed", run.error
        assert_whole(run)

    assert sorted(booking.rows()) == sorted(3 * ["n0", "n1", "n2", "n3"])


def test_items_of_a_map_book_once_each(run_it: RunIt, alice: User) -> None:
    body = {"tool": "trial.book", "inputs": {"state": "{'user': user}"}}
    document = one("trial.book")
    document["nodes"]["s1"] = {"type": "map", "over": "[1, 2, 3]", "body": body}
    run = run_it(document, user=alice.pk)

    assert run.status == "completed", run.error
    assert booking.rows() == ["s1", "s1", "s1"]
    assert_whole(run)


def test_a_question_is_committed_with_what_was_written_before_it(
    engine: Service, run_it: RunIt, alice: User
) -> None:
    run = run_it(one("trial.book_and_ask"), user=alice.pk)
    assert run.status == "waiting"
    assert booking.rows() == ["asked"]

    answer_wait(user=alice, wait=Wait.objects.get(run=run, closed_at=None), answer={"sum": 5})
    assert engine.wait_ended_blocking(run.public_id, 20)
    run.refresh_from_db()

    assert run.status == "completed", run.error
    assert booking.rows() == ["asked", "answered 5"]
    assert_whole(run)


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_that_the_tool_starts_is_there_exactly_when_its_step_is(
    run_it: RunIt, alice: User, fails: bool
) -> None:
    other = build.published(build.chain("trial.touch", 2, key="other"), None)
    run = run_it(one("trial.book_and_start"), user=alice.pk, version=other.pk, fails=fails)

    assert run.status == ("failed" if fails else "completed"), run.error
    assert booking.rows() == ([] if fails else ["starts"])
    (begun,) = booking.started
    assert Run.objects.filter(public_id=begun).exists() is not fails
    deadline = time.monotonic() + 20
    while not fails and Run.objects.get(public_id=begun).status != "completed":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_signal_that_comes_with_its_step_rings(
    engine: Service, run_it: RunIt, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows a commit of the writer follows one of a transactional step too."""
    waits = one("trial.book")
    waits["nodes"]["s1"] = {"type": "wait", "signal": "ready"}
    waiting = run_it({**waits, "key": "waits"})
    assert waiting.status == "waiting"
    document = one("trial.book")
    document["nodes"]["call"] = {"type": "emit", "signal": "ready"}
    document["edges"].append({"id": "e", "from": "s1", "to": "call"})
    rung: list[bool] = []
    writer = engine._engine.pool._writer  # type: ignore[union-attr]
    ring = writer.signalled
    monkeypatch.setattr(writer, "signalled", lambda: (rung.append(True), ring())[1])
    run = run_it(document, user=alice.pk)

    assert run.status == "completed", run.error
    assert booking.rows() == ["s1"]
    assert rung
    assert engine.wait_ended_blocking(waiting.public_id, 20)
    waiting.refresh_from_db()
    assert waiting.status == "completed"


def test_many_runs_at_once(engine: Service, alice: User) -> None:
    """No loop waits for a lock that a tool holds which waits for that loop."""
    version = build.published(build.chain("trial.book", 3), alice)
    began = time.monotonic()
    runs = [start_run(user=alice, version=version, state={"user": alice.pk}) for _ in range(20)]
    for run in runs:
        assert engine.wait_ended_blocking(run.public_id, 30)
        run.refresh_from_db()
        assert run.status == "completed", run.error

    assert sorted(booking.rows()) == sorted(20 * ["s1", "s2", "s3"])
    assert time.monotonic() - began < 20


def test_a_cancelled_run_keeps_what_was_committed_and_only_that(
    engine: Service, alice: User
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite nobody can ask for a cancel while the tool holds the lock")
    from studio.actions.runs import cancel_run

    version = build.published(build.chain("trial.book_waiting", 2), alice)
    run = start_run(user=alice, version=version, state={"user": alice.pk})
    assert booking.inside.wait(10)
    cancel_run(user=alice, run=run)
    booking.gate.set()
    assert engine.wait_ended_blocking(run.public_id, 20)
    run.refresh_from_db()

    assert run.status == "cancelled"
    assert booking.rows() == ["s1"]
    assert_whole(run)


def test_a_lost_connection_is_no_failure_and_the_next_call_sees_nothing_of_the_first(
    cut: None, run_it: RunIt, alice: User
) -> None:
    node = one("trial.book_and_count", inputs={"items": "items"}, retry={"max_attempts": 1})
    run = run_it(node, user=alice.pk, n=0, items=["old"])

    assert run.status == "completed", run.error
    assert len(booking.started) == 2
    assert booking.rows() == ["counted"]
    state = codec.decode(run.final_state or "")
    assert (state["n"], state["given"], state["items"]) == (1, ["old", "s1"], ["old"])
    assert kinds(run) == ["attempt.started", "attempt.succeeded"]
    assert_whole(run)


def test_a_tool_that_stands_still_for_too_long_has_failed(
    cut: None, run_it: RunIt, alice: User
) -> None:
    """The database has not gone away: it would do so again and again."""
    run = run_it(one("trial.book_asleep", retry={"max_attempts": 1}), user=alice.pk)

    assert (run.status, run.error_code) == ("failed", "E_TOOL")
    assert "idle-in-transaction" in run.error
    assert booking.started == ["s1"]
    assert booking.rows() == []


def test_a_tool_that_cuts_its_connection_time_and_again_has_failed(
    cut: None, run_it: RunIt, alice: User
) -> None:
    run = run_it(one("trial.book_and_lose"), user=alice.pk)

    assert run.status == "completed", run.error
    assert booking.rows() == ["lost/2"]
    assert "attempt.failed" in kinds(run)
    assert_whole(run)


@pytest.fixture
def cut() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no connection that a server could cut")


def test_no_connection_of_a_tool_is_left_open(run_it: RunIt, alice: User) -> None:
    run_it(build.chain("trial.book", 3), user=alice.pk)
    if connection.vendor != "postgresql":
        return

    def left_open() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name <> 'treadle' AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    # The chores of the process look at the database now and then, and close what they opened.
    until = time.monotonic() + 10
    while left_open() and time.monotonic() < until:
        time.sleep(0.05)
    assert left_open() == 0


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite ends no session")
def test_a_transaction_may_be_idle_for_as_long_as_its_tool_may_take(
    run_it: RunIt, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    def look(place: str) -> None:
        if place in ("transaction.after_tool", "transaction.before_commit"):
            with connection.cursor() as cursor:
                cursor.execute("SHOW idle_in_transaction_session_timeout")
                seen[place] = cursor.fetchone()[0]

    monkeypatch.setattr(failpoints, "hook", look)
    long = run_it(one("trial.book", timeout="10m"), user=alice.pk)
    assert seen == {"transaction.after_tool": "605s", "transaction.before_commit": "20s"}
    short = run_it(one("trial.book", timeout="5s"), user=alice.pk)
    assert seen == {"transaction.after_tool": "30s", "transaction.before_commit": "20s"}
    assert (long.status, short.status) == ("completed", "completed")
