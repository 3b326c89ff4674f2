"""Compare the engine with the reference on random graphs, and print what differs.

    python -m tests.properties --graphs 20000 --schedules 8 --seed 1

Graph number n is made from the seed plus n: `--seed` goes on where a run was cut, or looks at one
graph again. Ends with exit code 1 if anything differs.
"""

import argparse
import collections
import json
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from tests.properties.comparing import Case, expected_of
from tests.properties.drawing import case_of, faults_of
from tests.properties.shrinking import shrunk

CHUNK = 250
"""Graphs between two lines of progress."""


def looked_at(job: tuple[int, int]) -> tuple[int, str, list[str]]:
    """(seed, how the reference ends, what differs) of one graph."""
    seed, schedules = job
    try:
        case = case_of(seed)
        expected = expected_of(case, seed)
        faults = [str(fault) for fault in faults_of(case, seed, schedules)]
        return seed, f"{expected.status} {expected.code or ''}".strip(), faults
    except Exception:
        return seed, "broke", [traceback.format_exc(limit=-4)]


def main() -> int:
    """Look at every graph; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.properties")
    parser.add_argument("--graphs", type=int, default=1_000)
    parser.add_argument("--schedules", type=int, default=8, help="of each graph")
    parser.add_argument("--seed", type=int, default=1, help="of the first graph")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    jobs = [(seed, asked.schedules) for seed in range(asked.seed, asked.seed + asked.graphs)]
    began, ends, differing = time.monotonic(), collections.Counter(), []
    with ProcessPoolExecutor(asked.processes) as pool:
        for count, (seed, end, faults) in enumerate(pool.map(looked_at, jobs, chunksize=10), 1):
            ends[end] += 1
            if faults:
                differing.append(seed)
                print(f"\nseed {seed}: {faults[0]:.2000}", flush=True)
            if count % CHUNK == 0 or count == len(jobs):
                rate = count / (time.monotonic() - began)
                print(f"{count} graphs, {len(differing)} differ, {rate:.0f} a second;"
                      f" go on with --seed {seed + 1}", flush=True)  # fmt: skip
    took = time.monotonic() - began
    print(f"{len(jobs)} graphs x {asked.schedules} schedules, seeds {asked.seed} to {jobs[-1][0]},"
          f" {took:.0f} s: {len(differing)} differ. {dict(ends)}")  # fmt: skip
    if differing:
        show_smallest(differing[0], asked.schedules)
    return 1 if differing else 0


def show_smallest(seed: int, schedules: int) -> None:
    """Print the smallest graph that still differs like the one of this seed."""

    def fails(case: Case) -> bool:
        try:
            return bool(faults_of(case, seed, schedules))
        except Exception:
            return False

    case = shrunk(case_of(seed), fails)
    used = {spec.get("tool") or spec.get("body", {}).get("tool")
            for spec in case.document["nodes"].values()}  # fmt: skip
    print(f"\nthe smallest graph found that differs like seed {seed}:")
    print(json.dumps(case.document, indent=1))
    print(f"state {case.start}")
    for name, deed in case.deeds.items():
        if name in used:
            print(f"{name}: {deed}")
    for fault in faults_of(case, seed, schedules)[:3]:
        print(fault)


if __name__ == "__main__":
    sys.exit(main())
