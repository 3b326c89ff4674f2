"""A run that hypothesis steers: whatever is done to it, and when, it stays what the model says.

`TREADLE_TEST_EXAMPLES=2000` looks at more histories than a push does.
"""

import asyncio
import importlib
import json
import os

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine import fold
from engine.driving.clock import VirtualClock
from engine.events import Event
from tests.engine.helpers import dump
from tests.simulation import checking
from tests.simulation.world import ANSWERABLE, Run, World, _as_dict

EXAMPLES = int(os.environ.get("TREADLE_TEST_EXAMPLES", "20"))
SETTLE_TURNS = 40
"""Turns of the loop after which whatever needs no time has happened."""
ROUNDS = 400
"""Rounds of help that a run needs at most to come to its end."""


class SteeredClock(VirtualClock):
    """Time that goes only as far as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.horizon = self._now

    def _ring(self) -> None:
        if self._alarms and self._alarms[0][0] <= self.horizon:
            super()._ring()

    async def advance(self, seconds: float) -> None:
        """Let this much time pass, and what follows from it happen."""
        self.horizon = self._now + seconds
        await self.sleep(seconds)
        for _ in range(SETTLE_TURNS):
            await asyncio.sleep(0)


class SteeredRun(Run):
    """A run to which nothing happens by itself, except time."""

    def _later(self, delay_s, do, *args):
        return None

    def _plan(self):
        return None


class Machine(RuleBasedStateMachine):
    """Everything that can be done to a run."""

    @initialize(seed=st.integers(0, 100_000))
    def begin(self, seed):
        self.world = World(programs=10**9)
        self.world.clock = self.clock = SteeredClock()
        program, graph, _ = self.world._program(seed)
        self.run = SteeredRun(self.world, seed, program, graph)
        self.world._runs[self.run.id] = self.run
        self.sent = dict.fromkeys(program.signals, 0)
        self.loop = asyncio.new_event_loop()
        self.life = self.loop.create_task(self.run.live())
        self.advance(0.001)

    def advance(self, seconds):
        self.loop.run_until_complete(self.clock.advance(seconds))

    def done(self, work, *args):
        async def do():
            work(*args)

        self.loop.run_until_complete(do())
        self.advance(0.001)

    # What is done -------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.1, 1.0, 2.5, 20.0, 700.0, 4_000.0]))
    def time_passes(self, seconds):
        self.advance(seconds)

    @precondition(lambda self: self.run.open_waits and self.run.status in ANSWERABLE)
    @rule(which=st.integers(0, 10))
    def somebody_answers(self, which):
        waits = sorted(self.run.open_waits)
        self.done(self.run._answer, waits[which % len(waits)])

    @precondition(lambda self: self.unsent() and self.run.status in ANSWERABLE)
    @rule(which=st.integers(0, 10))
    def a_signal_comes(self, which):
        name = self.unsent()[which % len(self.unsent())]
        self.sent[name] += 1
        self.done(self.run._signal, name)

    @precondition(lambda self: self.run.status in ANSWERABLE)
    @rule()
    def a_signal_comes_that_nobody_waits_for(self):
        self.done(self.run._signal, "nobody")

    @rule()
    def somebody_pauses(self):
        self.done(self.run._pause)

    @rule()
    def somebody_resumes(self):
        if self.run.status != "failed" or self.run._may_be_retried():
            self.done(self.run._resume)

    @rule()
    def the_driver_dies(self):
        self.done(self.run._crash)

    @precondition(lambda self: len(self.run.events) > 12)
    @rule(sure=st.integers(0, 9))
    def somebody_cancels(self, sure):
        if sure == 0 and self.run.status in ANSWERABLE:
            self.done(self.run._cancel)

    def unsent(self):
        needed = self.run.program.signals
        return sorted(name for name in needed if self.sent[name] < needed[name])

    # What must hold -----------------------------------------------------------------------------

    @invariant()
    def the_journal_is_in_order(self):
        events = [_as_dict(event) for event in self.run.events]
        assert not checking.faults(events, self.run.program.document)
        assert not self.run.faults

    @invariant()
    def the_fold_is_what_the_driver_has(self):
        written = [Event.from_dict(event.as_dict()) for event in self.run.events]
        folded = fold(self.run.graph, written)
        assert str(folded.status) == self.run.status
        driver = self.run.driver
        if driver is not None and self.run.journal._current:
            live, told = dump(driver._marking), dump(folded.marking)
            for side in (live, told):  # the times of the journal have milliseconds
                side["waiting"] = sorted(side["waiting"])
            assert json.dumps(live, default=str) == json.dumps(told, default=str)

    def teardown(self):
        if not hasattr(self, "run"):
            return
        try:
            self._see_it_through()
        finally:
            self.life.cancel()
            self.advance(0.001)
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()
        assert not self.run.faults

    def _see_it_through(self):
        """Help the run to its end: answer, send, resume, and let time pass."""
        for _ in range(ROUNDS):
            if self.life.done():
                self.life.result()
                return
            self.somebody_resumes()
            for name in self.unsent() if self.run.status in ANSWERABLE else ():
                self.sent[name] += 1
                self.done(self.run._signal, name)
            for act in sorted(self.run.open_waits):
                if self.run.status in ANSWERABLE and act in self.run.open_waits:
                    self.done(self.run._answer, act)
            self.advance(60.0)
        pytest.fail(f"the run does not end: {self.run.status}")


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, print_blob=True
)


def test_the_machine_notices_a_fold_that_forgets(monkeypatch):
    replay = importlib.import_module("engine.keeping.replay")
    whole = replay._evolve

    def forgetful(marking, event):
        if str(event.kind) != "attempt.started":
            whole(marking, event)

    monkeypatch.setattr(replay, "_evolve", forgetful)
    few = settings(
        max_examples=60, stateful_step_count=20, deadline=None, database=None,
        phases=[Phase.generate], derandomize=True, report_multiple_bugs=False,
    )  # fmt: skip

    with pytest.raises(Exception):  # noqa: B017 - whatever the invariant says first
        run_state_machine_as_test(Machine, settings=few)
