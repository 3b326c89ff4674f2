"""A worker takes over from one that died on the same host, long before a sweep or a lease's end."""

from pathlib import Path

import pytest

from tests.crash.programs import chain, counted
from tests.faults.checking import check
from tests.faults.site import POSTGRES, Site

QUEUE = "takeover"
STEPS = 8


@pytest.mark.parametrize(
    "server",
    [None, pytest.param(POSTGRES, marks=pytest.mark.postgres)],
    ids=["sqlite", "postgresql"],
)
def test_who_lives_takes_over_at_once(server: str | None, tmp_path: Path) -> None:
    site = Site(tmp_path, server, TREADLE_LEASE_SECONDS="1000")
    try:
        document = {**chain("idempotent", STEPS, "long"), "queue": QUEUE}
        (version,) = site.call("publish_all", documents=[document])
        wish = {"version": version, "key": "long", "state": {"slow_s": 0.3}}
        first = site.fork("drive", queue=QUEUE, runs=[wish])
        site.until(lambda: any(x["what"] == "begun" for x in site.lines()))
        site.fork("drive", queue=QUEUE, sweeps=False)

        first.kill()
        site.until(lambda: not site.tables.under_way(QUEUE), what="the other one takes over")

        report = check(site.tables, site.lines(), lambda run: counted(STEPS))
        assert report.faults == []
        assert report.claims == 2
    finally:
        site.close()
