"""Rounds, medians, tables: how every bench here measures and reports."""

import gc
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Subject:
    """Something to measure: `work()` does `units` of it (steps, evaluations, requests)."""

    name: str
    units: int
    work: Callable[[], object]
    seconds: list[float] = field(default_factory=list)
    """By the clock, a round each."""
    cpu: list[float] = field(default_factory=list)
    """CPU seconds of this process, of the same rounds; empty where another process works."""

    @property
    def median_us(self) -> float:
        """Microseconds per unit, the median of the rounds."""
        return statistics.median(self.seconds) / self.units * 1e6

    @property
    def best_us(self) -> float:
        """Microseconds per unit in the best round."""
        return min(self.seconds) / self.units * 1e6

    @property
    def cpu_us(self) -> float:
        """CPU microseconds per unit in the best round: what a busy machine changes least."""
        return min(self.cpu or self.seconds) / self.units * 1e6


@dataclass(frozen=True, slots=True)
class Case:
    """Subjects that do the same; the first one is what the others are compared with."""

    name: str
    subjects: list[Subject]
    rounds: int | None = None
    """At most so many rounds, where one takes seconds."""
    unit: str | None = None
    """What is counted, where it is not what the bench counts."""


def measure(cases: list[Case], rounds: int) -> None:
    """Run every subject once to warm up, then `rounds` times, interleaved.

    Interleaving lets a slow minute of the machine hit everybody alike.
    """
    for case in cases:
        for subject in case.subjects:
            subject.work()
    for number in range(rounds):
        for case in cases:
            if case.rounds is None or number < case.rounds:
                for subject in case.subjects:
                    _timed(subject)


def _timed(subject: Subject) -> None:
    gc.collect()
    gc.disable()
    try:
        cpu, start = time.process_time(), time.perf_counter()
        subject.work()
        subject.seconds.append(time.perf_counter() - start)
        subject.cpu.append(time.process_time() - cpu)
    finally:
        gc.enable()


def table(cases: list[Case], unit: str) -> str:
    """One line per subject, with how many times the first subject's CPU time it takes."""
    lines = [f"{'':44} {'median':>10} {'best':>10} {'CPU':>10}  {'times':>6}   (µs per {unit})"]
    for case in cases:
        lines += ["", case.name if case.unit is None else f"{case.name} (µs per {case.unit})"]
        base = case.subjects[0].cpu_us
        for one in case.subjects:
            figures = f"{one.median_us:10.2f} {one.best_us:10.2f} {one.cpu_us:10.2f}"
            lines.append(f"  {one.name:42} {figures}  {one.cpu_us / base:6.2f}")
    return "\n".join(lines)


def report(name: str, cases: list[Case], unit: str, **facts: Any) -> None:
    """Print the table, and write the figures as JSON to TREADLE_BENCH_JSON when it is set."""
    print(f"\n== {name}: Python {platform.python_version()}, {os.cpu_count()} cores")
    print(table(cases, unit))
    print()
    folder = os.environ.get("TREADLE_BENCH_JSON")
    if folder:
        figures = {
            "bench": name,
            "python": platform.python_version(),
            "unit": f"us per {unit}",
            **facts,
            "cases": [
                {
                    "case": case.name,
                    "subjects": {
                        one.name: {
                            "median": round(one.median_us, 3),
                            "best": round(one.best_us, 3),
                            "cpu": round(one.cpu_us, 3),
                            "times": round(one.cpu_us / case.subjects[0].cpu_us, 3),
                        }
                        for one in case.subjects
                    },
                }
                for case in cases
            ],
        }
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)


def rounds_from(argv: list[str], default: int) -> int:
    """The number of rounds: the first argument, or the default."""
    return int(argv[1]) if len(argv) > 1 else default


def skip(name: str, why: str) -> None:
    """Say that a subject is left out, and why."""
    print(f"left out: {name} ({why})", file=sys.stderr)
