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

    @property
    def median_us(self) -> float:
        """Microseconds per unit, the median of the rounds."""
        return statistics.median(self.seconds) / self.units * 1e6

    @property
    def best_us(self) -> float:
        """Microseconds per unit in the best round."""
        return min(self.seconds) / self.units * 1e6


@dataclass(frozen=True, slots=True)
class Case:
    """Subjects that do the same; the first one is what the others are compared with."""

    name: str
    subjects: list[Subject]


def measure(cases: list[Case], rounds: int) -> None:
    """Run every subject once to warm up, then `rounds` times, interleaved.

    Interleaving lets a slow minute of the machine hit everybody alike.
    """
    for case in cases:
        for subject in case.subjects:
            subject.work()
    for _ in range(rounds):
        for case in cases:
            for subject in case.subjects:
                subject.seconds.append(_timed(subject.work))


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    finally:
        gc.enable()


def table(cases: list[Case], unit: str) -> str:
    """One line per subject, with how many times the first subject's median it takes."""
    lines = [f"{'':44} {'median':>10} {'best':>10}  {'times':>6}   (µs per {unit})"]
    for case in cases:
        lines += ["", case.name]
        base = case.subjects[0].median_us
        for one in case.subjects:
            ratio = one.median_us / base
            lines.append(f"  {one.name:42} {one.median_us:10.2f} {one.best_us:10.2f}  {ratio:6.2f}")
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
                            "times": round(one.median_us / case.subjects[0].median_us, 3),
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
