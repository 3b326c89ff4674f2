"""`up` with several web processes: one address, one table of runs, and nobody left behind."""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import LiveStudio
from tests.studio import build

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc"),
]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[LiveStudio]:
    made = LiveStudio(
        tmp_path / "data",
        TREADLE_WEB_PROCESSES="2",
        TREADLE_TOOLS="tests.studio.tools",
        TRIAL_LEDGER=str(tmp_path / "ledger"),
        TRIAL_SLOW_S="0.05",
    )
    try:
        made.start()
        until(lambda: len(servers(made)) == 2)
        yield made
    finally:
        made.stop()


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.05)


def servers(studio: LiveStudio) -> list[int]:
    """The processes that the studio's first one started."""
    return [
        int(n) for n in Path(f"/proc/{studio.pid}/task/{studio.pid}/children").read_text().split()
    ]


def lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def started(studio: LiveStudio, rounds: int) -> str:
    """A run that goes round so many times, each time leaving a line in the ledger."""
    _, workflow = studio.call(
        "POST", "/api/v1/workflows", {"document": build.loop("trial.ledger", rounds)}
    )
    body = {"workflow": workflow["id"], "draft": True, "state": {"n": 0}}
    status, run = studio.call("POST", "/api/v1/runs", body)
    assert status == 201, run
    return str(run["id"])


def run_of(studio: LiveStudio, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = studio.call("GET", f"/api/v1/runs/{run_id}")[1]
    return found


def driver(studio: LiveStudio, run_id: str) -> int:
    """The process that claimed the run last."""
    _, events = studio.call("GET", f"/api/v1/runs/{run_id}/events?kind=run.claimed")
    return int(events["items"][-1]["data"]["owner"].split("/")[3])


def test_both_answer_and_both_drive(studio: LiveStudio) -> None:
    both = set(servers(studio))

    drivers = Counter[int]()
    # Each request comes on a connection of its own, and the kernel gives each to one of the two.
    until(lambda: drivers.update([driver(studio, started(studio, 1))]) or set(drivers) == both)

    assert studio.pid not in drivers


def test_one_that_is_killed_is_replaced_and_its_run_goes_on(
    studio: LiveStudio, tmp_path: Path
) -> None:
    run_id = started(studio, 60)
    killed = driver(studio, run_id)
    until(lambda: (tmp_path / "ledger").read_text().count("\n") > 3)
    os.kill(killed, signal.SIGKILL)

    until(lambda: len(servers(studio)) == 2 and killed not in servers(studio))
    until(lambda: run_of(studio, run_id)["status"] == "completed")

    assert driver(studio, run_id) != killed
    _, state = studio.call("GET", f"/api/v1/runs/{run_id}/state")
    assert state["state"]["n"] == 60
    assert "another takes its place" in studio.log.read_text()


def test_sigterm_ends_all_of_them_and_what_runs_goes_on_at_the_next_start(
    studio: LiveStudio,
) -> None:
    run_id = started(studio, 60)
    before = servers(studio)

    assert studio.stop() < 5
    assert not any(map(lives, before))

    studio.start()
    until(lambda: run_of(studio, run_id)["status"] == "completed")


def test_ctrl_c_on_a_terminal_reaches_all_at_once(studio: LiveStudio) -> None:
    run_id = started(studio, 60)
    before = servers(studio)

    os.killpg(studio.pid, signal.SIGINT)
    until(lambda: not lives(studio.pid), 5)

    studio.stop()
    assert not any(map(lives, before))
    studio.start()
    until(lambda: run_of(studio, run_id)["status"] == "completed")


def test_they_end_when_their_keeper_is_killed(studio: LiveStudio) -> None:
    before = servers(studio)

    os.kill(studio.pid, signal.SIGKILL)

    until(lambda: not any(map(lives, before)), 10)
    studio.kill()
    studio.start()
    assert studio.call("GET", "/healthz")[0] == 200
