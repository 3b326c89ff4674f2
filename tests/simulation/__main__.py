"""Simulate a day of many runs, and print what did not hold.

    python -m tests.simulation --runs 100000 --seed 0

Run number n is made from the seed plus n. Ends with exit code 1 if anything was wrong.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.world import World

CHUNK = 1_000
"""Runs of one world."""
DAY_S = 86_400

Outcome = tuple[range, Counter[str], list[tuple[int, list[str]]], float]
"""Seeds, counts, faults by seed, and how long the world lasted, in virtual seconds."""


def simulated(job: tuple[range, int]) -> Outcome:
    """A world with the runs of these seeds."""
    seeds, together = job
    world = World()
    began = world.clock.now()
    asyncio.run(world.live(seeds, together))
    return seeds, world.counts, world.faults, world.clock.now() - began


def main() -> int:
    """Simulate all runs; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    parser.add_argument("--together", type=int, default=250, help="runs at the same time")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    end = asked.seed + asked.runs
    jobs = [(range(first, min(first + CHUNK, end)), asked.together)
            for first in range(asked.seed, end, CHUNK)]  # fmt: skip
    began, counts, wrong, longest = time.monotonic(), Counter[str](), 0, 0.0
    with ProcessPoolExecutor(asked.processes) as pool:
        for seeds, found, faults, lasted in pool.map(simulated, jobs):
            counts += found
            wrong += len(faults)
            longest = max(longest, lasted)
            for seed, what in faults:
                print(f"seed {seed}: {what[0]:.1500}", flush=True)
            rate = counts["runs"] / (time.monotonic() - began)
            print(f"{counts['runs']} runs, {wrong} wrong, {rate:.0f} a second;"
                  f" go on with --seed {seeds[-1] + 1}", flush=True)  # fmt: skip
    took = time.monotonic() - began
    print(f"{asked.runs} runs, seeds {asked.seed} to {end - 1}, {took:.0f} s for up to"
          f" {longest / DAY_S:.1f} virtual days: {wrong} wrong")  # fmt: skip
    for name, count in sorted(counts.items()):
        print(f"  {name}: {count:,}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
