"""Hurt workers, database and broker for a while, and print what came of the runs.

    python -m tests.chaos --seconds 600 --seed 1
    python -m tests.chaos --no-fence
    python -m tests.chaos --hosts

Starts a PostgreSQL and a Redis of its own. Exit code 1: something was wrong. With `--no-fence`
workers do not stop for each other, sleep until others have done what they were at, and write on; it
is 1 if nothing was found: then the test cannot see. With `--hosts` one of three hosts (network
namespaces: for root only) is cut off and comes back instead.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.apart import LEASE_S, apart, cut_off
from tests.chaos.hosts import why_not
from tests.chaos.sleepwalkers import sleepwalk
from tests.chaos.storm import Storm
from tests.faults.checking import spread
from tests.faults.site import heed_sigterm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--no-celery", action="store_true")
    parser.add_argument("--no-fence", action="store_true")
    parser.add_argument("--hosts", action="store_true")
    asked = parser.parse_args()
    heed_sigterm()
    if asked.hosts:
        return hosts()
    if asked.no_fence:
        return control(asked.seed, asked.workers)
    print(f"seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="treadle-chaos-") as folder:
        storm = Storm(
            Path(folder),
            seed=asked.seed,
            workers=asked.workers,
            celery=not asked.no_celery,
        )
        try:
            storm.blow(asked.seconds)
            report = storm.report()
        finally:
            storm.close()
    print("faults: " + ", ".join(f"{n} {word}" for word, n in sorted(storm.faults.items())))
    print(report.figures())
    for fault in report.faults[:40]:
        print(f"  {fault}")
    return 1 if report.faults else 0


def control(seed: int, workers: int) -> int:
    """Let workers without a fence do steps twice, and print whether that was found."""
    with tempfile.TemporaryDirectory(prefix="treadle-chaos-") as folder:
        storm = Storm(Path(folder), seed=seed, workers=workers, celery=False, fence=False)
        try:
            sleepwalk(storm)
            report = storm.report()
        finally:
            storm.close()
    print(report.figures())
    for doubled in report.doubled[:40]:
        print(f"  {doubled}")
    print("the control was caught" if report.doubled else "NOTHING FOUND: this test cannot see")
    return 0 if report.doubled else 1


def hosts() -> int:
    """Cut a host off, and print what came of it."""
    if problem := why_not():
        print(f"no hosts: {problem}")
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="treadle-chaos-") as folder,
        apart(Path(folder)) as world,
    ):
        told = cut_off(world)
    print(f"from the cut to the next claim, lease {LEASE_S} s: {spread(told.moved)}")
    print(f"{told.late} results came too late and were not used")
    print(told.report.figures())
    return 1 if told.report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
