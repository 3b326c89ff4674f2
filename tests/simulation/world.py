"""The world in which runs live: drivers that die, people that answer, late or never, and time.

Everything happens on one virtual clock. A run is driven as the studio drives it: claimed by an
event, let go of when it waits, taken up from a fold of its journal.
"""

import asyncio
import heapq
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from engine import Driver, Event, EventKind, Graph, MemoryJournal, ToolRegistry, fold, new_run
from engine.driving.clock import VirtualClock
from engine.planning import unknowns
from engine.planning.marking import Activation
from engine.planning.outcomes import decided
from engine.planning.waits import answered, signalled
from engine.policies import OutcomeChoice
from tests.simulation import checking
from tests.simulation.programs import LONGEST_S, Deed, Program, Story

WINDOW_S = 0.02
"""Alarms so close to each other ring together: with many runs there are thousands a second."""
HORIZON_S = 40 * 86_400.0
"""A run that has not ended by then hangs."""
FORM = {"type": "object", "required": ["word"], "properties": {"word": {"type": "string"}}}
MAX_EVENTS = 5_000
"""A run that writes more than this goes round without end."""
ANSWERABLE = ("running", "waiting", "paused")


class BusyClock(VirtualClock):
    """A virtual clock for thousands of sleepers."""

    PATIENCE = 4

    def _ring(self) -> None:
        super()._ring()
        until = self._now + WINDOW_S
        while self._alarms and self._alarms[0][0] <= until:
            due, _, alarm = heapq.heappop(self._alarms)
            if alarm.callback is not None:
                self._now = max(self._now, due)
                alarm.callback()


class Journal(MemoryJournal):
    """A journal that tells its run what is written."""

    def __init__(self, run: "Run") -> None:
        super().__init__(run.events)
        self._run = run

    def append(self, events: Any) -> None:
        if self._current:
            super().append(events)
            for event in events:
                self._run.saw(event)


class Run:
    """One run, and everything that happens to it."""

    def __init__(self, world: "World", seed: int, program: Program, graph: Graph) -> None:
        self.world, self.clock, self.seed = world, world.clock, seed
        self.dice = random.Random(seed)
        self.program, self.graph = program, graph
        self.id = f"run-{seed}"
        self.events: list[Event] = []
        self.story = Story()
        self.status = "running"
        self.faults: list[str] = []
        self.healed = False
        self.cancelled = False
        self.crashes = self.claims = self.resumes = 0
        self.open_waits: dict[str, Event] = {}
        self.once: Counter[int] = Counter()
        self.again: Counter[int] = Counter()
        """How often a person had a call made again, by activation."""
        self.locked: Counter[str] = Counter()
        self.max_steps = program.document["limits"]["max_steps"]
        self.journal: Journal | None = None
        """The journal of the driver; that of a dead one takes nothing any more."""
        self.outside = Journal(self)
        self.driver: Driver | None = None
        self.task: asyncio.Task[Any] | None = None
        self.woken = asyncio.Event()

    # Its life -----------------------------------------------------------------------------------

    async def live(self) -> None:
        """From the start to the end; afterwards `faults` says what was wrong."""
        self.outside.append([new_run(self.graph, {}, now=self.clock.now())])
        self._plan()
        try:
            while not self._ended():
                if self.status in ("paused", "failed"):
                    await self._sleep(None)
                else:
                    await self._be_driven()
        finally:
            self.outside.fence()
        self._check()

    def _ended(self) -> bool:
        if self.clock.now() - self.events[0].time > HORIZON_S:
            self.faults.append(f"it hangs, {self.status}")
            return True
        return self.status in ("completed", "cancelled") or (
            self.status == "failed" and not self._may_be_retried()
        )

    async def _be_driven(self) -> None:
        """One driver's time with the run."""
        self.journal = Journal(self)
        self.claims += 1
        claim = {"owner": f"driver-{self.claims}", "fence": self.claims}
        if self.claims > 1:
            self._write(Event(EventKind.RUN_CLAIMED, claim))
        self.woken.clear()
        self.driver = Driver(
            self.graph, self.world.registry_of(self.program), self.journal,
            folded=fold(self.graph, self.events), clock=self.clock, run_id=self.id,
            schedule_seed=self.seed if self.seed % 3 else None,
            park_after_s=self.dice.choice([0.0, 5.0, 60.0]), cancel_grace_s=5.0,
        )  # fmt: skip
        self.task = asyncio.create_task(self.driver.drive())
        try:
            result = await self.task
        except asyncio.CancelledError:
            await self.clock.sleep(self.dice.uniform(0.05, 8))
            return
        finally:
            self.driver = self.task = None
        if str(result.status) != self.status:
            self.faults.append(f"its driver says {result.status}, its journal {self.status}")
        if self.status == "waiting":
            await self._sleep(result.until)

    async def _sleep(self, until: float | None) -> None:
        """Until the time comes, or something happens to the run."""
        last = self.clock.now() + HORIZON_S + 1 if until is None else until
        timer = self.clock.call_later(last - self.clock.now(), self.woken.set)
        await self.woken.wait()
        timer.cancel()
        self.woken.clear()

    # What happens to it -------------------------------------------------------------------------

    def _plan(self) -> None:
        """Decide what will be done to the run, and when."""
        dice = self.dice
        for name, count in self.program.signals.items():
            for _ in range(count):
                self._later(dice.expovariate(1 / 300), self._signal, name)
        if dice.random() < 0.3:
            self._later(dice.expovariate(1 / 60), self._signal, "nobody")
        if dice.random() < 0.05:
            self._later(dice.expovariate(1 / 120), self._cancel)
        for _ in range(dice.choice([0, 0, 1, 2])):
            self._later(dice.expovariate(1 / 30), self._pause)
        for _ in range(dice.choice([0, 0, 1, 1, 2, 4])):
            self._later(dice.expovariate(1 / 20), self._crash)

    def _later(self, delay_s: float, do: Callable[..., object], *args: Any) -> None:
        self.clock.call_later(delay_s, lambda: None if self._over() else do(*args))

    def _over(self) -> bool:
        return self.status in ("completed", "cancelled")

    def _write(self, event: Event) -> None:
        """Write an event from outside, and tell whoever drives the run."""
        event.time = self.clock.now()
        driver = self.driver
        self.outside.append([event])
        if driver is not None and event.kind is not EventKind.RUN_CLAIMED:
            driver.notify(event)
        self.woken.set()

    def _signal(self, name: str) -> None:
        if self.status not in ANSWERABLE:
            self._later(30, self._signal, name)
            return
        payload = self.dice.randrange(1_000)
        if name in self.program.signals:
            self.story.signals[name].append(payload)
        self._write(signalled(name, name, payload))
        self.world.counts["signals"] += 1

    def _answer(self, wait: str) -> None:
        opened = self.open_waits.get(wait)
        if opened is None:
            self.world.counts["late answers"] += 1
        elif self.status not in ANSWERABLE:
            self._later(10, self._answer, wait)
        else:
            word = f"word-{self.dice.randrange(1_000)}"
            self.story.answers[_asking(opened)].append(word)
            self._write(answered(str(opened.node), opened.data["waits"][0], {"word": word}))
            self.world.counts["answers"] += 1

    def _cancel(self) -> None:
        if self.status in ("running", "waiting", "paused"):
            self.cancelled = True
            self.world.counts["cancels"] += 1
            self._write(Event(EventKind.RUN_CANCEL_REQUESTED, {"reason": "enough", "by": "ann"}))

    def _pause(self) -> None:
        if self.status in ("running", "waiting"):
            self.world.counts["pauses"] += 1
            self._write(Event(EventKind.RUN_PAUSED, {"code": "paused", "reason": "lunch"}))

    def _resume(self) -> None:
        if self.status == "failed" and not self._may_be_retried():
            return
        if self.status in ("paused", "failed"):
            self.healed = self.healed or self.status == "failed"
            self.resumes += 1
            self.max_steps += 15
            self.world.counts["resumes"] += 1
            self._decide()
            limits = {"limits": {"max_steps": self.max_steps}}
            self._write(Event(EventKind.RUN_RESUMED, limits))

    def _decide(self) -> None:
        """Say what became of calls that must not be made twice; now and then forget one."""
        for activation in unknowns.undecided(fold(self.graph, self.events).marking):
            if self.dice.random() < 0.2:
                continue
            choice, node = self.dice.choice(list(OutcomeChoice)), activation.place.id
            output = {"log": [node]} if choice is OutcomeChoice.DONE else None
            late = _late(activation, [node])
            if choice is OutcomeChoice.ADOPT:
                self._write(late)
            if choice in (OutcomeChoice.SKIP, OutcomeChoice.FAIL):
                self.story.left_out[node].add(activation.visit)
            self.again[activation.id] += choice is OutcomeChoice.RETRY
            self._write(decided(activation, choice, output=output, late=late.data, by="ann"))
            self.world.counts[f"decided {choice}"] += 1
            if choice is not OutcomeChoice.ADOPT and self.dice.random() < 0.5:
                self._write(_late(activation, ["too late"]))

    def _may_be_retried(self) -> bool:
        failed = next(e for e in reversed(self.events) if e.kind is EventKind.RUN_FAILED)
        return str(failed.data["error"]["node"]).startswith("healed")

    def _crash(self) -> None:
        """The driver's process is gone: nothing of it writes any more."""
        if self.task is not None and self.journal is not None:
            self.journal.fence()
            self.crashes += 1
            self.world.counts["crashes"] += 1
            self.task.cancel()

    def saw(self, event: Event) -> None:
        """Follow what is written: statuses, open waits, and what people do about them."""
        if len(self.events) > MAX_EVENTS:
            raise AssertionError("it writes without end")
        kind, dice = event.kind, self.dice
        if kind is EventKind.WAIT_OPENED and event.data["waits"][0]["kind"] == "human":
            wait = event.data["waits"][0]
            self.open_waits[wait["id"]] = event
            self.world.counts["questions of items"] += "item" in wait
            if "due" not in wait or dice.random() < 0.7:
                self._later(dice.expovariate(1 / 60), self._answer, wait["id"])
        elif kind is EventKind.WAIT_CLOSED:
            opened = self.open_waits.pop(event.data["wait"], None)
            if opened is not None and event.data["how"] == "timeout":
                self.story.answers[_asking(opened)].append(None)
            if self.status == "waiting":
                self.status = "running"
        elif kind in _STATUS:
            self._follow(event)

    def _follow(self, event: Event) -> None:
        """An event that may change the status; a stop has somebody come and resume the run."""
        kind = event.kind
        counts = _COUNTS_IN.get(kind)
        if counts is not None and self.status not in counts:
            return
        self.status = _STATUS[kind]
        if kind in (EventKind.RUN_PAUSED, EventKind.RUN_FAILED):
            self._note_stop(event)
            self._later(self.dice.uniform(0, 90), self._resume)

    def _note_stop(self, event: Event) -> None:
        code = event.data.get("code") or event.data["error"]["code"]
        self.world.counts[f"stopped by {code}"] += 1
        used = checking.steps([_as_dict(e) for e in self.events])
        if code == "E_TIME_BUDGET":
            self.faults.append("it stood still under a driver")
        if code == "E_STEP_BUDGET" and used != self.max_steps:
            self.faults.append(f"paused after {used} of {self.max_steps} steps")

    # What its tools do --------------------------------------------------------------------------

    async def perform(self, deed: Deed, ctx: Any, item: int | None) -> Any:
        """One call of a tool."""
        node = self.program.document["nodes"][ctx.node]
        lock = node.get("lock")
        self.world.counts["calls"] += 1
        if deed.effect == "once":
            self.once[ctx.activation] += 1
        if lock is not None:
            self.locked[lock] += 1
            if self.locked[lock] > 1:
                self.faults.append(f"two tools hold the lock {lock!r}")
        try:
            if self.dice.random() < 0.7:
                await self.clock.sleep(self.dice.random() * LONGEST_S)
            return await self._result(deed, ctx, item)
        finally:
            if lock is not None:
                self.locked[lock] -= 1

    async def _result(self, deed: Deed, ctx: Any, item: int | None) -> Any:
        if ctx.attempt <= deed.fails or (deed.heals and not self.healed):
            if deed.hangs:
                await self.clock.sleep(1_000)
            raise RuntimeError("broken") if deed.heals else ConnectionError("away")
        name = ctx.node if item is None else f"{ctx.node}.{item}"
        asks = deed.asks_about(item)
        if asks and ctx.answer is None:
            return ctx.ask(FORM, {"asked by": name}, due=deed.due)
        if asks:
            assert ctx.memo == {"asked by": name}
        said = ctx.answer["word"] if asks else name
        if item is not None:
            return said
        if asks:
            return {"log": [said]}
        return {"log": ["runner" if deed.name.startswith("runner") else deed.name]}

    # What must hold -----------------------------------------------------------------------------

    def _check(self) -> None:
        events = [_as_dict(event) for event in self.events]
        self.faults += checking.faults(events, self.program.document)
        folded = fold(self.graph, self.events)
        if str(folded.status) != self.status:
            self.faults.append(f"the fold is {folded.status}, the run {self.status}")
        if self.cancelled and self.status != "cancelled":
            self.faults.append(f"cancelled, and yet {self.status}")
        if any(calls > 1 + self.again[act] for act, calls in self.once.items()):
            self.faults.append("a tool was called twice that must not be")
        if self.status == "failed":
            self.faults.append(f"it failed: {folded.error}")
        if self.status == "completed":
            expected = self.program.expected(self.story)
            if folded.state["log"] != expected:
                self.faults.append(f"the log is {folded.state['log']}, expected {expected}")


def _late(activation: Activation, log: list[str]) -> Event:
    """What the call of a driver that was not dead would have brought."""
    data = {"ok": True, "fence": 1, "ops": [["red", "log", log]]}
    about = activation.place.id, activation.id, activation.attempts
    return Event(EventKind.ATTEMPT_LATE_RESULT, data, *about)


_STATUS = {
    EventKind.RUN_WAITING: "waiting",
    EventKind.RUN_CLAIMED: "running",
    EventKind.RUN_PAUSED: "paused",
    EventKind.RUN_RESUMED: "running",
    EventKind.RUN_CANCEL_REQUESTED: "cancelling",
    EventKind.RUN_COMPLETED: "completed",
    EventKind.RUN_FAILED: "failed",
    EventKind.RUN_CANCELLED: "cancelled",
}


_COUNTS_IN = {
    EventKind.RUN_PAUSED: ("running", "waiting"),
    EventKind.RUN_CLAIMED: ("waiting",),
    EventKind.RUN_WAITING: ("running",),
}
"""Statuses in which an event changes the status; the others do in each."""


def _asking(opened: Event) -> str:
    """Who asks: a node, or an item of a map."""
    wait = opened.data["waits"][0]
    return f"{opened.node}.{wait['item']}" if "item" in wait else str(opened.node)


def _as_dict(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq, "time": event.time, "k": str(event.kind), "node": event.node,
        "act": event.act, "att": event.att, "data": event.data,
    }  # fmt: skip


class World:
    """Many runs at the same time, on one clock."""

    def __init__(self, programs: int = 1_000) -> None:
        self.clock = BusyClock()
        self.counts: Counter[str] = Counter()
        self.faults: list[tuple[int, list[str]]] = []
        self._programs = programs
        self._known: dict[int, tuple[Program, Graph, ToolRegistry]] = {}
        self._runs: dict[str, Run] = {}

    async def live(
        self, seeds: range, together: int, progress: Callable[[int], None] | None = None
    ) -> None:
        """Let the runs of these seeds live, so many at the same time."""
        left = iter(seeds)

        async def one_after_the_other() -> None:
            for seed in left:
                await self._one(seed)
                if progress is not None:
                    progress(self.counts["runs"])

        workers: list[Awaitable[None]] = [one_after_the_other() for _ in range(together)]
        await asyncio.gather(*workers)

    async def _one(self, seed: int) -> None:
        program, graph, _ = self._program(seed)
        run = Run(self, seed, program, graph)
        self._runs[run.id] = run
        try:
            await run.live()
        except Exception as error:
            run.faults.append(f"{type(error).__name__}: {error}")
        del self._runs[run.id]
        self.counts["runs"] += 1
        self.counts["events"] += len(run.events)
        self.counts[run.status] += 1
        self.counts["claims"] += run.claims
        for kind in ("wait.opened", "attempt.failed", "attempt.timed_out", "attempt.lost"):
            self.counts[kind] += sum(event.kind == kind for event in run.events)
        if run.faults:
            self.faults.append((seed, run.faults))

    def _program(self, seed: int) -> tuple[Program, Graph, ToolRegistry]:
        number = seed % self._programs
        if number not in self._known:
            program = Program(number)
            graph = Graph.from_dict(program.document)
            self._known[number] = program, graph, self._registry(program)
        return self._known[number]

    def registry_of(self, program: Program) -> ToolRegistry:
        """The tools of a program."""
        return self._known[program.seed][2]

    def _registry(self, program: Program) -> ToolRegistry:
        registry = ToolRegistry()
        for deed in program.deeds.values():
            registry.register(deed.name, self._tool(deed), effect=deed.effect)
        return registry

    def _tool(self, deed: Deed) -> Callable[..., Awaitable[Any]]:
        async def call(ctx: Any) -> Any:
            return await self._runs[ctx.run_id].perform(deed, ctx, None)

        async def item(x: int, ctx: Any) -> Any:
            return await self._runs[ctx.run_id].perform(deed, ctx, x)

        return item if deed.body else call
