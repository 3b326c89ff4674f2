"""The database goes away under a tool whose writes are committed with its step."""

import time
from pathlib import Path

import pytest

from tests.crash.programs import document, tool
from tests.faults.postgres import BINARIES, OwnPostgres
from tests.faults.site import Site

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(BINARIES is None, reason="apt-get install -y postgresql"),
]


def test_a_transactional_tool_is_called_again_and_has_not_failed(tmp_path: Path) -> None:
    """Its node allows one attempt: whatever takes the database away is no failure of the tool."""
    postgres = OwnPostgres()
    postgres.start()
    node = {**tool("transactional"), "retry": {"max_attempts": 1}}
    go = tmp_path / "go"
    site = Site(tmp_path, postgres.url)
    try:
        (version,) = site.call("publish_all", documents=[document("away", {"book": node}, [])])
        wish = {"version": version, "key": "away", "state": {"until": str(go)}}
        site.fork("drive", queue="default", runs=[wish])
        site.until(lambda: _calls(site), what="the tool is called")
        postgres.crash()
        go.touch()
        time.sleep(1)
        postgres.start()
        site.until(lambda: _ended(site), what="the run ends")

        (run,) = site.tables.runs()
        assert (run.status, run.error_code) == ("completed", "")
        assert len(site.tables.bookings()) == 1
        assert len(_calls(site)) == 2
        started = [e for e in site.tables.events(run.id) if e.kind == "attempt.started"]
        assert len(started) == 1
        assert site.call("flaws") == []
    finally:
        site.close()
        postgres.close()


def _calls(site: Site) -> list[object]:
    return [line for line in site.lines() if line["what"] == "begun"]


def _ended(site: Site) -> bool:
    return site.tables.runs()[0].status in {"completed", "failed", "paused"}
