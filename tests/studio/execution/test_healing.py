"""What a sweep does for others: one thing that it cannot do keeps it from nothing else."""

import pytest

from studio.execution import offspring
from studio.execution.sweeper import Sweeper
from studio.journal.raw_connection import Locked, Raw, connect
from studio.waits import children

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_about_a_held_run_is_left_to_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def bring(connection: Raw, run_id: int) -> int:
        if run_id == 1:
            raise Locked("somebody sleeps")
        return run_id + 100

    def cancel(connection: Raw, run_id: int) -> bool:
        if run_id == 3:
            raise Locked("somebody sleeps")
        return True

    monkeypatch.setattr(children, "overdue", lambda connection: [1, 2])
    monkeypatch.setattr(children, "unwanted", lambda connection: [3, 4])
    monkeypatch.setattr(children, "bring", bring)
    monkeypatch.setattr(children, "cancel", cancel)
    poked: list[int] = []
    raw = connect()
    try:
        offspring.heal(raw, poked.append)
    finally:
        raw.close()

    assert poked == [102, 4]


def test_a_sweep_that_breaks_is_told_and_is_not_the_last(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("what nobody thought of")

    monkeypatch.setattr("studio.execution.sweeper.stuck_sessions.end", broken)
    sweeper = Sweeper(None, None, None, None, None, takes=True)  # type: ignore[arg-type]

    sweeper.sweep()

    assert "what nobody thought of" in caplog.text
