"""The negative control: workers that are stopped in the middle of a step until another one has done
it, and that nothing stops when they wake.

Nothing of it is left to chance: who is stopped is at work on a step for certain, and sleeps until
that step is committed by somebody else.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tests.chaos.storm import Storm
from tests.faults.site import Child
from tests.faults.tables import EventRow

TRIES = 8
LONGEST_S = 30.0
"""How long somebody sleeps at the most: a lease, a sweep, and a busy machine."""
HEARD_S = 10.0
"""How long one who woke may take to write what it did."""
REPEATED = ("pure", "idempotent")
"""Effects of tools that are called again when their driver is gone."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """A call of a tool that is under way."""

    worker: Child
    run: str
    act: int
    att: int


def sleepwalk(storm: Storm, tries: int = TRIES) -> bool:
    """Have workers write on in their sleep until a step is committed twice; whether one was."""
    storm.start_runs(LONGEST_S * tries)
    for _ in range(tries):
        step = _found(lambda: _under_way(storm), LONGEST_S)
        assert step is not None, f"nobody works:\n{storm.site.said()}"
        if _sleeps_through(storm, step):
            return True
        storm.tend()
    return False


def _sleeps_through(storm: Storm, step: Step) -> bool:
    """Stop who is at this step, and wake him when it is done by another; whether it is doubled."""
    step.worker.signal(signal.SIGSTOP)
    try:
        if not _is_under_way(storm, step):
            return False
        if not _found(lambda: _commits(storm, step) > 0, LONGEST_S):
            return False
    finally:
        step.worker.signal(signal.SIGCONT)
    return bool(_found(lambda: _commits(storm, step) > 1, HEARD_S))


def _under_way(storm: Storm) -> Step | None:
    """The call that was begun last by a worker that lives, if it is one that is called again."""
    pids = {worker.child.pid: worker.child for worker in storm.workers if worker.child.lives}
    lines = storm.site.lines()
    done = {(x["run"], x["act"], x["att"], x["pid"]) for x in lines if x["what"] == "done"}
    for line in reversed(lines):
        if line["what"] == "begun" and line["pid"] in pids and line["effect"] in REPEATED:
            call = (line["run"], line["act"], line["att"])
            return None if (*call, line["pid"]) in done else Step(pids[line["pid"]], *call)
    return None


def _is_under_way(storm: Storm, step: Step) -> bool:
    """Whether the call has not come to its end, now that nobody goes on with it."""
    call = (step.run, step.act, step.att, step.worker.pid)
    return not any(
        line["what"] == "done" and (line["run"], line["act"], line["att"], line["pid"]) == call
        for line in storm.site.lines()
    )


def _commits(storm: Storm, step: Step) -> int:
    """How often the step stands in the journal of its run."""
    return sum(
        event.kind == "attempt.succeeded" and event.act == step.act
        for event in _journal(storm, step)
    )


def _journal(storm: Storm, step: Step) -> list[EventRow]:
    tables = storm.site.tables
    (key,) = (run.id for run in tables.runs() if run.public_id == step.run)
    return tables.events(key)


def _found(look: Callable[[], T], seconds: float) -> T | None:
    """What is found within so many seconds; None if nothing is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    return None
