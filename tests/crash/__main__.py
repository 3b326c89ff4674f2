"""Kill processes at every place of every program, and print what came of it.

    python -m tests.crash --on sqlite postgresql redis rabbitmq --programs once children --once

`sqlite` and `postgresql` drive in-process; `redis` (one of its own) and `rabbitmq` by Celery on
PostgreSQL, over the servers on their usual ports. `--once` leaves out the second kills. Exit code
1: something was wrong.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.crash import programs
from tests.crash.grounds import GROUNDS, ground
from tests.crash.matrix import Matrix
from tests.faults.site import heed_sigterm


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--on", nargs="+", choices=GROUNDS, default=list(GROUNDS))
    names = [program.name for program in programs.ALL]
    parser.add_argument("--programs", nargs="+", choices=names, default=names)
    parser.add_argument("--once", action="store_true", help="no second kill")
    asked = parser.parse_args()
    heed_sigterm()
    faults = 0
    for name in asked.on:
        with (
            tempfile.TemporaryDirectory(prefix="treadle-crash-") as folder,
            ground(name, Path(folder)) as matrix,
        ):
            faults += hurt(name, matrix, asked)
    return 1 if faults else 0


def hurt(name: str, matrix: Matrix, asked: argparse.Namespace) -> int:
    """Run the cases of one ground; how many faults were found."""
    for program in programs.ALL:
        if program.name not in asked.programs:
            continue
        began = time.monotonic()
        for case in list(matrix.cases(program, twice=not asked.once)):
            matrix.run(case)
        tally = matrix.tallies[program.name]
        took = time.monotonic() - began
        print(
            f"{name:10} {program.name:13} {tally.cases:4} cases, {tally.kills:4} kills,"
            f" {len(tally.unreached):3} not reached, {took:4.0f} s",
            flush=True,
        )
    report = matrix.report()
    print(f"{name}: {report.figures()}")
    print("killed at " + ", ".join(f"{p} {n}" for p, n in sorted(matrix.places.items())))
    for fault in report.faults[:40]:
        print(f"  {fault}")
    return len(report.faults)


if __name__ == "__main__":
    sys.exit(main())
