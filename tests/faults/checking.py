"""The checker: holds the tables against the ledger and against what should have come of each run.

Shares no code with the engine: it reads rows, lines and JSON.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import Line
from tests.faults.tables import EventRow, RunRow, Tables

RESTS = {"run.completed", "run.failed", "run.cancelled", "run.paused", "run.waiting"}
UNKNOWN = "E_OUTCOME_UNKNOWN"
LOST = {"E_LOST", "E_WORKER_LOST"}
MAX_LOST = 3
"""After so many lost attempts in a row a person has to look."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run should come to."""

    status: str = "completed"
    state: dict[str, Any] | None = None
    """Keys that the final state has to have with these values; None: it is not looked at."""
    visits: dict[str, int] | None = None
    """How many activations of each of these nodes come to an end; None: they are not counted."""
    view: Callable[[dict[str, Any]], Any] = dict
    """What of a final state is compared."""


@dataclass(slots=True)
class Report:
    """What was found. Everything in the lists is a fault."""

    runs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    once_doubled: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Runs with another end or final state than they should have."""
    unended: list[str] = field(default_factory=list)
    decided: int = 0
    """Calls of unknown outcome of which a person said what became of them."""
    late: int = 0
    """Results of fenced drivers that were recorded and not used."""
    claims: int = 0
    recoveries: list[float] = field(default_factory=list)
    """Seconds from a kill to the next commit of each run that was being driven there."""

    @property
    def faults(self) -> list[str]:
        return [
            f"{word}: {each}"
            for word, found in (
                ("lost", self.lost),
                ("doubled", self.doubled),
                ("once twice", self.once_doubled),
                ("gap", self.gaps),
                ("wrong", self.wrong),
                ("unended", self.unended),
            )
            for each in found
        ]

    def figures(self) -> str:
        """One line for people."""
        ends = ", ".join(f"{count} {word}" for word, count in sorted(self.ends.items()))
        return (
            f"{self.runs} runs ({ends}), {self.steps} steps; steps lost {len(self.lost)}, steps"
            f" doubled {len(self.doubled)}, once-effects doubled {len(self.once_doubled)}, log gaps"
            f" {len(self.gaps)}, wrong ends {len(self.wrong)}, not ended {len(self.unended)};"
            f" {self.claims} claims, {self.late} late results, {self.decided} outcomes decided;"
            f" {spread(self.recoveries)}"
        )


def spread(seconds: list[float]) -> str:
    """p50, p99 and the longest of times from a kill to the next commit."""
    if not seconds:
        return "no recovery measured"
    ordered = sorted(seconds)
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.99))
    return (
        f"recovery p50 {p50:.2f} s, p99 {p99:.2f} s, longest {ordered[-1]:.2f} s"
        f" ({len(ordered)} take-overs)"
    )


def check(
    tables: Tables,
    lines: Iterable[Line],
    expected: Callable[[RunRow], Expected | None],
    of: Callable[[RunRow], bool] = lambda run: True,
) -> Report:
    """Look at every run, or at those `of` which something is true."""
    report = Report()
    by_run: dict[str, list[Line]] = defaultdict(list)
    kills = []
    for line in lines:
        if "run" in line:
            by_run[line["run"]].append(line)
        if line["what"] == "killed":
            kills.append((line["at"], line.get("victim", line["pid"])))
    booked = Counter((run, act) for run, _, act in tables.bookings())
    rows = tables.runs()
    for run in filter(of, rows):
        events = tables.events(run.id)
        _Run(run, events, by_run[run.public_id], booked, report).check(expected(run))
        report.recoveries += recoveries(events, kills)
    for key, found in answered(by_run).items():
        if len(found) != 1:
            report.doubled.append(f"the key {key} was answered with {sorted(found)}")
    report.wrong += orphans(tables, filter(of, rows))
    there = {run.public_id for run in rows}
    report.lost += [f"run {run} was answered and is not there" for run in by_run.keys() - there]
    return report


def orphans(tables: Tables, rows: Iterable[RunRow]) -> list[str]:
    """Child runs that were there before their parents' journals named them.

    After a crash at that moment nobody would know them, and another run would have to take the
    place that they hold.
    """
    named: dict[int, dict[str, int]] = {}
    found = []
    for run in rows:
        if run.parent is None:
            continue
        if run.parent not in named:
            named[run.parent] = _children(tables.events(run.parent))
        name, first = f"run {run.public_id}", tables.events(run.id)[0]
        if run.public_id not in named[run.parent]:
            found.append(f"{name} is an orphan: its parent does not name it")
        elif first.id < named[run.parent][run.public_id]:
            found.append(f"{name} was there before its parent named it")
    return found


def _children(events: list[EventRow]) -> dict[str, int]:
    """The runs that a journal says it has started, and the number of the row that says so first."""
    found: dict[str, int] = {}
    for event in events:
        if event.kind == "child.started":
            found.setdefault(event.data["run"], event.id)
    return found


def answered(by_run: dict[str, list[Line]]) -> dict[str, set[str]]:
    """The runs that each key was answered with."""
    found: dict[str, set[str]] = defaultdict(set)
    for run, lines in by_run.items():
        for line in lines:
            if line["what"] == "told":
                found[line["key"]].add(run)
    return found


def recoveries(events: list[EventRow], kills: list[tuple[float, int]]) -> list[float]:
    """Seconds from each kill of the process that drove the run to the next claim of it."""
    found = []
    for at, pid in kills:
        before = [event for event in events if event.at <= at]
        claim = next((e for e in reversed(before) if e.kind == "run.claimed"), None)
        if claim is None or _pid(claim) != pid:
            continue
        if any(event.kind in RESTS for event in before if event.seq > claim.seq):
            continue
        after = next((e for e in events if e.at > at and e.kind == "run.claimed"), None)
        if after is not None and not any(
            event.kind in RESTS for event in events if claim.seq < event.seq < after.seq
        ):
            found.append(after.at - at)
    return found


def _ends(event: EventRow) -> bool:
    """Whether an activation comes to its end with this event, for better or worse."""
    if "item" in event.data or "retry_at" in event.data:
        return False
    return event.kind in ("attempt.succeeded", "attempt.failed", "attempt.timed_out")


def _pid(claim: EventRow) -> int:
    return int(claim.data["owner"].split("/")[3])


@dataclass(slots=True)
class _Run:
    """One run being looked at."""

    row: RunRow
    events: list[EventRow]
    lines: list[Line]
    booked: Counter[tuple[str, int]]
    report: Report

    def check(self, expected: Expected | None) -> None:
        report, row = self.report, self.row
        report.runs += 1
        report.ends[row.error_code if row.status == "paused" else row.status] += 1
        report.claims += sum(event.kind == "run.claimed" for event in self.events)
        report.late += sum(
            event.kind == "attempt.late_result" and "fence" in event.data for event in self.events
        )
        self._journal()
        self._ledger()
        if expected is not None:
            self._end(expected)

    @property
    def name(self) -> str:
        return f"{self.row.public_id} ({self.row.key})"

    def _journal(self) -> None:
        seqs = [event.seq for event in self.events]
        if seqs != list(range(1, len(seqs) + 1)):
            self.report.gaps.append(f"{self.name}: {seqs}")
        done = Counter(e.act for e in self.events if e.kind == "attempt.succeeded")
        self.report.steps += len(done)
        twice = [act for act, count in done.items() if count > 1]
        if twice:
            self.report.doubled.append(f"{self.name}: activations {twice} committed twice")

    def _ledger(self) -> None:
        """Every call outside has its start in the journal, every commit its call outside."""
        started = {(e.act, e.att) for e in self.events if e.kind == "attempt.started"}
        succeeded = {e.act for e in self.events if e.kind == "attempt.succeeded"}
        calls = [line for line in self.lines if line["what"] == "begun"]
        done = {line["act"] for line in self.lines if line["what"] == "done"}
        effects = {line["act"]: line["effect"] for line in calls}
        seen = Counter((c["act"], c["att"]) for c in calls if c["effect"] != "pure")
        for call, count in seen.items():
            if call not in started:
                self.report.lost.append(f"{self.name}: {call} was called, its start is not kept")
            # Of a transactional tool the rows below are counted: where the database goes away under
            # it, nothing is kept and it is called once more.
            if count > 1 and effects[call[0]] != "transactional":
                self.report.doubled.append(f"{self.name}: attempt {call} was called {count} times")
        self._once()
        for act, effect in effects.items():
            rows = self.booked[self.row.public_id, act]
            if act in succeeded and act not in done:
                self.report.lost.append(f"{self.name}: act {act} is committed and was never done")
            if effect == "transactional" and rows != (act in succeeded):
                found = self.report.doubled if rows > 1 else self.report.lost
                found.append(f"{self.name}: act {act}, {rows} rows booked")

    def _once(self) -> None:
        """A once-tool is called once, and again when a person says so; its work is done once."""
        of_once = [line for line in self.lines if line.get("effect") == "once"]
        begun = Counter(line["act"] for line in of_once if line["what"] == "begun")
        done = Counter(line["act"] for line in of_once if line["what"] == "done")
        retried = Counter(line["act"] for line in self.lines if line["what"] == "retried")
        self.report.decided += sum(event.kind == "outcome.decided" for event in self.events)
        for act, count in begun.items():
            if count > 1 + retried[act] or done[act] > 1:
                found = f"act {act}, {count} calls, {retried[act]} allowed, {done[act]} done"
                self.report.once_doubled.append(f"{self.name}: {found}")

    def _end(self, expected: Expected) -> None:
        status, report = self.row.status, self.report
        if status not in ("completed", "failed", "cancelled", "paused"):
            report.unended.append(f"{self.name}: {status}")
        elif status == "paused" and self._needs_a_person():
            return
        elif status != expected.status:
            report.wrong.append(
                f"{self.name}: {status} {self.row.error_code}, not {expected.status}"
            )
        elif status == "completed":
            self._state(expected)

    def _needs_a_person(self) -> bool:
        """Whether the journal says why: a once-tool was cut, or one step three times."""
        lost = Counter(e.act for e in self.events if e.kind == "attempt.lost")
        if self.row.error_code == UNKNOWN:
            once = {line["act"] for line in self.lines if line.get("effect") == "once"}
            begun = {line["act"] for line in self.lines if line["what"] == "begun"}
            # Cut between its start and its call, it was never heard of outside.
            return bool(lost.keys() & once) or bool(lost.keys() - begun)
        claims = sum(event.kind == "run.claimed" for event in self.events)
        return self.row.error_code in LOST and claims >= MAX_LOST

    def _state(self, expected: Expected) -> None:
        if expected.state is not None:
            came, wanted = expected.view(self.row.final_state or {}), expected.view(expected.state)
            if came != wanted:
                self.report.wrong.append(f"{self.name}: {came}, not {wanted}")
        if expected.visits is not None:
            done = Counter(node for _, node in {(e.act, e.node) for e in self.events if _ends(e)})
            missing = {n: c for n, c in expected.visits.items() if done[n] < c}
            more = {n: c for n, c in expected.visits.items() if done[n] > c}
            if missing:
                self.report.lost.append(f"{self.name}: {missing}, committed {dict(done)}")
            if more:
                self.report.doubled.append(f"{self.name}: {more}, committed {dict(done)}")
