"""`POST /graph/run` of a quick run, and the server killed while it is written: all or nothing."""

from pathlib import Path

import pytest

from tests.live import LiveStudio
from tests.studio.build import chain

pytestmark = pytest.mark.timeout(300)

BEFORE = ["append.before", "start.writing", "append.writing", "final.writing"]
AFTER = ["start.committed", "append.written", "drive.rested"]


def test_a_killed_run_was_never_there_or_is_there_whole(tmp_path: Path) -> None:
    studio = LiveStudio(tmp_path / "data", TREADLE_TOOLS="tests.crash.killed_by_file")
    studio.start()
    try:
        _, made = studio.call("POST", "/graph/create", chain("crash.add", 5))
        wish = {"graph_id": made["graph_id"], "initial_state": {"n": 0}}
        assert studio.call("POST", "/graph/run", wish)[0] == 200
        expected = 1

        for place in [*BEFORE, *AFTER]:
            (tmp_path / "kill").write_text(place)
            with pytest.raises(OSError):  # the line is cut: nobody was answered
                studio.call("POST", "/graph/run", wish)
            assert not (tmp_path / "kill").exists(), f"{place} was not reached"
            studio.kill()
            studio.start()

            expected += place in AFTER
            _, listed = studio.call("GET", "/api/v1/runs?limit=50")
            found = {run["status"] for run in listed["items"]}
            assert (len(listed["items"]), found) == (expected, {"completed"}), place
            studio.command("treadle", "fsck", "--json")  # fails where anything is wrong

        status, answer = studio.call("POST", "/graph/run", wish)
        assert (status, answer["final_state"]) == (200, {"n": 5})
    finally:
        studio.kill()
