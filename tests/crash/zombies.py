"""Drivers that are stopped in a tool until another one has their run, and wake up then."""

import signal
from collections import Counter
from typing import Any

from tests.crash.programs import chain, counted
from tests.faults.arms import Kill, arm
from tests.faults.checking import Report, check
from tests.faults.freezing import freeze
from tests.faults.site import Child, Site
from tests.faults.tables import EventRow

STEPS = 3


class Zombies:
    """One run of each effect, each with a driver that is stopped in its first tool."""

    def __init__(self, site: Site, effects: list[str], *, fence: bool = True) -> None:
        self._site = site
        self._effects = effects
        self._fence = fence
        self._frozen: set[int] = set()
        self._tag = f"z{len(site.lines())}"
        self._morning = site.folder / f"{self._tag}-morning"
        documents = [
            {**chain(effect, STEPS, self._queue(effect)), "queue": self._queue(effect)}
            for effect in effects
        ]
        self._versions = site.call("publish_all", documents=documents)

    def rise(self, kills: list[Kill] | None = None) -> Report:
        """Stop them, let others take over, wake them, and look at what they did to the runs.

        With `kills` they are killed there after they woke.
        """
        site = self._site
        first = self._drivers(runs=True)
        # Each at once: whoever waited for the others would have done its steps on a busy machine.
        site.until(lambda: self._stopped(first), what="all of them call their tool")
        if kills:
            arm(site.folder / "zombies", kills)
        others = self._drivers(runs=False)
        site.until(lambda: self._are_taken(others), what="others take over")
        self._morning.touch()
        for driver in first:
            driver.signal(signal.SIGCONT)
        site.until(lambda: self._is_over(first, kills), what="the zombies are heard of")
        for driver in (*first, *others):
            driver.kill()
            driver.wait(5)
        mine = {self._queue(effect) for effect in self._effects}
        return check(
            site.tables, site.lines(), lambda run: counted(STEPS), of=lambda run: run.key in mine
        )

    def _queue(self, effect: str) -> str:
        """The queue of this effect's run, and its key."""
        return f"{self._tag}-{effect}"

    def _drivers(self, *, runs: bool) -> list[Child]:
        return [
            self._site.fork(
                "drive",
                queue=self._queue(effect),
                runs=[self._wish(version, effect)] if runs else [],
                fence=self._fence,
                environment={"TRIAL_ARMED": str(self._site.folder / "zombies")} if runs else {},
            )
            for effect, version in zip(self._effects, self._versions, strict=True)
        ]

    def _wish(self, version: str, effect: str) -> dict[str, Any]:
        # A call ends when all have woken: who is to sleep in one can be stopped at leisure.
        state = {"until": str(self._morning)}
        return {"version": version, "key": self._queue(effect), "state": state}

    def _are_taken(self, others: list[Child]) -> bool:
        """Whether each run has another driver, which is at work: one of `once` is for a person."""
        mine = {self._queue(effect) for effect in self._effects}
        journals = [
            self._site.tables.events(r.id) for r in self._site.tables.runs() if r.key in mine
        ]
        claims = [sum(event.kind == "run.claimed" for event in events) for events in journals]
        at_work = sum(effect != "once" for effect in self._effects)
        return min(claims) > 1 and len(self._begun(others)) >= at_work

    def _stopped(self, drivers: list[Child]) -> bool:
        """Stop those that are in a tool; whether all are."""
        begun = self._begun(drivers)
        for driver, effect in zip(drivers, self._effects, strict=True):
            # A call whose beginning nobody knows of is made anew: nothing of it can come too late.
            if driver.pid in begun - self._frozen and self._is_known(effect):
                freeze(driver.pid, self._site.url)
                self._frozen.add(driver.pid)
        return len(self._frozen.intersection(begun)) == len(drivers)

    def _is_known(self, effect: str) -> bool:
        """Whether the journal has the beginning of a call of this run."""
        (run,) = (run for run in self._site.tables.runs() if run.key == self._queue(effect))
        return any(event.kind == "attempt.started" for event in self._site.tables.events(run.id))

    def _begun(self, drivers: list[Child]) -> set[int]:
        pids = {driver.pid for driver in drivers}
        return {x["pid"] for x in self._site.lines() if x["what"] == "begun" and x["pid"] in pids}

    def _is_over(self, first: list[Child], kills: list[Kill] | None) -> bool:
        """Whether the runs rest and every zombie was heard of again."""
        tables = self._site.tables
        if any(tables.under_way(self._queue(effect)) for effect in self._effects):
            return False
        if kills:
            return not any(driver.lives for driver in first)
        heard = {run.key for run in tables.runs() if self._was_heard_of(tables.events(run.id))}
        # What a transactional tool wrote was rolled back: there is no result to be late.
        return {self._queue(e) for e in self._effects if e != "transactional"} <= heard

    def _was_heard_of(self, events: list[EventRow]) -> bool:
        """Whether a zombie said something too late; without a fence, something twice."""
        if self._fence:
            return any(event.kind == "attempt.late_result" for event in events)
        done = Counter(event.act for event in events if event.kind == "attempt.succeeded")
        return max(done.values(), default=0) > 1
