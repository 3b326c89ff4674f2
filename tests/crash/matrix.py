"""Kills processes at every place that a program passes, and drives its runs to their ends.

Which places a program passes, and how often, is recorded in a run that nobody hurts. Each of them
is a case; so is each with a second kill somewhere in the recovery.
"""

import secrets
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.crash.programs import Program
from tests.faults import arms
from tests.faults.checking import Expected, Report, check
from tests.faults.site import Child, Site
from tests.faults.tables import RunRow

LONGEST_S = 60.0
"""How long a case may take until its runs rest."""
GRACE_S = 0.15
"""How long after that a kill may still come."""


@dataclass(frozen=True)
class Case:
    program: Program
    kills: list[arms.Kill]

    def __str__(self) -> str:
        return f"{self.program.name} " + ", ".join(f"{place}:{n}" for place, n in self.kills)


@dataclass
class Tally:
    """What came of the cases of one program."""

    cases: int = 0
    kills: int = 0
    unreached: list[str] = field(default_factory=list)
    """Cases in which a first kill did not come: the runs took another way."""


class Matrix:
    """The cases of one site. Subclasses say who drives."""

    name = "inprocess"

    def __init__(self, site: Site) -> None:
        self.site = site
        # Of its own at a broker that others use too.
        self.queue = f"crash{secrets.token_hex(3)}"
        self.expected: dict[str, Expected] = {}
        self.tallies: dict[str, Tally] = {}
        self.places: Counter[str] = Counter()
        """How often a process was killed there."""
        self._arms = site.folder / "arms"
        self._versions: dict[str, list[str]] = {}
        self._count = 0
        self.environment = {"TRIAL_ARMED": str(self._arms)}

    # Cases --------------------------------------------------------------------------------------

    def cases(self, program: Program, twice: bool = True) -> Iterator[Case]:
        """Every place that it passes, alone and with a second kill."""
        for place, count in sorted(self.recorded(program).items()):
            for number in range(1, min(count, program.most) + 1):
                yield Case(program, [(place, number)])
                if twice:
                    again = 1 + (7 * number + len(place)) % 9
                    yield Case(program, [(place, number), ("*", again)])

    def recorded(self, program: Program) -> Counter[str]:
        """How often each place is passed when nobody is hurt."""
        before = len(self.site.lines())
        self.run(Case(program, [("record", 0)]))
        lines = self.site.lines()[before:]
        return Counter(line["place"] for line in lines if line["what"] == "reached")

    def run(self, case: Case) -> None:
        """Start the program's runs, kill, and go on until they rest."""
        before = len(self.site.lines())
        arms.arm(self._arms, case.kills)
        wishes = self._wishes(case)
        try:
            self._drive(case, wishes)
        finally:
            arms.disarm(self._arms)
        killed = [x["place"] for x in self.site.lines()[before:] if x["what"] == "killed"]
        self.places.update(killed)
        if case.kills[0][0] != "record":
            tally = self.tallies.setdefault(case.program.name, Tally())
            tally.cases += 1
            tally.kills += len(killed)
            if not killed:
                tally.unreached.append(str(case))

    def _wishes(self, case: Case) -> list[dict[str, Any]]:
        program = case.program
        versions = self._versions_of(program)[-len(program.expected) :]
        self._count += 1
        wishes = []
        for version, expected in zip(versions, program.expected, strict=True):
            key = f"{self._count}/{len(wishes)} {case}"[:200]
            self.expected[key] = expected
            state = {**program.state, "order": str(self._count)}
            wishes.append({"version": version, "key": key, "state": state})
        return wishes

    def _versions_of(self, program: Program) -> list[str]:
        if program.name not in self._versions:
            documents = [{**each, "queue": self.queue} for each in program.documents]
            self._versions[program.name] = self.site.call("publish_all", documents=documents)
        return self._versions[program.name]

    # Driving ------------------------------------------------------------------------------------

    def _drive(self, case: Case, wishes: list[dict[str, Any]]) -> None:
        runs = wishes
        if case.program.apart:
            self._start(case, wishes)
            runs = []
        begun = len(self.site.lines())
        drivers = [self._driver(runs) for _ in range(case.program.drivers)]
        stops = case.program.stops
        deadline = time.monotonic() + LONGEST_S
        try:
            while not self._rests(wishes) or self._are_still_to_die(drivers):
                for number, driver in enumerate(drivers):
                    if not driver.lives:
                        assert driver.code in (-signal.SIGKILL, 0), (case, driver.code, self.said())
                        drivers[number] = self._driver(runs)
                if stops and any(x["what"] == "begun" for x in self.site.lines()[begun:]):
                    drivers[0].signal(signal.SIGTERM)
                    stops = False
                assert time.monotonic() < deadline, f"{case} does not end:\n{self.said()}"
                time.sleep(0.005)
        finally:
            for driver in drivers:
                driver.kill()
                driver.wait(5)

    def _start(self, case: Case, wishes: list[dict[str, Any]]) -> None:
        """As clients do: again with the same key until it is answered."""
        for _ in range(1 + len(case.kills)):
            web = self.site.fork("start", runs=wishes, environment=self.environment)
            if web.wait(30) == 0:
                return
            assert web.code == -signal.SIGKILL, (case, web.code, self.said())
        raise AssertionError(f"{case}: the start is never answered")

    def _driver(self, runs: list[dict[str, Any]]) -> Child:
        return self.site.fork("drive", queue=self.queue, runs=runs, environment=self.environment)

    def _rests(self, wishes: list[dict[str, Any]]) -> bool:
        tables, keys = self.site.tables, [wish["key"] for wish in wishes]
        return tables.started(keys) == len(keys) and not tables.under_way(self.queue)

    def _are_still_to_die(self, drivers: list[Child]) -> bool:
        """Give a kill behind the last commit its moment; whether it came."""
        ends = time.monotonic() + GRACE_S
        while arms.left(self._arms) and time.monotonic() < ends:
            if not all(driver.lives for driver in drivers):
                return True
            time.sleep(0.005)
        return False

    def said(self) -> str:
        return self.site.said()

    # Afterwards ---------------------------------------------------------------------------------

    def report(self) -> Report:
        """What the checker finds in all of it, and fsck."""

        def expected(run: RunRow) -> Expected | None:
            return None if run.key is None else self.expected[run.key]

        self._let_a_person_decide()
        report = check(self.site.tables, self.site.lines(), expected)
        report.wrong += [f"fsck: {flaw}" for flaw in self.site.call("flaws")]
        return report

    def _let_a_person_decide(self) -> None:
        """What was cut in a once-tool goes on when somebody has said what became of the call."""
        tables = self.site.tables
        helpers = [self.site.fork("decide", seed=1), self.site.fork("drive", queue=self.queue)]
        try:
            self.site.until(
                lambda: not (tables.undecided() or tables.under_way(self.queue)),
                LONGEST_S,
                "a person decides",
            )
        finally:
            for helper in helpers:
                helper.kill()
                helper.wait(5)


class CeleryMatrix(Matrix):
    """Celery drives: its worker puts another process in the place of one that is killed."""

    name = "celery"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        options = ("-P", "prefork", "-c", "1", "--without-gossip", "--without-mingle")
        environment = {"TREADLE_QUEUES": self.queue, "TREADLE_DRIVERS": "8", **self.environment}
        self._worker = site.start("celery", "-A", "studio", "worker", *options, **environment)

    def _drive(self, case: Case, wishes: list[dict[str, Any]]) -> None:
        self._start(case, wishes)
        deadline = time.monotonic() + LONGEST_S
        while not self._rests(wishes):
            assert self._worker.poll() is None, self.said()
            assert time.monotonic() < deadline, f"{case} does not end:\n{self.said()}"
            time.sleep(0.01)
        if arms.left(self._arms):
            time.sleep(GRACE_S)
