"""Durable steps beside LangGraph's savers with `durability="sync"` and beside DBOS, in one run.

    python -m tests.bench.durable [ROUNDS] [--postgres [SERVER]] [--steps 1000] [--normal] [--quick]

The same loop in all of them: count to 1,000, every step in the database before the run says that
it is done. SQLite with `synchronous=FULL`; with `--postgres` a new database on that server. A pure
step of Treadle need not wait for the disk; one that is not pure waits before its tool is called, as
every step of the others does. Rounds are interleaved. `--normal` shows `synchronous=NORMAL` and
leaves out the others. `--quick` leaves out all but the first table.
"""

import argparse
import os
from contextlib import ExitStack

from studio.http import interpreter
from tests.bench import database
from tests.bench.timing import skip

from . import peers, tables


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.durable", description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--postgres", nargs="?", const=database.SERVER, metavar="SERVER")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--normal", action="store_true", help="SQLite with synchronous=NORMAL")
    parser.add_argument("--quick", action="store_true", help="only the first table")
    options = parser.parse_args()
    os.environ["TREADLE_DRIVERS"] = str(max(tables.CONCURRENT))
    os.environ["TREADLE_SQLITE_SYNCHRONOUS"] = "NORMAL" if options.normal else "FULL"
    with database.studio(options.postgres) as folder, ExitStack() as stack:
        interpreter.prepare()  # as in every process that serves or drives
        beside = []
        if options.normal:
            skip("LangGraph and DBOS", "they know SQLite with synchronous=FULL only")
        elif options.postgres:
            beside = stack.enter_context(peers.on_postgresql(options.postgres))
        else:
            beside = stack.enter_context(peers.on_sqlite(folder))
        tables.one_run(options.rounds, options.steps, beside)
        if not options.quick:
            tables.many_runs(options.rounds, beside)
            if not options.postgres:
                tables.carried_along(options.steps, beside)
            tables.taken_up_again()


if __name__ == "__main__":
    main()
