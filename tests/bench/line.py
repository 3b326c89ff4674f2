"""What it costs to say who is next, of a million runs: `python -m tests.bench.line`.

Fills a database of its own (SQLite in a temporary folder, or a new one on the PostgreSQL server of
`--server`), proves that no question of a sweep reads the table of runs from end to end, and
measures the sweep and the look at the line.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from . import database

OWNERS = 50
QUEUES = ("default", "gpu", "mail", "batch")
LANES = 200
ROUNDS = 50

# Of a hundred rows: how many have ended, and how the others stand.
_STATUS = (
    "CASE WHEN n %% 100 < 80 THEN 'completed' WHEN n %% 100 < 95 THEN 'queued'"
    " WHEN n %% 100 < 98 THEN 'waiting' ELSE 'paused' END"
)
_QUEUE = (
    "CASE n / 100 %% 4 "
    + " ".join(f"WHEN {at} THEN '{name}'" for at, name in enumerate(QUEUES))
    + " END"
)
_LANE = "CASE WHEN n / 100 %% 10 = 0 THEN 'lane' || (n / 1000 %% %s) ELSE NULL END"


def fill(rows: int) -> Any:
    """Rows without journals. Returns the version they are of."""
    from django.contrib.auth.models import User
    from django.db import connection

    from studio.models import Run
    from tests.studio import build, tools  # noqa: F401 - registers the tools of the tests

    version = build.published(build.chain("trial.count", 1))
    version.workflow.run_limit = 2
    version.workflow.save()
    people = [User.objects.create_user(f"u{number}").pk for number in range(OWNERS)]
    names = {
        "public_id": _public_id(connection.vendor),
        "workflow_id": "%s",
        "version_id": "%s",
        "status": _STATUS,
        "owner_id": f"{people[0]} + n / 100 %% {OWNERS}",
        "source": "'api'",
        "tags": "'[]'",
        "created_at": "CURRENT_TIMESTAMP",
        "error": "''",
        "error_code": "''",
        "dedupe_hash": "''",
        "priority": "n / 1000 %% 3",
        "queue": _QUEUE,
        "lane": _LANE,
        "lease_owner": "''",
        "fence": "0",
        "lost_attempts": "0",
    }
    numbers = (
        "generate_series(1, %s) AS series (n)"
        if connection.vendor == "postgresql"
        else "(WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series"
        " WHERE n < %s) SELECT n FROM series) AS series"
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            f"INSERT INTO studio_run ({', '.join(names)})"
            f" SELECT {', '.join(names.values())} FROM {numbers}",
            [version.workflow_id, version.pk, LANES, rows],
        )
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "SELECT 1")
    assert Run.objects.count() == rows
    return version


def _public_id(vendor: str) -> str:
    return "gen_random_uuid()" if vendor == "postgresql" else "lower(hex(randomblob(16)))"


def measured(what: str, do: Callable[[], object]) -> None:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        do()
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    print(f"  {what}: p50 {statistics.median(times):.2f} ms, p99 {times[-1]:.2f} ms")


def run(rows: int) -> int:
    from studio.claims import candidates
    from studio.claims.fitness import Fit
    from studio.claims.line import Turns
    from studio.claims.owner import new_owner
    from studio.journal.raw_connection import connect
    from tests.studio.line.test_line import Explaining

    began = time.perf_counter()
    fill(rows)
    print(f"  {rows:,} rows in {time.perf_counter() - began:.0f} s")
    raw, owner, fit = connect(), new_owner(), Fit(("default", "gpu"))
    fit._has_tools[10**6] = False
    asked: Any = Explaining(raw)
    assert len(candidates.claimable(asked, owner, 32, Turns(), fit)) == 32
    assert len(candidates.claimable(asked, owner, 32)) == 32
    for plan in asked.scanned():
        print(f"  reads too much:\n{plan}", file=sys.stderr)
    print(f"  {len(asked.plans)} questions of two sweeps, {len(asked.scanned())} read too much")
    measured(
        "sweep, 2 queues, 32 free drivers",
        lambda: candidates.claimable(raw, owner, 32, Turns(), fit),
    )
    measured("sweep, all queues", lambda: candidates.claimable(raw, owner, 32))
    measured("look at the line", lambda: candidates.in_line(raw, 32, Turns(), fit))
    none = Fit(("nobody",))
    measured("look at an empty line", lambda: candidates.in_line(raw, 32, Turns(), none))
    raw.close()
    return 1 if asked.scanned() else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.line", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--server", help=f"a PostgreSQL server, such as {database.SERVER}")
    options = parser.parse_args()
    print("PostgreSQL" if options.server else "SQLite")
    with database.studio(options.server, "studio.settings"):
        return run(options.rows)


if __name__ == "__main__":
    sys.exit(main())
