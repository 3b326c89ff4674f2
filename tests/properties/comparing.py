"""One graph under many schedules, beside the reference; and its journal, folded and cut."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import Driver, Event, Graph, MemoryJournal, RunResult, ToolRegistry, fold, new_run
from engine.driving.clock import VirtualClock
from engine.driving.runner import arun, run
from engine.keeping.replay import Folded
from engine.planning.waits import answered
from engine.policies import RunStatus
from tests.engine.helpers import RecordingJournal, dump, through_json
from tests.engine.reference import Outcome, Reference
from tests.properties.deeds import said_of, tools_of

PREFIXES = 12
"""Prefixes of a journal that are folded, at most."""
CUTS = 3
"""Prefixes of a journal from which a run is taken up again."""


@dataclass
class Case:
    """A graph, its tools, and what a run of it begins with."""

    document: dict[str, Any]
    deeds: dict[str, Any]
    start: dict[str, Any]
    untimed: set[str] = field(default_factory=set)
    """Nodes whose number of visits is not compared."""
    needs_time: bool = True

    @property
    def asks(self) -> bool:
        """Whether a tool of it asks a person."""
        return any(getattr(deed, "do", "") == "asked" for deed in self.deeds.values())


@dataclass(frozen=True)
class Found:
    """How a schedule differs from the reference."""

    schedule: int | None
    what: str
    expected: Any
    came: Any

    def __str__(self) -> str:
        return f"schedule {self.schedule}: {self.what}: expected {self.expected}, got {self.came}"


def expected_of(case: Case, seed: int = 0) -> Outcome:
    """What the reference says."""
    return Reference(case.document, case.deeds, seed).run(dict(case.start))


def differences(case: Case, schedules: int, seed: int) -> list[Found]:
    """The schedules that do not end as the reference says, whichever way it takes."""
    graph = Graph.from_dict(case.document)
    expected = expected_of(case, seed)
    found = []
    for schedule in [None, *range(seed + 1, seed + schedules)]:
        result = run_once(case, graph, schedule)
        found += compared(case, expected, result, schedule)
    return found


def compared(case: Case, expected: Outcome, result: RunResult, schedule: int | None) -> list[Found]:
    """Where a result is not the expected one."""
    if result.status != expected.status:
        said = f"{result.status}: {result.error}"
        return [Found(schedule, "status", f"{expected.status}: {expected.code}", said)]
    if expected.status != "completed":
        return []
    found = []
    came = without_messages(result.state)
    if came != expected.state:
        found.append(Found(schedule, "state", expected.state, came))
    counted = [{n: v for n, v in each.items() if n not in case.untimed}
               for each in (expected.visits, result.activations)]  # fmt: skip
    if counted[0] != counted[1]:
        found.append(Found(schedule, "visits", *counted))
    return found


def run_once(case: Case, graph: Graph, schedule: int | None) -> RunResult:
    """One run: tools called right here, or async ones of random length on a virtual clock."""
    timed = case.needs_time or (schedule is not None and schedule % 2 == 1)
    if not timed:
        tools = tools_of(case.deeds, None)
        return run(graph, case.start, registry=tools, schedule_seed=schedule)
    clock = VirtualClock()
    odd = schedule is not None and schedule % 2 == 1
    tools = tools_of(case.deeds, clock, random.Random(schedule) if odd else None)
    if case.asks:
        return asyncio.run(_with_people(case, graph, schedule, tools, clock))
    return asyncio.run(arun(graph, case.start, registry=tools, schedule_seed=schedule, clock=clock))


async def _with_people(
    case: Case, graph: Graph, schedule: int | None, tools: ToolRegistry, clock: VirtualClock
) -> RunResult:
    """One run whose questions are answered, some at a time, whenever nothing else is to be done."""
    journal = MemoryJournal([])
    journal.append([new_run(graph, case.start, now=clock.now())])
    dice = random.Random(schedule)
    while True:
        folded = fold(graph, journal.events)
        driver = Driver(graph, tools, journal, folded=folded, clock=clock, schedule_seed=schedule)
        ended = await driver.drive()
        if ended.status is not RunStatus.WAITING:
            events = journal.events
            return RunResult(ended.status, ended.state, ended.error, events, driver.activations)
        journal.append(answers_to(graph, journal.events, dice))


def answers_to(graph: Graph, events: Sequence[Event], dice: random.Random) -> list[Event]:
    """Answers to some of the questions that are open, in any order."""
    waiting = fold(graph, events).marking.waiting.values()
    asked = [(a.place.id, a.waits[0]) for a in waiting if a.waits and "form" in a.waits[0]]
    chosen = dice.sample(asked, dice.randint(1, len(asked)))
    given = [answered(node, wait, {"n": said_of(int(wait["title"]))}) for node, wait in chosen]
    for event in given:
        event.time = events[-1].time
    return given


def without_messages(value: Any) -> Any:
    """The value with the errors that maps collect cut down to their codes."""
    if isinstance(value, dict):
        if value.keys() == {"error"} and isinstance(value["error"], dict):
            return {"error": value["error"].get("code")}
        return {key: without_messages(item) for key, item in value.items()}
    return [without_messages(item) for item in value] if isinstance(value, list) else value


# Folding and cutting -------------------------------------------------------------------------


def journal_faults(case: Case, seed: int) -> list[str]:
    """What is wrong with folds of a run's journal, and with runs that go on from it."""
    dice = random.Random(seed)
    graph = Graph.from_dict(case.document)
    result, journal = recorded(case, graph, seed)
    events = through_json(journal.events)
    faults = [] if [e["seq"] for e in events] == list(range(1, len(events) + 1)) else ["seq"]
    for count, live in dice.sample(journal.seen, min(PREFIXES, len(journal.seen))):
        if json.loads(json.dumps(dump(fold(graph, events[:count]).marking))) != live:
            faults.append(f"the fold of {count} events is not the marking its driver had")
    if any(getattr(deed, "fails", "") == "first" for deed in case.deeds.values()):
        return faults  # a lost attempt is an attempt: such tools do something else after a cut
    for cut in dice.sample(range(1, len(events) + 1), min(CUTS, len(events))):
        again = taken_up(case, graph, events[:cut])
        if again.status != result.status:
            faults.append(f"cut after event {cut}: {result.status}, then {again.status}")
        elif result.status == "completed" and _timeless(again.state) != _timeless(result.state):
            faults.append(f"cut after event {cut}: {result.state}, then {again.state}")
    return faults


def _timeless(state: dict[str, Any]) -> dict[str, Any]:
    """The state without how many attempts an error took: those that were cut count."""
    return {key: value for key, value in state.items() if not key.endswith("_error")}


def recorded(case: Case, graph: Graph, seed: int) -> tuple[Any, RecordingJournal]:
    """A finished run, and a journal that knows the marking after every append."""
    journal = RecordingJournal()
    journal.append([new_run(graph, case.start)])
    return _driven(case, graph, journal, seed), journal


def taken_up(case: Case, graph: Graph, events: list[dict[str, Any]]) -> Any:
    """How a run ends that another driver takes up after these events."""
    return _driven(case, graph, MemoryJournal([Event.from_dict(raw) for raw in events]), None)


def _driven(case: Case, graph: Graph, journal: MemoryJournal, seed: int | None) -> Any:
    """How the run of a journal ends, with people who answer its questions."""
    dice = random.Random(seed)
    while True:
        driver = _driver(case, graph, fold(graph, journal.events), journal, seed)
        if isinstance(journal, RecordingJournal):
            journal.marking = driver._marking
        ended = asyncio.run(driver.drive())
        if ended.status is not RunStatus.WAITING:
            return ended
        if isinstance(journal, RecordingJournal):
            journal.marking = None  # this driver does not hear of the answers any more
        journal.append(answers_to(graph, journal.events, dice))


def _driver(
    case: Case, graph: Graph, folded: Folded, journal: MemoryJournal, seed: int | None
) -> Driver:
    clock = VirtualClock(folded.marking.plan.graph.limits.max_active_s)
    tools = tools_of(case.deeds, clock)
    return Driver(graph, tools, journal, folded=folded, clock=clock, schedule_seed=seed)
